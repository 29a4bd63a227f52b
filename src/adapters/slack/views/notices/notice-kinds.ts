// What each kind of notice is called, alone and where several are counted; in the order of their weight.

import type { Notice } from "../../../../ports/storage/notices.ts";

export type Kind = Notice["what"];

type Wording = {
  readonly icon: string;
  readonly said: string;
  /**
   * Where the bot's own identity did it: Redis lost the record, or somebody else has that identity. The bot can't
   * tell which.
   */
  readonly asBot?: string;
  readonly counted: string;
  /** Where more than one is counted differently. */
  readonly many?: string;
};

/** In the order of their weight: what somebody has to act on is counted first. */
export const KINDS: Readonly<Record<Kind, Wording>> = {
  alarm: { icon: "🚨", said: "Alarm", counted: "alarm", many: "alarms" },
  frozen: { icon: "🧊", said: "Access is frozen", counted: "freeze", many: "freezes" },
  breaker: { icon: "🚨", said: "Access is frozen by the bot", counted: "freeze by the bot" },
  unfrozen: { icon: "🟢", said: "Access is no longer frozen", counted: "freeze lifted" },
  "glass-wanted": {
    icon: "🚨",
    said: "Break-glass needed",
    counted: "break-glass needed",
  },
  "break-glass": { icon: "🚨", said: "Break-glass, without approval", counted: "break-glass" },
  "still-open": { icon: "⚠️", said: "Still open after its end", counted: "still open" },
  recovered: {
    icon: "🚨",
    said: "Open in Azure, but the bot's record of it was lost",
    counted: "open without a record",
  },
  "opened-elsewhere": {
    icon: "⚠️",
    said: "Opened in Azure, not by this bot",
    asBot: "Opened in Azure as this bot, which has no record of it",
    counted: "opened in Azure",
  },
  "jit-policy-deleted-elsewhere": {
    icon: "⚠️",
    said: "JIT policy deleted, not by this bot",
    asBot: "JIT policy deleted as this bot, which has no record of it",
    counted: "JIT policy deleted",
    many: "JIT policies deleted",
  },
  "jit-policy-changed-elsewhere": {
    icon: "⚠️",
    said: "JIT policy changed, not by this bot",
    asBot: "JIT policy changed as this bot, which has no record of it",
    counted: "JIT policy changed",
    many: "JIT policies changed",
  },
  exposed: {
    icon: "⚠️",
    said: "JIT no longer protects it",
    counted: "VM that JIT no longer protects",
    many: "VMs that JIT no longer protects",
  },
  "no-approvers": {
    icon: "⚠️",
    said: "Nobody could approve it",
    counted: "without an approver",
  },
  unasked: {
    icon: "⚠️",
    said: "No approver could be reached",
    counted: "with no approver reached",
  },
  concern: {
    icon: "⚠️",
    said: "Reviewed, with a concern",
    counted: "review with a concern",
    many: "reviews with a concern",
  },
  parked: { icon: "⚠️", said: "Parked after an error", counted: "parked" },
  review: { icon: "🔎", said: "Still needs a review", counted: "awaiting review" },
  failed: { icon: "❌", said: "Failed", counted: "failed" },
  left: {
    icon: "🚪",
    said: "No longer allowed access",
    counted: "no longer allowed",
  },
  "closed-late": { icon: "⚪", said: "Closed late", counted: "closed late" },
  // Azure hasn't opened anything yet when this is said.
  opened: {
    icon: "🔑",
    said: "Auto-approved by rule",
    counted: "auto-approved",
  },
  "jit-changed": {
    icon: "🛡️",
    said: "JIT policies changed",
    counted: "change of JIT policies",
    many: "changes of JIT policies",
  },
  "ended-all": {
    icon: "🔒",
    said: "Ended at once",
    counted: "end of several at once",
    many: "ends of several at once",
  },
  ended: { icon: "⚪", said: "Ended", counted: "ended" },
  mended: { icon: "🟢", said: "Recovered", counted: "recovered" },
};
