// The form filled with what was asked for before: anyone who may see that request can send it as their own.

import { parseVmRef } from "../../domain/command/vm-ref.ts";
import { type AccessRequest, inForce } from "../../domain/request/request.ts";
import { typedSource } from "../../domain/rules/ask.ts";
import { formatDuration } from "../../domain/text/duration.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { sameTimeOfDay } from "../../domain/text/moments.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { RequestForm } from "../../ports/screens/request-form.ts";
import type { Deps } from "../deps.ts";
import type { WithDirectory } from "../inventory/vm-directory.ts";
import { togetherWith } from "../requests/asking/again/again.ts";
import { zoneOf } from "../requests/asking/moment-of.ts";
import { noSuchRequest } from "../requests/deciding/decide.ts";
import { visibilityFor } from "../requests/visibility.ts";
import type { Opening } from "./form-contents.ts";
import { openForm } from "./form-opening.ts";
import { filledForm } from "./request-form-flow.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "freezes"
  | "requests"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
  | "limits"
  | "page"
> &
  WithDirectory;

export async function formAgain(
  deps: Needs,
  sender: Sender,
  id: RequestId,
): Promise<Answer | Refusal> {
  const visibility = await visibilityFor(deps, sender);
  if (isRefusal(visibility)) return visibility;
  const kept = await deps.requests.read(id);
  if (kept === undefined || !visibility.canSee(kept.request)) return noSuchRequest(id);
  const opening = await openingAgain(deps, sender, kept.request);
  return isRefusal(opening) ? opening : openForm(deps, sender, { opening });
}

/** The form that is open, filled in with a request of the person's own: all of its VMs. */
export async function filledAgain(
  deps: Needs,
  sender: Sender,
  id: RequestId,
): Promise<RequestForm> {
  const request = (await deps.requests.read(id))?.request;
  if (request?.ask.requester !== sender.user) {
    return filledForm(deps, sender, { draft: {}, note: noSuchRequest(id).say });
  }
  const opening = await openingAgain(deps, sender, request);
  if (isRefusal(opening)) return filledForm(deps, sender, { draft: {}, note: opening.say });
  const [, ...others] = await togetherWith(deps, request, id);
  return filledForm(deps, sender, { ...opening, more: others.map(({ vm }) => vm.key) });
}

async function openingAgain(
  deps: Needs,
  sender: Sender,
  request: AccessRequest,
): Promise<Opening | Refusal> {
  const { opensAtMs } = request.ask;
  const opening = openingOf(request);
  if (opensAtMs === undefined) return opening;
  const zone = await zoneOf(deps, sender.user);
  if (isRefusal(zone)) return zone;
  // Its time may be over; the same time of day is what is meant most likely.
  return { ...opening, draft: { ...opening.draft, at: sameTimeOfDay(opensAtMs, zone) } };
}

/** As it was in force; the rules in force now say what of it can be chosen. */
function openingOf(request: AccessRequest): Opening {
  const { vm, ports, reason } = request.ask;
  return {
    draft: {
      ports,
      duration: formatDuration(inForce(request).durationMs),
      source: typedSource(inForce(request)),
      reason,
    },
    ref: parseVmRef(vm.id) ?? { typed: vm.name, name: vm.name, id: vm.id },
  };
}
