// One incident over Socket Mode: several VMs on one card, whoever is on call, what waits until it is opened, the same
// again, and the brake. Each is looked at closely over HTTP in a file of its own.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SimulatedRotas, startRotas } from "../../src/sandbox/on-call/server.ts";
import { chooses, opens, sends, toldNext } from "../support/form.ts";
import {
  ask,
  askedToClose,
  cardOf,
  cardSays,
  choose,
  endAll,
  idIn,
  initiates,
  timeIn,
  typed,
} from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
limits: { openPerPerson: 20, pendingPerPerson: 30, asksPerMinute: 100 }
bundles: { shop: { vms: [web-02, jump-01] } }
onCall:
  payments: { pagerduty: { schedules: [PABC123] } }
  platform: { pagerduty: { schedules: [PABC456] } }
rules:
  - name: on demand
    match: { vms: [win-02], ports: [3389] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
    start: requester
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { users: [U0LEAD], onCall: [payments] }
    autoApprove: { onCall: [platform] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
`;

let world: TestWorld;
let rotas: SimulatedRotas;
beforeAll(async () => {
  rotas = await startRotas();
  world = await startWorld({ mode: "socket", policy: POLICY });
  await world.startBot({
    env: { PAGERDUTY_TOKEN: rotas.pagerDuty.token, PAGERDUTY_API_URL: rotas.pagerDuty.url },
  });
}, 40_000);
afterAll(async () => {
  await world?.close();
  await rotas?.close();
});

/** For two hours from now on, by the world's clock. */
function onCall(who: string, schedule: string): void {
  const fromMs = Math.floor(world.nowMs() / MINUTE) * MINUTE;
  const shift = { schedule, name: who, address: `${who}@contoso.example`, fromMs };
  rotas.world.shifts = [
    ...rotas.world.shifts.filter((one) => one.schedule !== schedule),
    { ...shift, untilMs: fromMs + 2 * HOUR },
  ];
}

const ids = (text: string) => [...new Set(text.match(/JIT-[0-9A-Z]{6}/g) ?? [])];
const isSent = (id: string) =>
  initiates(world).some(({ body }) => JSON.stringify(body).includes(id));

const press = async (user: string, id: string, actionId: string) => {
  const { ts } = await cardOf(world, id);
  const before = world.slack.ephemerals(user).length;
  await world.slack.click({ user, channel: "C0PROD", ts, actionId });
  return () =>
    world.slack.waitFor(() => world.slack.ephemerals(user)[before]).then(world.slack.plainText);
};

const saysTo = (user: string, text: string) =>
  world.slack.waitFor(
    () => world.slack.direct(user).some((one) => world.slack.plainText(one).includes(text)),
    { what: `a direct message to ${user}: ${text}`, timeoutMs: 20_000 },
  );

/** Approves the card of several without one of them. */
async function approveWithout(left: string, all: readonly string[]): Promise<readonly string[]> {
  const kept = all.filter((id) => id !== left);
  const { ts } = await cardOf(world, all[0] ?? "");
  await choose(world, { user: "U0LEAD", channel: "C0PROD", ts }, "change");
  await world.slack.waitFor(() => world.slack.modal("U0LEAD"), { what: "the approver's form" });
  await world.slack.submitView({ user: "U0LEAD", values: { vms: [...kept] } });
  return kept;
}

/** Waits until Azure was asked for each, and lets go by the seconds that it takes. */
async function sent(...all: readonly string[]): Promise<void> {
  const what = "Azure to be asked";
  await world.slack.waitFor(() => all.every(isSent), { what, timeoutMs: 20_000 });
  world.advance(10_000);
}

describe("over Socket Mode", () => {
  it("four VMs are requested by command, three of them approved, and all ended", async () => {
    const answer = await typed(world, "U0ERIN", "request vm-01,web-02,jump-01,db-01 1h for it");
    const all = ids(answer);
    expect(all).toHaveLength(4);
    const [left = ""] = all;
    await cardSays(world, { id: left }, "4 VMs");
    const kept = await approveWithout(left, all);
    await sent(...kept);
    const card = await cardSays(world, { id: left }, "3 of 4 open; vm-01: Denied");
    expect(card.match(/Open until/g)).toHaveLength(3);
    expect(isSent(left)).toBe(false);
    await endAll(world, kept);
    await cardSays(world, { id: left }, "3 of 4 ended");
    await saysTo("U0ADMIN", "is done: 3 of 3 closed");
  });

  it("a bundle and one more are requested by form, one of them is left out, and the rest ended", async () => {
    await opens(world, "");
    await chooses(world, "bundle:shop");
    const search = { user: "U0ERIN", actionId: "jit.form.more", text: "vm-01" };
    const found = await world.slack.suggest(search);
    const [more] = found.sent ? (found.options as { value: string }[]) : [];
    const before = world.slack.ephemerals("U0ERIN").length;
    await sends(world, { more: [more?.value ?? ""], reason: "the incident" });
    const all = ids(await toldNext(world, before));
    expect(all).toHaveLength(3);
    const kept = await approveWithout(all[1] ?? "", all);
    await sent(...kept);
    await cardSays(world, { id: all[0] ?? "" }, "2 of 3 open");
    expect(isSent(all[1] ?? "")).toBe(false);
    await endAll(world, kept);
    await cardSays(world, { id: all[0] ?? "" }, "2 of 3 ended");
  });

  it("whoever is on call is named, approves, and nobody else does", async () => {
    onCall("sam", "PABC123");
    const { id } = await ask(world, "web-02 22 1h");
    await cardSays(world, { id }, "On call for payments: @sam until");
    expect(await (await press("U0OMAR", id, "jit.approve"))()).toContain("not an approver");
    await press("U0SAM", id, "jit.approve");
    await sent(id);
    expect(await cardSays(world, { id }, "Open until")).toContain("Approved by @sam");
    await endAll(world, [id]);
    await cardSays(world, { id }, "Ended early by @ada");
  });

  it("whoever is on call gets in at once, and not while their provider is away", async () => {
    onCall("erin", "PABC456");
    const id = idIn(await typed(world, "U0ERIN", "request web-02 22 1h for the outage"));
    await sent(id);
    expect(await cardSays(world, { id }, "Open until")).toContain("@erin is on call for platform");
    await endAll(world, [id]);
    await cardSays(world, { id }, "Ended early by @ada");
    rotas.pagerDuty.faults.add({ act: { status: 503 } });
    world.advance(MINUTE);
    const away = await ask(world, "web-02 22 1h for the outage");
    await cardSays(world, away, "Pending");
    expect(isSent(away.id)).toBe(false);
    await typed(world, "U0ERIN", `cancel ${away.id}`);
    rotas.pagerDuty.faults.clear();
    rotas.world.shifts = [];
    world.advance(MINUTE);
  });

  it("a freeze holds back what is Ready, approved or due; Open, at and again go on when lifted", async () => {
    const { id: byHand } = await ask(world, "win-02 3389 1h");
    const { id: later } = await ask(world, `vm-01 22 20m at ${timeIn(world, HOUR)}`);
    for (const id of [byHand, later]) {
      await press("U0LEAD", id, "jit.approve");
      await cardSays(world, { id }, "Ready");
    }
    await typed(world, "U0ADMIN", "freeze for a drill");
    expect(await (await press("U0ERIN", byHand, "jit.open"))()).toContain("Access is frozen");
    const { id: held } = await ask(world, "web-02 22 30m");
    await press("U0LEAD", held, "jit.approve");
    await cardSays(world, { id: held }, "It waits: access is frozen by @ada");
    expect([byHand, later, held].filter(isSent)).toEqual([]);
    expect(await typed(world, "U0ADMIN", "unfreeze")).toContain("1 request waited");
    await press("U0ERIN", byHand, "jit.open");
    await sent(held, byHand);
    await cardSays(world, { id: held }, "Open until");
    await cardSays(world, { id: byHand }, "Open until");
    for (const id of [held, byHand]) {
      await typed(world, "U0ERIN", `end ${id}`);
      await askedToClose(world, id);
    }
    world.advance(3 * MINUTE);
    for (const id of [held, byHand]) await cardSays(world, { id }, "Ended early by");
    const again = idIn(await typed(world, "U0ERIN", `again ${held}`));
    expect(await cardSays(world, { id: again }, "Pending")).toContain("22");
    await typed(world, "U0ERIN", `cancel ${again}`);
    world.advance(HOUR);
    await sent(later);
    await cardSays(world, { id: later }, "Open until");
    await endAll(world, [later]);
    await cardSays(world, { id: later }, "Ended early by @ada");
  });
});
