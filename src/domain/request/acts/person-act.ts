// What people may try to do to a request, and what they are to it.

import type { Rule } from "../../rules/policy.ts";
import type { UserId } from "../../text/ids.ts";
import { type Refusal, refuse } from "../../text/refusal.ts";
import { type Words, words } from "../../text/words.ts";
import type { FaultNote } from "../grant.ts";
import type { AccessRequest, Narrowed } from "../request.ts";
import { stateWord } from "../state-words.ts";
import type { Frozen } from "./ready.ts";

/** What a person is to a request, worked out by the caller from the rules in force, now. */
export type Roles = {
  readonly isApprover: boolean;
  readonly isAdmin: boolean;
  /** An approver only for these, who are away and named this person; left out: by being named themselves. */
  readonly standsInFor?: readonly UserId[] | undefined;
};

/** What a rule promises to a request that waits. */
export type Waits = Pick<Rule, "expireAfterMs" | "approvers" | "channel">;

export type Who = {
  readonly by: UserId;
  /** Other ids in the request that are the same person's: in an Enterprise Grid one has several. */
  readonly aliases?: readonly UserId[] | undefined;
};

/** What opening rests on, as it was read at that moment. */
export type Ready = {
  readonly needed: number;
  readonly stillApprovers: readonly UserId[];
  readonly longestMs: number;
  readonly policyHash: string;
  readonly fromMs?: number | undefined;
  readonly jitPolicyId?: string | undefined;
};

type Common = Who & {
  readonly roles: Roles;
  /** When they did it, by Slack's clock; left out where that isn't known. */
  readonly doneAtMs?: number | undefined;
};

export type PersonAct = Common &
  (
    | {
        readonly act: "approve";
        /** The larger of what was promised and what is in force. */
        readonly needed: number;
        /** Of those who approved before, the ones who are still approvers. */
        readonly stillApprovers: readonly UserId[];
        /** The most that the VM's policy allows on these ports, with some seconds to spare. */
        readonly longestMs: number;
        readonly policyHash: string;
        /** Only a shorter time or a narrower source; the caller has checked it against rule and policy. */
        readonly narrow?: Pick<Narrowed, "durationMs" | "source" | "sourceName"> | undefined;
        /** What the approver says to the requester with it. */
        readonly note?: string | undefined;
        /** Where an extension's time begins: the end of what it extends. */
        readonly fromMs?: number | undefined;
        /** The JIT policy that covers the VM now; left out where it is the one that was asked for. */
        readonly jitPolicyId?: string | undefined;
        /** Nothing is opened now: approved, it waits for no longer than that. */
        readonly frozen?: Frozen | undefined;
        /** Why it can't be opened before its requester has put something right: approved, it waits for that. */
        readonly heldUp?: FaultNote | undefined;
      }
    | { readonly act: "deny"; readonly reason: string }
    /** What was approved already waits for its approvals again: as long as its rule says now; left out: as before. */
    | { readonly act: "take-back"; readonly expireAfterMs?: number }
    | { readonly act: "ask"; readonly text: string }
    | { readonly act: "answer"; readonly question: number; readonly text: string }
    | { readonly act: "claim" }
    /** `isEndingAll`: an admin ends everything, and it is ready to open. */
    | { readonly act: "cancel"; readonly isEndingAll?: true }
    | { readonly act: "end" }
    /** Works on a dead letter again. */
    | { readonly act: "requeue" }
    | {
        readonly act: "retry";
        /** As for an approval; an access that nobody has to approve beforehand needs none. */
        readonly needed: number;
        readonly stillApprovers: readonly UserId[];
        readonly policyHash: string;
        readonly jitPolicyId?: string | undefined;
        /** What it is to wait under where approvals are missing now: the rule's, as it is now. */
        readonly waits?: Waits | undefined;
      }
    /** Opens what is ready; everything that a decision checks was checked again. */
    | ({ readonly act: "open" } & Ready & { readonly waits?: Waits | undefined })
    | { readonly act: "review"; readonly verdict: "ok" | "concern"; readonly text: string }
  );

export type PersonActName = PersonAct["act"];

/** Whether the id is that of the person who acts. */
export const isBy = ({ by, aliases }: Who, user: UserId): boolean =>
  by === user || aliases?.includes(user) === true;

export type ActBy<Name extends PersonActName> = Extract<PersonAct, { act: Name }>;

type Wanted =
  | "approve"
  | "deny"
  | "ask about"
  | "look at"
  | "withdraw an approval of"
  | "open"
  | "retry"
  | "cancel"
  | "end";

/** There is nothing to do about a request in its present state; and what can be done instead. */
export const wrongState = (request: AccessRequest, wanted: Wanted, who?: Who): Refusal =>
  refuse(
    "wrong-state",
  )`${request.id} is ${{ strong: stateWord(request) }}, so you can't ${wanted} it.${insteadWords(request, wanted, who)}`;

function insteadWords(request: AccessRequest, wanted: Wanted, who: Who | undefined): Words {
  const { id, state, ask } = request;
  const isOwn = who !== undefined && isBy(who, ask.requester);
  const cancel = isOwn
    ? words` Cancel it instead: ${{ code: `/jit cancel ${id}` }}.`
    : words` It isn't open yet.`;
  switch (state) {
    case "pending":
      if (wanted === "end") return cancel;
      return wanted === "open" || wanted === "retry" ? words` It needs approval first.` : [];
    case "ready":
      if (wanted === "end") return cancel;
      return wanted === "deny"
        ? words` Its approvers can withdraw their approval on its card.`
        : [];
    case "opening":
    case "open":
      return STOPS.has(wanted) ? words` End it instead: ${{ code: `/jit end ${id}` }}.` : [];
    case "ending":
      return STOPS.has(wanted) || wanted === "end" ? words` It's closing already.` : [];
    case "failed":
      if (wanted === "end" || STOPS.has(wanted)) return words` Nothing is open.`;
      return wanted === "open" ? words` Retry it on its card instead.` : [];
    case "ended":
    case "denied":
    case "cancelled":
    case "lapsed":
      return isOwn && (wanted === "open" || wanted === "retry")
        ? words` Request it again: ${{ code: `/jit again ${id}` }}.`
        : [];
  }
}

/** What keeps something from being open. */
const STOPS: ReadonlySet<Wanted> = new Set(["cancel", "deny", "withdraw an approval of"]);
