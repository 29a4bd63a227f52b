// What a stored request looks like once it is decoded; the compiler holds it to the request's own type.

import { z } from "zod";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { VmKey } from "../../../domain/text/ids.ts";
import { type Exact, sameType } from "../scripts/same-type.ts";
import {
  absentSchema as absent,
  channelSchema,
  countSchema as count,
  faultSchema as fault,
  freezeSchema as freeze,
  onDutySchema as onDuty,
  orUndefined,
  peopleSchema as people,
  requestIdSchema,
  rotaSchema as rota,
  ruleNowSchema as ruleNow,
  timeSchema as timeMs,
  userSchema,
} from "../scripts/stored-parts.ts";
import { factSchema } from "./schema-facts.ts";
import {
  batchSchema,
  cardSchema,
  effectSchema,
  endMessageSchema,
  liveSchema,
  stepSchema,
} from "./schema-messages.ts";

const isText = (value: unknown) => typeof value === "string";

const vmKey = z.custom<VmKey>(isText);

const off = z.enum(["stopped", "deallocated"]);

const ask = z.object({
  requester: userSchema,
  vm: z.object({
    key: vmKey,
    id: z.string(),
    name: z.string(),
    os: orUndefined(z.enum(["linux", "windows"])),
    off: off.optional(),
  }),
  jitPolicyId: z.string(),
  ports: z.array(z.int()).nonempty(),
  durationMs: z.number(),
  source: z.string(),
  sourceName: z.string().optional(),
  proven: z.literal(true).optional(),
  reason: z.string(),
  askedAtMs: timeMs,
  opensAtMs: timeMs.optional(),
  breakGlass: z.literal(true).optional(),
  autoApproved: z.literal(true).optional(),
  onCall: z.object({ rota, untilMs: timeMs.optional() }).optional(),
  extends: requestIdSchema.optional(),
  extendsFromMs: timeMs.optional(),
  askedWith: z.string().optional(),
});

const promised = z.object({
  rule: z.string(),
  policyHash: z.string(),
  approvals: count,
  approvers: people,
  warnBeforeMs: z.number(),
  remindAfterMs: z.number().optional(),
  escalate: z.object({ afterMs: z.number(), to: people }).optional(),
  nobody: z.literal(true).optional(),
  keepForMs: z.number().optional(),
});

const grant = z.object({
  startsAtMs: timeMs,
  endsAtMs: timeMs,
  approvedBy: z.array(userSchema),
  policyHash: z.string(),
  checkedAtMs: timeMs.optional(),
  recovered: z
    .object({
      atMs: timeMs,
      requestor: z.string(),
      adopted: z
        .object({ by: userSchema, startedAtMs: timeMs, justification: z.string() })
        .optional(),
    })
    .optional(),
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
      off: off.optional(),
    })
    .optional(),
  warnedAtMs: timeMs.optional(),
});

const closing = z.enum(["unknown", "closed", "still-open", "held"]);

const portAtEnd = z.object({
  port: z.int(),
  closing,
  heldBy: z.object({ id: requestIdSchema, requester: userSchema, untilMs: timeMs }).optional(),
  isOpenForOthers: z.literal(true).optional(),
});

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

const question = z.object({
  n: count,
  by: userSchema,
  atMs: timeMs,
  text: z.string(),
  answer: z.object({ atMs: timeMs, text: z.string() }).optional(),
});

const claim = z.object({ by: userSchema, untilMs: timeMs });

const approval = z.object({
  by: userSchema,
  atMs: timeMs,
  for: userSchema.optional(),
  note: z.string().optional(),
  narrowed: narrowed.optional(),
});

const common = {
  id: requestIdSchema,
  revision: count,
  ask,
  askedIn: channelSchema.optional(),
  promised,
  approvals: z.array(approval),
  // Advice: what a newer replica wrote, and this one can't read, is left out.
  facts: z.array(factSchema).optional().catch(undefined),
  narrowed: narrowed.optional(),
  wasEscalated: z.literal(true).optional(),
  review: review.optional(),
  questions: z.array(question).optional(),
  tookOver: z.literal(true).optional(),
  batch: batchSchema.optional(),
  nonce: z.string(),
  cards: z.array(cardSchema),
  steps: z.array(stepSchema),
  toldUpTo: z.object({ thread: count, requester: count, last: count }),
  live: liveSchema.optional(),
  endMessages: z.array(endMessageSchema).optional(),
  deadLetter: z
    .object({ atMs: timeMs, why: z.string(), isMute: z.literal(true).optional() })
    .optional(),
  attempts: z.partialRecord(effectSchema, z.object({ count, nextAtMs: timeMs, fault: z.string() })),
};

export const requestSchema = z.discriminatedUnion("state", [
  z.object({
    ...common,
    state: z.literal("pending"),
    expiresAtMs: timeMs,
    sinceMs: timeMs.optional(),
    remindedAtMs: timeMs.optional(),
    escalatedAtMs: timeMs.optional(),
    claim: claim.optional(),
    withdrawn: z.array(z.object({ by: userSchema, atMs: timeMs })).optional(),
    absent: z.array(absent).optional(),
    onDuty: z.array(onDuty).optional(),
    ruleNow,
  }),
  z.object({
    ...common,
    state: z.literal("ready"),
    readyAtMs: timeMs,
    expiresAtMs: timeMs,
    frozen: freeze.optional(),
    fromMs: timeMs.optional(),
    heldUp: fault.optional(),
    unchecked: z.literal(true).optional(),
    remindedAtMs: timeMs.optional(),
  }),
  z.object({
    ...common,
    state: z.literal("opening"),
    grant,
    readyUntilMs: timeMs.optional(),
  }),
  z.object({ ...common, state: z.literal("open"), grant }),
  z.object({
    ...common,
    state: z.literal("ending"),
    grant,
    endedBy: orUndefined(userSchema),
    closeSent: count,
    closesAtMs: timeMs.optional(),
    closeAnswer: z.enum(["accepted", "overdue"]).optional(),
    fault: fault.optional(),
  }),
  z.object({
    ...common,
    state: z.literal("ended"),
    grant,
    how: z.enum(["expired", "early", "elsewhere", "extended"]),
    newer: requestIdSchema.optional(),
    extension: z.object({ id: requestIdSchema, endsAtMs: timeMs }).optional(),
    endedAtMs: timeMs,
    endedBy: userSchema.optional(),
    noticedAtMs: timeMs.optional(),
    closing,
    ports: z.array(portAtEnd).optional(),
    alarmed: z.boolean().optional(),
  }),
  z.object({
    ...common,
    state: z.literal("failed"),
    grant,
    fault,
    retryOver: z.literal(true).optional(),
  }),
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
    fault: fault.optional(),
    heldUp: fault.optional(),
  }),
  z.object({
    ...common,
    state: z.literal("lapsed"),
    expiredAtMs: timeMs,
    unread: z.literal(true).optional(),
    frozen: z.literal(true).optional(),
    unused: z.literal(true).optional(),
    unchecked: z.literal(true).optional(),
    heldUp: fault.optional(),
  }),
]);

// Both directions: a field that is missing on either side doesn't compile.
sameType<Exact<z.output<typeof requestSchema>>, Exact<AccessRequest>>();
sameType<Exact<AccessRequest>, Exact<z.output<typeof requestSchema>>>();
