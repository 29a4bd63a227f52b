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
  /** Whether it's a line beneath a heading where very many fall together: for who and where, without what to do. */
  readonly inShort: "always" | "without a text" | "never";
  /** Whose words its text is: a requester's reason can be hidden from those who read along. */
  readonly text: "a requester's reason" | "a reason" | "a concern" | "said plainly";
};

/** In the order of their weight: what somebody has to act on is counted first. */
export const KINDS: Readonly<Record<Kind, Wording>> = {
  alarm: {
    icon: "🚨",
    said: "Alarm",
    counted: "alarm",
    many: "alarms",
    inShort: "never",
    text: "said plainly",
  },
  frozen: {
    icon: "🧊",
    said: "Access is frozen",
    counted: "freeze",
    many: "freezes",
    inShort: "never",
    text: "a reason",
  },
  breaker: {
    icon: "🚨",
    said: "Access is frozen by the bot",
    counted: "freeze by the bot",
    inShort: "never",
    text: "said plainly",
  },
  unfrozen: {
    icon: "🟢",
    said: "Access is no longer frozen",
    counted: "freeze lifted",
    inShort: "never",
    text: "said plainly",
  },
  "glass-wanted": {
    icon: "🚨",
    said: "Break-glass needed",
    counted: "break-glass needed",
    inShort: "never",
    text: "a requester's reason",
  },
  "break-glass": {
    icon: "🚨",
    said: "Break-glass, without approval",
    counted: "break-glass",
    inShort: "never",
    text: "a requester's reason",
  },
  "still-open": {
    icon: "⚠️",
    said: "Still open after its end",
    counted: "still open",
    inShort: "never",
    text: "said plainly",
  },
  recovered: {
    icon: "🚨",
    said: "Open in Azure, but the bot's record of it was lost",
    counted: "open without a record",
    inShort: "never",
    text: "said plainly",
  },
  "opened-elsewhere": {
    icon: "⚠️",
    said: "Opened in Azure, not by this bot",
    asBot: "Opened in Azure as this bot, which has no record of it",
    counted: "opened in Azure",
    inShort: "always",
    text: "a requester's reason",
  },
  "jit-policy-deleted-elsewhere": {
    icon: "⚠️",
    said: "JIT policy deleted, not by this bot",
    asBot: "JIT policy deleted as this bot, which has no record of it",
    counted: "JIT policy deleted",
    many: "JIT policies deleted",
    inShort: "always",
    text: "said plainly",
  },
  "jit-policy-changed-elsewhere": {
    icon: "⚠️",
    said: "JIT policy changed, not by this bot",
    asBot: "JIT policy changed as this bot, which has no record of it",
    counted: "JIT policy changed",
    many: "JIT policies changed",
    inShort: "always",
    text: "said plainly",
  },
  exposed: {
    icon: "⚠️",
    said: "JIT no longer protects it",
    counted: "VM that JIT no longer protects",
    many: "VMs that JIT no longer protects",
    inShort: "never",
    text: "said plainly",
  },
  "no-approvers": {
    icon: "⚠️",
    said: "Nobody could approve it",
    counted: "without an approver",
    inShort: "never",
    text: "said plainly",
  },
  unasked: {
    icon: "⚠️",
    said: "No approver could be reached",
    counted: "with no approver reached",
    inShort: "never",
    text: "said plainly",
  },
  concern: {
    icon: "⚠️",
    said: "Reviewed, with a concern",
    counted: "review with a concern",
    many: "reviews with a concern",
    inShort: "never",
    text: "a concern",
  },
  parked: {
    icon: "⚠️",
    said: "Parked after an error",
    counted: "parked",
    inShort: "never",
    text: "said plainly",
  },
  review: {
    icon: "🔎",
    said: "Still needs a review",
    counted: "awaiting review",
    inShort: "never",
    text: "said plainly",
  },
  failed: { icon: "❌", said: "Failed", counted: "failed", inShort: "never", text: "said plainly" },
  left: {
    icon: "🚪",
    said: "No longer allowed access",
    counted: "no longer allowed",
    inShort: "never",
    text: "said plainly",
  },
  "closed-late": {
    icon: "⚪",
    said: "Closed late",
    counted: "closed late",
    inShort: "without a text",
    text: "said plainly",
  },
  // Azure hasn't opened anything yet when this is said.
  opened: {
    icon: "🔑",
    said: "Auto-approved by rule",
    counted: "auto-approved",
    inShort: "without a text",
    text: "said plainly",
  },
  "jit-changed": {
    icon: "🛡️",
    said: "JIT policies changed",
    counted: "change of JIT policies",
    many: "changes of JIT policies",
    inShort: "never",
    text: "said plainly",
  },
  "ended-all": {
    icon: "🔒",
    said: "Ended at once",
    counted: "end of several at once",
    many: "ends of several at once",
    inShort: "never",
    text: "said plainly",
  },
  ended: {
    icon: "⚪",
    said: "Ended",
    counted: "ended",
    inShort: "without a text",
    text: "said plainly",
  },
  mended: {
    icon: "🟢",
    said: "Recovered",
    counted: "recovered",
    inShort: "never",
    text: "said plainly",
  },
};
