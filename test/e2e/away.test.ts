// Somebody is away, over the wire: who they named is asked privately, decides for them, and no longer than that.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, cardSays, initiates, typed } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

const HOUR = 3_600_000;

let world: TestWorld;
beforeAll(async () => {
  const policy = POLICY.replace("maxDuration: 4h\n", "maxDuration: 4h\n    delegation: true\n");
  expect(policy).toContain("delegation: true");
  world = await startWorld({ policy });
  await world.startBot();
});
afterAll(() => world?.close());

const cardTo = (user: string, id: string) =>
  world.slack.waitFor(
    () => world.slack.direct(user).find((one) => one.metadata?.event_payload.id === id),
    { what: `a private card of ${id} to ${user}`, timeoutMs: 20_000 },
  );

describe("being away", () => {
  it("brings what waits to whoever was named, who decides for them", async () => {
    const { id, card } = await ask(world, "vm-01 3389 1h");
    const says = await typed(world, "U0LEAD", "away until tomorrow 9:00 to @sam");
    expect(says).toContain("You're away until");
    expect(says).toContain("(Europe/Paris)");
    expect(says).toContain("@sam is asked and can decide for you under production");
    await world.slack.waitFor(() =>
      world.slack.direct("U0SAM").some((one) => world.slack.plainText(one).includes("named you")),
    );
    expect(await cardSays(world, { id }, "@sam (for @lea)")).toContain("Pending");
    const own = await cardTo("U0SAM", id);
    const sent = initiates(world).length;
    const click = { user: "U0SAM", channel: own.channel, ts: own.ts, actionId: "jit.approve" };
    await world.slack.click(click);
    await world.slack.waitFor(() => initiates(world).length > sent);
    world.advance(5_000);
    expect(await cardSays(world, { id }, "Open until")).toContain("Approved by @sam for @lea.");
    expect(card.ts).not.toBe(own.ts);
    await typed(world, "U0ERIN", `end ${id}`);
  });

  it("is over by itself, and with it what they may decide", async () => {
    const { id } = await ask(world, "win-02 3389 1h");
    await cardSays(world, { id }, "@sam (for @lea)");
    const own = await cardTo("U0SAM", id);
    expect(await typed(world, "U0LEAD", "back")).toContain("You're back");
    await world.slack.waitFor(
      () => {
        const shown = world.slack
          .messages("C0PROD")
          .find((one) => one.metadata?.event_payload.id === id);
        return shown !== undefined && !world.slack.plainText(shown).includes("for @lea");
      },
      { what: "the card to name nobody for Lea", timeoutMs: 20_000 },
    );
    const before = world.slack.ephemerals("U0SAM").length;
    const click = { user: "U0SAM", channel: own.channel, ts: own.ts, actionId: "jit.approve" };
    await world.slack.click(click);
    const refusal = await world.slack.waitFor(() => world.slack.ephemerals("U0SAM")[before]);
    expect(world.slack.plainText(refusal)).toContain("not an approver");
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("ends at its time without anybody's doing", async () => {
    await typed(world, "U0LEAD", "away until 23:59 to @sam");
    const { id } = await ask(world, "vm-01 3389 1h");
    await cardSays(world, { id }, "@sam (for @lea)");
    expect(await typed(world, "U0SAM", `status ${id}`)).toContain("Pending");
    world.advance(24 * HOUR);
    expect(await typed(world, "U0SAM", `status ${id}`)).toContain("I can't find a request");
    expect(await typed(world, "U0LEAD", "back")).toContain("You aren't away");
  });
});
