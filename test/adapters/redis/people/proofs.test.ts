// Links by which people prove their address: taken once, by the store's clock, and never kept readable.

import { describe, expect, it } from "vitest";
import { redisProofs } from "../../../../src/adapters/redis/people/proofs.ts";
import { channelId } from "../../../../src/domain/text/ids.ts";
import { ADA, ERIN, HOUR, MINUTE } from "../../../support/requests.ts";
import { benchPerFile, TENANT } from "../with-store.ts";

const bench = benchPerFile();
let offsetMs = 0;
const proofs = () => redisProofs(bench.redis, { tenant: TENANT, clockOffsetMs: () => offsetMs });

const SECRET = "s".repeat(43);
const draft = {
  user: ERIN,
  channel: channelId("C0GENERAL"),
  ask: "request vm-01 for é\n|1|",
  beside: { isAllOrNone: true, notTwice: false, opensAtMs: 1_796_000_040_000 },
};

describe("a link", () => {
  it("waits, is taken by one alone, and waits again where nothing came of it", async () => {
    const { keepDraft, readDraft, takeDraft, giveBackDraft } = proofs();
    expect(await takeDraft(SECRET)).toBeUndefined();
    await keepDraft(SECRET, draft, 10 * MINUTE);
    expect(await readDraft(SECRET)).toEqual({ draft, state: "waiting" });
    expect(await readDraft(SECRET)).toEqual({ draft, state: "waiting" });
    const taken = await Promise.all([1, 2, 3, 4].map(() => takeDraft(SECRET)));
    expect(taken.map((one) => one?.state).sort()).toEqual(["used", "used", "used", "waiting"]);
    expect(await readDraft(SECRET)).toEqual({ draft, state: "used" });
    await giveBackDraft(SECRET);
    expect((await takeDraft(SECRET))?.state).toBe("waiting");
    await giveBackDraft("t".repeat(43));
    expect(await readDraft("t".repeat(43))).toBeUndefined();
  });

  it("is over after its time, by the store's clock alone", async () => {
    const { keepDraft, takeDraft } = proofs();
    await keepDraft(SECRET, { user: ERIN, channel: undefined, ask: undefined }, 10 * MINUTE);
    offsetMs = 10 * MINUTE;
    expect(await takeDraft(SECRET)).toEqual({
      draft: { user: ERIN, channel: undefined, ask: undefined },
      state: "expired",
    });
    offsetMs = 0;
  });

  it("can't be read off Redis, and does not stay there", async () => {
    await proofs().keepDraft(SECRET, draft, 10 * MINUTE);
    const keys = await bench.redis.keys("*proof*");
    expect(keys).toHaveLength(1);
    for (const key of keys) {
      expect(key).not.toContain(SECRET);
      expect(await bench.redis.get(key)).not.toContain(SECRET);
      expect(await bench.redis.pttl(key)).toBeGreaterThan(10 * MINUTE);
    }
  });
});

describe("an address", () => {
  it("is remembered for the time that the policy file says, for that person", async () => {
    const { keepAddress, addressOf } = proofs();
    await keepAddress(ERIN, "198.51.100.7", 12 * HOUR);
    expect(await addressOf(ERIN, 12 * HOUR)).toBe("198.51.100.7");
    expect(await addressOf(ADA, 12 * HOUR)).toBeUndefined();
    offsetMs = HOUR;
    expect(await addressOf(ERIN, HOUR)).toBeUndefined();
    expect(await addressOf(ERIN, 2 * HOUR)).toBe("198.51.100.7");
    await keepAddress(ERIN, "198.51.100.8", 12 * HOUR);
    expect(await addressOf(ERIN, HOUR)).toBe("198.51.100.8");
    offsetMs = 0;
  });
});
