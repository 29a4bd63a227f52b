// What can be turned about the simulated Azure while it runs, unknown behaviour above all.

import { z } from "zod";

const HOUR_MS = 3_600_000;

const switchesSchema = z.strictObject({
  /** From an accepted request to status Initiated; `never` leaves it Initiating until its end. */
  opensAfterMs: z.union([z.number().min(0), z.literal("never")]).default(2_000),
  /** From a request's end until its status says so, and its rule is gone. Unknown; it takes a moment. */
  closesAfterMs: z.number().min(0).default(1_000),
  /** Which earlier requests a later one puts an end to (NewerRequestInitiated). Unknown. */
  supersedes: z.enum(["vm-port", "vm-port-source", "nothing"]).default("vm-port"),
  /** A source inside the policy's range, but not the very same. Unknown: reports contradict. */
  narrowerSource: z.enum(["allow", "refuse"]).default("allow"),
  /**
   * The plural field of a request, which the portal sends: `take` it, `ignore` it as if nothing stood there, or
   * `refuse` it. Unknown for others than the portal.
   */
  severalSources: z.enum(["take", "ignore", "refuse"]).default("take"),
  /** Ends nearer than this are refused. Unknown; 0 takes any end in the future. */
  leastWindowMs: z.number().min(0).default(0),
  /** A request where the subscription's plan doesn't include JIT. Unknown. */
  planOff: z.enum(["refuse", "accept"]).default("refuse"),
  /** A VM with neither NSG nor firewall. Unknown; accepted, it never opens. */
  unsupportedVm: z.enum(["refuse", "accept"]).default("refuse"),
  /** What replacing a policy does to the requests it holds. Unknown. */
  requestsOnPut: z.enum(["keep", "replace"]).default("keep"),
  /** Whether writing a policy makes Defender restore the rules that somebody deleted. Unknown. */
  rulesOnPut: z.enum(["restore", "leave"]).default("restore"),
  /** The status reason of a request whose NSG rule somebody deleted, if it is noticed. Unknown. */
  deletedRule: z
    .enum(["UserRequested", "Expired", "NewerRequestInitiated", "unnoticed"])
    .default("UserRequested"),
  /** How long a policy still lists requests that have ended. Unknown. */
  endedKeptMs: z
    .number()
    .min(0)
    .default(24 * HOUR_MS),
  /** `mixed`: references to a VM spell its resource group in capitals, as Azure's often do. */
  idCase: z.enum(["same", "mixed"]).default("mixed"),
  /**
   * What listing all policies of a subscription asks for: the right to read those of a region, or more, which
   * only a wildcard gives. Unknown.
   */
  listingAtOnce: z.enum(["region-right", "wildcard"]).default("region-right"),
  /** Where Defender puts its deny rules; both have been seen. */
  denyPriority: z.union([z.literal(4096), z.literal(1000)]).default(4096),
  policyPageSize: z.int().min(1).default(100),
  /** 15 queries in 5 seconds, then 429. */
  graphThrottled: z.boolean().default(true),
  /** The token buckets of each subscription, then 429. */
  armThrottled: z.boolean().default(true),
  /** Whether a 429 of the buckets says when to come back. */
  retryAfter: z.boolean().default(true),
  /** From an operation to its events in the Activity Log. */
  activityDelayMs: z.number().min(0).default(120_000),
  activityPageSize: z.int().min(1).default(200),
});

export type Switches = z.output<typeof switchesSchema>;

/** The switches as given, the others as they are by default. Throws on an unknown or wrong one. */
export function createSwitches(given: Partial<Switches> = {}): Switches {
  return switchesSchema.parse(given);
}

/** Sets the switches named in `change`, from outside this process. Throws on a wrong one. */
export function turnSwitches(switches: Switches, change: unknown): void {
  const named = z.record(z.string(), z.unknown()).parse(change);
  Object.assign(switches, switchesSchema.parse({ ...switches, ...named }));
}
