// Azure throttles, fails, hangs, loses its answers or is not there: one grant, one end, and it is told.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/sandbox/faults.ts";
import type { Bot } from "../support/world.ts";
import { type Gate, gateBefore } from "./gate.ts";
import {
  type Asked,
  asked,
  cardTexts,
  click,
  direct,
  doors,
  type FaultWorld,
  fault,
  faultWorld,
  granted,
  INITIATE,
  initiates,
  killedAt,
  leaseRunsOut,
  READ_POLICY,
  SECOND,
  shows,
  soon,
  until,
} from "./steps.ts";

let world: FaultWorld;
let gate: Gate;
let bot: Bot;
beforeAll(async () => {
  world = await faultWorld();
  gate = await gateBefore(Number(new URL(world.azure.url).port));
  const url = `https://127.0.0.1:${gate.port}`;
  bot = await world.startBot({ env: { AZURE_RESOURCE_MANAGER_URL: url } });
});
afterAll(async () => {
  await world?.close();
  await gate?.shut();
});
afterEach(() => {
  world.azure.faults.clear();
  world.azure.switches.opensAfterMs = 2_000;
});

type On = { readonly vm: string; readonly sent: number; readonly heard: number };

/** Open, with one end in all that was sent, and so many sendings of which so many were heard. */
async function opensOnce(request: Asked, { vm, sent, heard }: On): Promise<void> {
  await shows(world, request, "Open until");
  await world.memory.atRest(request.id);
  const endMs = await world.memory.endsAtMs(request.id);
  const all = initiates(world, request.id);
  expect(all.map((one) => one.endMs)).toEqual(Array.from({ length: sent }, () => endMs));
  expect(all.filter((one) => one.handled === 202)).toHaveLength(heard);
  expect(doors(world, vm)).toEqual([{ port: 22, endMs, source: "203.0.113.0/24" }]);
}

describe("the opening", () => {
  it("waits as long as a throttling Azure asks for", async () => {
    const act = { status: 429, headers: { "retry-after": "40" }, body: { error: { code: "429" } } };
    const throttled = fault(world.azure, { ...INITIATE, times: 1, act });
    const request = await granted(world, "web-02 22 1h");
    await soon(world, "the throttling", () => throttled.struck() > 0);
    await world.memory.atRest();
    const sinceMs = world.nowMs();
    await until(world, "the second sending", () => initiates(world, request.id).length === 2);
    expect(world.nowMs() - sinceMs).toBeGreaterThan(35 * SECOND);
    await opensOnce(request, { vm: "web-02", sent: 2, heard: 1 });
  });

  const once = { heard: 1 };
  const PASSING: readonly (readonly [string, FaultRule, On])[] = [
    ["throttled at no word", { act: { status: 429 } }, { ...once, vm: "jump-01", sent: 2 }],
    ["failed before it was done", { act: { status: 500 } }, { ...once, vm: "db-01", sent: 2 }],
    [
      "failed after it was done",
      { when: "after", act: { status: 500 } },
      { ...once, vm: "db-02", sent: 1 },
    ],
    [
      "done, and the answer lost",
      { when: "after", act: "reset" },
      { ...once, vm: "dev-01", sent: 1 },
    ],
    ["cut before it was done", { act: "reset" }, { ...once, vm: "dev-02", sent: 2 }],
  ];
  it.each(PASSING)("%s: is read back before it is asked again", async (_what, rule, on) => {
    const channel = on.vm.startsWith("dev") ? "C0DEV" : "C0PROD";
    const request = await asked(world, `${on.vm} 22 1h`, { channel });
    fault(world.azure, { ...INITIATE, times: 1, ...rule });
    await click(world, request);
    await opensOnce(request, on);
  });

  it("whose answer was lost is not asked again because it cannot be read either", async () => {
    const request = await asked(world, "win-02 22 1h");
    fault(world.azure, { ...INITIATE, when: "after", times: 1, act: "reset" });
    // The approval still reads it.
    const unread = fault(world.azure, { ...READ_POLICY, skip: 1, act: { status: 429 } });
    await click(world, request);
    await until(world, "a few readings", () => unread.struck() >= 9);
    expect(initiates(world, request.id)).toHaveLength(1);
    world.azure.faults.clear();
    await opensOnce(request, { vm: "win-02", sent: 1, heard: 1 });
  });

  it("that hangs is given up, read back and asked again", async () => {
    const hanging = fault(world.azure, { ...INITIATE, times: 1, act: "hang" });
    const request = await granted(world, "rg-prod-shop/web-01 22 1h");
    await soon(world, "the hanging", () => hanging.struck() > 0);
    await soon(world, "the time-out", async () => {
      const { tries } = await world.memory.request(request.id);
      return tries.azure?.fault.includes("ETIMEDOUT");
    });
    await opensOnce(request, { vm: "rg-prod-shop/web-01", sent: 2, heard: 1 });
  });

  it("is asked for when a machine that refused connections is back", async () => {
    const request = await asked(world, "from 22 1h", { channel: "C0DEV" });
    const held = fault(world.azure, { ...INITIATE, times: 1, act: "hang" });
    await click(world, request);
    await soon(world, "the asking", () => held.struck() > 0);
    // The connection breaks, and no new one is had.
    await gate.shut();
    await until(world, "the trouble to be told", () =>
      direct(world, request.id).some((text) => text.includes("ECONNREFUSED")),
    );
    expect(cardTexts(world, request)[0]).toContain("ECONNREFUSED");
    expect(initiates(world, request.id)).toHaveLength(1);
    await gate.open();
    await opensOnce(request, { vm: "from", sent: 2, heard: 1 });
  });
});

describe("without a token", () => {
  it("a bot that has just started waits for one, and then goes on with what it found", async () => {
    const request = await asked(world, "vm-01 22 1h");
    const rule = { ...INITIATE, when: "after", act: "hang" } as const;
    await killedAt(world, { bot, at: world.azure, rule }, () => click(world, request));
    const none = fault(world.azure, { path: "/msi/token", act: { status: 500 } });
    bot = await world.startBot();
    leaseRunsOut(world);
    await soon(world, "the trouble to be known", async () => {
      const { tries } = await world.memory.request(request.id);
      return tries.azure?.fault.includes("could get no token");
    });
    expect(none.struck()).toBeGreaterThan(0);
    expect((await world.memory.request(request.id)).state).toBe("opening");
    world.azure.faults.clear();
    await opensOnce(request, { vm: "vm-01", sent: 1, heard: 1 });
  });
});
