// Several VMs in one request: what the lead knows of the others, and each of the others of its lead.

import type { OnDuty } from "../../on-call/rota.ts";
import type { Ask } from "../../rules/ask.ts";
import type { Absent } from "../../rules/delegation.ts";
import type { Fact } from "../../rules/fact.ts";
import type { Freeze } from "../../rules/freeze.ts";
import type { RequestId, UserId } from "../../text/ids.ts";
import type { Closing, FaultNote } from "../grant.ts";
import type { RuleNow, State } from "./phase.ts";

/** Of several VMs under one rule: the lead has the card, thread and messages of all; each other one tells it its news. */
export type Batch =
  | {
      readonly role: "lead";
      /** In the buttons of what the batch shares; those of the lead alone carry its own. */
      readonly nonce: string;
      /** The others, in the order in which they were asked for. */
      readonly members: readonly Member[];
      /** Since when what the card shows is out of date; left out: it isn't. */
      readonly changedAtMs?: number | undefined;
      /** How often the card was edited since the batch last came to rest. */
      readonly edits?: number | undefined;
    }
  | {
      readonly role: "member";
      readonly lead: RequestId;
      /** The revision that the lead knows. */
      readonly heard: number;
    };

/** One request of a batch, as the lead's card shows it. */
export type Member = Pick<Ask, "ports" | "durationMs"> & {
  readonly source?: string | undefined;
  readonly sourceName?: string | undefined;
  readonly id: RequestId;
  readonly vm: string;
  /** Its resource group, by which VMs of one name are told apart; earlier versions kept none. */
  readonly group?: string | undefined;
  /** The revision that the lead knows; 0: it is about to be made. */
  readonly heard: number;
  /** The last of its steps that the lead has taken over. */
  readonly stepsTo: number;
  /** `unmade`: there is no such request, for the reason that `fault` names. */
  readonly state: State | "unmade";
  readonly approvals: number;
  /** Whose approvals count, or counted when it was granted; earlier versions kept only how many. */
  readonly approvedBy?: readonly ApprovedBy[] | undefined;
  /** What was asked for, and who cut it down; left out where nobody did. */
  readonly cut?: Cut | undefined;
  /** While it is pending, what was most out of the ordinary when it was requested. */
  readonly facts?: readonly Fact[] | undefined;
  /** While it waits for people or its time; earlier versions kept nothing of that. */
  readonly waits?: MemberWaits | undefined;
  readonly endsAtMs?: number | undefined;
  /** When its requester is to be warned; left out: they need not be, or have been. */
  readonly warnsAtMs?: number | undefined;
  /** Of one that is ready: what keeps it from opening. */
  readonly fault?: FaultNote | undefined;
  readonly closing?: Closing | undefined;
  readonly how?: "expired" | "early" | "elsewhere" | "extended" | undefined;
  readonly address?: string | undefined;
  readonly canRetry?: true | undefined;
  readonly canOpen?: true | undefined;
  readonly isParked?: true | undefined;
  readonly toReview?: true | undefined;
  /** What those who decided said to its requester with it; a denial stands here without a word, too. */
  readonly said?: readonly Said[] | undefined;
};

export type ApprovedBy = {
  readonly by: UserId;
  readonly atMs: number;
  /** Who is away, and for whom it was given. */
  readonly for?: UserId | undefined;
};

type Cut = Pick<Ask, "durationMs" | "source" | "sourceName"> & { readonly by: UserId };

/** What is known of a request that is pending or ready: who decides, and until when. */
export type MemberWaits = {
  readonly sinceMs: number;
  readonly expiresAtMs: number;
  /** How many approvals it takes. */
  readonly needed: number;
  readonly isEscalated?: true | undefined;
  readonly isReminded?: true | undefined;
  readonly absent?: readonly Absent[] | undefined;
  readonly onDuty?: readonly OnDuty[] | undefined;
  readonly ruleNow?: RuleNow | undefined;
  /** Ready: what it waits for, where that isn't its requester. */
  readonly fromMs?: number | undefined;
  readonly frozen?: Freeze | undefined;
  readonly unchecked?: true | undefined;
};

export type Said = {
  readonly what: "approved" | "denied";
  readonly by: UserId;
  readonly text: string;
};
