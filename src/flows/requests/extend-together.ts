// Extending a batch: more time for each of it that is open, in requests of their own that share a card again.

import type { Lead } from "../../domain/request/batch/pace.ts";
import { membersOf } from "../../domain/request/members.ts";
import { extendableBy } from "../../domain/request/offers.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { Sender } from "../../ports/inbound.ts";
import { extensionLease } from "../../ports/storage/leases.ts";
import { KNOWN_AGE_MS, refuseOutsiders } from "../people/people.ts";
import { refuseTooManyAsks } from "./asking/ask-rate.ts";
import type { Unmade } from "./asking/create-batch.ts";
import type { CheckedAsk } from "./asking/create-request.ts";
import { allRefused, madeByRule, type Several } from "./asking/submit-several.ts";
import { noSuchRequest } from "./deciding/decide.ts";
import { checkExtension, type ExtendAsk, TURN_MS } from "./extend.ts";

type Needs = Parameters<typeof checkExtension>[0] & Parameters<typeof madeByRule>[0];

type Together = { readonly lead: Lead; readonly wanted: ExtendAsk };

/** A refusal: none of it was extended. What can't be extended harms no other, and is named. */
export async function extendTogether(
  deps: Needs,
  sender: Sender,
  { lead, wanted }: Together,
): Promise<Several | Refusal | "repeated"> {
  const mayNot = await refuseExtension(deps, sender, lead);
  if (mayNot !== undefined) return mayNot;
  const tooMany = await refuseTooManyAsks(deps, sender.user, { breakGlass: false });
  if (tooMany !== undefined) return tooMany;
  const held: RequestId[] = [];
  try {
    const asks: CheckedAsk[] = [];
    const unmade: Unmade[] = [];
    for (const { id, vm } of openOf(lead)) {
      const checked = await inTurn(deps, sender, { id, wanted, held });
      if (isRefusal(checked)) unmade.push({ vm, refusal: checked });
      else asks.push(checked);
    }
    if (asks.length === 0) return allRefused(unmade);
    const made = await madeByRule(deps, sender, { asks, unmade });
    return made !== "repeated" && made.batches.length === 0 ? allRefused(made.unmade) : made;
  } finally {
    // Where Redis is away the turns run out by themselves.
    for (const id of held) {
      await deps.leases.give(extensionLease(id), sender.delivery).catch(() => undefined);
    }
  }
}

/** Asked before a form is opened for it, and again after. */
export async function refuseExtension(
  deps: Needs,
  sender: Sender,
  lead: Lead,
): Promise<Refusal | undefined> {
  const outsider = await refuseOutsiders(deps.chat, sender, KNOWN_AGE_MS);
  if (outsider !== undefined) return outsider;
  if (lead.ask.requester !== sender.user) {
    return refuse("not-yours")`Only the requester can extend ${lead.id}.`;
  }
  return openOf(lead).length > 0
    ? undefined
    : refuse("wrong-state")`Nothing of ${lead.id} is open: only open access can be extended.`;
}

const openOf = (lead: Lead) => membersOf(lead).filter(({ state }) => state === "open");

async function inTurn(
  deps: Needs,
  { user, delivery }: Sender,
  { id, wanted, held }: { id: RequestId; wanted: ExtendAsk; held: RequestId[] },
): Promise<CheckedAsk | Refusal> {
  if (!(await deps.leases.take(extensionLease(id), delivery, TURN_MS))) {
    return refuse("cannot-check")`${id} is being extended right now: check it, then try again.`;
  }
  held.push(id);
  const stored = await deps.requests.read(id);
  if (stored === undefined) return noSuchRequest(id);
  const first = extendableBy(stored.request, user, stored.nowMs);
  if (isRefusal(first)) return first;
  return checkExtension(deps, { first, wanted: { ...wanted, id }, nowMs: stored.nowMs });
}
