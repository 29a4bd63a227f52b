// A long audit made up by a seed: people who ask for VMs over and over, in an order and with ends of all kinds; and
// as Redis would have it, written in bulk.

import type { Redis } from "ioredis";
import { type About, lineOf, referenceTo } from "../../src/domain/audit/audit-entry.ts";
import type { AuditNote } from "../../src/domain/request/moved.ts";
import {
  type RequestId,
  type UserId,
  userId,
  type VmKey,
  vmKey,
} from "../../src/domain/text/ids.ts";
import { idOf } from "../adapters/redis/with-store.ts";
import { HOUR } from "./requests.ts";

/** An entry as it was meant, before anything was made of it. */
export type Raw = {
  readonly seq: number;
  readonly atMs: number;
  readonly what: string;
  readonly requester?: UserId;
  /** Somebody else than the requester, who did it. */
  readonly by?: UserId | undefined;
  readonly vm?: VmKey;
  readonly request?: RequestId;
  readonly detail?: NonNullable<AuditNote["detail"]>;
};

/** Numbers between 0 and 1, the same ones for a seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const PEOPLE = Array.from({ length: 40 }, (_, n) => userId(`U0P${n}`));

/** The first two have one name, and one resource group's name, in two subscriptions. */
export const VMS = Array.from({ length: 60 }, (_, n) => {
  const subscription = n === 1 ? "s2" : "s1";
  const name = n === 1 ? "vm-0" : `vm-${n}`;
  const id = `/subscriptions/${subscription}/resourceGroups/Rg-Web/providers/Microsoft.Compute/virtualMachines/${name}`;
  return { id, key: vmKey(id) };
});

export const SOURCES = ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.7", "*"];

const ENDS = ["ended", "ended", "ended", "ended", "denied", "cancelled", "lapsed", "failed"];

/** `count` entries over `days` until `untilMs`, in the order of their numbers. */
export function longAudit(
  random: () => number,
  { count, untilMs, days }: { count: number; untilMs: number; days: number },
): readonly Raw[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const entries: Omit<Raw, "seq">[] = [];
  let requests = 0;
  while (entries.length < count) {
    const atMs = Math.round(untilMs - random() * days * 24 * HOUR);
    const requester = pick(PEOPLE);
    // Some only ever ask for one thing, some for anything.
    const vm = random() < 0.3 ? pick(VMS.slice(0, 4)) : pick(VMS);
    const of = { requester, vm: vm.key, request: idOf(requests++) };
    const begun = random() < 0.02 ? "broke-glass" : "asked";
    const durationMs = (1 + Math.floor(random() ** 3 * 6)) * HOUR;
    const detail = {
      vm: vm.id,
      ports: "3389",
      source: random() < 0.9 ? (SOURCES[0] as string) : pick(SOURCES),
      durationMs,
      reason: "made up",
      rule: "production",
    };
    entries.push({ ...of, atMs, what: begun, detail });
    entries.push({ ...of, atMs: atMs + 1_000, what: "approved" });
    entries.push({ ...of, atMs: atMs + 2_000, what: "azure-accepted" });
    // What is pending or open has no end yet.
    if (random() < 0.97) entries.push({ ...of, atMs: atMs + durationMs, what: pick(ENDS) });
    if (random() < 0.001) entries.push({ atMs, what: "policy-loaded", detail: { before: "a" } });
  }
  return entries
    .filter(({ atMs }) => atMs <= untilMs)
    .toSorted((one, other) => one.atMs - other.atMs)
    .map((entry, index) => ({ ...entry, seq: index + 1 }));
}

const WRITTEN_AT_ONCE = 2_000;

/** As the scripts would have written them, but for the trails. */
export async function writeInBulk(
  redis: Redis,
  tenant: string,
  entries: readonly Raw[],
): Promise<void> {
  const key = (name: string) => `{jit:${tenant}}:${name}`;
  const saltOf = (user: string) => `salt-of-${user}`;
  const people = entries.flatMap(({ requester, by }) => [requester ?? [], by ?? []].flat());
  for (const user of new Set(people)) {
    const reference = referenceTo(user, saltOf(user));
    await redis.hset(key("people"), `u:${user}`, `${reference}|${saltOf(user)}|${entries.length}`);
    await redis.hset(key("people"), reference, user);
  }
  for (let from = 0; from < entries.length; from += WRITTEN_AT_ONCE) {
    const pipeline = redis.pipeline();
    for (const { seq, atMs, what, requester, by, vm, request, detail } of entries.slice(
      from,
      from + WRITTEN_AT_ONCE,
    )) {
      const about: About = { id: request, requester, vm };
      const line = lineOf({ what, detail }, about, () => "salt");
      const of =
        requester === undefined ? "" : `"of":"${referenceTo(requester, saltOf(requester))}",`;
      const who = by === undefined ? "" : `"by":"${referenceTo(by, saltOf(by))}",`;
      const text = `{"seq":${seq},"atMs":${atMs},${who}${of}${line.rest}`;
      pipeline.xadd(key("audit"), `${seq}-0`, "e", text);
      if (line.beside !== undefined) pipeline.hset(key("texts"), String(seq), line.beside);
    }
    await pipeline.exec();
  }
}
