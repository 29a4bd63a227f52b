// The facts on a card, against a checker that knows nothing of trails: over an audit of 100,000 entries.
// Of src/adapters/redis/history/history.ts.

import { describe, expect, it } from "vitest";
import { redisAudit } from "../../../../src/adapters/redis/audit/audit-repository.ts";
import { redisHistory } from "../../../../src/adapters/redis/history/history.ts";
import type { Fact } from "../../../../src/domain/rules/fact.ts";
import { type RequestId, type UserId, userId } from "../../../../src/domain/text/ids.ts";
import type { Vm } from "../../../../src/domain/vm/vm.ts";
import { offOf } from "../../../../src/domain/vm/vm-power.ts";
import type { Deps } from "../../../../src/flows/deps.ts";
import { factsAbout } from "../../../../src/flows/requests/asking/facts.ts";
import type { Around, History } from "../../../../src/ports/storage/people/history.ts";
import type { Mutant } from "../../../security/mutants.ts";
import { patchedFile } from "../../../security/patched.ts";
import { liveHistory, rawEntries } from "../../../support/live-history.ts";
import {
  longAudit,
  PEOPLE,
  type Raw,
  SOURCES,
  seeded,
  VMS,
  writeInBulk,
} from "../../../support/long-audit.ts";
import { type Asked, plainFacts, saysTheSame } from "../../../support/plain-facts.ts";
import { anAsk, aPolicy, aVm, HOUR } from "../../../support/requests.ts";
import { benchPerFile, quietLog, TENANT } from "../with-store.ts";

/** A new one in each run. */
const SEED = Number(process.env.FACTS_SEED ?? Date.now() % 2 ** 31);
const ENTRIES = 100_000;
const DAY = 24 * HOUR;
const ZONES = ["America/New_York", "Asia/Tokyo", "Europe/Berlin", "Pacific/Auckland"];
/** Entries a person and VM are followed for. */
const READ_MAX = 500;

const bench = benchPerFile();

/** As it is that much later. */
function historyOf(laterMs = 0): History {
  const options = { tenant: TENANT, clockOffsetMs: () => laterMs };
  return redisHistory(bench.redis, redisAudit(bench.redis, options), options);
}

const POWERS = [
  "running",
  "running",
  "starting",
  "stopped",
  "Stopping",
  "deallocated",
  "deallocating",
];
const PORTS = [22, 3389, 5985];

/** From these on, nobody has anything open, and on nothing. */
const QUIET_PEOPLE = 25;
const QUIET_VMS = 40;

/** Each VM as it was last read; of some, nobody knows whether they run. */
function inventoryOf(random: () => number): ReadonlyMap<string, Vm> {
  const some = <T>(list: readonly T[]) => list.filter(() => random() < 0.2);
  const vms = VMS.map(({ id }, n) => {
    const exposed = { protocol: "TCP", address: "10.0.0.4", from: ["*"], by: [] } as const;
    const exposures = some([1, 2]).map(() => ({ ...exposed, ports: some([80, ...PORTS]) }));
    const power = n % 9 === 0 ? undefined : `PowerState/${POWERS[n % POWERS.length]}`;
    const network = { exposures, denyMissing: [22], unseen: [] };
    return aVm({ id, power, ...(exposures.length > 0 && { network }) });
  });
  return new Map(vms.map((vm) => [vm.key, vm]));
}

/** One request that is about to be made, what the store knows around it, and what is to be said beside it. */
type Case = {
  readonly asked: Asked;
  readonly around: Around;
  readonly expected: readonly Fact[];
};

const world = (
  { around, asked }: Pick<Case, "around" | "asked">,
  inventory: ReadonlyMap<string, Vm>,
) =>
  ({
    history: { around: () => Promise.resolve(around) },
    chat: {
      person: () => Promise.resolve({ id: PEOPLE[0], name: "p", kind: "full", zone: asked.zone }),
    },
    azure: { snapshot: () => ({ vms: inventory }) },
    clock: {
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise((done) => signal?.addEventListener("abort", done)),
    },
    log: quietLog,
    policy: () => aPolicy(),
  }) as unknown as Deps;

