// Lists and the status of a request: who sees what, with which buttons, and how the pages turn.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardSays, choose, idIn, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
auditors: { users: [U0AUDIT] }
networks: { vpn: 203.0.113.0/24 }
privacy: { hideOnCard: [source, reason] }
limits: { openPerPerson: 30, pendingPerPerson: 30 }
rules:
  - name: windows
    match: { vms: [vm-01, win-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn]
    reason: optional
    extend: { max: 1, approvals: 1 }
    breakGlass: { users: [U0ERIN], groups: [] }
  - name: linux
    match: { vms: [web-*, dev-*] }
    requesters: anyone
    approvers: { users: [U0OMAR] }
    channel: C0DEV
    networks: [vpn]
    reason: optional
`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  await world.startBot();
});
afterAll(() => world?.close());

type Element = { action_id: string; value?: string; url?: string };

/** What the person was shown last, with its buttons. */
function shown(user: string): { ts: string; channel: string; text: string; buttons: Element[] } {
  const last = world.slack.ephemerals(user).at(-1);
  if (last === undefined) throw new Error(`${user} was shown nothing`);
  const blocks = (last.blocks ?? []) as { type: string; elements?: Element[] }[];
  return {
    ts: last.ts,
    channel: last.channel,
    text: world.slack.plainText(last),
    buttons: blocks.flatMap((one) => (one.type === "actions" ? (one.elements ?? []) : [])),
  };
}

const names = (buttons: readonly Element[]) => buttons.map((one) => one.action_id);

async function press(user: string, actionId: string, value?: string): Promise<void> {
  const { ts, channel } = shown(user);
  const asks = ["jit.end", "jit.cancel"].includes(actionId) && ({ confirmed: true } as const);
  await world.slack.click({ user, channel, ts, actionId, ...asks, ...(value && { value }) });
}

describe("the list of somebody who asked for nothing", () => {
  it("says what to do", async () => {
    expect(await typed(world, "U0OMAR", "list")).toContain("/jit request");
    expect(await typed(world, "U0OMAR", "list open")).toContain("Nothing is open");
    expect(await typed(world, "U0OMAR", "list pending")).toContain("Nothing is waiting");
    expect(await typed(world, "U0OMAR", "list vm:vm-01")).toContain("/jit request vm-01");
    expect(await typed(world, "U0OMAR", "list vm:nosuch")).toContain(
      "I can't find a VM named nosuch",
    );
  });
});

describe("one pending request", () => {
  let id = "";
  let ts = "";
  beforeAll(async () => {
    const asked = await ask(world, "vm-01 3389 2h for the spooler");
    id = asked.id;
    ts = asked.card.ts;
  });

  it("is listed to its requester with Cancel, and to nobody else's surprise", async () => {
    const own = await typed(world, "U0ERIN", "list");
    expect(own).toContain(id);
    expect(own).toContain("Pending for 2h: 3389 (RDP) on vm-01");
    expect(names(shown("U0ERIN").buttons)).toEqual(["jit.cancel"]);
    expect(await typed(world, "U0OMAR", "list pending")).not.toContain(id);
    expect(await typed(world, "U0OMAR", `status ${id}`)).toContain("I can't find a request");
    expect(await typed(world, "U0OMAR", "list vm:vm-01")).not.toContain(id);
  });

  it("leads an approver to the card, and shows an auditor all without a button", async () => {
    expect(await typed(world, "U0LEAD", "list pending")).toContain(id);
    const [link, ...others] = shown("U0LEAD").buttons;
    expect(others).toEqual([]);
    expect(link?.url).toBe(
      `https://${world.slack.world.team.domain}.slack.com/archives/C0PROD/p${ts.replace(".", "")}`,
    );
    expect(await typed(world, "U0AUDIT", "list vm:vm-01")).toContain(id);
    expect(shown("U0AUDIT").buttons).toEqual([]);
  });

  it("tells in its status what the channel's card hides", async () => {
    const card = world.slack.messages("C0PROD").find((one) => one.ts === ts);
    expect(card && world.slack.plainText(card)).not.toContain("the spooler");
    const status = await typed(world, "U0LEAD", `status ${id}`);
    for (const said of ["the spooler", "203.0.113.0/24", "requested for 2h", "windows", id]) {
      expect(status).toContain(said);
    }
    expect(shown("U0LEAD").buttons[0]?.url).toContain("/archives/C0PROD/");
  });

  it("is cancelled by the button in the list, which answers", async () => {
    await typed(world, "U0ERIN", "list mine");
    const before = world.slack.ephemerals("U0ERIN").length;
    await press("U0ERIN", "jit.cancel");
    await world.slack.waitFor(() => world.slack.ephemerals("U0ERIN").length > before);
    expect(shown("U0ERIN").text).toBe(`${id} is now Cancelled.`);
    expect(await typed(world, "U0ERIN", "list")).toContain("Cancelled");
    expect(shown("U0ERIN").buttons).toEqual([]);
  });
});

