// Who may click what: everybody who may not is refused privately and changes nothing, at Azure or anywhere.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardSays, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
  await world.startBot();
});
afterAll(() => world?.close());

/** Clicks, and answers what that person alone was told. */
async function clicked(user: string, ts: string, actionId: string): Promise<string> {
  const { slack } = world;
  const before = slack.ephemerals(user).length;
  await slack.click({ user, channel: "C0PROD", ts, actionId });
  return slack.plainText(await slack.waitFor(() => slack.ephemerals(user)[before]));
}

describe("refused clicks", () => {
  it.each([
    ["U0ERIN", "the requester", "You requested"],
    ["U0SAM", "somebody who is no approver", "not an approver"],
    ["U0ADMIN", "an admin who is no approver", "not an approver"],
    ["U0SINGLE", "a single-channel guest", "Guests"],
    ["U0MULTI", "a guest", "Guests"],
    ["U0STRANGER", "a stranger", "other workspaces"],
    ["U0GONE", "somebody deactivated", "Deactivated"],
  ])("%s: %s", async (user, _who, says) => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    for (const actionId of ["jit.approve", "jit.deny"]) {
      expect(await clicked(user, card.ts, actionId)).toContain(says);
      expect(world.slack.modal(user)).toBeUndefined();
    }
    expect(initiates(world)).toEqual([]);
    expect(await typed(world, "U0ERIN", `status ${id}`)).toContain("Pending");
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  const FORGED: readonly (readonly [string, object])[] = [
    ["a bad signature", { badSignature: true }],
    ["a stale timestamp", { timestampOffsetSeconds: -301 }],
    ["a timestamp from the future", { timestampOffsetSeconds: 61 + 5 }],
    ["another team", { forge: { teamId: "T0OTHER", userTeamId: "T0OTHER" } }],
    ["another app", { forge: { appId: "A0OTHER" } }],
    ["another nonce", { forge: { value: "JIT-000000 bm9uY2U" } }],
  ];
  it.each(FORGED)("with %s", async (_name, forgery) => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    const click = { user: "U0LEAD", channel: "C0PROD", ts: card.ts, actionId: "jit.approve" };
    await world.slack.click({ ...click, ...forgery });
    expect(await typed(world, "U0ERIN", `status ${id}`)).toContain("Pending");
    expect(initiates(world)).toEqual([]);
    await typed(world, "U0ERIN", `cancel ${id}`);
  });
});

describe("denying", () => {
  it("asks for the reason in a form and tells the requester", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    await world.slack.click({
      user: "U0LEAD",
      channel: "C0PROD",
      ts: card.ts,
      actionId: "jit.deny",
    });
    const form = await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
    const input = JSON.stringify(form.view).match(/"action_id":"([^"]+)"/)?.[1] ?? "";
    await world.slack.submitView({
      user: "U0LEAD",
      values: { [input]: "use the <!here> bastion" },
    });
    const text = await cardSays(world, { id }, "Denied");
    expect(text).toContain("use the <!here> bastion");
    await world.slack.waitFor(() =>
      world.slack.direct("U0ERIN").some((one) => world.slack.plainText(one).includes("bastion")),
    );
    expect(initiates(world)).toEqual([]);
  });
});

describe("one decision", () => {
  it("comes of two approvers, double clicks and repeated deliveries at once", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    const click = { channel: "C0PROD", ts: card.ts, actionId: "jit.approve" };
    await Promise.all([
      world.slack.click({ ...click, user: "U0LEAD", duplicate: 3 }),
      world.slack.click({ ...click, user: "U0LEAD" }),
      world.slack.click({ ...click, user: "U0OMAR", duplicate: 2, duplicateWhen: "after" }),
    ]);
    await world.slack.waitFor(() => initiates(world).length > 0);
    world.advance(5_000);
    await cardSays(world, { id }, "Open");
    expect(initiates(world)).toHaveLength(1);
    const port = {
      number: 3389,
      allowedSourceAddressPrefix: "203.0.113.0/24",
      endTimeUtc: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    };
    expect(initiates(world)[0]?.body).toEqual({
      virtualMachines: [{ id: expect.stringMatching(/virtualMachines\/vm-01$/i), ports: [port] }],
      justification: expect.stringMatching(new RegExp(`^${id} `)),
    });
  });
});
