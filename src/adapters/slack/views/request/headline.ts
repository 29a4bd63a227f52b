// The first line of a card: its state, who asks for what, and until when. Pure.

import { whoDecides } from "../../../../domain/request/deciders/who-decides.ts";
import {
  type AccessRequest,
  grantOf,
  inForce,
  isOver,
  isWaiting,
} from "../../../../domain/request/request.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { PORT_NAMES } from "../../../../domain/text/port-words.ts";
import { type Words, words } from "../../../../domain/text/words.ts";
import { inLine, stateTitle } from "../phrases.ts";

const VM_CHARACTERS_MAX = 64;
const PORTS_MAX = 3;

/** The state stands first, so that it is read first, by programs as well. */
export function headline(request: AccessRequest): Words {
  const { icon, said } = stateTitle(request);
  const { requester, vm, ports } = request.ask;
  const state = { strong: `${icon} ${said}${progress(request)}` };
  const name = { strong: inLine(vm.name, VM_CHARACTERS_MAX) };
  const what = portsShort(ports);
  return request.ask.extends === undefined
    ? words`${state} · ${{ user: requester }} → ${name} · ${what} · ${span(request)}`
    : words`${state} · ${{ user: requester }} extends ${name} · ${what}${longer(request)}`;
}

function progress(request: AccessRequest): string {
  const { needed } = whoDecides(request);
  return request.state === "pending" && needed > 1
    ? `: ${request.approvals.length} of ${needed} approvals`
    : "";
}

/** By their names where they have one; the card's next line has their numbers. */
export function portsShort(ports: readonly number[]): string {
  const shown = ports.slice(0, PORTS_MAX).map((port) => PORT_NAMES[port] ?? String(port));
  const more = ports.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

/** What was granted can be less than what was asked for: cut to what the port allows. */
function span(request: AccessRequest): Words {
  const grant = grantOf(request);
  const asked = formatDuration(inForce(request).durationMs);
  const { opensAtMs } = request.ask;
  if (isWaiting(request) && opensAtMs !== undefined && request.promised.keepForMs === undefined) {
    return words`${asked} from ${{ atMs: opensAtMs }}`;
  }
  if (grant === undefined) {
    return isWaiting(request) ? words`${asked} from ${startOf(request)}` : words`${asked}`;
  }
  const granted = formatDuration(grant.endsAtMs - grant.startsAtMs);
  // Where it ended, or ends before that, the card says when.
  const isUntil = !isOver(request) && request.state !== "ending";
  return isUntil ? words`${granted} (until ${{ atMs: grant.endsAtMs }})` : words`${granted}`;
}

/** When the clock of a waiting request starts, where that isn't at a time. */
export const startOf = ({ state, promised }: AccessRequest): "approval" | "opening" =>
  state === "pending" && promised.keepForMs === undefined ? "approval" : "opening";

/** From the end before to the end after, as far as they are known. */
function longer(request: AccessRequest): Words {
  const { durationMs } = inForce(request);
  const fromMs = request.ask.extendsFromMs;
  const grant = grantOf(request);
  const untilMs = grant?.endsAtMs ?? (fromMs === undefined ? undefined : fromMs + durationMs);
  if (fromMs === undefined || untilMs === undefined)
    return words` (+${formatDuration(durationMs)})`;
  return words`: ${{ atMs: fromMs }} → ${{ atMs: untilMs }} (+${formatDuration(untilMs - fromMs)})`;
}
