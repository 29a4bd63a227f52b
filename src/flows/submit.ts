// Somebody asks for access: from the command to a stored request, or a refusal that leaves nothing behind.

import { type AskInput, type Checked, mayNotAsk } from "../request/ask.ts";
import type { RequestCommand } from "../request/command/asks.ts";
import { isRefusal, type Refusal } from "../request/refusal.ts";
import type { Words } from "../request/words.ts";
import type { Deps } from "./deps.ts";
import type { Sender } from "./desk.ts";
import { keep, type Submitted } from "./keep.ts";
import { askedToProve, renewal } from "./my-address.ts";
import { DECIDING_AGE_MS, membersOf, orCannotCheck } from "./people.ts";
import { refuseCommand } from "./seen.ts";
import { tryAsk } from "./try-ask.ts";

/** Nothing is asked for before the person has shown where they are. */
export type Unproven = { readonly prove: readonly Words[] };

/**
 * Makes a request, or refuses, or sends the person to the page that sees their address (`isSeen`: it
 * just did). After `Submitted` the request is kept and its card is on the way; "repeated" means that
 * this very delivery was handled before.
 */
export async function submit(
  deps: Deps,
  sender: Sender,
  command: RequestCommand,
  { isSeen = false }: { readonly isSeen?: boolean } = {},
): Promise<Submitted | Refusal | Unproven | "repeated"> {
  const mayNotHere = await refuseCommand(deps, sender);
  if (mayNotHere !== undefined) return mayNotHere;
  const tried = await tryAsk(deps, sender.user, command);
  if (isRefusal(tried)) return tried;
  const { outcome, input } = tried;
  const { page } = deps;
  if (isRefusal(outcome)) {
    if (outcome.refused !== "address-unproven" || page === undefined) return outcome;
    if (!(await deps.store.firstDelivery(sender.delivery))) return "repeated";
    return { prove: await askedToProve(deps, page, { sender, ask: command }) };
  }
  const mayNot = await refuseAtOnce(deps, input, outcome);
  const kept = mayNot ?? (await keep(deps, sender, { ...outcome, policy: input.policy }));
  if (kept === "repeated" || isRefusal(kept)) return kept;
  if (outcome.ask.proven !== true || isSeen || page === undefined) return kept;
  const note = await renewal(deps, page, { sender, address: outcome.ask.source });
  return { ...kept, notes: [...kept.notes, ...note] };
}

/** What opens without anybody's click is asked by somebody who is a requester now, not minutes ago. */
async function refuseAtOnce(
  deps: Deps,
  input: AskInput,
  { ask, rule, approvals }: Checked,
): Promise<Refusal | undefined> {
  if (approvals > 0 && ask.breakGlass !== true) return undefined;
  const allowed = ask.breakGlass === true ? rule.breakGlass : rule.requesters;
  const groups = allowed === "anyone" ? [] : allowed.groups;
  const members = await orCannotCheck(() => membersOf(deps.chat, groups, DECIDING_AGE_MS));
  return isRefusal(members) ? members : mayNotAsk(rule, { ...input, members }, ask.ports);
}
