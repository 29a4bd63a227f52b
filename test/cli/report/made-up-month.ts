// Months made up by a seed, entry by entry, and beside them what a report of one of them has to say of each request.

import type { RequestId, UserId } from "../../../src/domain/text/ids.ts";
import { userId } from "../../../src/domain/text/ids.ts";
import { idOf } from "../../adapters/redis/with-store.ts";
import { PEOPLE, type Raw, VMS } from "../../support/long-audit.ts";
import { HOUR, MINUTE } from "../../support/requests.ts";

const DAY = 24 * HOUR;
const LEADS = Array.from({ length: 6 }, (_, n) => userId(`U0L${n}`));

type Expected = {
  readonly request: RequestId;
  readonly who: UserId;
  readonly approvers: readonly UserId[];
  readonly askedAtMs: number;
  readonly openedAtMs: number | undefined;
  readonly closedAtMs: number | undefined;
  readonly minutes: number;
  readonly minutesInMonth: number;
  readonly end: string;
  readonly review: "ok" | "concern" | "none" | undefined;
};

export type MadeUp = {
  readonly entries: readonly Raw[];
  /** Those that belong to the month, by their request. */
  readonly expected: ReadonlyMap<RequestId, Expected>;
  readonly others: number;
};

type Month = { readonly fromMs: number; readonly untilMs: number };

const FATES = [
  ...["on time", "on time", "on time", "early", "elsewhere", "extended", "denied", "cancelled"],
  ...["expired", "failed", "retried", "pending", "withdrawn", "ok", "concern", "none"],
] as const;
type Fate = (typeof FATES)[number];

/** A log that is being made up. */
type Making = {
  readonly random: () => number;
  readonly month: Month;
  readonly nowMs: number;
  readonly raws: Omit<Raw, "seq">[];
  readonly expected: Map<RequestId, Expected>;
  requests: number;
  others: number;
};

/** `nowMs`: nothing happens after it. */
export function madeUpMonth(
  random: () => number,
  { count, month, nowMs }: { count: number; month: Month; nowMs: number },
): MadeUp {
  const raws: Making["raws"] = [];
  const expected: Making["expected"] = new Map();
  const making: Making = { random, month, nowMs, raws, expected, requests: 0, others: 0 };
  const beginsMs = month.fromMs - 5 * DAY;
  const lastMs = Math.min(nowMs - 3 * DAY, month.untilMs + 2 * DAY);
  while (raws.length < count) {
    const atMs = Math.round(beginsMs + random() * (lastMs - beginsMs));
    makeRequest(making, atMs);
    if (random() < 0.02) openElsewhere(making, atMs);
    if (random() < 0.02) raws.push({ atMs, what: "refused", detail: { why: "no-rule" } });
  }
  const entries = raws
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((entry, at) => ({ ...entry, seq: at + 1 }));
  return { entries, expected, others: making.others };
}

