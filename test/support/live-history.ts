// Requests made up by a seed that are in the store with all that belongs to them, each as far as its life has come
// by now; and what the audit holds of them, read as it lies in Redis.

import type { Redis } from "ioredis";
import type { RedisStorage } from "../../src/adapters/redis/storage.ts";
import type { WorldAct } from "../../src/domain/request/acts/world-act.ts";
import type { Moved } from "../../src/domain/request/moved.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import { type Act, transition } from "../../src/domain/request/transition.ts";
import type { UserId } from "../../src/domain/text/ids.ts";
import { isRefusal } from "../../src/domain/text/refusal.ts";
import { idOf } from "../adapters/redis/with-store.ts";
import { type Raw, SOURCES, type VMS } from "./long-audit.ts";
import { ADA, aBirth, anAsk, HOUR, LEA, MINUTE } from "./requests.ts";

const ROOM = { openPerPerson: 1_000, pendingPerPerson: 1_000 };
const HASH = "b".repeat(64);
const FAULT = { code: "AuthorizationFailed", message: "no" };
const roles = { isApprover: true, isAdmin: true };

const approve: Act = {
  act: "approve",
  by: LEA,
  roles,
  needed: 1,
  stillApprovers: [],
  longestMs: 12 * HOUR,
  policyHash: HASH,
};
const retry: Act = {
  act: "retry",
  by: LEA,
  roles,
  needed: 1,
  stillApprovers: [LEA],
  policyHash: HASH,
};
const seen: WorldAct = {
  act: "seen",
  openPorts: [3389],
  wayIn: { address: undefined, mappedPorts: {} },
  absent: false,
  nextAtMs: 0,
};
const sending: WorldAct = { act: "sending", to: "open" };
const refused: WorldAct = { act: "refused", fault: FAULT };
const end: Act = { act: "end", by: LEA, roles };
const closed: WorldAct = { act: "closed", closing: "closed" };
const parked: WorldAct = { act: "park", why: "failed" };
const OPEN: readonly Act[] = [approve, sending, { act: "accepted" }, seen];

/** How far a life has come. */
const LIVES: readonly (readonly Act[])[] = [
  [],
  [{ act: "deny", by: LEA, roles, reason: "no" }],
  [approve],
  [approve, sending, { act: "accepted" }],
  OPEN,
  OPEN,
  OPEN,
  [...OPEN, end],
  [...OPEN, end, { act: "not-closed", fault: FAULT }],
  [...OPEN, end, { act: "sending", to: "close", closesAtMs: 0 }, closed],
  [...OPEN, { act: "gone" }],
  [...OPEN, { act: "extended", into: idOf(0), untilMs: 0 }],
  [...OPEN, parked],
  [...OPEN, parked, { act: "requeue", by: ADA, roles }],
  [approve, sending, refused],
  [approve, sending, refused, retry],
];

type Made = {
  readonly count: number;
  readonly people: readonly UserId[];
  readonly vms: typeof VMS;
};

/** Their ids begin where those of `longAudit` never come. */
export async function liveHistory(
  { requests, storeClock }: RedisStorage,
  random: () => number,
  { count, people, vms }: Made,
): Promise<void> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  for (let n = 0; n < count; n++) {
    const vm = pick(vms);
    const nowMs = await storeClock.nowMs();
    const ask = anAsk({
      requester: pick(people),
      vm: { ...vm, name: "vm", os: "windows" },
      // No two end in the same millisecond, so that their order is plain.
      durationMs: (10 + Math.floor(random() * 200)) * MINUTE + n * 20_000,
      source: pick(SOURCES),
      askedAtMs: nowMs,
    });
    const born = aBirth({ ask, longestMs: 12 * HOUR }, { id: idOf(10_000_000 + n), nowMs });
    await requests.create({ next: born.request, audit: born.audit }, ROOM);
    let request = born.request;
    let version = 1;
    for (const act of pick(LIVES)) {
      const moved = movedBy(request, act, nowMs);
      request = moved.request;
      await requests.commit(version, { next: request, audit: moved.audit });
      version += 1;
    }
  }
}

function movedBy(request: AccessRequest, act: Act, nowMs: number): Moved {
  const moved = transition(request, act, nowMs);
  if (isRefusal(moved)) throw new Error(`${act.act} of ${request.state}: ${moved.refused}`);
  return moved;
}

/** The entries from this number on, without any of the product's readers. */
export async function rawEntries(
  redis: Redis,
  tenant: string,
  fromSeq: number,
): Promise<readonly Raw[]> {
  const key = (name: string) => `{jit:${tenant}}:${name}`;
  const people = await redis.hgetall(key("people"));
  const beside = await redis.hgetall(key("texts"));
  const stored = await redis.xrange(key("audit"), `${fromSeq}-0`, "+");
  return stored.map(([, [, text = "{}"]]) => {
    const { seq, atMs, what, of, id, detail } = JSON.parse(text);
    const besides = JSON.parse(beside[seq] ?? "{}");
    return {
      seq,
      atMs,
      what,
      ...(of && { requester: people[of] as UserId }),
      ...(id && { request: id }),
      detail: { ...detail, ...besides },
    };
  });
}
