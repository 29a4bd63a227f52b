// The request form over the wire: opened, searched, changed and sent, and what people see where something is late.

import { describe, expect, it } from "vitest";
import { requestFormView } from "../../../../src/adapters/slack/views/forms/request-form-view.ts";
import { words } from "../../../../src/domain/text/words.ts";
import type { Answer } from "../../../../src/ports/inbound.ts";
import type { RequestForm, VmChoice } from "../../../../src/ports/screens/request-form.ts";
import { blockIn, finds, formOn, sends, standing } from "../../../support/form.ts";
import { aRule } from "../../../support/requests.ts";
import {
  type BenchOptions,
  BLANK_FORM,
  SENTENCE,
  SENTENCE_SHOWN,
  said,
  started,
  toldTo,
} from "../bench.ts";

const vmOf = (name: string): VmChoice => ({
  code: `code-${name}`,
  name,
  resourceGroup: "rg-web",
  address: "10.0.0.4",
  availability: "requestable",
});
const VMS = ["vm-01", "vm-02", "vm-03"].map(vmOf);

const formOf = (code: string | undefined): RequestForm => {
  const vm = VMS.find((one) => one.code === code);
  const terms = {
    rule: aRule(),
    durations: ["1h", "2h"],
    chosenDuration: "1h",
    sources: ["vpn"],
    chosenSource: "vpn",
  };
  return vm === undefined
    ? BLANK_FORM
    : { ...BLANK_FORM, vm, choices: { ports: [22, 3389], chosenPorts: [22], terms } };
};

async function bench(options: BenchOptions = {}) {
  const made = await started(options);
  const { slack, stub, inbound } = made;
  stub.shows(async (draft) => formOf(draft?.vmCode), VMS);
  const open = async () => {
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request" });
    await inbound.drain(10_000);
  };
  const choose = async (name: string) => {
    await slack.suggest({ user: "U0ERIN", actionId: "jit.form.vm", text: name });
    return slack.select({ user: "U0ERIN", actionId: "jit.form.vm", value: `code-${name}` });
  };
  const filled = async () => {
    await open();
    await choose("vm-01");
    await inbound.drain(10_000);
  };
  const shown = () => {
    const modal = slack.modal("U0ERIN");
    return modal === undefined ? "" : slack.plainText(modal);
  };
  return {
    ...made,
    open,
    choose,
    filled,
    shown,
    errors: () => made.log.lines.filter(({ level }) => level === "error"),
  };
}

describe("opening", () => {
  it("shows the first view before anything is looked up, and then the rest", async () => {
    const { slack, stub, open, inbound, shown } = await bench();
    const { promise, resolve } = Promise.withResolvers<RequestForm>();
    stub.shows(() => promise);
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request" });
    await formOn({ slack }, "U0ERIN");
    expect(slack.callsTo("views.update")).toEqual([]);
    resolve({ ...formOf("code-vm-01"), problem: words`Give a reason.` });
    await inbound.drain(10_000);
    expect(shown()).toContain("Give a reason.");
    expect(slack.world.warnings).toEqual([]);
    expect(stub.calls).toMatchObject([{ act: "open-form", sender: { user: "U0ERIN" } }]);
    await open();
  });

  it("does not show the same again", async () => {
    const { slack, open } = await bench();
    await open();
    expect(slack.callsTo("views.open")).toHaveLength(1);
    expect(slack.callsTo("views.update")).toEqual([]);
  });

  it("leaves alone what was chosen in the meantime", async () => {
    const { slack, stub, choose, inbound, shown } = await bench();
    const { promise, resolve } = Promise.withResolvers<RequestForm>();
    stub.shows(
      (draft) => (draft === undefined ? promise : Promise.resolve(formOf(draft.vmCode))),
      VMS,
    );
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request" });
    await formOn({ slack }, "U0ERIN");
    await choose("vm-02");
    await slack.waitFor(() => shown().includes("Duration"));
    resolve({ ...BLANK_FORM, problem: words`Too late.` });
    await inbound.drain(10_000);
    expect(shown()).toContain("Duration");
    expect(shown()).not.toContain("Too late");
  });

  it("is said in words where Slack does not open it, and once only for one trigger", async () => {
    const { slack, open, inbound } = await bench();
    slack.faults.add({ path: "views.open", act: { status: 500 }, times: 1 });
    await open();
    expect(toldTo(slack, "U0ERIN")).toEqual([SENTENCE_SHOWN]);
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request", duplicate: 2 });
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0ERIN")).toHaveLength(1);
  });

  it("is no error where the form was closed meanwhile, and an apology where the bot fails", async () => {
    const { slack, stub, inbound, log } = await bench();
    const { promise, resolve } = Promise.withResolvers<RequestForm>();
    stub.shows(() => promise);
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request" });
    await formOn({ slack }, "U0ERIN");
    await slack.closeView({ user: "U0ERIN" });
    resolve(formOf("code-vm-01"));
    await inbound.drain(10_000);
    expect(log.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
    stub.shows(() => Promise.reject(new Error("bug in the inbound port")));
    await slack.shortcut({ user: "U0ERIN", callbackId: "jit.request" });
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0ERIN")).toEqual([
      expect.stringContaining("Something went wrong inside the bot"),
    ]);
  });

  it("does not happen for shortcuts of others", async () => {
    const { slack, stub, inbound } = await bench();
    await slack.shortcut({ user: "U0ERIN", callbackId: "other" });
    await slack.shortcut({
      user: "U0ERIN",
      callbackId: "jit.request",
      forge: { teamId: "T0OTHER" },
    });
    await inbound.drain(10_000);
    expect(stub.calls).toEqual([]);
  });
});

