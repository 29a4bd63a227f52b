// Somebody who can write to Redis and has not got the key of the audit: what they can put there.

import { genesisSeal, type SealKey, sealKey } from "../../src/domain/audit/audit-chain.ts";
import { TENANT } from "../adapters/redis/with-store.ts";
import type { AuditBench } from "./audit.ts";

export const NO_KEY = sealKey(undefined);

export type Item = { readonly seq: number; readonly text: string };

export function forger(on: AuditBench, tenant = TENANT) {
  const redis = () => on.bench.redis;
  const key = (name: string) => `{jit:${tenant}}:${name}`;
  const stream = async (name: string): Promise<Item[]> =>
    (await redis().xrange(key(name), "-", "+")).map(([id, fields]) => ({
      seq: Number(id.split("-")[0]),
      text: fields[1] ?? "",
    }));
  const rewrite = async (name: string, items: readonly Item[]) => {
    await redis().del(key(name));
    for (const { seq, text } of items) await redis().xadd(key(name), `${seq}-0`, "e", text);
  };
  return {
    key,
    entries: () => stream("audit"),
    seals: () => stream("seals"),
    rewriteEntries: (items: readonly Item[]) => rewrite("audit", items),
    /** Keeps the seals before `fromSeq`, and makes the others. */
    sealAgain: async (by: SealKey, fromSeq = 1) => {
      const kept = (await stream("seals")).filter(({ seq }) => seq < fromSeq);
      let seal = kept.at(-1)?.text ?? genesisSeal(tenant);
      const made = (await stream("audit")).filter(({ seq }) => seq >= fromSeq);
      const seals = made.map(({ seq, text }) => {
        seal = by.seal(seal, text);
        return { seq, text: seal };
      });
      await rewrite("seals", [...kept, ...seals]);
    },
    /** Another text at a number, where nothing else is looked at. */
    alter: async (seq: number, from: string | RegExp, to: string) =>
      rewrite(
        "audit",
        (await stream("audit")).map((one) =>
          one.seq === seq ? { ...one, text: one.text.replace(from, to) } : one,
        ),
      ),
    plant: (text: string, id = "*") => redis().xadd(key("audit"), id, "e", text),
    field: (hash: string, field: string) => redis().hget(key(hash), field),
    put: (hash: string, field: string, value: string) => redis().hset(key(hash), field, value),
  };
}
