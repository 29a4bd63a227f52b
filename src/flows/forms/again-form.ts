// The form filled with what was asked for before: anyone who may see that request can send it as their own.

import { parseVmRef } from "../../domain/command/vm-ref.ts";
import { ANY_SOURCE } from "../../domain/network/source.ts";
import { type AccessRequest, inForce } from "../../domain/request/request.ts";
import { formatDuration } from "../../domain/text/duration.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { wallAt } from "../../domain/text/moments.ts";
import { isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { Deps } from "../deps.ts";
import type { WithDirectory } from "../inventory/vm-directory.ts";
import { zoneOf } from "../requests/asking/moment-of.ts";
import { noSuchRequest } from "../requests/deciding/decide.ts";
import { visibilityFor } from "../requests/visibility.ts";
import type { Opening } from "./form-contents.ts";
import { openForm } from "./form-opening.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
  | "page"
> &
  WithDirectory;

export async function formAgain(
  deps: Needs,
  sender: Sender,
  id: RequestId,
): Promise<Answer | Refusal> {
  const sight = await visibilityFor(deps, sender);
  if (isRefusal(sight)) return sight;
  const kept = await deps.requests.read(id);
  if (kept === undefined || !sight.maySee(kept.request)) return noSuchRequest(id);
  const { opensAtMs } = kept.request.ask;
  const opening = openingOf(kept.request);
  if (opensAtMs === undefined) return openForm(deps, sender, { opening });
  const zone = await zoneOf(deps, sender.user);
  if (isRefusal(zone)) return zone;
  // Its time may be over; the same time of day is what is meant most likely.
  const { hour, minute } = wallAt(opensAtMs, zone);
  const draft = { ...opening.draft, at: { time: { hour, minute } } };
  return openForm(deps, sender, { opening: { ...opening, draft } });
}

/** As it was in force; the rules in force now say what of it can be chosen. */
function openingOf(request: AccessRequest): Opening {
  const { vm, ports, reason } = request.ask;
  return {
    draft: {
      ports,
      duration: formatDuration(inForce(request).durationMs),
      source: sourceOf(request),
      reason,
    },
    ref: parseVmRef(vm.id) ?? { typed: vm.name, name: vm.name, id: vm.id },
  };
}

function sourceOf(request: AccessRequest): string {
  const { source, sourceName } = inForce(request);
  return sourceName ?? (source === ANY_SOURCE ? "any" : source);
}
