// Two replicas and a large Azure: one of them reads it, both know it, and the other goes on when it is gone.

import { afterAll, beforeAll, expect, it } from "vitest";
import { add, vm } from "../../src/sandbox/azure/world/parts.ts";
import { eventually } from "../support/eventually.ts";
import { type Bot, startWorld, type TestWorld } from "../support/world.ts";

/** From one reading to the next: long enough that a busy machine keeps it. */
const EVERY_MS = 3_000;

let world: TestWorld;
let first: Bot;
let second: Bot;
beforeAll(async () => {
  world = await startWorld();
  const env = { TEST_REFRESH_EVERY_MS: String(EVERY_MS) };
  first = await world.startBot({ env });
  await eventually(async () => expect(await vmsOf(first)).toBe(18));
  second = await world.startBot({ env });
});
afterAll(() => world?.close());

async function vmsOf(bot: Bot): Promise<number> {
  const said = await (await fetch(`${bot.url}/readyz`)).text();
  return Number(/(\d+) VMs, read/.exec(said)?.[1] ?? 0);
}

const readings = () =>
  world.azure.calls.filter(({ path, body }) => {
    return path.includes("ResourceGraph") && JSON.stringify(body).includes("virtualmachines");
  });

it("two replicas read Azure as often as one", async () => {
  await eventually(async () => expect(await vmsOf(second)).toBe(18));
  const [startedMs, before] = [Date.now(), readings().length];
  for (const [index, name] of ["new-01", "new-02"].entries()) {
    add(world.azure.world, vm({ name }));
    await eventually(async () => expect(await vmsOf(first)).toBe(19 + index));
    await eventually(async () => expect(await vmsOf(second)).toBe(19 + index));
  }
  const most = 1 + Math.ceil((Date.now() - startedMs) / EVERY_MS);
  expect(readings().length - before).toBeLessThanOrEqual(most);
});

it("the other goes on when one is gone", async () => {
  await first.kill();
  add(world.azure.world, vm({ name: "new-03" }));
  await eventually(async () => expect(await vmsOf(second)).toBe(21));
});

it("a Redis that was emptied is filled again, and a replica that starts then knows all", async () => {
  await world.redis.flush();
  first = await world.startBot({ env: { TEST_REFRESH_EVERY_MS: "60000" } });
  await eventually(async () => expect(await vmsOf(first)).toBe(21));
  expect(await vmsOf(second)).toBe(21);
});
