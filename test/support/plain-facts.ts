// The facts beside a request as plain code finds them: it goes over every entry of the audit, one after the other,
// and looks at each VM as it is given. It shares no line with the product.

import type { Fact } from "../../src/domain/rules/fact.ts";
import type { RequestId, UserId } from "../../src/domain/text/ids.ts";
import type { Vm } from "../../src/domain/vm/vm.ts";
import type { Raw } from "./long-audit.ts";
import { HOUR } from "./requests.ts";

const DAY = 24 * HOUR;

export type Asked = {
  readonly requester: UserId;
  readonly vm: Vm;
  readonly ports: readonly number[];
  readonly durationMs: number;
  readonly source: string;
  readonly zone: string;
  readonly extends: RequestId | undefined;
};

/** What is to be said beside each request, the most important first, by all these entries. */
export function plainFacts(all: readonly Raw[]): (asked: Asked, nowMs: number) => readonly Fact[] {
  const accesses = granted(all);
  const loads = all.filter(({ what }) => what === "policy-loaded");
  return (asked, nowMs) => {
    const past = pastOf(all, asked, nowMs - 90 * DAY);
    const found = [
      ...network(asked),
      ...power(asked),
      ...habits(past, asked),
      ...others(accesses, asked, nowMs),
      ...rules(loads, nowMs),
      ...night(asked, nowMs),
      ...alsoOpen(accesses, asked),
    ];
    return found.length > 0 ? found : [usual(past, asked, nowMs)];
  };
}

function network({ vm, ports }: Asked): Fact[] {
  const open: number[] = [];
  for (const port of ports) {
    for (const exposure of vm.network?.exposures ?? []) {
      if (exposure.ports.includes(port) && !open.includes(port)) open.push(port);
    }
  }
  return open.length > 0 ? [{ kind: "exposed", ports: open }] : [];
}

function power({ vm }: Asked): Fact[] {
  const said = (vm.power ?? "").replace("PowerState/", "").toLowerCase();
  if (said === "stopped" || said === "stopping") return [{ kind: "off", off: "stopped" }];
  const isGone = said === "deallocated" || said === "deallocating";
  return isGone ? [{ kind: "off", off: "deallocated" }] : [];
}

type Past = { readonly asked: Raw; end: Raw | undefined };

function pastOf(all: readonly Raw[], { requester, vm }: Asked, sinceMs: number): readonly Past[] {
  const mine: Past[] = [];
  for (const entry of all) {
    if (entry.requester !== requester || entry.atMs < sinceMs) continue;
    if (entry.what === "asked" || entry.what === "broke-glass") {
      if (entry.detail?.vm === vm.id) mine.push({ asked: entry, end: undefined });
    } else if (["denied", "cancelled", "lapsed", "failed", "ended"].includes(entry.what)) {
      const one = mine.find(({ asked: begun }) => begun.request === entry.request);
      if (one !== undefined) one.end = entry;
    }
  }
  return mine;
}

const numbers = (some: readonly Past[]): readonly number[] =>
  some
    .flatMap(({ asked: begun, end }) => [begun.seq, ...(end === undefined ? [] : [end.seq])])
    .sort((a, b) => a - b)
    .slice(-20);

function habits(past: readonly Past[], { source, durationMs }: Asked): Fact[] {
  if (past.length === 0) return [{ kind: "first", days: 90 }];
  const found: Fact[] = [];
  const refused = past.filter(({ end }) => end?.what === "denied");
  if (refused.length > 0) {
    const counts = { denied: refused.length, earlier: past.length, days: 90 };
    found.push({ kind: "denied", ...counts, entries: numbers(refused) });
  }
  const sources = [...new Set(past.map(({ asked: begun }) => String(begun.detail?.source)))];
  if (past.length >= 3 && !sources.includes(source)) {
    found.push({ kind: "elsewhere", before: sources.slice(-5), entries: numbers(past) });
  }
  let longestMs = 0;
  for (const one of past) longestMs = Math.max(longestMs, Number(one.asked.detail?.durationMs));
  if (past.length >= 3 && durationMs > longestMs) {
    found.push({ kind: "longer", longestMs, entries: numbers(past) });
  }
  return found;
}

