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

/** `nowMs`: nothing happens after it. */
export function madeUpMonth(
  random: () => number,
  { count, month, nowMs }: { count: number; month: Month; nowMs: number },
): MadeUp {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const raws: Omit<Raw, "seq">[] = [];
  const expected = new Map<RequestId, Expected>();
  const overlap = (fromMs: number, untilMs: number) =>
    Math.max(0, Math.min(untilMs, month.untilMs) - Math.max(fromMs, month.fromMs));
  let requests = 0;
  let others = 0;

  const one = (askedAtMs: number, extendsId?: RequestId): void => {
    const request = idOf(requests++);
    const who = pick(PEOPLE);
    const vm = pick(VMS);
    const fate = extendsId === undefined ? pick(FATES) : "on time";
    const durationMs = (1 + Math.floor(random() * 16)) * 15 * MINUTE;
    const [first, second] = [pick(LEADS.slice(0, 3)), pick(LEADS.slice(3))];
    const of = { requester: who, vm: vm.key, request };
    const say = (atMs: number, what: string, detail: Raw["detail"] = {}, by?: UserId) =>
      raws.push({ ...of, atMs, what, detail: { rule: "production", ...detail }, by });
    const glass = fate === "ok" || fate === "concern" || fate === "none";
    const asked = {
      vm: vm.id,
      ports: "22,3389",
      source: "203.0.113.0/24",
      durationMs,
      reason: "r",
    };
    say(askedAtMs, glass ? "broke-glass" : "asked", asked, who);
    const openedAtMs = askedAtMs + 2 * MINUTE;
    const endsAtMs = openedAtMs + durationMs;
    const open = () => say(openedAtMs, "opened", { endsAtMs });
    const grant = (by: UserId) => say(askedAtMs + MINUTE, "granted", { endsAtMs }, by);
    const close = (how: string, atMs: number) => say(atMs, "ended", { how, endedAtMs: atMs });
    const never = (end: string, approvers: readonly UserId[] = []) =>
      expect({ approvers, openedAtMs: undefined, closedAtMs: undefined, end });
    const expect = (known: Pick<Expected, "approvers" | "openedAtMs" | "closedAtMs" | "end">) => {
      const isAsked = askedAtMs >= month.fromMs && askedAtMs < month.untilMs;
      const lastMs = Math.min(known.closedAtMs ?? endsAtMs, nowMs);
      const inMonthMs = known.openedAtMs === undefined ? 0 : overlap(known.openedAtMs, lastMs);
      if (!isAsked && inMonthMs === 0) return;
      expected.set(request, {
        ...{ request, who, askedAtMs, ...known },
        minutes: known.openedAtMs === undefined ? 0 : Math.round((lastMs - openedAtMs) / MINUTE),
        minutesInMonth: Math.round(inMonthMs / MINUTE),
        review: glass ? fate : undefined,
      });
    };
    const wasOpen = (end: string, closedAtMs: number, approvers: readonly UserId[]) =>
      expect({ approvers, openedAtMs, closedAtMs, end });

    switch (fate) {
      case "denied":
        say(askedAtMs + MINUTE, "denied", { reason: "no" }, first);
        never("denied");
        break;
      case "cancelled":
        say(askedAtMs + MINUTE, "cancelled", {}, who);
        never("cancelled");
        break;
      case "expired":
        say(askedAtMs + 4 * HOUR, "lapsed");
        never("expired");
        break;
      case "pending":
        never("pending");
        break;
      case "failed":
        grant(first);
        say(openedAtMs, "failed", { code: "Conflict", message: "no" });
        never("failed", [first]);
        break;
      case "retried":
        grant(first);
        say(askedAtMs + MINUTE + 1, "failed", { code: "Conflict", message: "no" });
        say(askedAtMs + MINUTE + 2, "retried", {}, who);
        open();
        close("expired", endsAtMs);
        wasOpen("on time", endsAtMs, [first]);
        break;
      case "withdrawn":
        say(askedAtMs + 1_000, "approved", {}, first);
        say(askedAtMs + 2_000, "taken-back", {}, first);
        grant(second);
        open();
        close("early", endsAtMs - MINUTE);
        wasOpen("early", endsAtMs - MINUTE, [second]);
        break;
      case "extended": {
        grant(first);
        open();
        const atMs = endsAtMs - 10 * MINUTE;
        const into = idOf(requests);
        one(atMs - 3 * MINUTE, request);
        say(atMs, "extended", { into });
        wasOpen("extended", atMs, [first]);
        break;
      }
      case "ok":
      case "concern":
      case "none":
        open();
        close("expired", endsAtMs);
        if (fate !== "none")
          say(endsAtMs + DAY, "reviewed", { verdict: fate, text: "seen" }, first);
        wasOpen("on time", endsAtMs, []);
        break;
      default: {
        say(askedAtMs + 1_000, "approved", {}, first);
        grant(second);
        open();
        const how = fate === "on time" ? "expired" : fate;
        const atMs = fate === "on time" ? endsAtMs : endsAtMs - 5 * MINUTE;
        close(how, atMs);
        wasOpen(fate, atMs, [first, second]);
        break;
      }
    }
  };

  const beginsMs = month.fromMs - 5 * DAY;
  const lastMs = Math.min(nowMs - 3 * DAY, month.untilMs + 2 * DAY);
  while (raws.length < count) {
    const atMs = Math.round(beginsMs + random() * (lastMs - beginsMs));
    one(atMs);
    if (random() < 0.02) {
      const detail = {
        caller: "mallory@example.com",
        ports: "22",
        source: "*",
        endsAtMs: atMs + HOUR,
      };
      raws.push({ atMs, what: "opened-elsewhere", vm: pick(VMS).key, detail });
      if (atMs >= month.fromMs && atMs < month.untilMs) others += 1;
    }
    if (random() < 0.02) raws.push({ atMs, what: "refused", detail: { why: "no-rule" } });
  }
  const entries = raws
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((entry, at) => ({ ...entry, seq: at + 1 }));
  return { entries, expected, others };
}
