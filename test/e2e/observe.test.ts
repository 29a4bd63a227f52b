// What an operator sees of one life that two replicas lead: its log lines by the request's id, and the metrics of each.

import { createServer } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { asked, click, type FaultWorld, faultWorld, shows, until } from "../faults/steps.ts";
import type { Bot } from "../support/world.ts";

const LINE = z.looseObject({
  app: z.literal("jit-bot"),
  replica: z.string(),
  time: z.string(),
  msg: z.string(),
  request: z.string().optional(),
  state: z.string().optional(),
});
type Line = z.output<typeof LINE>;

const linesOf = (bot: Bot): readonly Line[] =>
  bot
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => LINE.parse(JSON.parse(line)));

let world: FaultWorld;
let first: Bot;
let second: Bot;
let metricsUrl: string;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port"));
        else resolve(address.port);
      });
    });
  });

beforeAll(async () => {
  world = await faultWorld();
  first = await world.startBot();
});
afterAll(() => world?.close());

it("is a life that the lines of two replicas tell by the request's id", async () => {
  const request = await asked(world, "vm-01 3389 1h for the *secret* spooler");
  await click(world, request);
  await shows(world, request, "Open until");
  await world.memory.atRest();
  const port = await freePort();
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
  second = await world.startBot({
    env: { METRICS_PORT: String(port), METRICS_HOST: "127.0.0.1" },
  });
  await first.terminate();
  world.advance((await world.memory.endsAtMs(request.id)) - world.nowMs() - 1_000);
  await shows(world, request, "Ended");

  const all = [first, second].map(linesOf);
  const replicas = all.map((lines) => [...new Set(lines.map(({ replica }) => replica))]);
  expect(replicas.map((names) => names.length)).toEqual([1, 1]);
  expect(replicas[0]).not.toEqual(replicas[1]);

  const life = all.flat().filter((line) => line.request === request.id);
  const moves = life.filter(({ msg }) => msg === "a request moved");
  expect(moves.map(({ state, replica }) => [state, replicas.flat().indexOf(replica)])).toEqual([
    ["pending", 0],
    ["opening", 0],
    ["open", 0],
    ["ended", 1],
  ]);
  expect(life.map(({ msg }) => msg)).toContain("Azure accepted");
  // Whatever names it says so in the same place.
  const named = all.flat().filter((line) => JSON.stringify(line).includes(request.id));
  expect(named.filter((line) => line.request !== request.id)).toEqual([]);
  expect(JSON.stringify(all)).not.toContain("spooler");
  expect(JSON.stringify(all)).not.toContain("203.0.113");
});

it("is counted by the replica that led it, and shown on the address that was set", async () => {
  const text = () => fetch(metricsUrl).then((answer) => answer.text());
  const shown = await until(world, "the metrics", async () => {
    const found = await text();
    return found.includes('jit_request_states_total{rule="production",state="ended"} 1') && found;
  });
  expect(shown).toContain("\njit_ready 1\n");
  expect(shown).toContain("\njit_replicas 1\n");
  expect(shown).toContain('\njit_requests{state="live"} 0\n');
  expect(shown).toContain("\njit_parked 0\n");
  expect(shown).toMatch(/\njit_due_lag_seconds \d/);
  expect(shown).toMatch(/\njit_inventory_age_seconds \d/);
  expect(shown).toMatch(/\njit_clock_skew_seconds\{clock="redis"\} -?\d/);
  expect(shown).toMatch(/\njit_policy_info\{hash="[0-9a-f]{12}"\} 1\n/);
  for (const [service, operation] of [
    ["azure", "\\S+"],
    ["slack", "auth.test"],
    ["redis", "write"],
  ]) {
    const labels = `service="${service}",operation="${operation}",outcome="ok"`;
    expect(shown).toMatch(new RegExp(`jit_call_duration_seconds_count\\{${labels}\\} [1-9]`));
  }
  // Every address of this machine leads there, and that one alone is listened on.
  const other = metricsUrl.replace("127.0.0.1", "127.0.0.2");
  await expect(fetch(other)).rejects.toThrow("fetch failed");
});
