// Extending an open access and ending one early, end to end.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardSays, idIn, initiates, typed } from "../support/people.ts";
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
    extend: { max: 1, approvals: 1 }
  - name: linux
    match: { vms: [web-*, dev-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
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

async function approve(id: string, ts: string): Promise<void> {
  const sent = initiates(world).length;
  await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
  await world.slack.waitFor(() => initiates(world).length > sent, { what: `initiate for ${id}` });
  world.advance(5_000);
  // "Open" alone is said of what is still opening, too.
  await cardSays(world, { id }, "Open until");
}

const cardWith = (id: string) =>
  world.slack.waitFor(
    () => world.slack.messages("C0PROD").find((one) => one.metadata?.event_payload.id === id),
    { what: `the card of ${id}`, timeoutMs: 20_000 },
  );

type InitiateBody = { virtualMachines: { ports: { endTimeUtc: string }[] }[] };
const lastEnd = (): number => {
  const body = initiates(world).at(-1)?.body as InitiateBody | undefined;
  return Date.parse(body?.virtualMachines[0]?.ports[0]?.endTimeUtc ?? "");
};

describe("extending", () => {
  it("carries the access on from its old end, and only as often as the rule allows", async () => {
    const first = await ask(world, "vm-01 3389 1h");
    await approve(first.id, first.card.ts);
    const oldEnd = lastEnd();
    expect(await typed(world, "U0SAM", `extend ${first.id} 1h`)).toContain(
      "I can't find a request",
    );
    expect(await typed(world, "U0ERIN", `extend ${first.id} 9h`)).toContain("at most");
    const id = idIn(await typed(world, "U0ERIN", `extend ${first.id} 1h for the reboot`));
    expect(id).not.toBe(first.id);
    expect(await typed(world, "U0ERIN", `extend ${first.id} 1h`)).toContain("already");
    const card = await cardWith(id);
    await approve(id, card.ts);
    expect(lastEnd()).toBe(oldEnd + 60 * MINUTE);
    await cardSays(world, { id: first.id }, "Ended");
    expect(await typed(world, "U0ERIN", `extend ${id} 1h`)).toContain("the limit of rule");

    world.advance(61 * MINUTE);
    expect(await cardSays(world, { id }, "Open")).toContain(id);
    const notices = () =>
      world.slack
        .messages("C0NOTICES")
        .map((one) => world.slack.plainText(one))
        .join("\n");
    expect(notices()).not.toContain(first.id);
    world.advance(60 * MINUTE);
    await cardSays(world, { id }, "Ended");
    await world.slack.waitFor(() => notices().includes(id));
    expect(notices()).not.toContain(first.id);
  });

  it("that was approved in the last second does not end the first one on time", async () => {
    const first = await ask(world, "vm-01 3389 1h");
    await approve(first.id, first.card.ts);
    const id = idIn(await typed(world, "U0ERIN", `extend ${first.id} 1h for the reboot`));
    const card = await cardWith(id);
    world.advance(lastEnd() - world.nowMs() - 2_000);
    // Azure takes it, and shows it open only when the first one's time is over.
    world.azure.switches.opensAfterMs = 8_000;
    const sent = initiates(world).length;
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.approve",
    });
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.azure.switches.opensAfterMs = 0;
    world.advance(4_000);
    await expect.poll(() => world.nowMs() > lastEnd() - 60 * MINUTE + 2_000).toBe(true);
    world.advance(10_000);
    await cardSays(world, { id }, "Open");
    const said = await cardSays(world, { id: first.id }, "Ended");
    expect(said).not.toContain("on time");
  });

  it("is refused where the rule doesn't allow it", async () => {
    const { id, card } = await ask(world, "web-02 22 1h");
    await approve(id, card.ts);
    expect(await typed(world, "U0ERIN", `extend ${id} 30m`)).toContain("doesn't allow extensions");
  });
});

describe("ending early", () => {
  it("asks Azure for an end soon, and says ended when the door is shut", async () => {
    const { id, card } = await ask(world, "win-02 3389 2h");
    await approve(id, card.ts);
    const sent = initiates(world).length;
    expect(await typed(world, "U0SAM", `end ${id}`)).toMatch(/requester|can't find a request/);
    await world.slack.click({
      user: "U0ERIN",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.end",
      confirmed: true,
    });
    await cardSays(world, { id }, "Ending");
    // What happens at Azure makes no noise in Slack.
    await expect.poll(() => initiates(world).length, { timeout: 20_000 }).toBeGreaterThan(sent);
    expect(lastEnd() - world.nowMs()).toBeLessThanOrEqual(2 * MINUTE);
    world.advance(3 * MINUTE);
    expect(await cardSays(world, { id }, "Ended")).toContain("early");
  });
});
