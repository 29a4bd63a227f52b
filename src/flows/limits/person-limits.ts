// What one person may do in a while: a bucket for each, looked at before Slack, Azure or Redis are asked anything.

import type { UserId } from "../../domain/text/ids.ts";
import { type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Meter } from "../../ports/metrics/meter.ts";

/** This many at once, then one per this many milliseconds. */
export type PersonLimit = { readonly atOnce: number; readonly everyMs: number };

/** Each kind has a bucket of its own: none can use up another's. */
type ActKind = "usual" | "reserved" | "typing" | "home" | "yes" | "no" | "azure";

export type PersonLimitRates = Readonly<Record<ActKind, PersonLimit>>;

export const PACES: PersonLimitRates = {
  // Commands and clicks, most of which are answered from what is known.
  usual: { atOnce: 200, everyMs: 500 },
  // Breaking the glass and ending.
  reserved: { atOnce: 30, everyMs: 2_000 },
  // Slack sends what is typed into a search, and every change of a form.
  typing: { atOnce: 100, everyMs: 250 },
  home: { atOnce: 10, everyMs: 5_000 },
  // Decisions, each of which asks Slack afresh about two people and their groups.
  yes: { atOnce: 20, everyMs: 3_000 },
  // Fresh looks at somebody who may not by what is known; all people together have twice as many.
  no: { atOnce: 5, everyMs: 12_000 },
  // Reads of all VMs before their time, for a name that isn't known or a policy that may have changed.
  azure: { atOnce: 3, everyMs: 20_000 },
};

/** People whose bucket may be other than full; more than act at the same time anywhere. */
const KEPT_MAX = 10_000;

export type PersonLimits = {
  /** Takes one of a person's acts; a refusal where they have had too many. */
  take(user: UserId, kind: ActKind): Refusal | undefined;
};

export function personLimits(
  clock: Pick<Clock, "monotonicMs">,
  paces: PersonLimitRates = PACES,
): PersonLimits {
  const buckets = new Map(
    Object.entries(paces).map(([kind, pace]) => [kind, bucket<UserId>(clock, pace)] as const),
  );
  // Slack lets the bot read a group some twenty times a minute: half of that is for those who may.
  const { atOnce, everyMs } = paces.no;
  const noToAll = bucket<"all">(clock, { atOnce: 2 * atOnce, everyMs: everyMs / 2 });
  return {
    take(user, kind) {
      const ownMs = buckets.get(kind)?.(user) ?? 0;
      const waitMs = ownMs === 0 && kind === "no" ? noToAll("all") : ownMs;
      return waitMs === 0 ? undefined : tooFast(kind, waitMs);
    },
  };
}

/** As `limits`, with each refusal counted. */
export const meteredLimits = (limits: PersonLimits, meter: Meter | undefined): PersonLimits => ({
  take: (user, kind) => {
    const refusal = limits.take(user, kind);
    // Who has had too many fresh looks is still answered, by what is known.
    if (refusal !== undefined && kind !== "no") meter?.tooFast();
    return refusal;
  },
});

/** Takes one from the key's bucket, and answers 0; or how long to wait until there is one again. */
export function bucket<Key>(
  clock: Pick<Clock, "monotonicMs">,
  { atOnce, everyMs }: PersonLimit,
): (key: Key) => number {
  // When the next act would be on time, were they spread evenly: the latest changed stand last.
  const onTime = new Map<Key, number>();
  return (key) => {
    const nowMs = clock.monotonicMs();
    const nextMs = Math.max(onTime.get(key) ?? nowMs, nowMs);
    const earlyMs = nextMs - nowMs - (atOnce - 1) * everyMs;
    if (earlyMs > 0) return earlyMs;
    onTime.delete(key);
    onTime.set(key, nextMs + everyMs);
    for (const oldest of onTime.keys()) {
      if (onTime.size <= KEPT_MAX) break;
      onTime.delete(oldest);
    }
    return 0;
  };
}

function tooFast(kind: ActKind, waitMs: number): Refusal {
  const seconds = secondsOf(waitMs);
  return kind === "usual" || kind === "yes"
    ? refuse(
        "too-fast",
      )`That's too many at once: try again in ${seconds}. I still answer ${{ code: "/jit breakglass" }} and ${{ code: "/jit end" }}.`
    : refuse("too-fast")`That's too many at once: try again in ${seconds}.`;
}

export function secondsOf(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${seconds} second${seconds === 1 ? "" : "s"}`;
}
