// What a stored request says of its messages: cards, what people are told, efforts, and the others that share a card.

import { z } from "zod";
import {
  absentSchema,
  channelSchema,
  countSchema,
  faultSchema,
  freezeSchema,
  onDutySchema,
  requestIdSchema,
  ruleNowSchema,
  timeSchema,
  userSchema,
} from "../scripts/stored-parts.ts";
import { factSchema } from "./schema-facts.ts";

export const cardSchema = z.object({
  to: z.union([channelSchema, userSchema]),
  channel: channelSchema.optional(),
  ts: z.string().optional(),
  shown: countSchema,
  postingSinceMs: timeSchema.optional(),
  againAtMs: timeSchema.optional(),
  dead: z.string().optional(),
});

export const effectSchema = z.enum([
  "azure",
  "expire",
  "lapse",
  "thaw",
  "remind-ready",
  "absences",
  "on-call",
  "unclaim",
  "remind",
  "escalate",
  "review",
  "succeed",
  "check",
  "warn",
  "card",
  "thread",
  "requester",
  "put-right",
  "retry-over",
  "tell-lead",
  "look-after",
]);

export const stepSchema = z.object({
  n: countSchema,
  atMs: timeSchema,
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
    "recovered",
    "adopted",
    "card-unposted",
    "unasked",
    "approved",
    "approval-void",
    "questioned",
    "answered",
    "taken-back",
    "denied",
    "cancelled",
    "lapsed",
    "ready",
    "ready-reminded",
    "started",
    "frozen",
    "thawed",
    "held-up",
    "not-opened",
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
    "parked",
    "requeued",
  ]),
  by: userSchema.optional(),
  fault: faultSchema.optional(),
  left: countSchema.optional(),
  of: z.string().optional(),
  again: z
    .object({
      tried: z.enum(["retry", "open", "time", "thaw"]),
      isRaised: z.literal(true).optional(),
      voided: countSchema,
    })
    .optional(),
});

export const liveSchema = z.object({
  channel: channelSchema.optional(),
  ts: z.string().optional(),
  shown: countSchema,
  postingSinceMs: timeSchema.optional(),
  againAtMs: timeSchema.optional(),
  warningTs: z.string().optional(),
  earlierWarnings: z.array(z.string()).optional(),
});

export const endMessageSchema = z.object({
  audience: z.enum(["thread", "requester"]),
  channel: channelSchema,
  ts: z.string(),
  steps: z.array(stepSchema),
  shown: countSchema,
});

/** What the lead of a batch knows of what another one of it waits for. */
const waitsSchema = z.object({
  sinceMs: timeSchema,
  expiresAtMs: timeSchema,
  needed: countSchema,
  isEscalated: z.literal(true).optional(),
  isReminded: z.literal(true).optional(),
  absent: z.array(absentSchema).optional(),
  onDuty: z.array(onDutySchema).optional(),
  ruleNow: ruleNowSchema,
  fromMs: timeSchema.optional(),
  frozen: freezeSchema.optional(),
  unchecked: z.literal(true).optional(),
});

const memberSchema = z.object({
  id: requestIdSchema,
  vm: z.string(),
  group: z.string().optional(),
  ports: z.array(z.int()),
  durationMs: z.number(),
  heard: countSchema,
  stepsTo: countSchema,
  state: z.enum([
    "pending",
    "ready",
    "opening",
    "open",
    "ending",
    "ended",
    "failed",
    "denied",
    "cancelled",
    "lapsed",
    "unmade",
  ]),
  approvals: countSchema,
  approvedBy: z
    .array(z.object({ by: userSchema, atMs: timeSchema, for: userSchema.optional() }))
    .optional(),
  cut: z
    .object({
      by: userSchema,
      durationMs: z.number(),
      source: z.string(),
      sourceName: z.string().optional(),
    })
    .optional(),
  waits: waitsSchema.optional(),
  facts: z.array(factSchema).optional(),
  source: z.string().optional(),
  sourceName: z.string().optional(),
  endsAtMs: timeSchema.optional(),
  warnsAtMs: timeSchema.optional(),
  fault: faultSchema.optional(),
  closing: z.enum(["unknown", "closed", "still-open", "held"]).optional(),
  how: z.enum(["expired", "early", "elsewhere", "extended"]).optional(),
  address: z.string().optional(),
  canRetry: z.literal(true).optional(),
  canOpen: z.literal(true).optional(),
  isParked: z.literal(true).optional(),
  toReview: z.literal(true).optional(),
  said: z
    .array(z.object({ what: z.enum(["approved", "denied"]), by: userSchema, text: z.string() }))
    .optional(),
});

export const batchSchema = z.discriminatedUnion("role", [
  z.object({
    role: z.literal("lead"),
    nonce: z.string(),
    members: z.array(memberSchema),
    changedAtMs: timeSchema.optional(),
    edits: countSchema.optional(),
  }),
  z.object({ role: z.literal("member"), lead: requestIdSchema, heard: countSchema }),
]);