type Accesses = ReadonlyMap<RequestId, Access>;
type Access = {
  by: UserId;
  vm: string;
  endsAtMs: number;
  /** Granted, and not over. */
  isLive: boolean;
  /** Azure has accepted it, and nobody is closing it. */
  isIn: boolean;
  isParked: boolean;
};

/** Every access that the audit says was granted, and what became of it. */
function granted(all: readonly Raw[]): Accesses {
  const found = new Map<RequestId, Access>();
  const vms = new Map<RequestId, string>();
  for (const { request, requester, what, detail } of all) {
    if (request === undefined || requester === undefined) continue;
    if (what === "asked" || what === "broke-glass") vms.set(request, String(detail?.vm));
    if (what === "granted") {
      const endsAtMs = Number(detail?.endsAtMs);
      const about = { by: requester, vm: vms.get(request) ?? "", endsAtMs };
      found.set(request, { ...about, isLive: true, isIn: false, isParked: false });
    }
    const access = found.get(request);
    if (access === undefined) continue;
    if (["ended", "failed", "extended"].includes(what)) access.isLive = false;
    if (["azure-accepted", "not-ended"].includes(what)) access.isIn = true;
    if (["ending", "ended", "failed", "extended"].includes(what)) access.isIn = false;
    if (what === "retried") access.isLive = true;
    if (what === "parked") access.isParked = true;
    if (what === "requeued") access.isParked = false;
  }
  return found;
}

function others(accesses: Accesses, { requester, vm }: Asked, nowMs: number): Fact[] {
  const inside = [...accesses]
    .filter(([, one]) => one.isIn && one.vm === vm.id && one.by !== requester)
    .filter(([, one]) => one.endsAtMs >= nowMs)
    .map(([id, { by, endsAtMs }]) => ({ id, requester: by, untilMs: endsAtMs }))
    .sort((one, other) => other.untilMs - one.untilMs);
  return inside.length === 0
    ? []
    : [{ kind: "inside", count: inside.length, some: inside.slice(0, 5) }];
}

/** All of them: which five are named is open. */
function alsoOpen(accesses: Accesses, asked: Asked): Fact[] {
  const own = [...accesses]
    .filter(([id, one]) => one.isLive && one.by === asked.requester && id !== asked.extends)
    .filter(([, one]) => !one.isParked)
    .map(([id]) => id);
  return own.length === 0 ? [] : [{ kind: "also-open", count: own.length, some: own.sort() }];
}

function rules(loads: readonly Raw[], nowMs: number): Fact[] {
  const last = loads.at(-1);
  if (last === undefined || loads.length < 2 || nowMs - last.atMs >= HOUR) return [];
  return [{ kind: "rules-changed", atMs: last.atMs, entries: [last.seq] }];
}

const onTheirWall = (zone: string, atMs: number): string =>
  new Date(atMs).toLocaleString("sv-SE", { timeZone: zone });

function night({ zone }: Asked, nowMs: number): Fact[] {
  const [, hour = "", minute = ""] = / (\d\d):(\d\d):/.exec(onTheirWall(zone, nowMs)) ?? [];
  return Number(hour) >= 22 || Number(hour) < 6
    ? [{ kind: "night", minutes: Number(hour) * 60 + Number(minute), zone }]
    : [];
}

function usual(past: readonly Past[], { zone }: Asked, nowMs: number): Fact {
  const month = onTheirWall(zone, nowMs).slice(0, 7);
  const ofMonth = past.filter(({ asked: begun }) =>
    onTheirWall(zone, begun.atMs).startsWith(month),
  );
  return ofMonth.length > 0
    ? { kind: "usual", nth: ofMonth.length + 1, span: "month", entries: numbers(ofMonth) }
    : { kind: "usual", nth: past.length + 1, span: { days: 90 }, entries: numbers(past) };
}

/** Whether both say the same. Of their own requests that are open, any five may be named. */
export function saysTheSame(facts: readonly Fact[], expected: readonly Fact[]): boolean {
  const comparable = facts.map((fact, n) => {
    const wanted = expected[n];
    if (fact.kind !== "also-open" || wanted?.kind !== "also-open") return fact;
    const isFive = new Set(fact.some).size === Math.min(5, wanted.count);
    const areTheirs = fact.some.every((id) => wanted.some.includes(id));
    return isFive && areTheirs && fact.some.length <= 5 ? { ...fact, some: wanted.some } : fact;
  });
  return JSON.stringify(comparable) === JSON.stringify(expected);
}
