// Extending a batch: more time for each of it that is open, in requests of their own that share a card again.

import { labelOf } from "../../../domain/request/batch/label.ts";
import type { Lead } from "../../../domain/request/batch/roles.ts";
import { membersOf } from "../../../domain/request/members.ts";
import { extendableBy } from "../../../domain/request/offers.ts";
import type { RequestId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { Sender } from "../../../ports/inbound.ts";
import { extensionLease } from "../../../ports/storage/leases.ts";
import { refuseKnownOutsiders } from "../../people/look-afresh.ts";
import { refuseTooManyAsks } from "../asking/ask-rate.ts";
import type { Unmade } from "../asking/create-batch.ts";
import type { CheckedAsk } from "../asking/create-request.ts";
import { allRefused, madeByRule, recordEach, type Several } from "../asking/submit-several.ts";
import { noSuchRequest } from "../deciding/decide.ts";
import { inTurns } from "../deciding/together.ts";
import { checkExtension, type ExtendAsk, TURN_MS } from "./extend.ts";

type Needs = Parameters<typeof checkExtension>[0] &
  Parameters<typeof madeByRule>[0] &
  Parameters<typeof recordEach>[0];

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
    const checked = await inTurns(openOf(lead), async (member) => ({
      member,
      outcome: await inTurn(deps, sender, { id: member.id, wanted, held }),
    }));
    for (const { member, outcome } of checked) {
      const now = isRefusal(outcome) ? outcome : await stillInTurn(deps, sender, outcome);
      if (isRefusal(now)) unmade.push({ vm: labelOf(lead, member), refusal: now });
      else asks.push(now);
    }
    if (asks.length === 0) return allRefused(unmade);
    const made = await madeByRule(deps, sender, { asks, unmade });
    if (made === "repeated") return made;
    if (made.batches.length === 0) return allRefused(made.unmade);
    await recordEach(deps, sender, { act: "extend", unmade: made.unmade });
    return made;
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
  const outsider = await refuseKnownOutsiders(deps, sender);
  if (outsider !== undefined) return outsider;
  if (lead.ask.requester !== sender.user) {
    return refuse("not-yours")`Only the requester can extend ${lead.id}.`;
  }
  return openOf(lead).length > 0
    ? undefined
    : refuse("wrong-state")`Nothing of ${lead.id} is open: only open access can be extended.`;
}

const openOf = (lead: Lead) => membersOf(lead).filter(({ state }) => state === "open");

/** Others of the batch may have taken long to check: its turn must not have run out meanwhile. */
export async function stillInTurn(
  { leases }: Pick<Needs, "leases">,
  { delivery }: Pick<Sender, "delivery">,
  checked: CheckedAsk,
): Promise<CheckedAsk | Refusal> {
  const { extends: id } = checked.ask;
  if (id === undefined) throw new Error("an extension extends a request");
  return (await leases.renew(extensionLease(id), delivery, TURN_MS)) ? checked : busy(id);
}

const busy = (id: RequestId): Refusal =>
  refuse("cannot-check")`${id} is being extended right now: check it, then try again.`;

async function inTurn(
  deps: Needs,
  { user, delivery }: Sender,
  { id, wanted, held }: { id: RequestId; wanted: ExtendAsk; held: RequestId[] },
): Promise<CheckedAsk | Refusal> {
  if (!(await deps.leases.take(extensionLease(id), delivery, TURN_MS))) {
    return busy(id);
  }
  held.push(id);
  const stored = await deps.requests.read(id);
  if (stored === undefined) return noSuchRequest(id);
  const first = extendableBy(stored.request, user, stored.nowMs);
  if (isRefusal(first)) return first;
  return checkExtension(deps, { first, wanted: { ...wanted, id }, nowMs: stored.nowMs });
}
