// What a button carries: the request's id and the nonce of its cards, as one short word pair.

import { parseRequestId, type RequestId } from "../../../domain/text/ids.ts";

/** Every action id of ours is this and the button's name. */
export const ACTION_PREFIX = "jit.";

/** Nonces are short; anything longer is nobody's of ours. */
const NONCE_LENGTH_MAX = 64;

export type ButtonValue = { readonly id: RequestId; readonly nonce: string };

export const encodeButton = (id: RequestId, nonce: string): string => `${id} ${nonce}`;

/** Answers `undefined` for whatever `encodeButton` cannot have made. */
export function decodeButton(value: string): ButtonValue | undefined {
  const [code, nonce, ...more] = value.split(" ");
  if (code === undefined || nonce === undefined || more.length > 0) return undefined;
  if (nonce.length > NONCE_LENGTH_MAX || !/^[\w-]+$/.test(nonce)) return undefined;
  const id = parseRequestId(code);
  // Only as we write it: a button is never typed by a person.
  return id === code ? { id, nonce } : undefined;
}
