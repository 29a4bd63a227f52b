// The id that every call by which the bot changes something at Azure carries (`x-ms-client-request-id`): the
// Activity Log shows it, so any replica knows the bot's own entries there, and which request each belongs to.
// The identity alone would not tell: another tool may use the same one.

import { createHmac } from "node:crypto";
import { parseRequestId, type RequestId } from "../ids.ts";

/** Random bytes that `callId` takes. */
export const CALL_BYTES = 8;

/** What a call was about; `undefined`: no request, but a policy. */
export type OwnCall = { readonly request: RequestId | undefined };

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** The bits of a request's six characters; the one above them says whether there is a request. */
const REQUEST_BITS = 30;
const HAS_REQUEST = 2 ** REQUEST_BITS;

/**
 * A new id, in the form of a GUID: 8 bytes that say which request (the others of them are random), and as
 * many of their seal, which nobody makes without the key.
 */
export function callId(key: string, { request }: OwnCall, random: Uint8Array): string {
  const bytes = Uint8Array.from({ length: CALL_BYTES }, (_, index) => random[index] ?? 0);
  const view = new DataView(bytes.buffer);
  const about = view.getUint32(4) % HAS_REQUEST;
  view.setUint32(4, request === undefined ? about : HAS_REQUEST + numberOf(request));
  const hex = Buffer.from(bytes).toString("hex");
  return [8, 12, 16, 20, 32]
    .map((end, index, ends) => (hex + sealOf(key, hex)).slice(ends[index - 1] ?? 0, end))
    .join("-");
}

/** `undefined`: not made with this key. In any case, for Azure may change it. */
export function readCallId(key: string, id: string): OwnCall | undefined {
  const [, hex = "", seal = ""] =
    /^([0-9a-f]{16})([0-9a-f]{16})$/.exec(id.toLowerCase().replace(/[{}-]/g, "")) ?? [];
  if (hex === "" || seal !== sealOf(key, hex)) return undefined;
  const about = Number.parseInt(hex.slice(8), 16);
  return { request: about < HAS_REQUEST ? undefined : requestOf(about - HAS_REQUEST) };
}

const sealOf = (key: string, hex: string): string =>
  createHmac("sha256", key).update(`jit-call:${hex}`).digest("hex").slice(0, 16);

const numberOf = (request: RequestId): number =>
  [...request.slice(-6)].reduce((sum, one) => sum * 32 + ALPHABET.indexOf(one), 0);

function requestOf(number: number): RequestId | undefined {
  const digits = Array.from({ length: 6 }, (_, index) => Math.floor(number / 32 ** (5 - index)));
  return parseRequestId(digits.map((digit) => ALPHABET[digit % 32]).join(""));
}
