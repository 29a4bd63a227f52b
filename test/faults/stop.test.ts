// A bot that is told to stop: it exits in good order and in time, and another one goes on.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/sandbox/faults.ts";
import type { Bot } from "../support/world.ts";
import {
  asked,
  cardTexts,
  click,
  direct,
  doors,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  initiates,
  leaseRunsOut,
  lives,
  shows,
  soon,
  typed,
  until,
} from "./steps.ts";

let world: FaultWorld;
let leaving: Bot;
let staying: Bot;
beforeAll(async () => {
  world = await faultWorld();
  staying = await world.startBot();
});
afterAll(() => world?.close());
beforeEach(() => {
  // Whoever went on is the next one to leave.
  leaving = staying;
});
afterEach(() => {
  world.azure.faults.clear();
  world.slack.faults.clear();
});

const STOPS_WITHIN_MS = 10_000;

/** SIGTERM; answers the exit code, once a second bot is there to go on. */
async function stops(): Promise<number | null> {
  const before = Date.now();
  const code = await leaving.terminate();
  expect(Date.now() - before).toBeLessThan(STOPS_WITHIN_MS);
  return code;
}

describe("told to stop with work in flight", () => {
  it("it finishes what is being asked of Azure, and the other one goes on at once", async () => {
    const request = await asked(world, "vm-01 22 1h");
    const slow = fault(world.azure, { ...INITIATE, delayMs: 1_000, times: 1 });
    await click(world, request);
    await soon(world, "Azure to be asked", () => slow.struck() > 0);
    staying = await world.startBot();
    expect(await stops()).toBe(0);
    // No lease has to run out, which takes half a minute; the other one may just have it.
    await soon(world, "no lease", async () => (await world.memory.held()).length === 0);
    await shows(world, request, "Open until");
    const endMs = await world.memory.endsAtMs(request.id);
    expect(initiates(world, request.id)).toMatchObject([{ endMs, handled: 202 }]);
  });

  const HANGING: readonly (readonly [string, FaultRule, string])[] = [
    ["before Azure saw it", { ...INITIATE, act: "hang", times: 1 }, "web-02"],
    ["after Azure did it", { ...INITIATE, when: "after", act: "hang", times: 1 }, "jump-01"],
  ];
  it.each(HANGING)("a call that hangs %s does not keep it", async (_when, rule, vm) => {
    const request = await asked(world, `${vm} 22 1h`);
    const hanging = fault(world.azure, rule);
    await click(world, request);
    await soon(world, "Azure to be asked", () => hanging.struck() > 0);
    staying = await world.startBot();
    expect(await stops()).toBe(0);
    leaseRunsOut(world);
    await shows(world, request, "Open until");
    const endMs = await world.memory.endsAtMs(request.id);
    const sent = initiates(world, request.id);
    expect(sent.filter((one) => one.handled === 202)).toHaveLength(1);
    expect(new Set(sent.map((one) => one.endMs))).toEqual(new Set([endMs]));
    expect(doors(world, vm)).toHaveLength(1);
  });

  it("a message on its way arrives once, and its place is stored", async () => {
    const slow = fault(world.slack, {
      path: "chat.postMessage",
      bodyIncludes: "channel=C0PROD",
      when: "after",
      delayMs: 1_000,
      times: 1,
    });
    const answer = await typed(world, "U0ERIN", "request win-02 22 1h");
    const id = /JIT-[0-9A-Z]{6}/.exec(answer)?.[0] ?? "";
    await soon(world, "the card to be posted", () => slow.struck() > 0);
    staying = await world.startBot();
    expect(await stops()).toBe(0);
    const request = { id, channel: "C0PROD", ts: "" };
    await shows(world, request, "Pending");
    await world.memory.atRest();
    expect((await world.memory.request(id)).cards[0]?.ts).toBeDefined();
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(direct(world, id)).toHaveLength(1);
  });

  it("a click that it was about to check is decided, or was never taken", async () => {
    const request = await asked(world, "db-01 22 1h");
    const slow = fault(world.slack, { path: "users.info", delayMs: 500 });
    const clicking = click(world, request);
    await soon(world, "the click to be checked", () => slow.struck() > 0);
    const stopping = stops();
    await clicking;
    expect(await stopping).toBe(0);
    staying = await world.startBot();
    // It was acknowledged, so it counts.
    expect(await shows(world, request, "Open until")).toContain("Approved by @lea");
    await until(world, "the way in", () => lives(world, request.id).join().includes("ssh"));
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  it("with nothing in hand it is gone at once", async () => {
    staying = await world.startBot();
    await world.memory.atRest();
    const before = Date.now();
    expect(await stops()).toBe(0);
    expect(Date.now() - before).toBeLessThan(4_000);
  });
});
