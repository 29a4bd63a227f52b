// The home tab: what concerns each person, kept up to date by any replica, with buttons that work.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardSays, idIn, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
limits: { openPerPerson: 60, pendingPerPerson: 60 }
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
    match: { vms: [web-*] }
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

function tab(user: string): string {
  const home = world.slack.home(user);
  return home === undefined ? "" : world.slack.plainText(home);
}

const tabSays = (user: string, ...said: readonly string[]) =>
  world.slack.waitFor(() => said.every((one) => tab(user).includes(one)), {
    what: `the home tab of ${user} to say ${said.join(", ")}`,
    timeoutMs: 15_000,
  });
const tabForgets = (user: string, said: string) =>
  world.slack.waitFor(() => !tab(user).includes(said), {
    what: `the home tab of ${user} to forget ${said}`,
    timeoutMs: 15_000,
  });

const published = (user: string): number =>
  world.slack.callsTo("views.publish").filter((one) => one.args.user_id === user).length;

async function look(user: string, ...said: readonly string[]): Promise<void> {
  const before = published(user);
  await world.slack.openHome({ user });
  await world.slack.waitFor(() => published(user) > before, { what: "the tab to be published" });
  await tabSays(user, ...said);
}

describe("a home tab", () => {
  it("invites whoever has nothing to ask, and opens the form", async () => {
    await look("U0SAM", "You have no open or pending requests", "[Request access]");
    await world.slack.click({ user: "U0SAM", home: true, actionId: "jit.ask" });
    await world.slack.waitFor(() => world.slack.modal("U0SAM"), { what: "the form" });
  });

  it.each([
    ["U0SINGLE", "Guests can't use"],
    ["U0MULTI", "Guests can't use"],
    ["U0STRANGER", "other workspaces can't use"],
  ])("tells %s in a sentence that it is not for them", async (user, said) => {
    await look(user, said);
    expect(world.slack.home(user)?.view.blocks).toHaveLength(1);
  });

  it("follows a request from asking to its end, for everybody whom it concerns", async () => {
    await Promise.all(
      ["U0ERIN", "U0LEAD", "U0OMAR", "U0ADMIN"].map((user) => look(user, "Updated")),
    );
    const { id, card } = await ask(world, "vm-01 3389 2h for the spooler");
    await tabSays("U0ERIN", "Your pending and ready requests", id);
    await tabSays("U0LEAD", "Needs your decision", id, "the spooler", "[Open the card]");
    expect(tab("U0OMAR")).not.toContain(id);

    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await tabForgets("U0LEAD", id);
    await expect.poll(() => initiates(world).length).toBe(1);
    world.advance(5_000);
    await tabSays("U0ERIN", "Your active access", id, "1h59m left", "[Extend] [End now]");
    await tabSays("U0ADMIN", "Other people's access", id, "@erin", "[End now]");
    expect(tab("U0OMAR")).not.toContain(id);

    await world.slack.click({ user: "U0ADMIN", home: true, actionId: "jit.end", confirmed: true });
    await expect.poll(() => initiates(world).length).toBe(2);
    await tabSays("U0ERIN", "Ending");
    world.advance(3 * MINUTE);
    await cardSays(world, { id }, "Ended early");
    await tabForgets("U0ERIN", id);
    await tabForgets("U0ADMIN", id);
  });

  it("extends and cancels by its buttons, and tells privately why not", async () => {
    const { id } = await ask(world, "win-02 3389 1h");
    await tabSays("U0ERIN", id, "[Cancel]");
    const stale = world.slack.home("U0ERIN")?.view.blocks;
    await world.slack.click({
      user: "U0ERIN",
      home: true,
      actionId: "jit.cancel",
      confirmed: true,
    });
    await cardSays(world, { id }, "Cancelled");
    await tabForgets("U0ERIN", id);
    // The tab as it stood before, on another screen.
    const value = /"action_id":"jit.cancel"[^}]*},"value":"([^"]+)"/.exec(JSON.stringify(stale));
    const { id: next } = await ask(world, "win-02 3389 1h");
    await tabSays("U0ERIN", next);
    const before = world.slack.direct("U0ERIN").length;
    const forge = { value: value?.[1] ?? "" };
    const cancel = { home: true, actionId: "jit.cancel", confirmed: true } as const;
    await world.slack.click({ user: "U0ERIN", ...cancel, forge });
    const told = await world.slack.waitFor(() => world.slack.direct("U0ERIN")[before]);
    expect(world.slack.plainText(told)).toContain("so you can't cancel it");
    await typed(world, "U0ERIN", `cancel ${next}`);
  });

  it("asks approvers and admins to close a review, until somebody has", async () => {
    const id = idIn(await typed(world, "U0ERIN", "breakglass vm-01 3389 30m for the outage"));
    await tabSays("U0LEAD", "Needs your review", id, "[Justified] [Raise a concern…]");
    await tabSays("U0ADMIN", "Needs your review", id);
    world.advance(5_000);
    await tabSays("U0ERIN", "Break-glass, Open,");
    world.advance(31 * MINUTE);
    await cardSays(world, { id }, "Ended");
    await look("U0LEAD", "Needs your review", id);
    await world.slack.click({ user: "U0LEAD", home: true, actionId: "jit.review-ok" });
    await tabForgets("U0LEAD", id);
    await tabForgets("U0ADMIN", id);
  });

  it("is kept up to date by a replica that nobody looked at it through", async () => {
    await look("U0SAM", "Updated");
    const other = await world.startBot();
    const { id } = await ask(world, "win-02 3389 1h", { user: "U0SAM" });
    await tabSays("U0SAM", id);
    await typed(world, "U0SAM", `cancel ${id}`);
    await tabForgets("U0SAM", id);
    await other.terminate();
    await world.startBot();
  });

  it("of somebody who has not looked for an hour is left alone until they look", async () => {
    await look("U0SAM", "You have no open or pending requests");
    world.advance(61 * MINUTE);
    const before = published("U0SAM");
    const { id } = await ask(world, "win-02 3389 1h", { user: "U0SAM" });
    await typed(world, "U0SAM", `cancel ${id}`);
    await look("U0ERIN", "Updated");
    expect(published("U0SAM")).toBe(before);
  });

  it("shows Slack again what changed while it couldn't be published", async () => {
    await look("U0SAM", "Updated");
    world.slack.faults.add({ path: "views.publish", times: 1, act: { status: 500 } });
    const { id } = await ask(world, "win-02 3389 1h", { user: "U0SAM" });
    await tabSays("U0SAM", id);
    await typed(world, "U0SAM", `cancel ${id}`);
  });

  it("shows what changes while Slack has still to answer that it was published", async () => {
    world.slack.faults.add({ path: "views.publish", times: 1, when: "after", act: "hold" });
    await look("U0SAM", "Updated");
    const { id } = await ask(world, "win-02 3389 1h", { user: "U0SAM" });
    await tabSays("U0SAM", id);
    world.slack.faults.clear();
    await typed(world, "U0SAM", `cancel ${id}`);
  });

  it("links the card once it is posted", async () => {
    const card = { path: "chat.postMessage", bodyIncludes: "channel=C0DEV", times: 1 };
    world.slack.faults.add({ ...card, act: "hold" });
    await look("U0OMAR", "Updated");
    const id = idIn(await typed(world, "U0ERIN", "request web-02 22 1h for a slow card"));
    await tabSays("U0OMAR", "Needs your decision", id);
    expect(tab("U0OMAR")).not.toContain("[Open the card]");
    world.slack.faults.clear();
    await tabSays("U0OMAR", id, "[Open the card]");
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("keeps to Slack's hundred blocks however much there is", async () => {
    for (let n = 0; n < 13; n++) {
      await typed(world, "U0LEAD", `request web-02 22 ${n + 10}m for request ${n}`);
      await typed(world, "U0ERIN", `breakglass vm-01 3389 ${n + 60}m for outage ${n}`);
    }
    await look("U0LEAD", "There are more", "/jit list mine");
    await look("U0ADMIN", "Other people's access", "/jit list open", "they appear");
    await look("U0OMAR", "Needs your decision", "/jit list pending");
    for (const user of ["U0LEAD", "U0ADMIN", "U0OMAR"]) {
      expect(world.slack.home(user)?.view.blocks).toSatisfy(
        (blocks: unknown[]) => blocks.length <= 100,
      );
    }
    expect(world.slack.world.warnings).toEqual([]);
  });
});
