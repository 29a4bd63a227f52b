// A card that was posted, and whose place nobody stored: the bot was killed, or Slack's answer got lost.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SCOPES } from "../../src/sandbox/slack/slack-workspace.ts";
import type { Bot } from "../support/world.ts";
import {
  type Asked,
  cardTexts,
  click,
  direct,
  type FaultWorld,
  fault,
  faultWorld,
  initiates,
  killedAt,
  leaseRunsOut,
  refused,
  shows,
  soon,
  typed,
  until,
} from "./steps.ts";

const CARD = { path: "chat.postMessage", bodyIncludes: "channel=C0PROD" } as const;

/** The cards of a request that stand in the channel, oldest first. */
const cards = (world: FaultWorld, id: string): readonly Asked[] =>
  world.slack
    .messages("C0PROD")
    .filter((one) => one.metadata?.event_payload.id === id)
    .map(({ ts }) => ({ id, ts, channel: "C0PROD" }));

const idOf = (text: string): string => /JIT-[0-9A-Z]{6}/.exec(text)?.[0] ?? "";

/** Asks for a VM of one's own, since what one has isn't asked for twice, and has the bot killed when its card stands in the channel and its answer is on the way. */
async function killedAfterPosting(world: FaultWorld, bot: Bot, vm = "vm-01"): Promise<string> {
  const rule = { ...CARD, when: "after", act: "hang" } as const;
  let id = "";
  await killedAt(world, { bot, at: world.slack, rule }, async () => {
    id = idOf(await typed(world, "U0ERIN", `request ${vm} 3389 1h`));
  });
  expect(cards(world, id)).toHaveLength(1);
  expect((await world.memory.request(id)).cards[0]?.ts).toBeUndefined();
  return id;
}

describe("where the bot may read the channel's history", () => {
  let world: FaultWorld;
  let bot: Bot;
  beforeAll(async () => {
    const scopes = [...DEFAULT_SCOPES, "channels:history", "groups:history", "im:history"];
    world = await faultWorld({ scopes });
    bot = await world.startBot();
  });
  afterAll(() => world?.close());

  it("the next bot finds the card by its metadata and goes on with it", async () => {
    const id = await killedAfterPosting(world, bot);
    bot = await world.startBot();
    leaseRunsOut(world);
    const [card] = cards(world, id);
    await until(world, "the card to be found", async () => {
      return (await world.memory.request(id)).cards[0]?.ts === card?.ts;
    });
    await world.memory.atRest();
    expect(cards(world, id)).toHaveLength(1);
    await click(world, { ts: card?.ts ?? "", channel: "C0PROD" });
    await shows(world, { id, channel: "C0PROD" }, "Open until");
    expect(cards(world, id)).toHaveLength(1);
    expect(initiates(world, id)).toHaveLength(1);
  });

  it("a lost answer of Slack's makes no second card, either", async () => {
    const lost = fault(world.slack, { ...CARD, when: "after", act: "reset", times: 1 });
    const id = idOf(await typed(world, "U0ERIN", "request win-02 3389 1h"));
    await soon(world, "the answer to be lost", () => lost.struck() > 0);
    await until(world, "the card to be found", async () => {
      return (await world.memory.request(id)).cards[0]?.ts !== undefined;
    });
    await world.memory.atRest();
    expect(cards(world, id)).toHaveLength(1);
  });
});

