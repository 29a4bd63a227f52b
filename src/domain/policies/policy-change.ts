// A change of JIT policies: previewed, then applied one policy after the other, and what became of each.

import type { UserId } from "../text/ids.ts";
import type { Why } from "./change-plan.ts";
import type { DesiredPolicy } from "./desired-policy.ts";
import type { Edit } from "./merge-policy.ts";

/** What became of one policy. */
export type Outcome =
  /** Azure shows what was wanted. `kept`: somebody else had changed other VMs of it since the preview. */
  | { readonly how: "done"; readonly kept?: true | undefined }
  /** Somebody else changed these very VMs since the preview, so it was left. */
  | { readonly how: "moved" }
  /** Access was opened that the preview didn't warn of, so the policy was left as it is. */
  | { readonly how: "opened" }
  /** `code` and `says` are Azure's own, or ours where Azure said nothing. */
  | { readonly how: "failed"; readonly code: string; readonly says: string };

/** One policy to write. */
export type PolicyChange = {
  readonly policyId: string;
  readonly edits: readonly Edit[];
  /** It is written as it is, so that Azure makes its rules again. */
  readonly again?: true | undefined;
  /** It was there when the preview was made. */
  readonly existed: boolean;
  /** How many VMs it has, and is to have: none, and it is deleted. */
  readonly vmsBefore: number;
  readonly vmsAfter: number;
  /** Of the parts of the VMs that are meant, as the preview saw them. */
  readonly fingerprint: string;
  /** Of the whole policy. */
  readonly whole: string;
  /** How many requests were open through it, which the preview warned of. */
  readonly open: number;
  /** VMs in it that can't be found, by `resource group/name`: Azure may refuse to write it because of them. */
  readonly gone?: readonly string[] | undefined;
  readonly outcome?: Outcome | undefined;
};

/** VMs by `resource group/name`. */
export type LeftVm = {
  readonly vm: string;
  readonly why: Why | "already" | "unreadable";
  /** Azure's own, where their policy couldn't be read. */
  readonly code?: string | undefined;
};

export type Change = {
  /** Twelve random bytes in hexadecimal. */
  readonly id: string;
  readonly verb: DesiredPolicy["verb"] | "restore";
  /** Who wants it: a member, or the user that the command line ran as. */
  readonly by: UserId | { readonly operator: string };
  /** As it was asked for, without `/jit`. */
  readonly asked: string;
  readonly atMs: number;
  readonly state: "preview" | "applying" | "over" | "dropped";
  /** How many VMs were meant. */
  readonly meant: number;
  readonly policies: readonly PolicyChange[];
  /** VMs of which nothing changes, and why. */
  readonly left: readonly LeftVm[];
  /** A subscription or more couldn't be read: there may be more VMs. */
  readonly unread: readonly string[];
  /** The message that shows how far it is. */
  readonly shownIn?: { readonly channel: string; readonly ts: string } | undefined;
  /** Of a restore that was written: what is still amiss in Azure; empty: nothing is. */
  readonly seen?: string | undefined;
  /** What became of it has been told. */
  readonly told?: true | undefined;
};

/** How many VMs change, and of how many that is so already. */
export function countOf(change: Change): {
  readonly toDo: number;
  readonly done: number;
  readonly failed: number;
  readonly waiting: number;
} {
  const count = (is: (policy: PolicyChange) => boolean) =>
    change.policies.filter(is).reduce((sum, { edits }) => sum + edits.length, 0);
  return {
    toDo: count(() => true),
    done: count(({ outcome }) => outcome?.how === "done"),
    failed: count(({ outcome }) => outcome !== undefined && outcome.how !== "done"),
    waiting: count(({ outcome }) => outcome === undefined),
  };
}

/** With the outcome of one of its policies; over when there is none left without. */
export function withOutcome(change: Change, policyId: string, outcome: Outcome): Change {
  const policies = change.policies.map((one) =>
    one.policyId === policyId ? { ...one, outcome } : one,
  );
  const isOver = policies.every((one) => one.outcome !== undefined);
  return { ...change, policies, state: isOver ? "over" : change.state };
}

export const nextOf = (change: Change): PolicyChange | undefined =>
  change.state === "applying"
    ? change.policies.find(({ outcome }) => outcome === undefined)
    : undefined;