describe("a search", () => {
  it("is answered with what the inbound port finds", async () => {
    const { slack, stub, open } = await bench();
    await open();
    expect(await finds({ slack }, "vm")).toEqual([
      "vm-01 · rg-web",
      "vm-02 · rg-web",
      "vm-03 · rg-web",
    ]);
    expect(stub.calls.at(-1)).toMatchObject({
      act: "search",
      text: "vm",
      sender: { user: "U0ERIN" },
    });
  });

  it("finds nothing for others, and nothing where the bot fails", async () => {
    const { slack, stub, open, errors } = await bench();
    await open();
    const search = { user: "U0ERIN", actionId: "jit.form.vm", text: "vm" };
    expect(await slack.suggest({ ...search, forge: { teamId: "T0OTHER" } })).toMatchObject({
      options: [],
    });
    expect(await slack.suggest({ ...search, forge: { actionId: "other" } })).toMatchObject({
      options: [],
    });
    expect(stub.calls).toHaveLength(1);
    stub.inbound.searchVms = () => Promise.reject(new Error("bug in the inbound port"));
    expect(await slack.suggest(search)).toMatchObject({ options: [] });
    expect(errors()).toHaveLength(1);
  });
});

describe("a choice", () => {
  it("brings what follows from it, and keeps what was typed", async () => {
    const { slack, stub, filled, inbound } = await bench();
    await filled();
    expect(stub.calls.at(-1)).toMatchObject({ act: "form", draft: { vmCode: "code-vm-01" } });
    const modal = await formOn({ slack }, "U0ERIN");
    const ports = blockIn(modal, "ports")?.block_id ?? "";
    modal.values[blockIn(modal, "reason")?.block_id ?? ""] = {
      reason: { type: "plain_text_input", value: "so" },
    };
    await slack.select({
      user: "U0ERIN",
      actionId: "jit.form.ports",
      blockId: ports,
      value: ["22", "3389"],
    });
    await inbound.drain(10_000);
    expect(stub.calls.at(-1)).toMatchObject({
      draft: {
        vmCode: "code-vm-01",
        ports: [22, 3389],
        duration: "1h",
        source: "vpn",
        reason: "so",
      },
    });
    expect(standing(await formOn({ slack }, "U0ERIN"), "reason")).toBe("so");
  });

  it("is shown last if it was made last, whichever is answered first", async () => {
    const { slack, stub, open, choose, inbound, shown } = await bench();
    await open();
    const slow = Promise.withResolvers<RequestForm>();
    stub.shows(
      (draft) =>
        draft?.vmCode === "code-vm-01" ? slow.promise : Promise.resolve(formOf(draft?.vmCode)),
      VMS,
    );
    await choose("vm-01");
    await choose("vm-02");
    await slack.waitFor(() => slack.callsTo("views.update").length === 1);
    slow.resolve({ ...formOf("code-vm-01"), problem: words`Of the first.` });
    await inbound.drain(10_000);
    expect(shown()).not.toContain("Of the first");
    expect(slack.callsTo("views.update")).toHaveLength(1);
  });

  it("is shown although the form was shown anew since", async () => {
    const { slack, client, stub, open, choose, inbound, shown } = await bench();
    await open();
    const slow = Promise.withResolvers<RequestForm>();
    stub.shows(() => slow.promise, VMS);
    await choose("vm-03");
    const modal = await formOn({ slack }, "U0ERIN");
    // As another replica would for an earlier choice.
    const carried = { channel: undefined, asked: {} };
    const view = requestFormView({ form: BLANK_FORM, carried, vmBlock: "vm" });
    await client.views.update({ view_id: modal.id, view });
    slow.resolve({ ...formOf("code-vm-03"), problem: words`Of the last.` });
    await inbound.drain(10_000);
    expect(shown()).toContain("Of the last.");
  });
});