const pick = <T>({ random }: Making, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T;

const isIn = ({ fromMs, untilMs }: Month, atMs: number): boolean =>
  atMs >= fromMs && atMs < untilMs;

function openElsewhere(making: Making, atMs: number): void {
  const detail = { caller: "mallory@example.com", ports: "22", source: "*", endsAtMs: atMs + HOUR };
  making.raws.push({ atMs, what: "opened-elsewhere", vm: pick(making, VMS).key, detail });
  if (isIn(making.month, atMs)) making.others += 1;
}

/** What becomes of a request, and when. */
type Life = {
  readonly request: RequestId;
  readonly who: UserId;
  readonly vm: (typeof VMS)[number];
  readonly fate: Fate;
  readonly leads: readonly [UserId, UserId];
  readonly durationMs: number;
  readonly askedAtMs: number;
  readonly openedAtMs: number;
  readonly endsAtMs: number;
};

function newLife(making: Making, askedAtMs: number, isExtension: boolean): Life {
  const request = idOf(making.requests++);
  const who = pick(making, PEOPLE);
  const vm = pick(making, VMS);
  const fate = isExtension ? "on time" : pick(making, FATES);
  const durationMs = (1 + Math.floor(making.random() * 16)) * 15 * MINUTE;
  const leads = [pick(making, LEADS.slice(0, 3)), pick(making, LEADS.slice(3))] as const;
  const openedAtMs = askedAtMs + 2 * MINUTE;
  const endsAtMs = openedAtMs + durationMs;
  return { request, who, vm, fate, leads, durationMs, askedAtMs, openedAtMs, endsAtMs };
}

/** Writes what happens to a request, and notes what a report has to say of it. */
function writerOf(making: Making, life: Life) {
  const { request, who, vm, fate, askedAtMs, openedAtMs, endsAtMs } = life;
  const of = { requester: who, vm: vm.key, request };
  const say = (atMs: number, what: string, detail: Raw["detail"] = {}, by?: UserId) =>
    making.raws.push({ ...of, atMs, what, detail: { rule: "production", ...detail }, by });
  const expect = (known: Pick<Expected, "approvers" | "openedAtMs" | "closedAtMs" | "end">) => {
    const { month, nowMs } = making;
    const lastMs = Math.min(known.closedAtMs ?? endsAtMs, nowMs);
    const inMonthMs =
      known.openedAtMs === undefined
        ? 0
        : Math.max(0, Math.min(lastMs, month.untilMs) - Math.max(known.openedAtMs, month.fromMs));
    if (!isIn(month, askedAtMs) && inMonthMs === 0) return;
    making.expected.set(request, {
      ...{ request, who, askedAtMs, ...known },
      minutes: known.openedAtMs === undefined ? 0 : Math.round((lastMs - openedAtMs) / MINUTE),
      minutesInMonth: Math.round(inMonthMs / MINUTE),
      review: fate === "ok" || fate === "concern" || fate === "none" ? fate : undefined,
    });
  };
  return {
    say,
    open: () => say(openedAtMs, "opened", { endsAtMs }),
    grant: (by: UserId) => say(askedAtMs + MINUTE, "granted", { endsAtMs }, by),
    close: (how: string, atMs: number) => say(atMs, "ended", { how, endedAtMs: atMs }),
    wasNeverOpen: (end: string, approvers: readonly UserId[] = []) =>
      expect({ approvers, openedAtMs: undefined, closedAtMs: undefined, end }),
    wasOpen: (end: string, closedAtMs: number, approvers: readonly UserId[]) =>
      expect({ approvers, openedAtMs, closedAtMs, end }),
  };
}
type Writer = ReturnType<typeof writerOf>;

function makeRequest(making: Making, askedAtMs: number, extendsId?: RequestId): void {
  const life = newLife(making, askedAtMs, extendsId !== undefined);
  const { request, who, vm, fate, durationMs, endsAtMs } = life;
  const writer = writerOf(making, life);
  const isBreakGlass = fate === "ok" || fate === "concern" || fate === "none";
  const source = "203.0.113.0/24";
  const asked = { vm: vm.id, ports: "22,3389", source, durationMs, reason: "r" };
  writer.say(askedAtMs, isBreakGlass ? "broke-glass" : "asked", asked, who);
  if (fate !== "extended") {
    LIVES[fate](life, writer);
    return;
  }
  const [first] = life.leads;
  writer.grant(first);
  writer.open();
  const atMs = endsAtMs - 10 * MINUTE;
  const into = idOf(making.requests);
  makeRequest(making, atMs - 3 * MINUTE, request);
  writer.say(atMs, "extended", { into });
  writer.wasOpen("extended", atMs, [first]);
}

type Lived = (life: Life, writer: Writer) => void;

const approvedByTwo: Lived = ({ fate, leads, askedAtMs, endsAtMs }, writer) => {
  const [first, second] = leads;
  writer.say(askedAtMs + 1_000, "approved", {}, first);
  writer.grant(second);
  writer.open();
  const atMs = fate === "on time" ? endsAtMs : endsAtMs - 5 * MINUTE;
  writer.close(fate === "on time" ? "expired" : fate, atMs);
  writer.wasOpen(fate, atMs, leads);
};

const brokeGlass: Lived = ({ fate, leads: [first], endsAtMs }, writer) => {
  writer.open();
  writer.close("expired", endsAtMs);
  if (fate !== "none") {
    writer.say(endsAtMs + DAY, "reviewed", { verdict: fate, text: "seen" }, first);
  }
  writer.wasOpen("on time", endsAtMs, []);
};

/** After it was requested. */
const LIVES: Readonly<Record<Exclude<Fate, "extended">, Lived>> = {
  "on time": approvedByTwo,
  early: approvedByTwo,
  elsewhere: approvedByTwo,
  ok: brokeGlass,
  concern: brokeGlass,
  none: brokeGlass,
  pending: (_, writer) => writer.wasNeverOpen("pending"),
  denied: ({ askedAtMs, leads: [first] }, writer) => {
    writer.say(askedAtMs + MINUTE, "denied", { reason: "no" }, first);
    writer.wasNeverOpen("denied");
  },
  cancelled: ({ askedAtMs, who }, writer) => {
    writer.say(askedAtMs + MINUTE, "cancelled", {}, who);
    writer.wasNeverOpen("cancelled");
  },
  expired: ({ askedAtMs }, writer) => {
    writer.say(askedAtMs + 4 * HOUR, "lapsed");
    writer.wasNeverOpen("expired");
  },
  failed: ({ openedAtMs, leads: [first] }, writer) => {
    writer.grant(first);
    writer.say(openedAtMs, "failed", { code: "Conflict", message: "no" });
    writer.wasNeverOpen("failed", [first]);
  },
  retried: ({ askedAtMs, endsAtMs, who, leads: [first] }, writer) => {
    writer.grant(first);
    writer.say(askedAtMs + MINUTE + 1, "failed", { code: "Conflict", message: "no" });
    writer.say(askedAtMs + MINUTE + 2, "retried", {}, who);
    writer.open();
    writer.close("expired", endsAtMs);
    writer.wasOpen("on time", endsAtMs, [first]);
  },
  withdrawn: ({ askedAtMs, endsAtMs, leads: [first, second] }, writer) => {
    writer.say(askedAtMs + 1_000, "approved", {}, first);
    writer.say(askedAtMs + 2_000, "taken-back", {}, first);
    writer.grant(second);
    writer.open();
    writer.close("early", endsAtMs - MINUTE);
    writer.wasOpen("early", endsAtMs - MINUTE, [second]);
  },
};
