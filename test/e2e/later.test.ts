// Access that isn't opened at once, over the wire: rules with hours, approvals that wait for the requester, and
// access for a time.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { opens } from "../support/form.ts";
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
  - name: on demand
    match: { vms: [win-02] }
    requesters: { users: [U0ERIN], groups: [] }
    approvers: { users: [U0LEAD, U0OMAR] }
    channel: C0PROD
    networks: [vpn]
    reason: optional
    start: requester
    keepFor: 3h
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

const press = async (id: string, actionId: string, user = "U0ERIN") => {
  const { ts } = await cardOf(world, id);
  await world.slack.click({ user, channel: "C0PROD", ts, actionId });
};

const direct = (user: string, text: string) =>
  world.slack.waitFor(
    () => world.slack.direct(user).find((one) => world.slack.plainText(one).includes(text)),
    { what: `a direct message to ${user}: ${text}`, timeoutMs: 20_000 },
  );

/** Everything that Erin's conversation says of this request. */
const saysOf = (id: string) =>
  world.slack
    .direct("U0ERIN")
    .map((one) => world.slack.plainText(one))
    .filter((text) => text.includes(id));

/** Nothing says any more that it can be opened. */
const isReadyNoMore = (id: string) =>
  expect
    .poll(() => saysOf(id).filter((text) => /It's ready|haven't opened|\bReady\b/.test(text)), {
      timeout: 20_000,
    })
    .toEqual([]);

/** Approved, and waiting for Erin. */
async function made(text = "win-02 3389 1h") {
  const asked = await ask(world, text);
  await approve(asked.id);
  await cardSays(world, asked, "It waits for @erin to press Open");
  return asked;
}

