// Azure throttles, fails, hangs, loses its answers or is not there: one grant, one end, and it is told.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

type On = { readonly vm: string; readonly sent: number; readonly heard: number };

/** Open, with one end in all that was sent, and this many sendings of which this many were heard. */
async function opensOnce(request: Asked, { vm, sent, heard }: On): Promise<void> {
  await shows(world, request, "Open until");
  await world.memory.atRest(request.id);
  const endMs = await world.memory.endsAtMs(request.id);
  const all = initiates(world, request.id);
  expect(all.map((one) => one.endMs)).toEqual(Array.from({ length: sent }, () => endMs));
  expect(all.filter((one) => one.handled === 202)).toHaveLength(heard);
  expect(doors(world, vm)).toEqual([{ port: 22, endMs, source: "203.0.113.0/24" }]);
}

/** A fault in the way of one request's opening, and of no other's. */
const inTheWayOf = ({ id }: Asked, rule: FaultRule) =>
  fault(world.azure, { ...INITIATE, bodyIncludes: id, times: 1, ...rule });

describe.concurrent("the opening", () => {
  const requests = new Map<string, Asked>();
  beforeAll(async () => {
    for (const vm of ["web-02", "jump-01", "win-02", "vm-01", "dev-01", "dev-02", "db-01"]) {
      const channel = vm.startsWith("dev") ? "C0DEV" : "C0PROD";
      requests.set(vm, await asked(world, `${vm} 22 1h`, { channel }));
    }
  });
  const requestFor = (vm: string): Asked => {
    const request = requests.get(vm);
    if (request === undefined) throw new Error(`nobody asked for ${vm}`);
    return request;
  };

  it("waits as long as a throttling Azure asks for", async () => {
    const act = { status: 429, headers: { "retry-after": "40" }, body: { error: { code: "429" } } };
    const request = requestFor("web-02");
    const throttled = inTheWayOf(request, { act });
    await click(world, request);
    await soon(world, "the throttling", () => throttled.struck() > 0);
    await until(world, "the second sending", () => initiates(world, request.id).length === 2);
    const [first, second] = initiates(world, request.id);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(39 * SECOND);
    await opensOnce(request, { vm: "web-02", sent: 2, heard: 1 });
  });

  const once = { heard: 1 };
  const PASSING: readonly (readonly [string, FaultRule, On])[] = [
    ["throttled at no word", { act: { status: 429 } }, { ...once, vm: "jump-01", sent: 2 }],
    ["failed before it was done", { act: { status: 500 } }, { ...once, vm: "win-02", sent: 2 }],
    [
      "failed after it was done",
      { when: "after", act: { status: 500 } },
      { ...once, vm: "vm-01", sent: 1 },
    ],
    [
      "done, and the answer lost",
      { when: "after", act: "reset" },
      { ...once, vm: "dev-01", sent: 1 },
    ],
    ["cut before it was done", { act: "reset" }, { ...once, vm: "dev-02", sent: 2 }],
  ];
  it.each(PASSING)("%s: is read back before it is asked again", async (_what, rule, on) => {
    const request = requestFor(on.vm);
    inTheWayOf(request, rule);
    await click(world, request);
    await opensOnce(request, on);
  });

  it("whose answer was lost is not asked again because it can't be read either", async () => {
    const request = requestFor("db-01");
    inTheWayOf(request, { when: "after", act: "reset" });
    // The approval still reads it.
    const path = `rg-prod-data.*${READ_POLICY.path}`;
    const unread = fault(world.azure, { ...READ_POLICY, path, skip: 1, act: { status: 429 } });
    await click(world, request);
    await until(world, "a few readings", () => unread.struck() >= 6);
    expect(initiates(world, request.id)).toHaveLength(1);
    world.azure.faults.clear(unread.id);
    await opensOnce(request, { vm: "db-01", sent: 1, heard: 1 });
  });
});

describe("the opening", () => {
  it("that hangs is given up, read back and asked again", async () => {
    const request = await asked(world, "rg-prod-shop/web-01 22 1h");
    const hanging = inTheWayOf(request, { act: "hang" });
    await click(world, request);
    await soon(world, "the hanging", () => hanging.struck() > 0);
    await soon(world, "the time-out", async () => {
      const { attempts } = await world.memory.request(request.id);
      return attempts.azure?.fault.includes("ETIMEDOUT");
    });
    await opensOnce(request, { vm: "rg-prod-shop/web-01", sent: 2, heard: 1 });
  });

  it("is asked for when a machine that refused connections is back", async () => {
    const request = await asked(world, "from 22 1h", { channel: "C0DEV" });
    const held = inTheWayOf(request, { act: "hang" });
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
    const request = await asked(world, "db-02 22 1h");
    const rule = { ...INITIATE, when: "after", act: "hang" } as const;
    await killedAt(world, { bot, at: world.azure, rule }, () => click(world, request));
    const none = fault(world.azure, { path: "/msi/token", act: { status: 500 } });
    bot = await world.startBot();
    leaseRunsOut(world);
    await soon(world, "the trouble to be known", async () => {
      const { attempts } = await world.memory.request(request.id);
      return attempts.azure?.fault.includes("couldn't get a token");
    });
    expect(none.struck()).toBeGreaterThan(0);
    expect((await world.memory.request(request.id)).state).toBe("opening");
    world.azure.faults.clear();
    await opensOnce(request, { vm: "db-02", sent: 1, heard: 1 });
  });
});