describe("sending", () => {
  const ERROR: Answer = {
    answer: "form-error",
    field: "duration",
    say: words`At most ${{ code: "2h" }}.`,
  };

  it("says what is wrong beside the field, and the form stays", async () => {
    const { slack, stub, filled, inbound } = await bench();
    await filled();
    stub.answers(ERROR);
    const sent = await sends({ slack }, { reason: "so" });
    const block = blockIn(await formOn({ slack }, "U0ERIN"), "duration")?.block_id ?? "";
    expect(sent).toMatchObject({ outcome: "errors", errors: { [block]: "At most 2h." } });
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0ERIN")).toEqual([]);
    expect(stub.calls.at(-1)).toMatchObject({
      act: "send-form",
      form: { vmCode: "code-vm-01", ports: "22", duration: "1h", source: "vpn", reason: "so" },
      sender: { user: "U0ERIN", outsider: false, delivery: expect.stringMatching(/^http:/) },
    });
  });

  it("closes the form where it was asked, and tells the person so", async () => {
    const { slack, stub, filled, inbound } = await bench();
    await filled();
    stub.answers(said(SENTENCE));
    expect((await sends({ slack })).outcome).toBe("closed");
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0ERIN")).toEqual([SENTENCE_SHOWN]);
  });

  it("tells it where the command was typed", async () => {
    const { slack, stub, choose, inbound } = await bench();
    const form = formOf(undefined);
    stub.answers({ answer: "request-form", form, later: Promise.resolve(form), otherwise: [] });
    await slack.command({ user: "U0ERIN", channel: "C0PROD" });
    await inbound.drain(10_000);
    await choose("vm-01");
    await inbound.drain(10_000);
    expect(stub.calls.at(-1)).toMatchObject({ sender: { channel: "C0PROD" } });
    stub.answers(said(SENTENCE));
    await sends({ slack });
    await inbound.drain(10_000);
    expect(slack.ephemerals("U0ERIN", "C0PROD")).toHaveLength(1);
  });

  it.each<[string, Answer, readonly (string | RegExp)[]]>([
    ["asked", said(SENTENCE), [SENTENCE_SHOWN]],
    ["wrong", ERROR, [/^At most `2h`\.\nNothing was requested\. Open the form again/]],
  ])("closes in Slack's time, and tells later what came of it: %s", async (_, answer, told) => {
    const { slack, stub, filled, inbound } = await bench({ limits: { formPatienceMs: 50 } });
    await filled();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    stub.answers(() => promise);
    expect((await sends({ slack })).outcome).toBe("closed");
    expect(inbound.inFlight()).toBe(1);
    resolve(answer);
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0ERIN")).toEqual(
      told.map((one) => (typeof one === "string" ? one : expect.stringMatching(one))),
    );
  });

  it("of what the bot fails at is apologised for", async () => {
    const { slack, stub, filled, inbound, errors } = await bench();
    await filled();
    stub.answers(() => Promise.reject(new Error("bug in the inbound port")));
    expect((await sends({ slack })).outcome).toBe("closed");
    await inbound.drain(10_000);
    expect(toldTo(slack, "U0ERIN")).toEqual([
      expect.stringContaining("Something went wrong inside the bot"),
    ]);
    expect(errors()).toHaveLength(1);
  });

  it("a form of others does nothing", async () => {
    const { slack, stub, filled, inbound } = await bench();
    await filled();
    const before = stub.calls.length;
    await slack.submitView({ user: "U0ERIN", forge: { teamId: "T0OTHER" } });
    await inbound.drain(10_000);
    expect(stub.calls).toHaveLength(before);
  });
});
