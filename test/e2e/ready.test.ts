// What is ready or approved, with two replicas: opened while its requester has a place left, from an
// address that is still theirs; and otherwise told what would help, and opened as soon as that is done.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  ask,
  askedToClose,
  cardOf,
  cardSays,
  endAll,
  idIn,
  initiates,
  timeIn,
  typed,
} from "../support/people.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PUBLIC_URL = "https://jit.example.com";

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
myIp: { trustedProxies: [127.0.0.0/8, "::1/128"], rememberFor: 4h }
limits: { openPerPerson: 2, pendingPerPerson: 30, asksPerMinute: 100 }
rules:
  - name: on demand
    match: { vms: [win-02, jump-01] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn, my-ip]
    reason: optional
    start: requester
    keepFor: 8h
  - name: production
    match: { tags: { env: prod } }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    networks: [vpn, my-ip]
    reason: optional
    extend: { max: 2, approvals: 0 }
`;

let world: TestWorld;
let bots: readonly Bot[];
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  const env = { PUBLIC_URL };
  bots = [await world.startBot({ env }), await world.startBot({ env })];
}, 40_000);
afterAll(() => world?.close());

const ERIN = { user: "U0ERIN" };

/** Slack's deliveries go to this replica from now on. */
const through = (n: number) => world.slack.setEventsUrl(`${bots[n]?.url}/slack/events`);

const isSent = (id: string) =>
  initiates(world).some(({ body }) => JSON.stringify(body).includes(id));
const sentOf = (ids: readonly string[]) => ids.filter(isSent);

async function approved(text: string, user = "U0ERIN"): Promise<{ id: string }> {
  const asked = await ask(world, text, { user });
  const { ts } = await cardOf(world, asked.id);
  await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
  return asked;
}

async function ready(text: string, user = "U0ERIN"): Promise<{ id: string }> {
  const asked = await approved(text, user);
  await cardSays(world, asked, "Ready");
  return asked;
}

async function ended(request: { id: string }, user = "U0ERIN"): Promise<void> {
  expect(await typed(world, user, `end ${request.id}`)).toContain("is now Ending");
  await askedToClose(world, request.id);
  world.advance(3 * MINUTE);
  await cardSays(world, request, "Ended");
}

/** By an admin, at once. */
async function endedAll(ids: readonly string[]): Promise<void> {
  await endAll(world, ids);
  await direct("U0ADMIN", `is done: ${ids.length} of ${ids.length} closed`);
}

const direct = (user: string, text: string) =>
  world.slack.waitFor(
    () =>
      world.slack
        .direct(user)
        .map((one) => world.slack.plainText(one))
        .find((one) => one.includes(text)),
    { what: `a direct message to ${user}: ${text}`, timeoutMs: 20_000 },
  );

const at = (ms: number) => timeIn(world, ms);

/** Opens the page that a link leads to, and presses its button from there. */
async function provedAt(link: string, address: string): Promise<string> {
  const url = link.replace(PUBLIC_URL, bots[0]?.url ?? "");
  const headers = { "x-forwarded-for": address };
  const page = await (await fetch(url, { headers })).text();
  const field = (name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? "";
  const body = new URLSearchParams({ press: field("press"), seen: field("seen") });
  return (await fetch(url, { method: "POST", headers, body })).text();
}

const linkIn = (text: string): string =>
  /https:\/\/jit\.example\.com\/my-ip\/[\w-]{43}/.exec(text)?.[0] ?? `no link in: ${text}`;

/** The link stands behind words. */
const lastLink = (user: string) => linkIn(JSON.stringify(world.slack.ephemerals(user).at(-1)));

describe("with one place left", () => {
  it("opens one of two that are opened at the same moment, and keeps the other", async () => {
    const open = await approved("vm-01 3389 1h");
    await cardSays(world, open, "Open until");
    const both = [await ready("win-02 3389 1h"), await ready("jump-01 22 1h")];
    const ids = both.map(({ id }) => id);
    const before = world.slack.ephemerals("U0ERIN").length;
    for (const [n, id] of ids.entries()) {
      through(n);
      void world.slack.command({ user: "U0ERIN", channel: "C0GENERAL", text: `open ${id}` });
    }
    const answers = await world.slack.waitFor(
      () => {
        const all = world.slack
          .ephemerals("U0ERIN")
          .slice(before)
          .map((one) => world.slack.plainText(one));
        return all.length >= 2 ? all : undefined;
      },
      { what: "two answers", timeoutMs: 20_000 },
    );
    const no = answers.filter((one) =>
      one.includes("You have access open on 2 requests, and the limit is 2: end one first"),
    );
    expect(no).toHaveLength(1);
    const first = await world.slack.waitFor(() => sentOf(ids)[0], { timeoutMs: 20_000 });
    await cardSays(world, { id: first }, "Open until");
    expect(sentOf(ids)).toEqual([first]);
    const other = { id: ids.find((id) => id !== first) ?? "" };
    expect(no[0]).toContain(`${other.id} waits until`);
    // Pressed on its card, too.
    const { ts } = await cardOf(world, other.id);
    await world.slack.click({ user: "U0ERIN", channel: "C0PROD", ts, actionId: "jit.open" });
    await world.slack.waitFor(
      () => world.slack.ephemerals("U0ERIN").length === before + 3 || undefined,
      { what: "the refusal", timeoutMs: 20_000 },
    );
    await cardSays(world, other, "Ready");
    await ended(open);
    expect(await typed(world, "U0ERIN", `open ${other.id}`)).toContain("is now Opening");
    await cardSays(world, other, "Open until");
    for (const id of ids) await ended({ id });
  });

  it("holds up what opens at its time, says so, and opens it when there is a place", async () => {
    const later = [
      await ready(`vm-01 22 20m at ${at(HOUR)}`),
      await ready(`web-02 22 20m at ${at(HOUR)}`),
    ];
    const open = [await approved("vm-01 3389 2h"), await approved("web-02 3389 2h")];
    for (const one of open) await cardSays(world, one, "Open until");
    world.advance(HOUR + MINUTE);
    for (const one of later) {
      expect(await cardSays(world, one, "Not opened yet")).toContain(
        "The requester has access open on 2 requests, and the limit is 2",
      );
    }
    await direct("U0ERIN", "Not opened yet: The requester has access open on 2 requests");
    const ids = later.map(({ id }) => id);
    expect(sentOf(ids)).toEqual([]);
    const [one = { id: "" }, another = { id: "" }] = open;
    await ended(one);
    // Nobody presses anything: it is tried again each minute.
    const first = await world.slack.waitFor(() => sentOf(ids)[0], { timeoutMs: 20_000 });
    await cardSays(world, { id: first }, "Open until");
    const second = { id: ids.find((id) => id !== first) ?? "" };
    expect(await typed(world, "U0ERIN", `open ${second.id}`)).toContain("the limit is 2");
    expect(sentOf(ids)).toEqual([first]);
    await ended(another);
    await cardSays(world, second, "Open until");
    for (const { id } of later) await ended({ id });
  });

  it("opens one of two that are approved at the same moment, and holds up the other", async () => {
    const open = await approved("vm-01 3389 2h");
    await cardSays(world, open, "Open until");
    const both = [await ask(world, "vm-01 22 2h", ERIN), await ask(world, "web-02 22 2h", ERIN)];
    const ids = both.map(({ id }) => id);
    const places = await Promise.all(both.map(({ id }) => cardOf(world, id)));
    const clicks = places.map(({ ts }, n) => {
      through(n);
      return world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
    });
    await Promise.all(clicks);
    const first = await world.slack.waitFor(() => sentOf(ids)[0], { timeoutMs: 20_000 });
    await cardSays(world, { id: first }, "Open until");
    const other = { id: ids.find((id) => id !== first) ?? "" };
    const held = await cardSays(world, other, "Not opened yet");
    expect(held).toContain("Approved by");
    expect(held).toContain("The requester has access open on 2 requests, and the limit is 2");
    expect(sentOf(ids)).toEqual([first]);
    await ended(open);
    await cardSays(world, other, "Open until");
    for (const id of ids) await ended({ id });
  });

  it("opens as many of a batch as there are places, and holds up the others by name", async () => {
    const open = await approved("vm-01 3389 2h");
    await cardSays(world, open, "Open until");
    const answer = await typed(world, "U0ERIN", "request vm-01,web-02 22 2h");
    const lead = { id: idIn(answer) };
    const { ts } = await cardOf(world, lead.id);
    await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
    await cardSays(world, lead, "Open until");
    const held = await cardSays(world, lead, "Ready: The requester has access open on 2 requests");
    expect(held.match(/Ready: /g)).toHaveLength(1);
    const ids = [...new Set(answer.match(/JIT-[0-9A-Z]{6}/g))];
    expect(sentOf(ids)).toHaveLength(1);
    await ended(open);
    await cardSays(world, lead, "🟢 Open");
    expect(sentOf(ids)).toHaveLength(2);
    for (const id of ids) {
      expect(await typed(world, "U0ERIN", `end ${id}`)).toContain("is now Ending");
      await askedToClose(world, id);
    }
    world.advance(3 * MINUTE);
    await cardSays(world, lead, "⚪ Ended");
  });

  it("expires what found no place in time, and says why", async () => {
    const later = await ready(`vm-01 22 20m at ${at(HOUR)}`);
    const open = [await approved("vm-01 3389 3h"), await approved("web-02 3389 3h")];
    for (const one of open) await cardSays(world, one, "Open until");
    world.advance(HOUR + MINUTE);
    await cardSays(world, later, "Not opened yet");
    world.advance(HOUR);
    expect(await cardSays(world, later, "Expired")).toContain("the limit is 2");
    expect(isSent(later.id)).toBe(false);
    await endedAll(open.map(({ id }) => id));
  });
});

describe("from an address that was proven", () => {
  it("opens by hand while that lasts, and then offers the page again", async () => {
    const answer = await typed(world, "U0ERIN", "request win-02 3389 1h from my-ip");
    const id = idIn(await provedAt(linkIn(answer), "198.51.100.23"));
    const { ts } = await cardOf(world, id);
    await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
    await cardSays(world, { id }, "Ready");
    world.advance(4 * HOUR + MINUTE);
    const no = await typed(world, "U0ERIN", `open ${id}`);
    expect(no).toContain("has to be confirmed again");
    expect(no).not.toContain("198.51.100.23");
    await provedAt(lastLink("U0ERIN"), "198.51.100.77");
    const elsewhere = await typed(world, "U0ERIN", `open ${id}`);
    expect(elsewhere).toContain("the requester was last seen at another one");
    expect(isSent(id)).toBe(false);
    await provedAt(lastLink("U0ERIN"), "198.51.100.23");
    expect(await typed(world, "U0ERIN", `open ${id}`)).toContain("is now Opening");
    await cardSays(world, { id }, "Open until");
    await ended({ id });
  });

  it("opens at its time while that lasts, and is held up where it doesn't", async () => {
    world.advance(3 * HOUR);
    const answer = await typed(
      world,
      "U0ERIN",
      `request vm-01 22 20m from my-ip at ${at(2 * HOUR)}`,
    );
    // What was seen three hours ago is forgotten by then.
    expect(answer).toContain("Nothing is requested yet");
    const id = idIn(await provedAt(linkIn(answer), "198.51.100.23"));
    const { ts } = await cardOf(world, id);
    await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
    await cardSays(world, { id }, "Ready");
    // Asked for from elsewhere meanwhile.
    await typed(world, "U0ERIN", "request web-02 22 20m from my-ip");
    await provedAt(lastLink("U0ERIN"), "198.51.100.77");
    world.advance(2 * HOUR + MINUTE);
    expect(await cardSays(world, { id }, "Not opened yet")).toContain("has to be confirmed again");
    await typed(world, "U0ERIN", `open ${id}`);
    await provedAt(lastLink("U0ERIN"), "198.51.100.23");
    world.advance(2 * MINUTE);
    await cardSays(world, { id }, "Open until");
    await ended({ id });
  });

  it("holds up an approval that comes when that is over", async () => {
    const id = idIn(await typed(world, "U0ERIN", "request vm-01 22 1h from my-ip"));
    const { ts } = await cardOf(world, id);
    world.advance(3 * HOUR);
    // Asked for from elsewhere meanwhile.
    await typed(world, "U0ERIN", "request web-02 22 20m from my-ip");
    await provedAt(lastLink("U0ERIN"), "198.51.100.77");
    await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
    expect(await cardSays(world, { id }, "Not opened yet")).toContain("has to be confirmed again");
    expect(isSent(id)).toBe(false);
    await typed(world, "U0ERIN", `open ${id}`);
    await provedAt(lastLink("U0ERIN"), "198.51.100.23");
    // By hand, if it hasn't been tried again by then.
    await typed(world, "U0ERIN", `open ${id}`);
    await cardSays(world, { id }, "Open until");
    await ended({ id });
  });

  it("neither extends nor retries what was opened from an address that isn't theirs now", async () => {
    const id = idIn(await typed(world, "U0ERIN", "request vm-01 22 2h from my-ip"));
    const { ts } = await cardOf(world, id);
    await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
    await cardSays(world, { id }, "Open until");
    await typed(world, "U0ERIN", "request web-02 22 20m from my-ip");
    await provedAt(lastLink("U0ERIN"), "198.51.100.77");
    expect(await typed(world, "U0ERIN", `extend ${id} 30m`)).toContain("has to be confirmed again");
    await provedAt(lastLink("U0ERIN"), "198.51.100.23");
    await ended({ id });

    const failed = idIn(await typed(world, "U0ERIN", "request vm-01 3389 1h from my-ip"));
    const card = await cardOf(world, failed);
    const press = (user: string, actionId: string) =>
      world.slack.click({ user, channel: "C0PROD", ts: card.ts, actionId });
    world.azure.faults.add({
      method: "POST",
      path: "/initiate",
      bodyIncludes: failed,
      times: 1,
      act: { status: 400, body: { error: { code: "BadRequest", message: "Not today." } } },
    });
    await press("U0LEAD", "jit.approve");
    await cardSays(world, { id: failed }, "Not today.");
    const sent = initiates(world).length;
    await typed(world, "U0ERIN", "request web-02 22 20m from my-ip");
    await provedAt(lastLink("U0ERIN"), "198.51.100.77");
    await press("U0ERIN", "jit.retry");
    await world.slack.waitFor(
      () =>
        world.slack
          .ephemerals("U0ERIN")
          .slice(-1)
          .some((one) => world.slack.plainText(one).includes("confirmed again")) || undefined,
      { what: "the refusal", timeoutMs: 20_000 },
    );
    expect(initiates(world)).toHaveLength(sent);
    await provedAt(lastLink("U0ERIN"), "198.51.100.23");
    await press("U0ERIN", "jit.retry");
    await cardSays(world, { id: failed }, "Open until");
  });
});
