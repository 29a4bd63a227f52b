// The rules that go beyond one approval: waiting, further approvers, narrowing, break-glass, leaving.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardOf, cardSays, choose, idIn, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
rules:
  - name: windows
    match: { vms: [vm-01, win-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn]
    reason: optional
    expireAfter: 1h
    remindAfter: 15m
    escalate: { after: 30m, to: { users: [U0OMAR], groups: [] } }
    breakGlass: { users: [U0ERIN, U0LEAD], groups: [] }
  - name: automatic
    match: { vms: [dev-*] }
    requesters: anyone
    approvals: 0
    networks: [vpn]
    reason: optional
  - name: lonely
    match: { vms: [build-01] }
    requesters: anyone
    approvers: { users: [U0ERIN] }
    channel: C0DEV
    networks: [vpn]
    reason: optional
  - name: group
    match: { vms: [db-*] }
    requesters: { users: [U0SAM], groups: [S0ONCALL] }
    approvers: { users: [U0LEAD, U0ADMIN] }
    approvals: 2
    channel: C0PROD
    networks: [vpn]
    reason: optional
`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  await world.startBot();
});
afterAll(() => world?.close());

const threadOf = (id: string, channel = "C0PROD") =>
  world.slack
    .messages(channel)
    .find((one) => one.metadata?.event_payload.id === id)
    ?.replies.map((one) => world.slack.plainText(one))
    .join("\n") ?? "";

const noticesSay = (text: string) =>
  world.slack.waitFor(
    () =>
      world.slack.messages("C0NOTICES").some((one) => world.slack.plainText(one).includes(text)),
    { what: `a notice with ${text}`, timeoutMs: 20_000 },
  );

const directSays = (user: string, text: string) =>
  world.slack.waitFor(
    () => world.slack.direct(user).some((one) => world.slack.plainText(one).includes(text)),
    { what: `${user} to be told ${text}`, timeoutMs: 20_000 },
  );

describe("waiting for a decision", () => {
  it("calls the approvers again, asks further ones, and expires: each once", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    const omar = { user: "U0OMAR", channel: "C0PROD", ts: card.ts, actionId: "jit.approve" };
    const before = world.slack.ephemerals("U0OMAR").length;
    await world.slack.click(omar);
    const refusal = await world.slack.waitFor(() => world.slack.ephemerals("U0OMAR")[before]);
    expect(world.slack.plainText(refusal)).toContain("not an approver");

    world.advance(16 * MINUTE);
    await world.slack.waitFor(() => threadOf(id).includes("Still waiting"));
    world.advance(15 * MINUTE);
    await world.slack.waitFor(() => threadOf(id).includes("can decide, too"));
    expect(threadOf(id)).toContain("@omar");
    world.advance(40 * MINUTE);
    await cardSays(world, { id }, "Expired");
    expect(threadOf(id).match(/Still waiting/g)).toHaveLength(1);
    expect(threadOf(id).match(/can decide, too/g)).toHaveLength(1);
    expect(initiates(world)).toEqual([]);
  });

  it("lets a further approver decide once it was escalated", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    world.advance(31 * MINUTE);
    await world.slack.waitFor(() => threadOf(id).includes("can decide, too"));
    await world.slack.click({
      user: "U0OMAR",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await world.slack.waitFor(() => initiates(world).length > 0);
    world.advance(5_000);
    await cardSays(world, { id }, "Open");
  });
});

describe("approving with changes", () => {
  it("opens for a shorter time and from a narrower source, never a wider one", async () => {
    const { id, card } = await ask(world, "win-02 3389 2h");
    const pressed = { user: "U0LEAD", channel: "C0PROD", ts: card.ts };
    await choose(world, pressed, "change");
    await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
    const before = world.slack.direct("U0LEAD").length + world.slack.ephemerals("U0LEAD").length;
    await world.slack.submitView({ user: "U0LEAD", values: { source: "198.51.100.7" } });
    await world.slack.waitFor(
      () => world.slack.direct("U0LEAD").length + world.slack.ephemerals("U0LEAD").length > before,
      { what: "the refusal of a wider source" },
    );
    const sent = initiates(world).length;
    await choose(world, pressed, "change");
    await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
    await world.slack.submitView({
      user: "U0LEAD",
      values: { duration: "30m", source: "203.0.113.7" },
    });
    await world.slack.waitFor(() => initiates(world).length > sent);
    type Body = {
      virtualMachines: { ports: { allowedSourceAddressPrefix: string; endTimeUtc: string }[] }[];
    };
    const body = initiates(world).at(-1)?.body as Body | undefined;
    const port = body?.virtualMachines[0]?.ports[0];
    expect(port?.allowedSourceAddressPrefix).toBe("203.0.113.7");
    const leftMs = Date.parse(port?.endTimeUtc ?? "") - world.nowMs();
    expect(leftMs).toBeGreaterThan(28 * MINUTE);
    expect(leftMs).toBeLessThanOrEqual(30 * MINUTE);
    world.advance(5_000);
    await cardSays(world, { id }, "Open");
    await directSays("U0ERIN", "203.0.113.7");
  });
});

describe("break-glass", () => {
  it("opens at once, tells everybody, and is reviewed by somebody else", async () => {
    expect(await typed(world, "U0SAM", "breakglass vm-01 3389 1h for the outage")).toContain(
      "You can't use break-glass",
    );
    expect(await typed(world, "U0ERIN", "breakglass vm-01 3389 1h")).toMatch(/reason/i);
    const sent = initiates(world).length;
    const id = idIn(await typed(world, "U0ERIN", "breakglass vm-01 3389 1h for the outage"));
    await world.slack.waitFor(() => initiates(world).length > sent);
    expect(initiates(world).at(-1)?.body).toMatchObject({
      justification: `${id} BREAK-GLASS, not approved, requested by erin@contoso.example (U0ERIN): the outage`,
    });
    await noticesSay("Break-glass");
    await directSays("U0LEAD", id);
    await directSays("U0ADMIN", id);
    world.advance(5_000);
    await cardSays(world, { id }, "Open");

    expect(await typed(world, "U0ERIN", `review ${id} ok`)).toContain("somebody else has to");
    expect(await typed(world, "U0SAM", `review ${id} ok`)).toMatch(
      /approver or an admin|can't find a request/,
    );
    world.advance(25 * 60 * MINUTE);
    await noticesSay("review");
    const card = await cardOf(world, id);
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.review-ok",
    });
    await cardSays(world, { id }, "Reviewed by @lea");
    expect(threadOf(id)).not.toContain("Reviewed");
    expect(await typed(world, "U0ADMIN", `review ${id} concern too late`)).toContain("already");
  });
});

describe("automatic rules", () => {
  it("open without a decision, with a notice", async () => {
    const sent = initiates(world).length;
    const id = idIn(await typed(world, "U0SAM", "request dev-01 22 1h"));
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.advance(5_000);
    await directSays("U0SAM", "ssh");
    await noticesSay(id);
  });
});

describe("approvers", () => {
  it("says when nobody but the requester could approve", async () => {
    const answer = await typed(world, "U0ERIN", "request build-01 22 1h");
    expect(answer).toContain("Nobody else can approve");
    await noticesSay("Nobody could approve it");
    await directSays("U0ADMIN", "Nobody could approve it");
  });

  it("are counted as they are at the click", async () => {
    const { id, card } = await ask(world, "db-01 22 1h", { user: "U0SAM" });
    const click = { channel: "C0PROD", ts: card.ts, actionId: "jit.approve" };
    const sent = initiates(world).length;
    await world.slack.click({ ...click, user: "U0LEAD" });
    await cardSays(world, { id }, "1 of 2");
    await world.slack.change({ user: { id: "U0LEAD", isRestricted: true } });
    await world.slack.click({ ...click, user: "U0ADMIN" });
    await world.slack.waitFor(() => threadOf(id).includes("no longer counts"));
    expect(initiates(world)).toHaveLength(sent);
    // As Slack does: what is a minute old suffices to say no.
    await world.slack.change({ user: { id: "U0LEAD", isRestricted: false }, tellApp: true });
  });
});

describe("leaving", () => {
  it("cancels what is pending and ends what is open", async () => {
    const pending = await ask(world, "win-02 3389 1h", { user: "U0SAM" });
    const open = await ask(world, "vm-01 3389 1h", { user: "U0SAM" });
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: open.card.ts,
      actionId: "jit.approve",
    });
    // "Open" alone is said of what is still opening, too.
    await cardSays(world, { id: open.id }, "Open until");
    await world.slack.change({ user: { id: "U0SAM", deleted: true }, tellApp: true });
    await cardSays(world, { id: pending.id }, "Cancelled");
    await cardSays(world, { id: open.id }, "Ending");
    // The clock is moved when the nearer end is fixed: what is asked for later ends later. Others of
    // Sam's end now, too.
    const sent = () =>
      initiates(world).filter(({ body }) => JSON.stringify(body).includes(open.id));
    await expect.poll(() => sent().length).toBe(2);
    await cardSays(world, { id: pending.id }, "the requester is no longer allowed access");
    world.advance(3 * MINUTE);
    await cardSays(world, { id: open.id }, "Ended");
  });
});
