// Which open accesses the watch takes for closed by others, and which it leaves alone.

import { describe, expect, it } from "vitest";
import type { State } from "../../../src/domain/request/document/phase.ts";
import type { Holder } from "../../../src/domain/request/doors/doors.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { type RequestId, requestIdFrom, vmKey } from "../../../src/domain/text/ids.ts";
import type { JitEntry } from "../../../src/domain/vm/vm.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { lookAtOpen } from "../../../src/flows/watch/watch-doors.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { memoryStore } from "../../security/store.ts";
import {
  anAsk,
  HOUR,
  inState,
  jitPolicyId,
  MINUTE,
  NOTICES,
  T0,
  vmId,
} from "../../support/requests.ts";

const LIMITS = { openPerPerson: 1_000, pendingPerPerson: 1_000 };
const ID = "JIT-4K7QWD" as RequestId;
const OTHER = "JIT-000000" as RequestId;
const ask = anAsk();
const ELSEWHERE = { ...ask.vm, key: vmKey(vmId("vm-02")), id: vmId("vm-02"), name: "vm-02" };

const entry = (change: Partial<JitEntry> = {}): JitEntry => ({
  ...{ vm: ask.vm.key, port: 3389, source: ask.source, mappedPort: undefined },
  ...{ startedAtMs: T0, endsAtMs: T0 + 2 * HOUR, requestor: "the bot" },
  ...{ status: "Revoked", statusReason: "UserRequested", justification: `${ID} requested by …` },
  ...change,
});
const live = { status: "Initiated", statusReason: "" };

type Situation = {
  readonly state?: State;
  readonly entries?: readonly JitEntry[] | Fault;
  readonly holders?: readonly Holder[];
  readonly atMs?: number;
  readonly others?: readonly AccessRequest[];
};

/** The state afterwards, and how many policies were read for it. */
async function looked(situation: Situation) {
  const { state = "open", entries = [entry()], holders = [], others = [], atMs } = situation;
  const nowMs = () => atMs ?? T0 + 30 * MINUTE;
  const store = memoryStore({ nowMs, between: async () => undefined, onWrite: () => undefined });
  await store.requests.create({ next: inState(state), audit: [] }, LIMITS);
  for (const next of others) await store.requests.create({ next, audit: [] }, LIMITS);
  let reads = 0;
  const deps = {
    requests: { ...store.requests, holders: async () => [holders] },
    azure: {
      readPolicy: async (id: string) => {
        reads += 1;
        if (entries instanceof Fault) throw entries;
        return { id, vmPolicies: [], entries };
      },
    },
    clock: { monotonicMs: () => 0 },
    log: { debug() {}, warn() {} },
    policy: () => ({
      hash: "h",
      channels: { notices: NOTICES },
      admins: { users: [], groups: [] },
    }),
    wake() {},
    onCommitted: () => {},
  } as unknown as Deps;
  const next = await lookAtOpen(deps, { skip: 0, nowMs: nowMs() });
  return { state: store.all()[0], reads, next };
}

const away = new Fault({ source: "azure", code: "x", message: "", retryable: true });

