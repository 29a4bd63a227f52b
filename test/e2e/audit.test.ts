// The audit of a real bot: everything that happened is in it, sealed, whatever became of the replicas.

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jit } from "../support/jit.ts";
import { ask, cardSays, initiates, typed } from "../support/people.ts";
import { BOT_TOKEN, startWorld, type TestWorld } from "../support/world.ts";

const AUDIT_KEY = "0123456789abcdef".repeat(2);
const env = { AUDIT_KEY };

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const audit = (...args: readonly string[]) =>
  jit(["audit", ...args], {
    cwd: "/",
    env: {
      AUDIT_KEY,
      REDIS_URL: world.redis.url,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      SLACK_API_URL: world.slack.url,
    },
  });

type Line = { seq: number; what: string; by?: string; requester?: string; detail: object };

const exported = async (...args: readonly string[]): Promise<readonly Line[]> =>
  (await audit("export", ...args)).out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);

describe("the audit of a request's life", () => {
  it("has everything in order, with who, rule and file, sealed over a crash", async () => {
    const first = await world.startBot({ env });
    const { id, card } = await ask(world, "vm-01 3389 1h for =1+1, please");
    const click = { channel: "C0PROD", ts: card.ts, actionId: "jit.approve" };
    await world.slack.click({ ...click, user: "U0SAM" });
    await world.slack.waitFor(() => world.slack.ephemerals("U0SAM")[0], { what: "the refusal" });
    // What it has not sealed yet, another replica does.
    await first.kill();
    const second = await world.startBot({ env });
    // What the first one held is free again, the audit, too.
    world.advance(60_000);
    await world.slack.click({ ...click, user: "U0LEAD" });
    const says = () => {
      const shown = world.slack.messages("C0PROD").find(({ ts }) => ts === card.ts);
      return shown === undefined ? "" : world.slack.plainText(shown);
    };
    await world.slack.waitFor(() => /Open(?!ing)/.test(says()) || undefined, {
      what: "the card to say Open",
      timeoutMs: 20_000,
    });
    await typed(world, "U0ERIN", `end ${id}`);
    await cardSays(world, { id }, "Ending");
    await expect.poll(() => initiates(world).length, { timeout: 10_000 }).toBe(2);
    world.advance(3 * 60_000);
    await cardSays(world, { id }, "Ended");
    await world.slack.waitFor(() => second.output().includes('"audit sealed"') || undefined, {
      what: "a head in the log",
      timeoutMs: 20_000,
    });
    expect(await second.terminate()).toBe(0);

    const lines = await exported("--request", id);
    expect(lines.map(({ what, by }) => `${what} ${by ?? "-"}`)).toEqual([
      "asked U0ERIN",
      "refused U0SAM",
      "granted U0LEAD",
      "azure-accepted -",
      "opened -",
      "ending U0ERIN",
      "ended U0ERIN",
    ]);
    const policy = expect.stringMatching(/^[0-9a-f]{64}$/);
    // The worker's entries, too: nobody clicked for these.
    for (const line of lines.filter(({ what }) => what !== "refused")) {
      expect(line).toMatchObject({ detail: { rule: "production", policy } });
    }
    expect(lines[0]).toMatchObject({ requester: "U0ERIN" });
    expect(lines[1]).toMatchObject({ detail: { why: "not-an-approver", policy } });
    expect(lines[0]?.detail).toMatchObject({ reason: "=1+1, please" });

    const heads = [...second.output().matchAll(/"seq":(\d+),"seal":"([\w-]{43})"/g)];
    const [, seq, seal] = heads.at(-1) ?? [];
    const all = await exported();
    expect(Number(seq)).toBe(all.length);
    expect(await audit("verify", "--head", `${seq}:${seal}`)).toEqual({
      code: 0,
      out: `Sealed up to ${seq}, chain intact since the first entry.\nHead: ${seq}:${seal}\n`,
      err: "",
    });
  });
});

describe("the audit under the hands of somebody who can write to Redis", () => {
  it("goes on being sealed, tells the admins, and does not verify", async () => {
    const bot = await world.startBot({ env });
    const redis = new Redis(world.redis.url);
    const at = (name: string) => `{jit:T0HOME}:${name}`;
    await world.slack.waitFor(() => bot.output().includes('"audit sealed"') || undefined, {
      what: "a head in the log",
      timeoutMs: 20_000,
    });
    expect((await audit("verify")).code).toBe(0);
    // A lease for ever, an approval that nobody gave, and a text beside an entry.
    await redis.set(at("sealer"), `${"9".repeat(14)}|somebody`);
    const granted = '"what":"granted","detail":{"rule":"production"}}';
    await redis.xadd(at("audit"), "*", "e", `{"seq":1,"atMs":${world.nowMs()},${granted}`);
    await world.slack.waitFor(
      () =>
        world.slack
          .messages("C0NOTICES")
          .map((one) => world.slack.plainText(one))
          .find((text) => text.includes("isn't this bot's and won't be sealed")),
      { what: "the alarm in the notices channel", timeoutMs: 20_000 },
    );
    expect(bot.output()).toContain("won't be sealed");
    const broken = await audit("verify");
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/is not sealed, although later entries are/);
    const exportedNow = (await audit("export")).out;
    expect(exportedNow).toContain('"unproven":true');
    redis.disconnect();
    expect(await bot.terminate()).toBe(0);
  });
});
