// How often each person is notified in the course of a request: a budget, and that nothing that matters is lost in it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { notificationsOf } from "../support/notifications.ts";
import { ask, cardOf, cardSays, idIn, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
rules:
  - name: production
    match: { vms: [vm-01, win-*, web-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn]
    reason: optional
    extend: { max: 1, approvals: 1 }
    breakGlass: { users: [U0ERIN] }
`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  await world.startBot();
});
afterAll(() => world?.close());

/** What each of them is notified of from now on. */
function heard() {
  const before = { erin: of("U0ERIN").length, lea: of("U0LEAD").length };
  return {
    erin: () => of("U0ERIN").slice(before.erin),
    lea: () => of("U0LEAD").slice(before.lea),
  };
}
const of = (user: string) => notificationsOf(world.slack, user);

/** The live direct message about a request, as it reads now. */
const liveOf = (id: string) => {
  const own = world.slack
    .direct("U0ERIN")
    .filter((one) => one.metadata?.event_payload.request === id);
  expect(own).toHaveLength(1);
  return own[0] ?? expect.unreachable();
};
const live = (id: string): string => world.slack.plainText(liveOf(id));
const liveSays = (id: string, text: string) =>
  world.slack.waitFor(
    () =>
      world.slack.direct("U0ERIN").some((one) => one.metadata?.event_payload.request === id) &&
      live(id).includes(text),
    { what: `the live message of ${id} to say ${text}`, timeoutMs: 20_000 },
  );
const hears = (whom: () => readonly string[], text: string) =>
  world.slack.waitFor(() => whom().some((one) => one.includes(text)), {
    what: `a notification of ${text}`,
    timeoutMs: 20_000,
  });

async function approve(id: string): Promise<void> {
  const { ts } = await cardOf(world, id);
  const sent = initiates(world).length;
  await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
  await world.slack.waitFor(() => initiates(world).length > sent, { what: `initiate for ${id}` });
  world.advance(5_000);
  await cardSays(world, { id }, "Open until");
}

async function ends(id: string): Promise<void> {
  world.advance(10 * MINUTE);
  await cardSays(world, { id }, "Azure shows it closed");
  await liveSays(id, "Azure shows it closed");
}

/** Azure is asked for an end in two minutes. */
async function endedEarly(end: () => Promise<unknown>): Promise<void> {
  const sent = initiates(world).length;
  await end();
  await world.slack.waitFor(() => initiates(world).length > sent, { what: "the early end" });
  world.advance(3 * MINUTE);
}

describe("a plain life", () => {
  it("notifies the requester three times, an approver once, and the notices' readers by no name", async () => {
    const { erin, lea } = heard();
    const { id } = await ask(world, "vm-01 3389 2h for restarting the print spooler");
    await liveSays(id, "Pending");
    const { ts } = liveOf(id);
    await approve(id);
    await hears(erin, "Open until");
    await liveSays(id, "mstsc /v:");
    world.advance(112 * MINUTE);
    await hears(erin, "left");
    await ends(id);
    await world.slack.waitFor(
      () =>
        world.slack.messages("C0NOTICES").some((one) => world.slack.plainText(one).includes(id)),
      { what: "the notice of the end", timeoutMs: 20_000 },
    );

    expect(erin()).toEqual([
      expect.stringContaining("Pending"),
      expect.stringMatching(/Open until .*This file opens Remote Desktop/s),
      expect.stringContaining("left: 3389 (RDP) on vm-01"),
    ]);
    expect(lea()).toEqual([expect.stringContaining("Pending")]);
    expect((await cardOf(world, id)).replies).toEqual([]);
    // One message, in one place, that says how it is.
    expect(liveOf(id).ts).toBe(ts);
    expect(live(id)).toContain("[Request again]");
    expect(live(id)).not.toMatch(/Pending|Open until/);
    const notice = world.slack.messages("C0NOTICES").at(-1);
    expect(notice && world.slack.plainText(notice)).toContain("requested by erin");
    expect(notice && world.slack.broadcasts(notice)).toEqual([]);
    // The warning offers nothing any more.
    await world.slack.waitFor(
      () =>
        world.slack
          .direct("U0ERIN")
          .some((one) => world.slack.plainText(one).includes("It's Ended now.")),
      { what: "the warning to be folded", timeoutMs: 20_000 },
    );
  });

  it("that is extended notifies of each request as of one", async () => {
    const { erin, lea } = heard();
    const first = await ask(world, "vm-01 3389 1h");
    await approve(first.id);
    await hears(erin, "Open until");
    const id = idIn(await typed(world, "U0ERIN", `extend ${first.id} 1h for the reboot`));
    await liveSays(id, "Pending");
    await approve(id);
    await liveSays(first.id, `An extension took over: ${id} moved the end to`);
    world.advance(110 * MINUTE);
    await hears(erin, "left");
    await ends(id);
    expect(erin()).toEqual([
      expect.stringContaining("Pending"),
      expect.stringContaining("Open until"),
      expect.stringContaining("Pending"),
      expect.stringContaining("Open until"),
      expect.stringContaining("left"),
    ]);
    expect(lea()).toHaveLength(2);
  });
});

describe("what matters is told", () => {
  it("a break-glass: to the approvers by its card, to the admins, and the requester once it is open", async () => {
    const { erin, lea } = heard();
    const admins = of("U0ADMIN").length;
    const id = idIn(await typed(world, "U0ERIN", "breakglass vm-01 3389 1h for the outage"));
    await hears(erin, "Break-glass");
    world.advance(5_000);
    await cardSays(world, { id }, "Open until");
    await hears(() => of("U0ADMIN").slice(admins), "Break-glass");
    await liveSays(id, "mstsc /v:");
    expect(lea()).toEqual([expect.stringContaining("Break-glass")]);
    expect(erin().length).toBeLessThanOrEqual(2);
    expect(live(id)).toContain("Needs a review");
    await endedEarly(() => typed(world, "U0ERIN", `end ${id}`));
    await liveSays(id, "Ended early by @erin");
    // What one does oneself is no news.
    expect(erin().length).toBeLessThanOrEqual(2);
  });

  it("a denial, with its reason", async () => {
    const { erin, lea } = heard();
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await liveSays(id, "Pending");
    const { slack } = world;
    await slack.click({ user: "U0LEAD", channel: "C0PROD", ts: card.ts, actionId: "jit.deny" });
    await slack.waitFor(() => slack.modal("U0LEAD"), { what: "the form" });
    await slack.submitView({ user: "U0LEAD", values: { reason: "not during the freeze" } });
    await hears(erin, "not during the freeze");
    await liveSays(id, "not during the freeze");
    expect(erin()).toHaveLength(2);
    expect(lea()).toHaveLength(1);
    expect(card.replies).toEqual([]);
    expect(live(id)).toContain("[Request again]");
  });

  it("a failure, to the requester, below the card and in the notices channel", async () => {
    const { erin, lea } = heard();
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await liveSays(id, "Pending");
    const body = { error: { code: "AuthorizationFailed", message: "The client may not do that." } };
    world.azure.faults.add({ path: "/initiate", times: 1, act: { status: 403, body } });
    const { slack } = world;
    await slack.click({ user: "U0LEAD", channel: "C0PROD", ts: card.ts, actionId: "jit.approve" });
    await hears(erin, "Failed");
    await liveSays(id, "[Retry]");
    await hears(lea, "Couldn't open the port");
    await slack.waitFor(
      () => slack.messages("C0NOTICES").some((one) => slack.plainText(one).includes(id)),
      { what: "the notice of the failure", timeoutMs: 20_000 },
    );
    expect(erin()).toHaveLength(2);
    expect(lea()).toHaveLength(2);
    // One line of what it means; Azure's own words are in the live message and on the card.
    const [, failed = ""] = erin();
    expect(failed).toContain("missing a permission on this VM or its JIT policy");
    expect(failed).toContain("/jit doctor");
    expect(failed).toContain("Retry, where it can help");
    for (const one of [...erin(), ...lea()]) expect(one).not.toContain("The client may not do");
    for (const one of [live(id), slack.plainText(await cardOf(world, id))]) {
      expect(one).toMatch(/Retry doesn't move (?:.|\n)*The client may not do that/);
    }
  });

  it("that somebody else ended it", async () => {
    const before = heard();
    const { id } = await ask(world, "vm-01 3389 1h");
    await approve(id);
    await hears(before.erin, "Open until");
    await hears(before.erin, "Remote Desktop");
    const { erin } = heard();
    const { ts } = await cardOf(world, id);
    const end = {
      user: "U0LEAD",
      channel: "C0PROD",
      ts,
      actionId: "jit.end",
      confirmed: true,
    } as const;
    await endedEarly(() => world.slack.click(end));
    await hears(erin, "Ended early by @lea");
    expect(erin()).toHaveLength(1);
  });
});
