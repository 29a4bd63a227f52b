// Several VMs in one request, end to end: one card, one decision, one warning, one end, and the truth of each VM.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";
import { type FaultWorld, faultWorld } from "../faults/steps.ts";
import { chooses, finds, offered, opens, sends, toldNext } from "../support/form.ts";
import { cardSays, choose, idIn, initiates, typed } from "../support/people.ts";

const MINUTE = 60_000;

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
limits: { openPerPerson: 3, pendingPerPerson: 30, asksPerMinute: 100, vmsPerRequest: 6 }
bundles:
  shop: { vms: ["web-02", "jump-*"], resourceGroups: [rg-prod-shop], tags: { env: prod } }
  incident: { vms: [vm-01, web-02, db-02] }
  vault: { vms: [db-02] }
rules:
  - name: secret
    match: { vms: [db-02] }
    requesters: { users: [U0OMAR] }
    approvers: { users: [U0LEAD] }
    channel: C0DEV
    networks: [vpn]
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { users: [U0LEAD], groups: [S0ONCALL] }
    channel: C0PROD
    maxDuration: 4h
    remindAfter: 15m
    escalate: { after: 30m, to: { users: [U0SAM] } }
    expireAfter: 1h
    networks: [vpn]
    reason: optional
    extend: { max: 1 }
    breakGlass: { users: [U0ERIN], groups: [] }
