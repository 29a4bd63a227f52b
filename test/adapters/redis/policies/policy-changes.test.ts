// A change of JIT policies, in a real Redis: read back as it was, by this version and by those before it.

import { expect, it } from "vitest";
import { redisChanges } from "../../../../src/adapters/redis/policies/policy-changes.ts";
import { redisKeys } from "../../../../src/adapters/redis/scripts/keys.ts";
import type { DesiredPolicy } from "../../../../src/domain/policies/desired-policy.ts";
import type { Change } from "../../../../src/domain/policies/policy-change.ts";
import { userId } from "../../../../src/domain/text/ids.ts";
import { vmId } from "../../../support/requests.ts";
import { benchPerFile, TENANT } from "../with-store.ts";

const bench = benchPerFile();
const stored = () => redisChanges(bench.redis, { tenant: TENANT });

const ENABLED: DesiredPolicy = {
  ...{ verb: "enable", ports: [22], protocol: "TCP", maxDurationMs: 3_600_000 },
  ...{ sources: ["203.0.113.0/24"], into: "mine" },
};

const changeOf = (id: string, more: Partial<Change> = {}): Change => ({
  ...{ id, verb: "enable", by: userId("U0ADMIN"), asked: "enable vm-01 22", atMs: 1 },
  ...{ state: "preview", meant: 1, left: [], unread: [] },
  policies: [
    {
      policyId: "/subscriptions/s/p",
      edits: [{ vmId: vmId("vm-01"), changes: [ENABLED] }],
      ...{ existed: false, vmsBefore: 0, vmsAfter: 1, fingerprint: "f", whole: "w", open: 0 },
    },
  ],
  ...more,
});

it("is read back as it was written", async () => {
  const change = changeOf("aa".repeat(12));
  expect(await stored().commit(0, { change })).toBe(1);
  expect(await stored().read(change.id)).toEqual({ change, version: 1 });
  expect(await stored().read("bb".repeat(12))).toBeUndefined();
});

it("keeps the names by which other versions read what is desired", async () => {
  const change = changeOf("cc".repeat(12));
  await stored().commit(0, { change });
  const text = await bench.redis.get(redisKeys(TENANT).change(change.id));
  expect(text).toContain('"wishes":[{"verb":"enable"');
  expect(text).not.toContain("desired");
});

it("is written by one of two at a time, and listed until its outcome is told", async () => {
  const change = changeOf("dd".repeat(12), { state: "applying" });
  await stored().commit(0, { change });
  expect(await stored().commit(0, { change })).toBeUndefined();
  expect(await stored().unfinished()).toEqual([change.id]);
  const told: Change = { ...change, state: "over", told: true };
  expect(await stored().commit(1, { change: told })).toBe(2);
  expect(await stored().unfinished()).toEqual([]);
});
