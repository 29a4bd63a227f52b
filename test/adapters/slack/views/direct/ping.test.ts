// What notifies the requester of several VMs, once what it told of one of them has passed.

import { describe, expect, it } from "vitest";
import { pingMessage } from "../../../../../src/adapters/slack/views/direct/ping.ts";
import type { Member } from "../../../../../src/domain/request/document/batch.ts";
import type { Step } from "../../../../../src/domain/request/document/step.ts";
import { memberOf } from "../../../../../src/domain/request/members.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import { requestIdFrom } from "../../../../../src/domain/text/ids.ts";
import { inState, LEA, OMAR, T0 } from "../../../../support/requests.ts";

const aMember = (n: number, request: AccessRequest): Member => ({
  ...memberOf(request),
  id: requestIdFrom(new Uint8Array(6).fill(n)),
  vm: `web-0${n}`,
});

const said = (message: { blocks: readonly object[] }): string =>
  message.blocks
    .flatMap((block) => ("text" in block ? [block.text as { readonly text: string }] : []))
    .map(({ text }) => text)
    .join("\n");

const denied: AccessRequest = {
  ...inState("pending"),
  ...{ state: "denied", deniedBy: LEA, denial: "Not this week.", deniedAtMs: T0 },
};
const noted = inState("opening", { approvals: [{ by: OMAR, atMs: T0, note: "after the deploy" }] });

describe("what told of several VMs that one was Ready, once none is", () => {
  const failed = { ...inState("failed"), fault: { code: "Refused", message: "Not today." } };
  const members = [aMember(2, failed), aMember(3, denied), aMember(4, noted)];
  const lead = inState("open", { batch: { role: "lead", nonce: "all-n", members } });
  const step = (what: Step["what"], of: string, by = LEA): Step => ({
    n: 1,
    atMs: T0,
    what,
    of,
    by,
  });
  const ready = step("ready", "web-04");

  it("tells of what became of the others: of one that failed, or was denied, or wasn't opened", () => {
    const news = said(pingMessage(lead, [ready, step("failed", "web-02")]));
    expect(news).toMatch(/web-02.*Failed/);
    expect(news).not.toContain("Was ready to open");
    const no = said(pingMessage(lead, [step("denied", "web-03"), ready]));
    expect(no).toContain("Not this week.");
    expect(no).toMatch(/web-03.*Denied/);
    const late = said(pingMessage(lead, [ready, step("closed-late", "web-02")]));
    expect(late).toMatch(/`web-02`: .*closed/);
  });

  it("does so where something was asked, too, that is answered", () => {
    const question = { n: 1, by: LEA, atMs: T0, text: "why at night?" };
    const answered = { ...question, answer: { atMs: T0, text: "it's quiet" } };
    const { of: _, ...questioned } = step("questioned", "");
    const told = [questioned, step("failed", "web-02")];
    const news = said(pingMessage({ ...lead, questions: [answered] }, told));
    expect(news).toMatch(/web-02.*Failed/);
    expect(news).toContain("why at night?");
  });

  it("says nothing that holds no longer", () => {
    const steps = [step("held-up", "web-04"), step("failed", "web-02")];
    const batch = { role: "lead", nonce: "n", members: [aMember(4, inState("ready"))] } as const;
    const before = said(pingMessage(inState("open", { batch }), steps));
    const after = said(pingMessage(lead, steps));
    expect(before).toContain("`web-04`:");
    expect(after).not.toContain("`web-04`:");
  });

  it.each([
    ["nothing else was told", []],
    ["a note was told with it", [step("approved", "web-04", OMAR)]],
  ])("says that it was, and no state that changes again, where %s", (_, more) => {
    const was = said(pingMessage(lead, [ready, ...more]));
    expect(was).toMatch(/^☑️ \*Was ready to open\*/);
    expect(was).not.toContain("Failed");
    expect(was.includes("after the deploy")).toBe(more.length > 0);
  });
});