`;

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld({ policy: POLICY });
  await world.startBot();
}, 40_000);
afterAll(() => world?.close());

const cards = (channel = "C0PROD") =>
  world.slack.messages(channel).filter((one) => one.metadata !== undefined);
const told = () => world.slack.direct("U0ERIN").map((one) => world.slack.plainText(one));
const erin = (text: string) => typed(world, "U0ERIN", text);
const ids = (text: string) => [...new Set(text.match(/JIT-[0-9A-Z]{6}/g) ?? [])];

async function click(actionId: string, user = "U0LEAD", confirmed = false) {
  const card = cards().at(-1);
  await world.slack.click({
    user,
    channel: "C0PROD",
    ts: card?.ts ?? "",
    actionId,
    ...(confirmed && { confirmed }),
  });
}

/** Approves these of the newest card's, by its form; Azure refuses one of them. */
async function approvesSome(vms: readonly string[], refused: string): Promise<void> {
  const act = { status: 400, body: { error: { code: "BadRequest", message: "Not today." } } };
  const initiate = { method: "POST", path: "/initiate", times: 1 } as const;
  world.azure.faults.add({ ...initiate, bodyIncludes: refused, act });
  const pressed = { user: "U0LEAD", channel: "C0PROD", ts: cards().at(-1)?.ts ?? "" };
  await choose(world, pressed, "change");
  await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
  await world.slack.submitView({ user: "U0LEAD", values: { vms: [...vms] } });
}

/** The message that says that a request ends soon. */
const warningOf = (id: string) =>
  world.slack.waitFor(
    () =>
      world.slack.direct("U0ERIN").find((one) => {
        const text = world.slack.plainText(one);
        return text.includes("⏰") && text.includes("ends") && text.includes(id);
      }),
    { what: "the warning" },
  );

async function extendsFrom(warning: { channel: string; ts: string }, duration: string) {
  const { channel, ts } = warning;
  await world.slack.click({ user: "U0ERIN", channel, ts, actionId: "jit.extend" });
  await world.slack.waitFor(() => world.slack.modal("U0ERIN"));
  await world.slack.submitView({ user: "U0ERIN", values: { duration } });
}

const audited = async (what: string): Promise<{ by?: string; id?: string }[]> =>
  (await world.memory.redis.xrange(world.memory.keys.audit, "-", "+"))
    .map(([, fields]) => JSON.parse(fields[1] ?? "{}"))
    .filter((entry) => entry.what === what);

describe("several VMs in one request", () => {
  it("share one card, one decision, one warning, one Extend and one End", async () => {
    const answer = await erin("request vm-01,web-02, jump-01,db-02,bare-01 2h for the incident");
    expect(answer).toContain("Requested 3 VMs");
    expect(answer).toMatch(/db-02.*can't find a VM/);
    expect(answer).toMatch(/bare-01.*JIT isn't available/);
    const lead = idIn(answer);
    expect(ids(answer)).toHaveLength(3);
    const asked = await cardSays(world, { id: lead }, "Pending");
    for (const part of ["3 VMs", "vm-01", "web-02", "jump-01", "RDP", "SSH", "the incident"]) {
      expect(asked).toContain(part);
    }
    expect(asked).not.toMatch(/db-02|bare-01/);
    expect(cards()).toHaveLength(1);
    expect(initiates(world)).toHaveLength(0);

    const ts = cards().at(-1)?.ts ?? "";
    const again = { duplicate: 1, duplicateWhen: "after" } as const;
    const pressed = { user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" };
    await world.slack.click({ ...pressed, ...again });
    await world.slack.waitFor(() => initiates(world).length === 3, { what: "three initiates" });
    // The card says it all; nothing was refused.
    expect(world.slack.ephemerals("U0LEAD")).toEqual([]);
    expect((await audited("refused")).filter(({ by }) => by === "U0LEAD")).toEqual([]);
    world.advance(30_000);
    const open = await cardSays(world, { id: lead }, "🟢 Open");
    expect(open.match(/Open until/g)).toHaveLength(3);
    const asks = initiates(world).map(({ body }) => JSON.stringify(body));
    for (const id of ids(answer)) expect(asks.filter((one) => one.includes(id))).toHaveLength(1);
    await world.slack.waitFor(() => told().some((text) => text.includes("🟢 Open · vm-01")), {
      what: "the message to the requester",
    });

    world.advance(111 * MINUTE);
    await world.slack.waitFor(() => told().some((text) => text.includes("ends")), {
      what: "the warning",
    });
    expect(told().filter((text) => text.includes("⏰"))).toHaveLength(1);
    world.advance(10 * MINUTE);
    const ended = await cardSays(world, { id: lead }, "⚪ Ended");
    expect(ended.match(/· Ended/g)).toHaveLength(3);
    expect(cards()).toHaveLength(1);
    expect(initiates(world)).toHaveLength(3);
  }, 90_000);

  it("are named by a group, tags or a bundle, and are as many as the policy file allows", async () => {
    const before = cards().length;
    expect(await erin("request tag:env=prod 1h")).toMatch(
      /names \d+ VMs, and a request can have 6/,
    );
    expect(await erin("request rg:nowhere 22 1h")).toContain("No VM that you can request matches");
    expect(await erin("request bundle:nope 22 1h")).toContain("No VM that you can request matches");
    expect(cards()).toHaveLength(before);
    const one = await erin('request tag:team="platform ops" tag:env=prod 22 1h');
    expect(one).toContain("on jump-01");
    const two = await erin("request bundle:SHOP 22 1h");
    expect(two).toContain("Requested 2 VMs");
    expect(two).toMatch(/jump-01.*web-02/);
    for (const id of [...ids(one), ...ids(two)]) await erin(`cancel ${id}`);
    await cardSays(world, { id: idIn(two) }, "Cancelled");
  }, 60_000);

  it("are chosen in the form as a bundle, without those that somebody can't request", async () => {
    await opens(world, "", { user: "U0OMAR" });
    expect(await finds(world, "bundle:", "U0OMAR")).toEqual([
      "incident (3 VMs)",
      "shop (2 VMs)",
      "vault (1 VM)",
    ]);
    await opens(world, "");
    const bundles = ["incident (2 VMs)", "shop (2 VMs)"];
    expect(await finds(world, "bundle:")).toEqual(bundles);
    expect((await finds(world, "")).slice(0, 3)).toEqual([
      ...bundles,
      expect.stringContaining("·"),
    ]);
    const form = await chooses(world, "bundle:incident");
    expect(offered(form, "ports")).toEqual(["22", "3389"]);
    const before = { cards: cards().length, told: world.slack.ephemerals("U0ERIN").length };
    expect((await sends(world, { reason: "the incident" })).outcome).toBe("closed");
    const answer = await toldNext(world, before.told);
    expect(answer).toContain("Requested 2 VMs");
    expect(answer).not.toContain("db-02");
    const card = await cardSays(world, { id: idIn(answer) }, "Pending");
    expect(card).toMatch(/vm-01 · RDP/);
    expect(card).toMatch(/web-02 · SSH/);
    expect(cards()).toHaveLength(before.cards + 1);
    // The same once more is what is pending already.
    await opens(world, "");
    await chooses(world, "bundle:incident");
    const again = await sends(world, { reason: "the incident" });
    expect(JSON.stringify(again)).toContain("You already have it");
    await world.slack.closeView({ user: "U0ERIN" });
    expect(cards()).toHaveLength(before.cards + 1);
    for (const id of ids(answer)) await erin(`cancel ${id}`);
    await cardSays(world, { id: idIn(answer) }, "Cancelled");
  }, 60_000);

  it("are a bundle and more in the form", async () => {
    await opens(world, "");
    await chooses(world, "bundle:shop");
    const search = { user: "U0ERIN", actionId: "jit.form.more" };
    expect(await world.slack.suggest({ ...search, text: "bundle:" })).toMatchObject({
      options: [],
    });
    const found = await world.slack.suggest({ ...search, text: "vm-01" });
    const [more] = found.sent ? (found.options as { value: string }[]) : [];
    const before = world.slack.ephemerals("U0ERIN").length;
    await sends(world, { more: [more?.value ?? ""], reason: "the incident" });
    const answer = await toldNext(world, before);
    expect(answer).toContain("Requested 3 VMs");
    for (const id of ids(answer)) await erin(`cancel ${id}`);
    await cardSays(world, { id: idIn(answer) }, "Cancelled");
  }, 60_000);

  it("get their own usual ports in the form, unless other ones are chosen there", async () => {
    for (const [fields, says] of [
      [{}, /vm-01 · RDP.*web-02 · SSH/s],
      [{ ports: ["22"] as string[] }, /vm-01 · SSH.*web-02 · SSH/s],
    ] as const) {
      await opens(world, "");
      await chooses(world, "vm-01");
      const search = { user: "U0ERIN", actionId: "jit.form.more" };
      const found = await world.slack.suggest({ ...search, text: "web-02" });
      const [more] = found.sent ? (found.options as { value: string }[]) : [];
      const before = world.slack.ephemerals("U0ERIN").length;
      await sends(world, { ...fields, more: [more?.value ?? ""], reason: "the incident" });
      const answer = await toldNext(world, before);
      expect(answer).toContain("Requested 2 VMs");
      expect(await cardSays(world, { id: idIn(answer) }, "Pending")).toMatch(says);
      for (const id of ids(answer)) await erin(`cancel ${id}`);
    }
  }, 60_000);

  it("leave some out, fail by themselves, are retried, extended and ended by the same card", async () => {
    const answer = await erin("request vm-01,web-02,jump-01,db-01 1h for the patch");
    const lead = idIn(answer);
    expect(ids(answer)).toHaveLength(4);
    await cardSays(world, { id: lead }, "Pending");
    const sent = initiates(world).length;
    // The first one is left out: the card stands under its id all the same.
    const [, ...kept] = ids(answer);
    await approvesSome(kept, kept[0] ?? "");
    await world.slack.waitFor(() => initiates(world).length === sent + 3, { what: "three" });
    world.advance(30_000);
    const card = await cardSays(world, { id: lead }, "2 of 4 open; web-02: Failed; vm-01: Denied");
    expect(card).toContain("Not today.");
    expect(card).toMatch(/Failed.*Open until.*Open until.*Denied/s);
    await world.slack.waitFor(() => told().some((text) => text.includes("2 of 4 open")), {
      what: "the requester to be told",
    });

    await click("jit.retry");
    await world.slack.waitFor(() => initiates(world).length === sent + 4, { what: "the retry" });
    world.advance(30_000);
    await cardSays(world, { id: lead }, "3 of 4 open; vm-01: Denied");

    world.advance(51 * MINUTE);
    await extendsFrom(await warningOf(lead), "1h");
    const found = await world.slack.waitFor(
      () => cards().find((one) => world.slack.plainText(one).includes("extends 3 VMs")),
      { what: "the card of the extension", timeoutMs: 20_000 },
    );
    const second = String(found.metadata?.event_payload.id);
    const there = { channel: "C0PROD", ts: found.ts };
    await world.slack.click({ ...there, user: "U0LEAD", actionId: "jit.approve" });
    world.advance(30_000);
    await cardSays(world, { id: second }, "🟢 Open");
    await cardSays(world, { id: lead }, "3 of 4 ended");

    const before = initiates(world).length;
    await world.slack.click({ ...there, user: "U0ERIN", actionId: "jit.end", confirmed: true });
    await world.slack.waitFor(() => initiates(world).length === before + 3, { what: "three ends" });
    world.advance(3 * MINUTE);
    const over = await cardSays(world, { id: second }, "⚪ Ended");
    expect(over.match(/· Ended/g)).toHaveLength(3);
  }, 120_000);

  it("are requested together again, as far as they aren't waiting or open already", async () => {
    const answer = await erin("request web-02,jump-01 35m for the same");
    const lead = idIn(answer);
    await cardSays(world, { id: lead }, "Pending");
    const twice = await erin("again");
    for (const id of ids(answer)) expect(twice).toContain(`You already have it: ${id}`);
    await erin(`cancel ${ids(answer)[1]}`);
    const once = await erin(`again ${lead}`);
    expect(once).toMatch(/on jump-01 for 35m.*web-02: You already have it/s);
    for (const id of [...ids(answer).slice(0, 1), idIn(once)]) await erin(`cancel ${id}`);
    const both = await erin("again");
    expect(both).toContain("on jump-01");
    await erin(`cancel ${idIn(both)}`);
    const all = await erin(`again ${lead}`);
    expect(all).toMatch(/Requested 2 VMs.*web-02.*jump-01/s);
    for (const id of ids(all)) await erin(`cancel ${id}`);
  }, 60_000);

  it("are left as they are where what was changed is refused for all that stay", async () => {
    const answer = await erin("request web-02,jump-01 45m for a look");
    const lead = idIn(answer);
    await cardSays(world, { id: lead }, "Pending");
    const pressed = { user: "U0LEAD", channel: "C0PROD", ts: cards().at(-1)?.ts ?? "" };
    await choose(world, pressed, "change");
    await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
    const vms = ids(answer).slice(1);
    await world.slack.submitView({ user: "U0LEAD", values: { vms, source: "198.51.100.7" } });
    await world.slack.waitFor(
      () =>
        world.slack
          .direct("U0LEAD")
          .some((one) => world.slack.plainText(one).includes("doesn't allow 198.51.100.7")),
      { what: "Lea to be told" },
    );
    expect((await audited("denied")).filter(({ id }) => id === lead)).toEqual([]);
    expect(await cardSays(world, { id: lead }, "Pending")).not.toContain("Denied");
    for (const id of ids(answer)) await erin(`cancel ${id}`);
  }, 60_000);

  it("call people about those that still wait, once one of them is decided", async () => {
    const answer = await erin("request vm-01,web-02,jump-01,db-01 1h for the rest");
    const lead = idIn(answer);
    await cardSays(world, { id: lead }, "Pending");
    const card = cards().at(-1);
    const sent = initiates(world).length;
    // The others are refused at the click, as they are then, and wait on.
    const others = ["web-02", "jump-01", "db-01"].map((name) => findVm(world.azure.world, name));
    const tags = others.map((one) => one.tags);
    for (const other of others) other.tags = { env: "secret" };
    await click("jit.approve");
    await world.slack.waitFor(() => initiates(world).length === sent + 1, { what: "one" });
    for (const [n, other] of others.entries()) other.tags = tags[n] ?? {};
    world.advance(5_000);
    const mixed = await cardSays(world, { id: lead }, "3 of 4 pending");
    expect(mixed).toMatch(/web-02, jump-01, db-01:\s*Needs 1 approval/);
    expect(mixed).toMatch(/Approvers: .*Expires/s);
    expect(mixed).toMatch(/vm-01: Approved by/);

    const thread = () =>
      cards()
        .find(({ ts }) => ts === card?.ts)
        ?.replies.map((one) => world.slack.plainText(one)) ?? [];
    const said = (text: string) =>
      world.slack.waitFor(() => thread().find((one) => one.includes(text)), { what: text });
    world.advance(16 * MINUTE);
    const reminder = await said("Still waiting for a decision");
    expect(reminder).toMatch(/^web-02, jump-01 and 1 more:|^web-02, jump-01, db-01:/);
    expect(reminder).toMatch(/@lea.*It expires/s);
    world.advance(15 * MINUTE);
    expect(await said("Nobody has decided yet")).toMatch(/^web-02, jump-01, db-01:.*@sam/s);
    await cardSays(world, { id: lead }, "or @sam.");
    expect(thread()).toHaveLength(2);
    expect(told().join("\n")).not.toMatch(/Still waiting|can decide, too/);
    // Who was called since may decide those, and has no say in what was decided before.
    expect(await typed(world, "U0SAM", `status ${ids(answer)[1]}`)).toContain("Pending");

    world.advance(30 * MINUTE);
    await cardSays(world, { id: lead }, "3 of 4 expired");
    await world.slack.waitFor(() => told().some((one) => one.includes("3 of 4 expired")), {
      what: "the requester to be told",
    });
    await erin(`end ${lead}`);
    world.advance(3 * MINUTE);
  }, 90_000);

  it("open at once by break-glass, are told to everybody, and are reviewed together", async () => {
    const answer = await erin("breakglass web-02,jump-01 22 1h for the outage");
    const lead = idIn(answer);
    world.advance(30_000);
    await cardSays(world, { id: lead }, "Break-glass, Open ·");
    await click("jit.review-ok");
    await cardSays(world, { id: lead }, "Reviewed");
    const shared = cards().at(-1);

    // What can't be extended harms no other, is named, and stands in the audit log.
    const jump = findVm(world.azure.world, "jump-01");
    const { tags } = jump;
    jump.tags = { env: "secret" };
    world.advance(51 * MINUTE);
    await extendsFrom(await warningOf(lead), "30m");
    const second = await world.slack.waitFor(
      () => told().find((one) => one.includes("jump-01: ")),
      {
        what: "what came of the extension",
      },
    );
    expect(second).toContain("on web-02 for 30m");
    jump.tags = tags;
    expect(JSON.stringify((await audited("refused")).at(-1))).toContain("no-rule");
    await erin(`cancel ${idIn(second)}`);
    const before = initiates(world).length;
    await world.slack.click({
      user: "U0ERIN",
      channel: "C0PROD",
      ts: shared?.ts ?? "",
      actionId: "jit.end",
      confirmed: true,
    });
    await world.slack.waitFor(() => initiates(world).length === before + 2, { what: "two ends" });
  }, 60_000);
});
