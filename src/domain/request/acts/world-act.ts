// News from the world about a request: what Azure answered, what was read back, what the clock says.

import type { OnDuty } from "../../on-call/rota.ts";
import type { Absent } from "../../rules/delegation.ts";
import type { Freeze } from "../../rules/freeze.ts";
import type { RequestId } from "../../text/ids.ts";
import type { AtEnd } from "../at-end.ts";
import type { Member } from "../document/batch.ts";
import type { RuleNow } from "../document/phase.ts";
import type { Step } from "../document/step.ts";
import type { FaultNote, WayIn } from "../grant.ts";
import type { ClaimedOpening } from "../recovered.ts";
import type { Ready, Waits } from "./person-act.ts";

export type SurroundingsAct =
  /** Nobody has decided for a while: the approvers are called again, or further ones are asked. */
  | { readonly act: "remind" }
  | { readonly act: "escalate" }
  /** Its requester hasn't opened it yet, and it expires soon. */
  | { readonly act: "remind-ready" }
  /** Which of its approvers are away now, and who stands in for them. */
  | { readonly act: "absences"; readonly absent: readonly Absent[] }
  /** Who is on call now by the rotas of its approvers. */
  | { readonly act: "on-call"; readonly onDuty: readonly OnDuty[] }
  /** What the policy file in force says of its rule. */
  | { readonly act: "rule-now"; readonly inForce: RuleNow }
  /** The claim is over. */
  | { readonly act: "unclaim" }
  /** The requester may not have access any more. */
  | { readonly act: "left" }
  /** Of a batch: how another request of it stands, and what happened to it. */
  | { readonly act: "member"; readonly member: Member; readonly steps: readonly Step[] }
  /** Of a batch: another request of it was never made. */
  | { readonly act: "unmade"; readonly id: RequestId; readonly fault: FaultNote }
  /** Another request carries this access on. */
  | { readonly act: "extended"; readonly into: RequestId; readonly untilMs: number }
  /** This request has taken over from the one that it extends. */
  | { readonly act: "took-over" }
  | { readonly act: "review-reminded" };

export type WorldAct =
  | SurroundingsAct
  /** Access is frozen, so Azure isn't asked to open it now. Decided a moment ago, it waits. */
  | { readonly act: "frozen"; readonly freeze: Freeze; readonly expireAfterMs: number }
  /** Another freeze, or the same with other words, keeps it waiting. */
  | {
      readonly act: "still-frozen";
      readonly freeze: Freeze;
      readonly nextAtMs: number;
      readonly expireAfterMs: number;
    }
  /** The freeze is lifted: everything is checked again at once. */
  | { readonly act: "thawing" }
  /** The freeze is lifted, and everything that a decision checks still holds. */
  | ({ readonly act: "thawed" } & Ready)
  /** It is lifted, and an approval is missing by now. */
  | ({ readonly act: "thawed-short" } & Omit<Ready, "longestMs" | "fromMs"> & {
        readonly waits: Waits;
      })
  /** It could be granted, but for something that its requester can put right: it is tried again. */
  | { readonly act: "held-up"; readonly fault: FaultNote; readonly nextAtMs: number }
  /** It could open, but what a decision checks can't be read right now: it is tried again. */
  | { readonly act: "not-checked"; readonly fault: string; readonly nextAtMs: number }
  /** It is lifted, and the request couldn't be granted as things are now. */
  | { readonly act: "not-opened"; readonly fault: FaultNote }
  /** Nobody decided in time. `unread`: what Azure has open couldn't be looked at. */
  | { readonly act: "expire"; readonly unread?: true }
  /** Azure has it open, and by the record it never was: the decision was lost. */
  | { readonly act: "recovered"; readonly found: ClaimedOpening }
  /** Azure is about to be asked: stored before the call, so that a crash leaves "it may have been". */
  | { readonly act: "sending"; readonly to: "open" }
  | { readonly act: "sending"; readonly to: "close"; readonly closesAtMs: number }
  | { readonly act: "accepted" }
  /** No usable answer. `ambiguous`: Azure may have acted anyway. */
  | {
      readonly act: "unanswered";
      readonly fault: FaultNote;
      readonly ambiguous: boolean;
      readonly nextAtMs: number;
    }
  | { readonly act: "refused"; readonly fault: FaultNote }
  /** The policy was read while opening. */
  | {
      readonly act: "seen";
      readonly openPorts: readonly number[];
      readonly wayIn: WayIn;
      /** No sign of our opening at all: after an unknown answer it may be asked again. */
      readonly absent: boolean;
      readonly nextAtMs: number;
    }
  /** Read while ending: the door is shut, or only others hold it. */
  | ({ readonly act: "closed" } & AtEnd)
  /** Asked or read while ending: not shut yet. `isAccepted`: Azure has just accepted what was sent. */
  | { readonly act: "closing"; readonly isAccepted?: true; readonly nextAtMs: number }
  | { readonly act: "not-closed"; readonly fault: FaultNote }
  /** Somebody else shut the door before its time, or Azure did, for a newer request of the bot's at the same port. */
  | { readonly act: "gone"; readonly newer?: RequestId | undefined }
  /** The grant's time is over; the policy was read if it could be. */
  | ({ readonly act: "over" } & AtEnd)
  | ({ readonly act: "checked"; readonly nextAtMs: number } & AtEnd)
  /** Work on it failed too often in a row. */
  | { readonly act: "park"; readonly why: string }
  /** It was brought back from a terminal. */
  | { readonly act: "requeued"; readonly operator: string }
  /** Of what failed, too little time is left for a retry. */
  | { readonly act: "retry-over" }
  | { readonly act: "warned" };

/** The acts of one name. */
export type News<Name extends WorldAct["act"]> = Extract<WorldAct, { act: Name }>;