describe("an approval that waits for its requester", () => {
  it("is told with its button, opened by them alone, and lasts from then on", async () => {
    const asked = await made();
    expect(await cardSays(world, asked, "Ready")).toContain("1h from opening");
    await world.slack.waitFor(
      () =>
        world.slack
          .direct("U0ERIN")
          .some(({ blocks }) => JSON.stringify(blocks).includes('"action_id":"jit.open"')),
      { what: "Open in the direct message", timeoutMs: 20_000 },
    );
    await world.slack.openHome({ user: "U0ERIN" });
    await world.slack.waitFor(
      () => JSON.stringify(world.slack.home("U0ERIN") ?? "").includes("jit.open"),
      { what: "Open on the home tab", timeoutMs: 20_000 },
    );
    expect(await typed(world, "U0ERIN", "request win-02 3389 1h")).toContain("Requested");
    await press(asked.id, "jit.open", "U0LEAD");
    await told("U0LEAD", `Only the requester can open ${asked.id}.`);
    expect(isSent(asked.id)).toBe(false);
    world.advance(2 * HOUR);
    const pressedAtMs = world.nowMs();
    expect(await typed(world, "U0ERIN", `open ${asked.id}`)).toContain("is now Opening");
    await cardSays(world, asked, "Open until");
    const sent = initiates(world).find(({ body }) => JSON.stringify(body).includes(asked.id));
    const [end = ""] = /20\d\d-[^"]+Z/.exec(JSON.stringify(sent?.body)) ?? [];
    expect(Date.parse(end) - pressedAtMs).toBeGreaterThan(59 * 60_000);
    expect(Date.parse(end) - pressedAtMs).toBeLessThan(62 * 60_000);
    expect(await typed(world, "U0ERIN", `open ${asked.id}`)).toContain("so you can't open it");
    await isReadyNoMore(asked.id);
    // That it's open is told by a message of its own, which isn't touched.
    expect(saysOf(asked.id).filter((text) => text.includes("Open until")).length).toBeGreaterThan(
      0,
    );
  });

  it("isn't called ready any more where it was cancelled", async () => {
    const asked = await ask(world, "win-02 3389 55m");
    // They have a message of it already, so that one that notifies them comes below it.
    await world.slack.waitFor(() => saysOf(asked.id).some((text) => text.includes("Pending")), {
      what: "the direct message",
      timeoutMs: 20_000,
    });
    await approve(asked.id);
    await world.slack.waitFor(() => saysOf(asked.id).some((text) => text.includes("It's ready:")), {
      what: "the message that notifies them",
      timeoutMs: 20_000,
    });
    await typed(world, "U0ERIN", `cancel ${asked.id}`);
    await isReadyNoMore(asked.id);
    expect(saysOf(asked.id).filter((text) => text.includes("Was ready to open:"))).toHaveLength(1);
  });

  it("isn't opened where something no longer holds, and says what", async () => {
    const asked = await made("win-02 3389 50m");
    await typed(world, "U0ADMIN", "freeze for a drill");
    expect(await typed(world, "U0ERIN", `open ${asked.id}`)).toContain(
      "Access is frozen by @ada: “a drill”",
    );
    await typed(world, "U0ADMIN", "unfreeze");
    const vm = [...world.azure.world.vms.values()].find(({ name }) => name === "win-02");
    if (vm === undefined) throw new Error("the world has no win-02");
    // The rule names it no longer, and another one does.
    vm.name = "win-03";
    expect(await typed(world, "U0ERIN", `open ${asked.id}`)).toContain(
      "win-03 no longer falls under rule on demand: rule production applies now",
    );
    vm.name = "win-02";
    await cardSays(world, asked, "Ready");
    expect(isSent(asked.id)).toBe(false);
  });

  it("goes back to pending when an approval is withdrawn, and expires as unused", async () => {
    const asked = await made("win-02 3389 40m");
    await press(asked.id, "jit.take-back", "U0LEAD");
    await cardSays(world, asked, "Needs 1 approval");
    expect(await typed(world, "U0ERIN", `open ${asked.id}`)).toContain("so you can't open it");
    await approve(asked.id);
    await cardSays(world, asked, "It waits for @erin");
    world.advance(2.6 * HOUR);
    await direct("U0ERIN", "You haven't opened it yet");
    world.advance(HOUR);
    expect(await cardSays(world, asked, "Expired")).toContain("didn't open it by");
    await isReadyNoMore(asked.id);
    expect(isSent(asked.id)).toBe(false);
  });
});

/** The minute of the day, so long from now, in somebody's zone in Slack. */
const clockOf = (user: string, inMs: number) =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone: zoneOf(user),
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(world.nowMs() + inMs);

const erinsClock = (inMs: number) => clockOf("U0ERIN", inMs);

const zoneOf = (user: string) => world.slack.world.users.get(user)?.tz ?? "UTC";

describe("access for a time", () => {
  it("is said back with its zone, approved before, and opens by itself then", async () => {
    const asked = await ask(world, `vm-01 3389 30m at ${erinsClock(2 * HOUR)} for the night shift`);
    expect(asked.answer).toContain("Not before");
    expect(asked.answer).toContain(`(${zoneOf("U0ERIN")})`);
    expect(await cardSays(world, asked, "Opens")).toContain("if it's approved by then");
    await approve(asked.id);
    expect(await cardSays(world, asked, "Ready")).toContain("by itself");
    await direct("U0ERIN", "by itself; its time starts then");
    expect(isSent(asked.id)).toBe(false);
    world.advance(2 * HOUR + 60_000);
    await cardSays(world, asked, "Open until");
    expect(isSent(asked.id)).toBe(true);
  });

  it("isn't opened where something no longer holds, and says what", async () => {
    const asked = await ask(world, `vm-01 22 20m at ${erinsClock(2 * HOUR)}`);
    await approve(asked.id);
    await cardSays(world, asked, "Ready");
    const vm = [...world.azure.world.vms.values()].find(({ name }) => name === "vm-01");
    if (vm === undefined) throw new Error("the world has no vm-01");
    const { tags } = vm;
    vm.tags = { env: "secret" };
    world.advance(2 * HOUR + 60_000);
    expect(await cardSays(world, asked, "Not opened")).toContain("No rule lets anybody");
    expect(isSent(asked.id)).toBe(false);
    vm.tags = tags;
  });

  it("isn't opened for somebody who has left by then", async () => {
    const time = clockOf("U0SAM", 2 * HOUR);
    const asked = await ask(world, `vm-01 22 20m at ${time}`, { user: "U0SAM" });
    await approve(asked.id);
    await cardSays(world, asked, "Ready");
    const sam = world.slack.world.users.get("U0SAM");
    if (sam === undefined) throw new Error("the workspace has no Sam");
    sam.deleted = true;
    world.advance(2 * HOUR + 60_000);
    expect(await cardSays(world, asked, "Not opened")).toContain("no longer a full member");
    expect(isSent(asked.id)).toBe(false);
    sam.deleted = false;
  });

  it("is for all of several VMs alike", async () => {
    const asked = await ask(world, `vm-01,web-02 3389 25m at ${erinsClock(2 * HOUR)}`);
    expect(asked.answer).toContain("Not before");
    await approve(asked.id);
    expect(await cardSays(world, asked, "Ready")).toContain("by itself");
    const before = initiates(world).length;
    world.advance(2 * HOUR + 60_000);
    await cardSays(world, asked, "Open until");
    await world.slack.waitFor(() => initiates(world).length >= before + 2 || undefined, {
      what: "both to be opened",
      timeoutMs: 20_000,
    });
  });

  it("is chosen in the form, which keeps what was typed, and says beside it what is wrong", async () => {
    const openForm = async (text: string) => {
      void world.slack.command({ user: "U0ERIN", channel: "C0GENERAL", text });
      return world.slack.waitFor(
        () => {
          const shown = JSON.stringify(world.slack.modal("U0ERIN")?.view ?? {});
          return shown.includes("datetimepicker") ? shown : undefined;
        },
        { what: "the form with its time", timeoutMs: 20_000 },
      );
    };
    const shown = await openForm(`request db-01 22 30m at ${erinsClock(3 * HOUR)} for`);
    expect(shown).toContain(`Your time zone: ${zoneOf("U0ERIN")}.`);
    const [seconds = ""] = /(?<="initial_date_time":)\d+/.exec(shown) ?? [];
    expect(Math.abs(Number(seconds) * 1_000 - world.nowMs() - 3 * HOUR)).toBeLessThan(61_000);
    const past = Math.floor((world.nowMs() - HOUR) / 1_000);
    const wrong = await world.slack.submitView({ user: "U0ERIN", values: { at: past } });
    expect(JSON.stringify(wrong)).toContain("is in the past: name a later time.");
    const then = Math.ceil((world.nowMs() + 2 * HOUR) / 60_000) * 60;
    await world.slack.submitView({
      user: "U0ERIN",
      values: { at: then, reason: "the night shift" },
    });
    const answer = await world.slack.waitFor(
      () =>
        world.slack
          .ephemerals("U0ERIN")
          .map((one) => world.slack.plainText(one))
          .find((one) => one.includes("db-01") && one.includes("Not before")),
      { what: "the answer to the form", timeoutMs: 20_000 },
    );
    const asked = { id: /JIT-[0-9A-Z]{6}/.exec(answer)?.[0] ?? "" };
    await approve(asked.id);
    expect(await cardSays(world, asked, "Ready")).toContain("by itself");
    expect(isSent(asked.id)).toBe(false);
    // Asked again from its card, the same time of day stands there.
    await typed(world, "U0ERIN", `cancel ${asked.id}`);
    await cardSays(world, asked, "Cancelled");
  });

  it("is refused in one sentence where the time can't be meant", async () => {
    const says = (text: string) => typed(world, "U0ERIN", `request vm-01 3389 30m ${text}`);
    expect(await says("at 2020-01-01 9:00")).toContain("is in the past: name a later time.");
    expect(await says("at friday")).toContain("Write a time of day after at");
    expect(await says("at 25:00")).toContain("I can't read 25:00 as a time");
    expect(await says("at 2099-01-01 9:00")).toContain("too far off");
    // One of two times may be the one: it's asked in the form.
    const form = await opens(world, "request vm-01 3389 30m at 9:00 at 10:00", {
      ready: ({ view }) => !JSON.stringify(view).includes("Looking up"),
    });
    expect(JSON.stringify(form.view)).toContain("is a second time: give only one.");
    await world.slack.closeView({ user: "U0ERIN" });
  });
});
