// Azure Resource Manager's limits: a token bucket for reads, one for writes, one for deletes.

import { ArmRefusal, type Azure } from "./arm.ts";

type Kind = "reads" | "writes" | "deletes";

/** Per subscription and caller, as Microsoft documents them. */
const LIMITS: Record<Kind, { size: number; perSecond: number }> = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
};

export type Buckets = Map<string, { tokens: number; atMs: number }>;

/** Takes one token; answers the headers that tell what is left. Throws 429 when there is none. */
export function spend(
  azure: Azure,
  buckets: Buckets,
  on: { method: string; subscription: string; caller: string },
): Record<string, string> {
  const kind = kindOf(on.method);
  const limit = LIMITS[kind];
  const nowMs = azure.nowMs();
  const key = `${on.subscription.toLowerCase()} ${on.caller} ${kind}`;
  const known = buckets.get(key);
  // A test that sets its clock back begins again.
  const bucket = known && known.atMs <= nowMs ? known : { tokens: limit.size, atMs: nowMs };
  const passedS = (nowMs - bucket.atMs) / 1_000;
  bucket.tokens = Math.min(limit.size, bucket.tokens + passedS * limit.perSecond);
  bucket.atMs = nowMs;
  buckets.set(key, bucket);
  if (bucket.tokens < 1 && azure.switches.armThrottled) {
    throw throttled(azure, {
      ...on,
      kind,
      waitS: Math.ceil((1 - bucket.tokens) / limit.perSecond),
    });
  }
  bucket.tokens = Math.max(0, bucket.tokens - 1);
  return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(Math.floor(bucket.tokens)) };
}

function kindOf(method: string): Kind {
  if (method === "GET" || method === "HEAD") return "reads";
  return method === "DELETE" ? "deletes" : "writes";
}

function throttled(
  azure: Azure,
  on: { subscription: string; caller: string; kind: Kind; waitS: number },
): ArmRefusal {
  const message =
    `Number of '${on.kind.slice(0, -1)}' requests for subscription '${on.subscription}' actor ` +
    `'${on.caller}' exceeded. Please try again after '${on.waitS}' seconds after additional ` +
    "tokens are available. Refer to https://aka.ms/arm-throttling for additional information.";
  const headers = {
    [`x-ms-ratelimit-remaining-subscription-${on.kind}`]: "0",
    ...(azure.switches.retryAfter && { "retry-after": String(on.waitS) }),
  };
  return new ArmRefusal(429, { code: "SubscriptionRequestsThrottled", message }, headers);
}
