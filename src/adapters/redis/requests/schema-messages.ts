// What a stored request says of its messages: cards, what people are told, efforts.

import { z } from "zod";
import {
  channelSchema,
  countSchema,
  faultSchema,
  timeSchema,
  userSchema,
} from "../scripts/stored-parts.ts";

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
    "frozen",
    "thawed",
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
});

export const liveSchema = z.object({
  channel: channelSchema.optional(),
  ts: z.string().optional(),
  shown: countSchema,
  postingSinceMs: timeSchema.optional(),
  againAtMs: timeSchema.optional(),
  warningTs: z.string().optional(),
});

export const endMessageSchema = z.object({
  audience: z.enum(["thread", "requester"]),
  channel: channelSchema,
  ts: z.string(),
  steps: z.array(stepSchema),
  shown: countSchema,
});
