// What a button carries: the request's id and the nonce of its cards, and of an answer's the question's number.

import { parseRequestId, type RequestId } from "../../../domain/text/ids.ts";

/** Every action id of ours is this and the button's name. */
export const ACTION_PREFIX = "jit.";

/** Nonces are short; anything longer is nobody's of ours. */
const NONCE_LENGTH_MAX = 64;

/** What is behind the three dots beside a card's buttons. */
export const MENU_ACTION = `${ACTION_PREFIX}more`;

export type ButtonValue = {
  readonly id: RequestId;
  readonly nonce: string;
  /** The number of the question that is answered. */
  readonly question?: number;
};

export const encodeButton = (id: RequestId, nonce: string, question?: number): string =>
  question === undefined ? `${id} ${nonce}` : `${id} ${nonce} ${question}`;

/** A choice of the menu is the button that would stand there, and what that would carry. */
export const encodeChoice = (button: string, value: string): string => `${button} ${value}`;

/** The action id and value of the button that a choice stands for. */
export function decodeChoice(choice: string): {
  readonly actionId: string;
  readonly value: string;
} {
  const at = choice.indexOf(" ");
  return { actionId: ACTION_PREFIX + choice.slice(0, at), value: choice.slice(at + 1) };
}

/** Answers `undefined` for whatever `encodeButton` can't have made. */
export function decodeButton(value: string): ButtonValue | undefined {
  const [code, nonce, number, ...more] = value.split(" ");
  if (code === undefined || nonce === undefined || more.length > 0) return undefined;
  if (number !== undefined && !/^[1-9]\d?$/.test(number)) return undefined;
  const question = number === undefined ? {} : { question: Number(number) };
  if (nonce.length > NONCE_LENGTH_MAX || !/^[\w-]+$/.test(nonce)) return undefined;
  const id = parseRequestId(code);
  // Only as we write it: a button is never typed by a person.
  return id === code ? { id, nonce, ...question } : undefined;
}
