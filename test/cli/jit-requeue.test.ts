// `jit requeue` as a process, beside a running bot: what is parked is brought back, and nothing else is touched.

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { redisKeys } from "../../src/adapters/redis/scripts/keys.ts";
import { folderOf, jit } from "../support/jit.ts";
import { ask, cardSays } from "../support/people.ts";
import { BOT_TOKEN, POLICY, startWorld, type TestWorld } from "../support/world.ts";

const keys = redisKeys("T0HOME");
let world: TestWorld;
let redis: Redis;
beforeAll(async () => {
  world = await startWorld();
  redis = new Redis(world.redis.url);
  await world.startBot();
});
afterAll(async () => {
  redis?.disconnect();
  await world?.close();
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  jit(["requeue", ...args], {
    cwd: folderOf({ "jit.yaml": POLICY }),
    env: {
      SLACK_API_URL: world.slack.url,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      REDIS_URL: world.redis.url,
      ...env,
    },
  });

/** Asked, and as if work on it had failed as often as may be. */
async function parked(vm: string): Promise<string> {
  const { id } = await ask(world, `${vm} 3389 1h`);
  await expect.poll(() => redis.hexists(keys.held, id)).toBe(0);
  await redis.hset(keys.held, id, "0|0|7|");
  await redis.zadd(keys.due, 0, id);
  await cardSays(world, { id }, "Parked after an error");
  return id;
}

type Entry = { id?: string; what: string; by?: string; detail?: object };
const requeued = async (id: string): Promise<readonly Entry[]> =>
  (await redis.xrange(keys.audit, "-", "+"))
    .map(([, fields]) => JSON.parse(fields[1] ?? "{}") as Entry)
    .filter((entry) => entry.id === id && entry.what === "requeued");

describe("jit requeue", () => {
  it("brings a request back by its id, in any case, and says so, once", async () => {
    const id = await parked("vm-01");
    expect(await run([id.slice(4).toLowerCase()])).toEqual({
      ...{ code: 0, out: `${id}: trying again.\n`, err: "" },
    });
    await cardSays(world, { id }, "Needs 1 approval");
    expect(await requeued(id)).toMatchObject([
      { by: expect.any(String), detail: { rule: "production", policy: expect.any(String) } },
    ]);
    expect(await run([id])).toMatchObject({
      code: 1,
      out: `${id}: not parked, so nothing to try again.\n`,
    });
    expect(await requeued(id)).toHaveLength(1);
  });

  it("brings everything back, notices included, and has nothing to do after that", async () => {
    const ids = [await parked("win-02"), await parked("jump-01")];
    const notice = JSON.stringify({ what: "alarm", atMs: 1, text: "the notice that was parked" });
    await redis.hset(keys.parked, "n:C0NOTICES 1", `1|failed\n${notice}`);
    const { code, out, err } = await run(["--all"]);
    expect(err).toBe("");
    expect(code).toBe(0);
    for (const id of ids) expect(out).toContain(`${id}: trying again.`);
    expect(out).toContain("The notices for C0NOTICES: trying again.");
    for (const id of ids) await cardSays(world, { id }, "Needs 1 approval");
    await world.slack.waitFor(
      () =>
        world.slack
          .messages("C0NOTICES")
          .some((one) => world.slack.plainText(one).includes("the notice that was parked")),
      { what: "the notice", timeoutMs: 20_000 },
    );
    expect(await run(["--all"])).toEqual({ code: 0, out: "Nothing is parked.\n", err: "" });
  });

  it("brings the notices of one channel back by its id", async () => {
    const notice = JSON.stringify({ what: "alarm", atMs: 1, text: "another" });
    await redis.hset(keys.parked, "n:C0NOTICES 1", `1|failed\n${notice}`);
    expect(await run(["c0notices"])).toMatchObject({
      code: 0,
      out: "The notices for C0NOTICES: trying again.\n",
    });
    expect(await redis.hlen(keys.parked)).toBe(0);
  });

  it.each<readonly [readonly string[], string]>([
    [[], "Which request? Give an ID, or --all."],
    [["--all", "JIT-4K7QWD"], "Give IDs or --all, not both."],
    [["vm-01"], "vm-01 isn't a request ID like JIT-4K7QWD"],
    [["--every"], "Unknown option '--every'"],
  ])("says what is wrong with %j, and how it is used", async (args, said) => {
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(said);
    expect(err).toContain("Usage: jit requeue <id>");
    expect(err).not.toContain("    at ");
  });

  it("says of an unknown id that there is none, and what it lacks", async () => {
    expect(await run(["JIT-ZZZZZZ"])).toMatchObject({
      code: 1,
      out: "JIT-ZZZZZZ: no such request. jit doctor lists what is parked.\n",
    });
    const bare = await run(["JIT-ZZZZZZ"], { SLACK_BOT_TOKEN: "" });
    expect(bare).toMatchObject({ code: 2, out: "" });
    expect(bare.err).toContain("jit requeue needs SLACK_BOT_TOKEN");
    const away = await run(["JIT-ZZZZZZ"], { REDIS_URL: "redis://127.0.0.1:1" });
    expect(away).toMatchObject({ code: 1, out: "" });
    expect(away.err).not.toContain("    at ");
  });
});
