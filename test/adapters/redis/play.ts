// A game of people, workers, crashes and time on one store, which keeps a book of who holds what.

import { dueAtMs } from "../../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import type { Claim } from "../../../src/ports/storage/work-queue.ts";
import {
  type Bench,
  ended,
  idOf,
  LEASE,
  OPS,
  open,
  opening,
  pending,
  unposted,
  write,
} from "./with-store.ts";

export const REQUESTS = 4;
export const KINDS = ["pending", "unposted", "opening", "open", "ended"] as const;
export type Kind = (typeof KINDS)[number];

export type Step =
  | { readonly does: "create"; readonly n: number; readonly kind: Kind }
  /** A person's act; `stale`: on a version that isn't the stored one any more. */
  | { readonly does: "click"; readonly n: number; readonly kind: Kind; readonly stale: boolean }
  | { readonly does: "claim"; readonly worker: string; readonly most: number }
  | { readonly does: "bring-on"; readonly worker: string; readonly kind: Kind }
  | { readonly does: "release"; readonly worker: string }
  | { readonly does: "die"; readonly worker: string }
  | { readonly does: "notify" }
  | { readonly does: "wait"; readonly ms: number };

type InHand = { readonly claim: Claim; version: number; request: AccessRequest | undefined };

export type Hands = {
  /** What each worker thinks that it holds: it may long be somebody else's. */
  readonly of: Map<string, InHand[]>;
  /** What is really held, by whom and until when. */
  readonly leases: Map<string, { worker: string; untilMs: number }>;
  notified: number;
  readonly told: Set<number>;
};

export const emptyHands = (): Hands => ({
  ...{ of: new Map(), leases: new Map(), notified: 0, told: new Set() },
});

const LIMITS = { openPerPerson: 1_000, pendingPerPerson: 1_000 };

export function make(kind: Kind, nowMs: number, n: number): AccessRequest {
  const made = { pending, unposted, opening, open, ended: () => ended(open(nowMs)) }[kind];
  return { ...made(nowMs), id: idOf(n) };
}

/** Plays one step. Throws where a claim brings what another worker still holds. */
export async function run(bench: Bench, hands: Hands, step: Step): Promise<void> {
  const { store } = bench;
  switch (step.does) {
    case "create":
      await store.requests.create(
        write(make(step.kind, await store.storeClock.nowMs(), step.n)),
        LIMITS,
      );
      return;
    case "click":
      return click(bench, hands, step);
    case "claim":
      return claim(bench, hands, step);
    case "bring-on":
      return bringOn(bench, hands, step);
    case "release":
      return release(bench, hands, step.worker);
    case "die":
      hands.of.delete(step.worker);
      return;
    case "notify":
      await store.notices.add(OPS, { what: "alarm", atMs: ++hands.notified });
      return;
    case "wait":
      bench.advance(step.ms);
  }
}

async function click(
  { store }: Bench,
  hands: Hands,
  step: Step & { does: "click" },
): Promise<void> {
  const kept = await store.requests.read(idOf(step.n));
  const next = make(step.kind, await store.storeClock.nowMs(), step.n);
  const done = await store.requests.commit(
    (kept?.version ?? 1) - (step.stale ? 1 : 0),
    write(next),
  );
  if (done.outcome === "written") expire(hands, next.id, done.nowMs);
}

async function claim(
  { store }: Bench,
  hands: Hands,
  step: Step & { does: "claim" },
): Promise<void> {
  for (const one of (await store.workQueue.claim(step.worker, { ...LEASE, most: step.most }))
    .claims) {
    if (one.kind === "unreadable") throw new Error(`${one.id} is unreadable: ${one.why}`);
    const name = one.kind === "request" ? one.id : one.channel;
    const lease = hands.leases.get(name);
    if (lease !== undefined && lease.untilMs > one.nowMs) {
      throw new Error(`${name} is still held by ${lease.worker}, and brought to ${step.worker}.`);
    }
    hands.leases.set(name, { worker: step.worker, untilMs: one.nowMs + LEASE.leaseMs });
    const known = one.kind === "request" ? one : { version: 0, request: undefined };
    const inHand = { claim: one, version: known.version, request: known.request };
    hands.of.set(step.worker, [...(hands.of.get(step.worker) ?? []), inHand]);
  }
}

async function bringOn(
  { store }: Bench,
  hands: Hands,
  { worker, kind }: Step & { does: "bring-on" },
): Promise<void> {
  const inHand = hands.of.get(worker)?.[0];
  if (inHand?.request === undefined) return;
  const next = { ...make(kind, await store.storeClock.nowMs(), 0), id: inHand.request.id };
  const done = await store.requests.commit(inHand.version, write(next), worker);
  if (done.outcome !== "written") return;
  inHand.version = done.version;
  inHand.request = next;
  const lease = hands.leases.get(next.id);
  if (lease?.worker === worker) lease.untilMs = done.nowMs + LEASE.leaseMs;
  else expire(hands, next.id, done.nowMs);
}

async function release({ store }: Bench, hands: Hands, worker: string): Promise<void> {
  const inHand = hands.of.get(worker)?.shift();
  if (inHand === undefined || inHand.claim.kind === "unreadable") return;
  const name = inHand.claim.kind === "request" ? inHand.claim.id : inHand.claim.channel;
  if (hands.leases.get(name)?.worker === worker) hands.leases.delete(name);
  if (inHand.claim.kind === "notices") {
    const { channel, notices } = inHand.claim;
    for (const notice of notices) hands.told.add(notice.atMs);
    await store.notices.release(worker, channel, { count: notices.length });
  } else if (inHand.request !== undefined) {
    const { version, request } = inHand;
    await store.workQueue.release(worker, request.id, { version, dueAtMs: dueAtMs(request) });
  }
}

/** A lease that is over is forgotten when somebody else writes. */
function expire(hands: Hands, name: string, nowMs: number): void {
  const lease = hands.leases.get(name);
  if (lease !== undefined && lease.untilMs <= nowMs) hands.leases.delete(name);
}