describe("an access that is open", () => {
  it("has ended where its entry reads revoked before its time", async () => {
    const { state } = await looked({});
    expect(state).toMatchObject({ state: "ended", how: "elsewhere", closing: "closed" });
  });

  it("has ended where another source took the port over", async () => {
    const gaveWay = entry({ statusReason: "NewerRequestInitiated" });
    const theirs = entry({ ...live, source: "198.51.100.7", justification: "" });
    expect((await looked({ entries: [gaveWay, theirs] })).state?.state).toBe("ended");
  });

  const gaveWay = [
    entry({ statusReason: "NewerRequestInitiated" }),
    entry({ ...live, source: "198.51.100.7", justification: `${OTHER} requested` }),
  ];

  it("names the newer request that took its port over", async () => {
    const others = [inState("open", { id: OTHER })];
    expect((await looked({ entries: gaveWay, others })).state).toMatchObject({
      ...{ state: "ended", how: "elsewhere", newer: OTHER },
    });
  });

  it.each<[string, readonly AccessRequest[]]>([
    ["isn't there", []],
    ["was never opened", [inState("pending", { id: OTHER })]],
    ["is for another port", [inState("open", { id: OTHER, ask: anAsk({ ports: [22] }) })]],
    ["is for another VM", [inState("open", { id: OTHER, ask: anAsk({ vm: ELSEWHERE }) })]],
  ])(
    "names no request that took its port over where the one in its entry %s",
    async (_, others) => {
      const { state } = await looked({ entries: gaveWay, others });
      expect(state).toMatchObject({ state: "ended", how: "elsewhere" });
      expect(state).not.toHaveProperty("newer");
    },
  );

  it.each<[string, Situation]>([
    ["its entry stands", { entries: [entry(live)] }],
    ["there is no entry of it, which proves nothing", { entries: [] }],
    ["the policy can't be read", { entries: away }],
    [
      "its entry came to the end that was sent for it",
      { entries: [entry({ endsAtMs: T0 + 20 * MINUTE })] },
    ],
    [
      "the bot's own took over, for somebody else",
      {
        entries: [
          entry({ statusReason: "NewerRequestInitiated" }),
          entry({ ...live, justification: `${OTHER} requested` }),
        ],
      },
    ],
    [
      "another grant on the door holds it open",
      {
        entries: [entry(), entry({ ...live, justification: `${OTHER} requested` })],
        holders: [{ id: OTHER, untilMs: T0 + 3 * HOUR }],
      },
    ],
    [
      "somebody opened the very same door without the bot",
      {
        entries: [
          entry({ statusReason: "NewerRequestInitiated" }),
          entry({ ...live, justification: "" }),
        ],
      },
    ],
  ])("goes on where %s", async (_, situation) => {
    expect((await looked(situation)).state?.state).toBe("open");
  });

  it.each<[string, Situation]>([
    ["a moment after it was opened", { atMs: T0 + 20_000 }],
    ["a moment before its end", { atMs: T0 + 2 * HOUR - 20_000 }],
    ["while it is being opened", { state: "opening" }],
    ["while it is being ended", { state: "ending" }],
  ])("is not looked at %s", async (_, situation) => {
    const { state, reads } = await looked(situation);
    expect(state?.state).toBe(situation.state ?? "open");
    expect(reads).toBe(0);
  });
});

it("reads a policy once for all that is open in it, a hundred accesses in a turn, in rounds", async () => {
  const nowMs = () => T0 + 30 * MINUTE;
  const store = memoryStore({ nowMs, between: async () => undefined, onWrite: () => undefined });
  for (let n = 0; n < 250; n++) {
    const id = requestIdFrom(Uint8Array.of(0, 0, 0, 0, n >> 5, n));
    const group = `rg-${n % 2}`;
    const open = inState("open", { id, ask: anAsk({ jitPolicyId: jitPolicyId(group) }) });
    await store.requests.create({ next: open, audit: [] }, LIMITS);
  }
  const read: string[] = [];
  const deps = {
    ...store,
    azure: { readPolicy: async (id: string) => void read.push(id) },
    clock: { monotonicMs: () => 0 },
    onCommitted: () => {},
  } as unknown as Deps;
  const skips: number[] = [];
  for (let turn = 0, skip = 0; turn < 5; turn++) {
    skip = await lookAtOpen(deps, { skip, nowMs: nowMs() });
    skips.push(skip);
  }
  expect(skips).toEqual([100, 200, 300, 100, 200]);
  expect(read.toSorted()).toEqual([
    ...Array.from({ length: 5 }, () => jitPolicyId("rg-0")),
    ...Array.from({ length: 5 }, () => jitPolicyId("rg-1")),
  ]);
});