describe("a card that Slack posts when nobody waits for it any more", () => {
  let world: FaultWorld;
  beforeAll(async () => {
    const scopes = [...DEFAULT_SCOPES, "channels:history", "groups:history", "im:history"];
    world = await faultWorld({ scopes });
    await world.startBot();
  });
  afterAll(() => world?.close());

  it("is found a minute later, where the answer to the second posting got lost as well", async () => {
    const held = fault(world.slack, { ...CARD, act: "hold", times: 1 });
    const lost = fault(world.slack, { ...CARD, when: "after", act: "reset", times: 1 });
    const id = idOf(await typed(world, "U0ERIN", "request win-02 3389 1h"));
    const known = async () =>
      (await world.memory.request(id)).cards.flatMap(({ ts }) => (ts === undefined ? [] : [ts]));
    await soon(world, "the second answer to be lost", () => lost.struck() > 0);
    await until(world, "the second card to be found", async () => (await known()).length === 1);
    world.slack.faults.clear(held.id);
    await until(world, "the one that was held", () => cards(world, id).length === 2);
    world.advance(61_000);
    await until(world, "both to be known", async () => (await known()).length === 2);
    expect(cards(world, id)).toHaveLength(2);
  });

  it("is found where the second posting was answered, and shows what the other one shows", async () => {
    const held = fault(world.slack, { ...CARD, act: "hold", times: 1 });
    const id = idOf(await typed(world, "U0ERIN", "request vm-01 3389 1h"));
    const [second] = await until(world, "another card to be posted", () => {
      const all = cards(world, id);
      return all.length === 1 ? all : undefined;
    });
    world.slack.faults.clear(held.id);
    const [late] = await until(world, "the one that was held", () => {
      const others = cards(world, id).filter(({ ts }) => ts !== second?.ts);
      return others.length === 1 ? others : undefined;
    });
    if (second === undefined || late === undefined) throw new Error("there are two");
    world.advance(61_000);
    await until(world, "both to be known", async () => {
      return (
        (await world.memory.request(id)).cards.filter(({ ts }) => ts !== undefined).length === 2
      );
    });
    await click(world, second);
    for (const card of [second, late]) {
      await until(world, "the card to say so", () =>
        cardTexts(world, card).at(-1)?.includes("Open until"),
      );
    }
    expect(cards(world, id)).toHaveLength(2);
  });
});

describe("where it may not", () => {
  let world: FaultWorld;
  let bot: Bot;
  beforeAll(async () => {
    world = await faultWorld();
    bot = await world.startBot();
  });
  afterAll(() => world?.close());

  it("a second copy is posted, which decides; the first one is refused politely", async () => {
    const id = await killedAfterPosting(world, bot);
    bot = await world.startBot();
    leaseRunsOut(world);
    const [first, second] = await until(world, "the second copy", () => {
      const both = cards(world, id);
      return both.length === 2 ? both : undefined;
    });
    await world.memory.atRest();
    if (first === undefined || second === undefined) throw new Error("there are two");
    expect(await refused(world, first)).toContain("isn't the current card");
    expect(initiates(world, id)).toEqual([]);
    await click(world, second);
    await until(world, "the card to say so", () =>
      cardTexts(world, second).at(-1)?.includes("Open until"),
    );
    expect(cards(world, id)).toHaveLength(2);
    expect(initiates(world, id)).toHaveLength(1);
    await until(world, "the way in", () => direct(world, id).join().includes("mstsc"));
  });

  it("a click on the first copy adopts it, and no second one is posted", async () => {
    const id = await killedAfterPosting(world, bot, "win-02");
    // The next bot may go on with the work of the dead at once: it looks for the card while somebody clicks.
    const look = { path: "conversations.history", bodyIncludes: "channel=C0PROD" };
    const looking = fault(world.slack, { ...look, act: "hold" });
    bot = await world.startBot();
    const [card] = cards(world, id);
    if (card === undefined) throw new Error("it was posted");
    await click(world, card);
    await soon(
      world,
      "the decision",
      async () => (await world.memory.request(id)).state === "opening",
    );
    world.slack.faults.clear(looking.id);
    leaseRunsOut(world);
    await shows(world, card, "Open until");
    await world.memory.atRest();
    expect(cards(world, id)).toHaveLength(1);
    expect(initiates(world, id)).toHaveLength(1);
  });

  it("a copy that was posted while the first one was clicked does not stay stale", async () => {
    const lost = fault(world.slack, { ...CARD, when: "after", act: "reset", times: 1 });
    const id = idOf(await typed(world, "U0ERIN", "request jump-01 3389 1h"));
    await soon(world, "the answer to be lost", () => lost.struck() > 0);
    const [card] = cards(world, id);
    if (card === undefined) throw new Error("it was posted");
    // The second copy is on its way when the first one is clicked.
    const slow = fault(world.slack, { ...CARD, when: "before", act: "hold", times: 1 });
    await until(world, "the second copy to be sent", () => slow.struck() > 0);
    await click(world, card);
    await soon(
      world,
      "the decision",
      async () => (await world.memory.request(id)).state !== "pending",
    );
    world.slack.faults.clear(slow.id);
    await until(world, "both to say so", () => {
      const texts = cardTexts(world, card);
      return texts.length === 2 && texts.every((text) => text.includes("Open until"));
    });
    expect(initiates(world, id)).toHaveLength(1);
  });
});
