// A form about several VMs, sent when others had decided about every one that was chosen in it.

import { labelOf } from "../../../domain/request/batch/label.ts";
import type { Lead } from "../../../domain/request/batch/roles.ts";
import type { Member } from "../../../domain/request/document/batch.ts";
import { NOT_REQUESTED, wordOf } from "../../../domain/request/state-words.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { listed, type Words, words } from "../../../domain/text/words.ts";
import type { Deps } from "../../deps.ts";
import type { Outcome } from "./decide.ts";

export type Choice = { readonly chosen: readonly Member[]; readonly leftOut: readonly Member[] };

/** Refused because it isn't pending any more. */
export const isOvertaken = (outcome: Outcome): boolean =>
  isRefusal(outcome) && (outcome.refused === "wrong-state" || outcome.refused === "too-late");

/** Nothing was changed: how all stand that the form showed, since what was left out may be open. */
export async function refuseOvertaken(
  { requests }: Pick<Deps, "requests">,
  lead: Lead,
  { chosen, leftOut }: Choice,
): Promise<Refusal> {
  if (chosen.length === 0) {
    return refuse("incomplete")`Choose at least one VM, or deny all of them.`;
  }
  const stands = async (member: Member): Promise<Words> => {
    const stored = await requests.read(member.id);
    const state = stored?.request.state ?? member.state;
    const word = state === "unmade" ? NOT_REQUESTED : wordOf(state);
    return words`${{ code: labelOf(lead, member) }} (${word})`;
  };
  const mine = await Promise.all(chosen.map(stands));
  const others = await Promise.all(leftOut.map(stands));
  const rest = others.length === 0 ? [] : words` You left out ${listed(others)}.`;
  return refuse(
    "wrong-state",
  )`None of the VMs you chose is still pending; nothing was changed. You chose ${listed(mine)}.${rest}`;
}