type FactsAbout = typeof factsAbout;

/** What the product says in each case. */
async function saidIn(
  { asked, around }: Case,
  inventory: ReadonlyMap<string, Vm>,
  about: FactsAbout = factsAbout,
): Promise<readonly Fact[]> {
  const { vm, requester, ports, durationMs, source } = asked;
  const off = offOf(vm.power);
  const ask = anAsk({
    requester,
    vm: { key: vm.key, id: vm.id, name: "vm", os: "linux", ...(off && { off }) },
    ports,
    durationMs,
    source,
    ...(asked.extends && { extends: asked.extends }),
  });
  return (await about(world({ around, asked }, inventory), ask, { nowMs: around.nowMs })) ?? [];
}

const ALL: Readonly<Record<Fact["kind"], true>> = {
  exposed: true,
  off: true,
  first: true,
  denied: true,
  elsewhere: true,
  longer: true,
  inside: true,
  "rules-changed": true,
  night: true,
  "also-open": true,
  usual: true,
};

const FACTS = "domain/facts/facts-of.ts";
const PAST = "domain/facts/past-requests.ts";
const FLOW = "flows/requests/asking/facts.ts";

/** One wrong for each kind, as somebody might slip. */
const WRONGS: Readonly<
  Record<Fact["kind"], Mutant["patches"][number] | readonly Mutant["patches"][number][]>
> = {
  exposed: { file: FACTS, from: "open.has(port)", to: "open.size > 0" },
  off: {
    file: FACTS,
    from: `{ kind: "off", off: ask.vm.off }`,
    to: `{ kind: "off", off: "stopped" as const }`,
  },
  first: { file: FACTS, from: "past?.requests.length === 0", to: "past?.requests.length === 1" },
  denied: { file: PAST, from: `what === "denied"`, to: `what === "cancelled"` },
  elsewhere: {
    file: FACTS,
    from: "known.length < HABIT_LEAST || before",
    to: "known.length < 2 || before",
  },
  longer: {
    file: FACTS,
    from: "ask.durationMs <= longestMs",
    to: "ask.durationMs < longestMs",
  },
  inside: { file: FLOW, from: "isLive(request)\n", to: `request.state === "open"\n` },
  "rules-changed": { file: FLOW, from: "policyLoads.at(-1)", to: "policyLoads.at(0)" },
  night: { file: FACTS, from: "minutes < NIGHT_ENDS_MINUTES", to: "minutes < 5 * 60" },
  "also-open": { file: FACTS, from: "id !== ask.extends", to: "id !== undefined" },
  // On the first of a month hardly anybody has asked in that month before.
  usual: [
    { file: FACTS, from: "nth: inMonth.length + 1", to: "nth: inMonth.length" },
    { file: FACTS, from: "nth: past.requests.length + 1", to: "nth: past.requests.length" },
  ],
};

const cases: Case[] = [];
const inventory = inventoryOf(seeded(SEED + 1));

async function casesOf(
  random: () => number,
  entries: readonly Raw[],
  times: number,
): Promise<readonly Case[]> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const expectedOf = plainFacts(entries);
  const made: Case[] = [];
  for (let n = 0; n < times; n++) {
    // Every other one asks for what is usual: few things are said beside it, or nothing.
    const isUsual = n % 2 === 0;
    const vm = inventory.get(pick(isUsual ? VMS.slice(QUIET_VMS) : VMS).key) as Vm;
    const requester =
      n % 25 === 0 ? userId(`U0NEW${n}`) : pick(isUsual ? PEOPLE.slice(QUIET_PEOPLE) : PEOPLE);
    const laterMs = n % 3 === 0 ? 0 : Math.floor(random() * (n % 3 === 1 ? DAY : 35 * DAY));
    const sinceMs = (await bench.store.storeClock.nowMs()) + laterMs - 90 * DAY;
    const around = await historyOf(laterMs).around({ requester, vm: vm.key }, sinceMs);
    const asked = {
      requester,
      vm,
      ports: PORTS.filter((port) => port === 3389 || random() < 0.4),
      durationMs: isUsual ? HOUR : (1 + Math.floor(random() * 7)) * HOUR,
      source: isUsual ? (SOURCES[0] as string) : pick(SOURCES),
      zone: pick(ZONES),
      extends: random() < 0.3 ? around.own.at(0) : undefined,
    };
    made.push({ asked, around, expected: expectedOf(asked, around.nowMs) });
  }
  return made;
}

