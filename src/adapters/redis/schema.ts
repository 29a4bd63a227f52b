// What a stored request looks like once it is decoded; the compiler holds it to the request's own type.

import { z } from "zod";
import type { ChannelId, GroupId, RequestId, UserId, VmKey } from "../../request/ids.ts";
import type { AccessRequest } from "../../request/request.ts";
import { type Exact, sameType } from "./same-type.ts";

const isText = (value: unknown) => typeof value === "string";

export const userSchema = z.custom<UserId>(isText);
export const channelSchema = z.custom<ChannelId>(isText);
export const requestIdSchema = z.custom<RequestId>(isText);
const group = z.custom<GroupId>(isText);
const vmKey = z.custom<VmKey>(isText);
const timeMs = z.number();
const count = z.int().nonnegative();

/** A field that is always there but may be undefined: JSON leaves it out. */
const orUndefined = <S extends z.ZodType>(schema: S) =>
  z.union([schema, z.undefined()]).prefault(undefined);

const ask = z.object({
  requester: userSchema,
  vm: z.object({
    key: vmKey,
    id: z.string(),
    name: z.string(),
    os: orUndefined(z.enum(["linux", "windows"])),
  }),
  jitPolicyId: z.string(),
  ports: z.array(z.int()).nonempty(),
  durationMs: z.number(),
  source: z.string(),
  sourceName: z.string().optional(),
  proven: z.literal(true).optional(),
  reason: z.string(),
  askedAtMs: timeMs,
  breakGlass: z.literal(true).optional(),
  extends: requestIdSchema.optional(),
});

const people = z.object({ users: z.array(userSchema), groups: z.array(group) });

const promised = z.object({
  rule: z.string(),
  policyHash: z.string(),
  approvals: count,
  approvers: people,
  warnBeforeMs: z.number(),
  remindAfterMs: z.number().optional(),
  escalate: z.object({ afterMs: z.number(), to: people }).optional(),
  nobody: z.literal(true).optional(),
});

const fault = z.object({ code: z.string(), message: z.string(), fix: z.string().optional() });

const grant = z.object({
  startsAtMs: timeMs,
  endsAtMs: timeMs,
  approvedBy: z.array(userSchema),
  policyHash: z.string(),
  checkedAtMs: timeMs.optional(),
  azure: z.object({
    sent: count,
    answer: z.enum(["unsent", "unknown", "accepted"]),
    reads: count,
    seenPorts: z.array(z.int()),
    fault: fault.optional(),
    doubted: z.literal(true).optional(),
    watched: z.literal(true).optional(),
  }),
  openedAtMs: timeMs.optional(),
  wayIn: z
    .object({
      address: orUndefined(z.string()),
      mappedPorts: z.record(z.string(), z.number()),
    })
    .optional(),
  warnedAtMs: timeMs.optional(),
});

const step = z.object({
  n: count,
  atMs: timeMs,
  what: z.enum([
    "asked",
    "broke-glass",
    "opened-by-rule",
    "reminded",
    "escalated",
    "narrowed",
    "left",
    "reviewed",
    "review-reminded",
    "no-approvers",
    "card-unposted",
    "approved",
    "approval-void",
    "taken-back",
    "denied",
    "cancelled",
    "lapsed",
    "opening",
    "delayed",
    "watched",
    "accepted",
    "open",
    "retried",
    "waits-again",
    "failed",
    "ending",
    "not-ended",
    "warning-missed",
    "ended",
    "still-open",
    "closed-late",
  ]),
  by: userSchema.optional(),
  fault: fault.optional(),
});

const card = z.object({
  to: z.union([channelSchema, userSchema]),
  channel: channelSchema.optional(),
  ts: z.string().optional(),
  shown: count,
  postingSinceMs: timeMs.optional(),
  againAtMs: timeMs.optional(),
  dead: z.string().optional(),
});

const effect = z.enum([
  "azure",
  "expire",
  "lapse",
  "remind",
  "escalate",
  "review",
  "succeed",
  "check",
  "warn",
  "card",
  "thread",
  "requester",
]);

const narrowed = z.object({
  by: userSchema,
  durationMs: z.number(),
  source: z.string(),
  sourceName: z.string().optional(),
});

const review = z.object({
  askedAtMs: timeMs,
  remindedAtMs: timeMs.optional(),
  closed: z
    .object({
      by: userSchema,
      atMs: timeMs,
      verdict: z.enum(["ok", "concern"]),
      text: z.string(),
    })
    .optional(),
});

const common = {
  id: requestIdSchema,
  revision: count,
  ask,
  promised,
  approvals: z.array(z.object({ by: userSchema, atMs: timeMs, narrowed: narrowed.optional() })),
  narrowed: narrowed.optional(),
  review: review.optional(),
  succeeded: z.literal(true).optional(),
  nonce: z.string(),
  cards: z.array(card),
  steps: z.array(step),
  told: z.object({ thread: count, requester: count, last: count }),
  tries: z.partialRecord(effect, z.object({ count, nextAtMs: timeMs, fault: z.string() })),
};

export const requestSchema = z.discriminatedUnion("state", [
  z.object({
    ...common,
    state: z.literal("pending"),
    lapsesAtMs: timeMs,
    sinceMs: timeMs.optional(),
    remindedAtMs: timeMs.optional(),
    escalatedAtMs: timeMs.optional(),
  }),
  z.object({ ...common, state: z.literal("opening"), grant }),
  z.object({ ...common, state: z.literal("open"), grant }),
  z.object({
    ...common,
    state: z.literal("ending"),
    grant,
    endedBy: orUndefined(userSchema),
    closeSent: count,
    closesAtMs: timeMs.optional(),
    fault: fault.optional(),
  }),
  z.object({
    ...common,
    state: z.literal("ended"),
    grant,
    how: z.enum(["expired", "early", "elsewhere", "extended"]),
    endedAtMs: timeMs,
    endedBy: userSchema.optional(),
    closing: z.enum(["unknown", "closed", "still-open", "held"]),
    alarmed: z.boolean().optional(),
  }),
  z.object({ ...common, state: z.literal("failed"), grant, fault }),
  z.object({
    ...common,
    state: z.literal("denied"),
    deniedBy: userSchema,
    denial: z.string(),
    deniedAtMs: timeMs,
  }),
  z.object({
    ...common,
    state: z.literal("cancelled"),
    cancelledAtMs: timeMs,
    cancelledBy: orUndefined(userSchema),
  }),
  z.object({ ...common, state: z.literal("lapsed"), lapsedAtMs: timeMs }),
]);

// Both directions: a field that is missing on either side does not compile.
sameType<Exact<z.output<typeof requestSchema>>, Exact<AccessRequest>>();
sameType<Exact<AccessRequest>, Exact<z.output<typeof requestSchema>>>();
