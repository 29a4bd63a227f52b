// What an approver should know about a request beside what it asks for: decided once, advice and never permission.

import type { RequestId, UserId } from "../text/ids.ts";
import type { Off } from "../vm/vm-power.ts";

/** Somebody else's access to the same VM. */
export type Inside = {
  readonly id: RequestId;
  readonly requester: UserId;
  readonly untilMs: number;
};

/** `entries`: the numbers of the audit entries that it was computed from. */
export type Fact =
  /** Ports that were asked for stand open in spite of JIT. */
  | { readonly kind: "exposed"; readonly ports: readonly number[] }
  /** The VM does not run. */
  | { readonly kind: "off"; readonly off: Off }
  /** Nobody knows of an earlier request of this person for this VM, in this many days. */
  | { readonly kind: "first"; readonly days: number }
  /** Of their earlier requests for this VM, some were denied. */
  | {
      readonly kind: "denied";
      readonly denied: number;
      readonly earlier: number;
      readonly days: number;
      readonly entries: readonly number[];
    }
  /** From a source that none of their earlier requests for this VM came from. */
  | {
      readonly kind: "elsewhere";
      readonly before: readonly string[];
      readonly entries: readonly number[];
    }
  /** For longer than any earlier request of theirs for this VM. */
  | {
      readonly kind: "longer";
      readonly longestMs: number;
      readonly entries: readonly number[];
    }
  /** Who else has access to the VM: some of them, and how many there are. */
  | { readonly kind: "inside"; readonly count: number; readonly some: readonly Inside[] }
  /** The policy file was changed within the last hour. */
  | {
      readonly kind: "rules-changed";
      readonly atMs: number;
      readonly entries: readonly number[];
    }
  /** It is night for the requester: minutes since their midnight, and Slack's name of their zone. */
  | { readonly kind: "night"; readonly minutes: number; readonly zone: string }
  /** Their other open requests: some of them, and how many there are. */
  | { readonly kind: "also-open"; readonly count: number; readonly some: readonly RequestId[] }
  /** Nothing is out of the ordinary: the nth request for this VM this month, or in this many days. */
  | {
      readonly kind: "usual";
      readonly nth: number;
      readonly span: "month" | { readonly days: number };
      readonly entries: readonly number[];
    };

/** How many are shown on the card; the rest only where somebody asks why. */
export const FACTS_SHOWN_MAX = 4;
