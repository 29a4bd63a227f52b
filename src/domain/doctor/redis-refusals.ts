// What a Redis means that answers and takes no writes: what is wrong with it, and the fix. Pure.

export type RedisRefusal = { readonly is: string; readonly fix: string };

/** By Redis's own word: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors */
const REFUSALS: ReadonlyMap<string, RedisRefusal> = new Map([
  ["OOM", { is: "is out of memory", fix: "raise its maxmemory" }],
  [
    "READONLY",
    { is: "is a replica, which accepts no writes", fix: "name the primary in REDIS_URL" },
  ],
  [
    "NOREPLICAS",
    {
      is: "has too few replicas to take writes",
      fix: "bring its replicas back, or lower min-replicas-to-write",
    },
  ],
  ["MISCONF", { is: "can't save to disk and refuses writes", fix: "look at its disk and its log" }],
]);

/** `undefined`: this is no refusal of a write. */
export const redisRefusal = (code: string): RedisRefusal | undefined => REFUSALS.get(code);
