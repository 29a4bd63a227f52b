// The id that every call by which the bot changes something at Azure carries (`x-ms-client-request-id`): the
// Activity Log shows it, so any replica knows the bot's own entries there, and which request each belongs to.
// The identity alone would not tell: another tool may use the same one.

import { createHmac } from "node:crypto";
import { HOUR_MS } from "../../text/duration.ts";
import { parseRequestId, type RequestId } from "../../text/ids.ts";
import type { ActivityKind } from "./activity-event.ts";

/** Random bytes that `callId` takes. */
export const CALL_BYTES = 6;

/** What a call was about; `undefined`: no request, but a policy. */
export type OwnCall = { readonly request: RequestId | undefined };

/** What a call does, to which policy, and when. */
export type CallPlace = {
  readonly kind: ActivityKind;
  readonly policyId: string;
  readonly atMs: number;
};

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** The bits of a request's six characters; the one above them says whether there is a request. */
const REQUEST_BITS = 30;
const HAS_REQUEST = 2 ** REQUEST_BITS;

/** From the making of an id to the call's event, whatever the clocks say. A second use is found much earlier. */
const GOOD_FOR_MS = HOUR_MS;

/**
 * A new id, in the form of a GUID: 10 bytes that say when it was made and for which request (the others of
 * them are random), and the seal of these and of the call's kind and policy, which nobody makes without the
 * key. The log shows it to every reader, so it is good for that call alone.
 */
export function callId(
  key: string,
  { request, ...place }: OwnCall & CallPlace,
  random: Uint8Array,
): string {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < CALL_BYTES; at++) bytes[4 + at] = random[at] ?? 0;
  view.setUint32(0, Math.floor(place.atMs / 1_000));
  const about = view.getUint32(6) % HAS_REQUEST;
  view.setUint32(6, request === undefined ? about : HAS_REQUEST + numberOf(request));
  const hex = Buffer.from(bytes).toString("hex");
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => (hex + sealOf(key, hex, place)).slice(ends[index - 1] ?? 0, end))
    .join("-");
}

/** `undefined`: not made with this key, or not for what is at this place. In any case, for Azure may change it. */
export function readCallId(key: string, id: string, place: CallPlace): OwnCall | undefined {
  const [, hex = "", seal = ""] =
    /^([0-9a-f]{20})([0-9a-f]{12})$/.exec(id.toLowerCase().replace(/[{}-]/g, "")) ?? [];
  if (hex === "" || seal !== sealOf(key, hex, place)) return undefined;
  const madeMs = Number.parseInt(hex.slice(0, 8), 16) * 1_000;
  if (Math.abs(place.atMs - madeMs) > GOOD_FOR_MS) return undefined;
  const about = Number.parseInt(hex.slice(12), 16);
  return { request: about < HAS_REQUEST ? undefined : requestOf(about - HAS_REQUEST) };
}

const sealOf = (key: string, hex: string, { kind, policyId }: CallPlace): string =>
  createHmac("sha256", key)
    .update(["jit-call", hex, kind, policyKey(policyId)].join(":"))
    .digest("hex")
    .slice(0, 12);

/** Subscription, group and name: the log need not spell the rest of the id as the bot does. */
function policyKey(policyId: string): string {
  const parts = policyId.toLowerCase().split("/").filter(Boolean);
  return [parts[1], parts[3], parts.at(-1)].join("/");
}

const numberOf = (request: RequestId): number =>
  [...request.slice(-6)].reduce((sum, one) => sum * 32 + ALPHABET.indexOf(one), 0);

function requestOf(number: number): RequestId | undefined {
  const digits = Array.from({ length: 6 }, (_, index) => Math.floor(number / 32 ** (5 - index)));
  return parseRequestId(digits.map((digit) => ALPHABET[digit % 32]).join(""));
}
