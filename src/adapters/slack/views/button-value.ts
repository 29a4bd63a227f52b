// What a button or form carries: the request's id and the nonce of its cards, an answer's question, a form's choices.

import { parseRequestId, type RequestId } from "../../../domain/text/ids.ts";
import type { ShownRequest } from "../../../ports/inbound.ts";

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
  /** Of several VMs, the requests that a form offers: what isn't among them isn't decided by it. */
  readonly shown?: readonly ShownRequest[] | undefined;
};

export const encodeButton = (id: RequestId, nonce: string, question?: number): string =>
  question === undefined ? `${id} ${nonce}` : `${id} ${nonce} ${question}`;

/** A form keeps what it shows: Slack takes 3,000 characters, and a request has at most 50 VMs. */
export const encodeForm = ({ id, nonce, question, shown }: ButtonValue): string => {
  const value = encodeButton(id, nonce, question);
  return shown === undefined ? value : `${value} ${SHOWN}${shown.map(encodeShown).join(",")}`;
};

const SHOWN = "shown=";

const encodeShown = ({ id, terms }: ShownRequest): string =>
  terms === undefined ? id : `${id}:${terms}`;

function decodeShown(one: string): ShownRequest | undefined {
  const [code = "", terms, ...more] = one.split(":");
  const id = parseRequestId(code);
  if (id === undefined || id !== code || more.length > 0) return undefined;
  if (terms === undefined) return { id };
  return /^\d{1,7}n?$/.test(terms) ? { id, terms } : undefined;
}

/** Answers `undefined` for whatever `encodeForm` can't have made. */
export function decodeForm(value: string): ButtonValue | undefined {
  const at = value.indexOf(` ${SHOWN}`);
  if (at < 0) return decodeButton(value);
  const button = decodeButton(value.slice(0, at));
  const all = value.slice(at + 1 + SHOWN.length).split(",");
  const shown = all.flatMap((one) => decodeShown(one) ?? []);
  return button !== undefined && shown.length === all.length ? { ...button, shown } : undefined;
}

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
