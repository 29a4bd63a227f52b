// A bot that is killed, at each of the worst moments: afterwards there is one grant, and all are told.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/sandbox/faults.ts";
import type { Bot } from "../support/world.ts";
import {
  asked,
  cardTexts,
  click,
  direct,
  doors,
  ends,
  type FaultWorld,
  faultWorld,
  INITIATE,
  initiates,
  killedAt,
  leaseRunsOut,
  lives,
  livesToItsEnd,
  MINUTE,
  notices,
  opened,
  SECOND,
  shows,
  soon,
  until,
  warnings,
} from "./steps.ts";

let world: FaultWorld;
let bot: Bot;
beforeAll(async () => {
  world = await faultWorld();
  bot = await world.startBot();
});
afterAll(() => world?.close());

async function restarted(): Promise<void> {
  bot = await world.startBot();
  leaseRunsOut(world);
}

describe("killed while Azure is asked", () => {
  const CASES: readonly (readonly [string, FaultRule, { handled: number }])[] = [
    ["before Azure got to see it", { ...INITIATE, act: "hang" }, { handled: 1 }],
    ["after Azure accepted it", { ...INITIATE, when: "after", act: "hang" }, { handled: 1 }],
    // As a packet may: that it names the same end makes it harmless.
    ["and Azure gets it after the next one", { ...INITIATE, act: "hold" }, { handled: 2 }],
  ];
  it.each(CASES)("%s: one grant with one end", async (_when, rule, { handled }) => {
    const request = await asked(world);
    const clear = await killedAt(world, { bot, at: world.azure, rule }, () =>
      click(world, request),
    );
    await restarted();
    await shows(world, request, "Open until");
    clear();
    await soon(
      world,
      "all of it to be handled",
      () => initiates(world, request.id).filter((one) => one.handled === 202).length === handled,
    );

    const endMs = await world.memory.endsAtMs(request.id);
    expect(new Set(initiates(world, request.id).map((one) => one.endMs))).toEqual(new Set([endMs]));
    expect(doors(world, "vm-01")).toEqual([{ port: 3389, endMs, source: "203.0.113.0/24" }]);

    await livesToItsEnd(world, request);
    expect(doors(world, "vm-01")).toEqual([]);
    expect(warnings(world, request.id)).toHaveLength(1);
    expect(ends(world, request.id)).toHaveLength(1);
    expect(notices(world, request.id)).toHaveLength(1);
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(await world.memory.audit(request.id)).toEqual(
      expect.arrayContaining(["asked", "granted", "opened", "ended"]),
    );
    expect((await world.memory.audit(request.id)).filter((one) => one === "granted")).toEqual([
      "granted",
    ]);
  });
});

describe("killed while people are told", () => {
  it("at the warning: the next one gives it", async () => {
    const request = await opened(world);
    const endMs = await world.memory.endsAtMs(request.id);
    await world.memory.atRest();
    const rule: FaultRule = { path: "chat.postMessage", bodyIncludes: request.id, act: "hang" };
    await killedAt(world, { bot, at: world.slack, rule }, () =>
      world.advance(endMs - world.nowMs() - 9 * MINUTE),
    );
    expect(warnings(world, request.id)).toEqual([]);
    await restarted();
    await livesToItsEnd(world, request);
    expect(warnings(world, request.id)).toHaveLength(1);
    expect(direct(world, request.id).join()).not.toContain("couldn't be sent");
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  it("and stays away until after the end: that no warning was given is said", async () => {
    const request = await opened(world);
    const endMs = await world.memory.endsAtMs(request.id);
    await world.memory.atRest();
    await bot.kill();
    world.advance(endMs - world.nowMs() + 5 * MINUTE);
    await restarted();
    await shows(world, request, "Ended");
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await world.memory.atRest();
    expect(warnings(world, request.id)).toEqual([]);
    // The live message, and once beside it: who wasn't warned is called.
    expect(lives(world, request.id)).toHaveLength(1);
    expect(ends(world, request.id)).toHaveLength(2);
    for (const told of ends(world, request.id)) {
      expect(told).toContain("warning before the end couldn't be sent");
    }
  });

  it.each([
    ["the notice", { path: "chat.postMessage", bodyIncludes: "channel=C0NOTICES" }],
    ["the card", { path: "chat.update" }],
    ["the requester's message", { path: "chat.update", bodyIncludes: "channel=D0ERIN" }],
  ] as const)("after the end, before %s: all of it is told", async (_what, call) => {
    const request = await opened(world);
    const endMs = await world.memory.endsAtMs(request.id);
    await world.memory.atRest();
    world.advance(endMs - world.nowMs() - 9 * MINUTE);
    await until(world, "the warning", () => warnings(world, request.id).length > 0);
    await world.memory.atRest();
    await killedAt(world, { bot, at: world.slack, rule: { ...call, act: "hang" } }, () =>
      world.advance(endMs - world.nowMs() + SECOND),
    );
    await restarted();
    await shows(world, request, "Ended");
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await until(world, "the message", () => ends(world, request.id).length > 0);
    await world.memory.atRest();
    expect(notices(world, request.id)).toHaveLength(1);
    expect(ends(world, request.id).length).toBeGreaterThanOrEqual(1);
    expect(warnings(world, request.id)).toHaveLength(1);
    expect(initiates(world, request.id)).toHaveLength(1);
  });
});
