// Every state that a request can be in, and what is known of it only there.

import type { OnDuty } from "../../on-call/rota.ts";
import type { Absent } from "../../rules/delegation.ts";
import type { Freeze } from "../../rules/freeze.ts";
import type { People } from "../../rules/policy.ts";
import type { Claim } from "../../talk/talk.ts";
import type { RequestId, UserId } from "../../text/ids.ts";
import type { Closing, FaultNote, Grant, PortAtEnd } from "../grant.ts";

type Withdrawn = { readonly by: UserId; readonly atMs: number };

export type Phase =
  | {
      readonly state: "pending";
      readonly expiresAtMs: number;
      /** When it began to wait, where that wasn't when it was asked: it had failed, and was retried. */
      readonly sinceMs?: number | undefined;
      readonly remindedAtMs?: number | undefined;
      /** From then on the rule's further approvers may decide, too. */
      readonly escalatedAtMs?: number | undefined;
      readonly claim?: Claim | undefined;
      /** Whose approval was withdrawn, and when they did that: no earlier click of theirs counts that comes late. */
      readonly withdrawn?: readonly Withdrawn[] | undefined;
      /** Those of its approvers who are away, as the cards know it; who may decide is read at each click. */
      readonly absent?: readonly Absent[] | undefined;
      /** Who is on call by the rotas of its approvers, as the cards know it; it is read at each click, too. */
      readonly onDuty?: readonly OnDuty[] | undefined;
      /** What its rule asks now, as the cards know it; left out: what was promised. */
      readonly ruleNow?: RuleNow | undefined;
    }
  | {
      /** Approved; its end is fixed when it goes to opening. */
      readonly state: "ready";
      readonly readyAtMs: number;
      /** Not opened by then: it expires. */
      readonly expiresAtMs: number;
      /** What it waits for: that this is lifted. Left out: no freeze keeps it. */
      readonly frozen?: Freeze | undefined;
      /** Nothing opens it before that. */
      readonly fromMs?: number | undefined;
      /** Why it didn't open when it should have: its requester can put that right. */
      readonly heldUp?: FaultNote | undefined;
      /** It could open, but what a decision checks can't be read right now. It's tried again. */
      readonly unchecked?: true | undefined;
      /** When they were reminded to open it. */
      readonly remindedAtMs?: number | undefined;
    }
  | {
      readonly state: "opening";
      readonly grant: Grant;
      /** Its requester opened it: until then its approval was good, and is again where a freeze sends it back. */
      readonly readyUntilMs?: number | undefined;
    }
  | { readonly state: "open"; readonly grant: Grant }
  | {
      readonly state: "ending";
      readonly grant: Grant;
      /** `undefined`: the bot, because the requester is no longer allowed access. */
      readonly endedBy: UserId | undefined;
      /** Whether Azure was asked to close: read back before asking again. */
      readonly closeSent: number;
      /** The end that was last sent to close; until then a door not seen may still come. */
      readonly closesAtMs?: number | undefined;
      /**
       * `undefined`: Azure hasn't accepted that end. `overdue`: it has, and shows the ports open after it, or shows
       * nothing.
       */
      readonly closeAnswer?: "accepted" | "overdue" | undefined;
      readonly fault?: FaultNote | undefined;
    }
  | {
      readonly state: "ended";
      readonly grant: Grant;
      readonly how: "expired" | "early" | "elsewhere" | "extended";
      /** Closed elsewhere because this newer one of the bot's took the port over. */
      readonly newer?: RequestId | undefined;
      /** The extension that took over, and to when it moved the end; earlier versions didn't store it. */
      readonly extension?: { readonly id: RequestId; readonly endsAtMs: number } | undefined;
      /** Where it expired, its end: not when that was looked at. */
      readonly endedAtMs: number;
      /** When the bot found out, where that was clearly later. */
      readonly noticedAtMs?: number | undefined;
      readonly endedBy?: UserId | undefined;
      readonly closing: Closing;
      readonly ports?: readonly PortAtEnd[] | undefined;
      readonly alarmed?: boolean | undefined;
    }
  | {
      readonly state: "failed";
      readonly grant: Grant;
      readonly fault: FaultNote;
      /** Too little time is left for a retry. */
      readonly retryOver?: true | undefined;
    }
  | {
      readonly state: "denied";
      readonly deniedBy: UserId;
      readonly denial: string;
      readonly deniedAtMs: number;
    }
  | {
      readonly state: "cancelled";
      readonly cancelledBy: UserId | undefined;
      readonly cancelledAtMs: number;
      /** Why it could no longer be opened when it was checked again. */
      readonly fault?: FaultNote | undefined;
      /** Until then this kept it from opening, and no freeze did. */
      readonly heldUp?: FaultNote | undefined;
    }
  | {
      readonly state: "lapsed";
      readonly expiredAtMs: number;
      /** Azure couldn't be read then: nothing is said of what it has open. */
      readonly unread?: true | undefined;
      /** It was approved, and access was frozen all the time. */
      readonly frozen?: true | undefined;
      /** It was approved, and its requester didn't open it. */
      readonly unused?: true | undefined;
      /** It was approved, and what a decision checks couldn't be checked in time to open it. */
      readonly unchecked?: true | undefined;
      /** It was approved, and its requester didn't put right in time what kept it from opening. */
      readonly heldUp?: FaultNote | undefined;
    };

export type State = Phase["state"];

/**
 * What is in force of the rule that a request was made under. `gone`: there is no such rule any more; `no-extensions`:
 * it allows none, and the request is one.
 */
export type RuleNow =
  | "gone"
  | "no-extensions"
  | {
      readonly approvers: People;
      readonly approvals: number;
      readonly escalateTo?: People | undefined;
    };