describe("one open access", () => {
  it("is listed with the time left, is extended and ended from the list, and tells its story", async () => {
    const { id, card } = await ask(world, "win-02 3389 2h");
    await choose(world, { user: "U0LEAD", channel: "C0PROD", ts: card.ts }, "change");
    await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
    const sent = initiates(world).length;
    await world.slack.submitView({
      user: "U0LEAD",
      values: { duration: "1h", source: "203.0.113.7" },
    });
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.advance(5_000);
    await cardSays(world, { id }, "Open until");

    const listed = await typed(world, "U0ERIN", "list open");
    expect(listed).toMatch(/Open, 59m left, until .*: 3389 \(RDP\) on win-02/);
    expect(listed).toContain("203.0.113.7");
    expect(names(shown("U0ERIN").buttons)).toEqual(["jit.extend", "jit.end"]);
    await press("U0ERIN", "jit.extend");
    await world.slack.waitFor(() => world.slack.modal("U0ERIN"), { what: "the form to extend" });
    await world.slack.submitView({ user: "U0ERIN", values: { duration: "1h" } });
    await world.slack.waitFor(
      () =>
        world.slack
          .messages("C0PROD")
          .some((one) => world.slack.plainText(one).includes(`Extends: ${id}`)),
      { what: "the extension's card" },
    );

    const status = await typed(world, "U0ERIN", `status ${id}`);
    for (const said of [
      "approved by @lea, with changes",
      "open in Azure",
      "@lea shortened it from 2h to 1h and narrowed the source from vpn to 203.0.113.7",
      "Extension: JIT-",
      "is Pending",
    ]) {
      expect(status).toContain(said);
    }
    expect(await typed(world, "U0ADMIN", "list vm:win-02")).toContain(id);
    const asked = initiates(world).length;
    await press("U0ADMIN", "jit.end");
    await cardSays(world, { id }, "Ending");
    await expect.poll(() => initiates(world).length).toBe(asked + 1);
    world.advance(3 * MINUTE);
    await cardSays(world, { id }, "Ended");
    expect(await typed(world, "U0ERIN", `status ${id}`)).toContain("ended by @ada");
  });

  it("shows Azure's fault, with Retry for those who may", async () => {
    const error = { code: "AuthorizationFailed", message: "No right." };
    const act = { status: 403, body: { error } };
    world.azure.faults.add({ path: "/initiate", method: "POST", act, times: 1 });
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await cardSays(world, { id }, "Failed");
    expect(await typed(world, "U0ERIN", `status ${id}`)).toContain("AuthorizationFailed");
    expect(names(shown("U0ERIN").buttons)).toEqual(["jit.retry"]);
    await press("U0ERIN", "jit.retry");
    world.advance(5_000);
    await cardSays(world, { id }, "Open until");
  });

  it("that broke the glass is reviewed from its status", async () => {
    const id = idIn(await typed(world, "U0ERIN", "breakglass vm-01 3389 1h for the outage"));
    await cardSays(world, { id }, "Break-glass");
    await typed(world, "U0LEAD", `status ${id}`);
    expect(names(shown("U0LEAD").buttons)).toContain("jit.review-concern");
    await press("U0LEAD", "jit.review-ok");
    await cardSays(world, { id }, "Reviewed");
    expect(await typed(world, "U0ERIN", `status ${id}`)).toContain("reviewed by @lea");
  });
});

describe("a long list", () => {
  it("comes page by page in one message, each request once", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 14; n++) {
      ids.push(idIn(await typed(world, "U0SAM", `request web-02 22 ${n + 10}m`)));
    }
    await typed(world, "U0SAM", "list");
    const before = world.slack.ephemerals("U0SAM").length;
    const seen: string[] = [];
    const onPage = () => shown("U0SAM").text.match(/JIT-[0-9A-Z]{6}/g) ?? [];
    for (let page = 1; ; page++) {
      seen.push(...onPage());
      expect(onPage().length).toBeLessThanOrEqual(6);
      const more = shown("U0SAM").buttons.some((one) => one.action_id === "jit.list.more");
      if (!more) break;
      await press("U0SAM", "jit.list.more");
      await world.slack.waitFor(() => shown("U0SAM").text.includes(`page ${page + 1}`));
    }
    expect(seen).toHaveLength(14);
    expect(new Set(seen)).toEqual(new Set(ids));
    expect(world.slack.ephemerals("U0SAM")).toHaveLength(before);
    await press("U0SAM", "jit.list.back");
    await world.slack.waitFor(() => shown("U0SAM").text.includes("page 2"));
    // What was pending when the list was shown may be gone when its button is pressed.
    const [first] = onPage();
    await typed(world, "U0SAM", `cancel ${first}`);
    expect(await typed(world, "U0OMAR", "list pending")).toContain("JIT-");
    expect(shown("U0OMAR").text).not.toContain(first);
  });

  it.each(["9 mine; drop", "0 vm:<!channel>", "x mine", `2 vm:${"x".repeat(600)}`, "2 open now"])(
    "is not turned by a forged button that says %j",
    async (value) => {
      await typed(world, "U0SAM", "list");
      const { ts, channel } = shown("U0SAM");
      const before = world.slack.ephemerals("U0SAM").length;
      const act = { user: "U0SAM", channel, ts, actionId: "jit.list.more", forge: { value } };
      await world.slack.click(act);
      await world.slack.waitFor(() => world.slack.ephemerals("U0SAM").length > before);
      expect(world.slack.broadcasts(world.slack.ephemerals("U0SAM").at(-1) ?? {})).toEqual([]);
    },
  );
});