describe("the facts beside a request", () => {
  it("are what plain code finds in all of 100,000 entries", async () => {
    const random = seeded(SEED);
    const startMs = await bench.store.storeClock.nowMs();
    const before = longAudit(random, { count: ENTRIES, untilMs: startMs - HOUR, days: 120 });
    await writeInBulk(bench.redis, TENANT, before);
    const history = historyOf();
    while (await history.catchUp(startMs - 91 * DAY));
    await liveHistory(bench.store, random, {
      count: 250,
      people: PEOPLE.slice(0, QUIET_PEOPLE),
      vms: VMS.slice(0, QUIET_VMS),
    });
    const all = async () => [
      ...before,
      ...(await rawEntries(bench.redis, TENANT, before.length + 1)),
    ];
    cases.push(...(await casesOf(random, await all(), 300)));
    await bench.store.announcements.announce("loaded", {
      value: "b",
      note: { what: "policy-loaded" },
      notices: [],
    });
    cases.push(...(await casesOf(random, await all(), 50)));

    for (const one of cases) {
      const facts = await saidIn(one, inventory);
      expect(
        saysTheSame(facts, one.expected),
        `FACTS_SEED=${SEED} ${JSON.stringify([one.asked, facts, one.expected])}`,
      ).toBe(true);
    }
    const kinds = cases.flatMap(({ expected }) => expected.map(({ kind }) => kind));
    expect([...new Set(kinds)].sort()).toEqual(Object.keys(ALL).sort());
  }, 120_000);

  it.each(Object.entries(WRONGS))("differ where %s is computed wrongly", async (kind, patch) => {
    const file = await patchedFile({ name: kind, patches: [patch].flat() }, FLOW);
    const wrong: { factsAbout: FactsAbout } = await import(file);
    const caught = new Set<string>();
    for (const one of cases) {
      const facts = await saidIn(one, inventory, wrong.factsAbout);
      if (!saysTheSame(facts, one.expected)) caught.add(one.asked.requester);
    }
    expect(caught.size, kind).toBeGreaterThan(0);
  });

  it("come from few entries, however many there are of a person and VM", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    const [requester] = PEOPLE as [UserId];
    const [vm] = VMS as [(typeof VMS)[number]];
    const entries = Array.from(
      { length: 4 * READ_MAX },
      (_, n): Raw => ({
        seq: n + 1,
        atMs: nowMs - 80 * DAY + n * HOUR * 0.9,
        what: "asked",
        requester,
        vm: vm.key,
        request: `JIT-${String(n).padStart(6, "0")}` as RequestId,
        detail: { vm: vm.id, source: "203.0.113.0/24", durationMs: HOUR },
      }),
    );
    await writeInBulk(bench.redis, TENANT, entries);
    const history = historyOf();
    while (await history.catchUp(nowMs - 91 * DAY));
    const around = await history.around({ requester, vm: vm.key }, nowMs - 90 * DAY);
    expect(around.past?.entries.length).toBe(READ_MAX);
    // It says for how long it is complete, and nothing beyond.
    expect(around.past?.sinceMs).toBe(around.past?.entries[0]?.atMs);
  }, 60_000);
});
