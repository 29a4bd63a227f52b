// Access that is there at some hours only, over the wire: refused, decided and opened by the clock of the rule.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardOf, cardSays, initiates, typed } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

const HOUR = 3_600_000;

/** `HH:MM` of UTC, so long from now. */
const clock = (inMs: number) => new Date(Date.now() + inMs).toISOString().slice(11, 16);

/** A rule whose hours end in an hour, whatever time it is, and one whose hours come in two. */
const policy = POLICY.replace(
  "rules:\n",
  `rules:
  - name: day
    match: { vms: [jump-01], hours: [{ from: "${clock(-2 * HOUR)}", to: "${clock(HOUR)}", zone: UTC }] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
  - name: later
    match: { vms: [web-02], ports: [22], hours: [{ from: "${clock(2 * HOUR)}", to: "${clock(4 * HOUR)}", zone: UTC }] }
    requesters: anyone
    approvals: 0
    networks: [vpn]
    reason: optional
`,
);

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy });
  await world.startBot();
});
afterAll(() => world?.close());

const approve = async (id: string) => {
  const { ts } = await cardOf(world, id);
  await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
};

const isSent = (id: string) =>
  initiates(world).some(({ body }) => JSON.stringify(body).includes(id));

const told = (user: string, text: string) =>
  world.slack.waitFor(
    () => world.slack.ephemerals(user).some((one) => world.slack.plainText(one).includes(text)),
    { what: `${user} to be told: ${text}`, timeoutMs: 20_000 },
  );

describe("a rule with hours", () => {
  it("is explained, with its hours and the time that it is there", async () => {
    const said = await typed(world, "U0ERIN", "explain jump-01 22");
    expect(said).toContain("Rule day matches now (hours: every day ");
    const other = await typed(world, "U0ERIN", "explain web-02 22");
    expect(other).toContain("Rule later doesn't match: it requires hours to be every day ");
    expect(other).toContain("Rule production matches, and applies to port 22");
  });

  it("opens in its hours, and out of them nothing that was requested in them", async () => {
    const within = await ask(world, "jump-01 22 1h");
    const late = await ask(world, "jump-01 22 30m");
    await approve(within.id);
    await cardSays(world, within, "Open until");
    world.advance(HOUR + 60_000);
    await approve(late.id);
    await told("U0LEAD", "Rule day allows port 22 on jump-01 only in its hours (every day ");
    await cardSays(world, late, "Pending");
    expect(isSent(late.id)).toBe(false);
    // Out of its hours the next rule decides.
    expect(await typed(world, "U0ERIN", "request jump-01 22 45m")).toContain("rule production");
  });
});
