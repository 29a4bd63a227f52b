// The main job, end to end: ask, card, approve, open, warn, end, over the wire and with real parts.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

describe.each(["http", "socket"] as const)("a request's life over %s", (mode) => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await startWorld({ mode });
    await world.startBot();
  }, 40_000);
  afterAll(() => world?.close());

  it("is asked for, approved, opened, warned of and ended, and everybody is told", async () => {
    const { slack, azure } = world;
    const asked = await slack.command({
      user: "U0ERIN",
      channel: "C0GENERAL",
      text: "request vm-01 3389 2h for restarting the print spooler",
    });
    expect(asked.ack).toBeDefined();

    const card = await slack.waitFor(() => slack.messages("C0PROD")[0], { what: "the card" });
    const asking = slack.plainText(card);
    for (const word of [
      "Pending",
      "vm-01",
      "3389",
      "203.0.113.0/24",
      "print spooler",
      "production",
    ]) {
      expect(asking).toContain(word);
    }
    expect(initiates(world)).toHaveLength(0);

    await slack.click({ user: "U0LEAD", channel: "C0PROD", ts: card.ts, actionId: "jit.approve" });
    await slack.waitFor(() => initiates(world).length > 0, { what: "initiate" });
    world.advance(10_000);
    await slack.waitFor(() => shows(world, "Open"), { what: "the card to say Open" });
    expect(initiates(world)).toHaveLength(1);
    await slack.waitFor(() => told(world, "mstsc"), { what: "the way in" });

    world.advance(110 * MINUTE);
    await slack.waitFor(() => told(world, "ends"), { what: "the warning" });

    world.advance(10 * MINUTE);
    await slack.waitFor(() => shows(world, "Ended"), { what: "the card to say Ended" });
    await slack.waitFor(
      () => slack.messages("C0NOTICES").some((one) => slack.plainText(one).includes("vm-01")),
      { what: "the notice" },
    );
    expect(initiates(world)).toHaveLength(1);
    expect(azure.world).toBeDefined();
  }, 60_000);
});

const initiates = ({ azure }: TestWorld) =>
  azure.calls.filter((call) => call.method === "POST" && call.path.endsWith("/initiate"));

const shows = ({ slack }: TestWorld, state: string) =>
  slack.plainText(slack.messages("C0PROD")[0] ?? { text: "", blocks: [] }).includes(state);

const told = ({ slack }: TestWorld, text: string) =>
  slack.direct("U0ERIN").some((one) => slack.plainText(one).includes(text));
