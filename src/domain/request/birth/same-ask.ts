// Whether somebody has what they ask for already: then that is shown to them, instead of asked for twice. Pure.

import type { Ask } from "../../rules/ask.ts";
import { type AccessRequest, inForce, isLive, isWaiting } from "../request.ts";

/** Access that ends a little earlier than what is requested now is the same to the person: this share of it. */
const SHARE_LEFT = 0.9;

type Wanted = Pick<
  Ask,
  "requester" | "vm" | "ports" | "durationMs" | "source" | "reason" | "breakGlass" | "opensAtMs"
>;

/**
 * Whether `request` is what `wanted` asks for: waiting with the same duration and reason, or open (or about to
 * be) for nearly as long. An emergency is never told to wait, and an access that is being ended is none to have.
 */
export function isHad(request: AccessRequest, wanted: Wanted, nowMs: number): boolean {
  const { ask } = request;
  if (wanted.breakGlass === true || ask.extends !== undefined) return false;
  if (ask.requester !== wanted.requester || ask.vm.key !== wanted.vm.key) return false;
  if (!wanted.ports.every((port) => ask.ports.includes(port))) return false;
  if (inForce(request).source !== wanted.source) return false;
  if (isWaiting(request)) {
    const isSameAsk = ask.durationMs === wanted.durationMs && ask.reason === wanted.reason;
    return (
      isSameAsk &&
      ask.opensAtMs === wanted.opensAtMs &&
      ask.ports.length === wanted.ports.length &&
      nowMs < request.expiresAtMs
    );
  }
  if (wanted.opensAtMs !== undefined) return false;
  if (!isLive(request) || request.state === "ending" || request.tookOver === true) return false;
  return request.grant.endsAtMs >= nowMs + SHARE_LEFT * wanted.durationMs;
}
