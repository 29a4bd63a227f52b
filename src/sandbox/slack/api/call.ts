// What a Web API method is given and how it refuses; and readers for its arguments.

import { asObject, asText, type Json, parseJson } from "../json.ts";
import type { SlackWorkspace } from "../slack-workspace.ts";

/** A refusal as the API answers it: `{ok: false, error}` and perhaps more. */
export class ApiFault extends Error {
  override name = "ApiFault";
  code: string;
  extra: Json;

  constructor(code: string, extra: Json = {}) {
    super(code);
    this.code = code;
    this.extra = extra;
  }
}

/** Decoded arguments: strings where a form was sent, JSON values where a JSON body was. */
export type Args = Json;

/** What the server adds to what the world knows. */
export type Surroundings = {
  /** Which of the app's tokens the call came with. */
  token: TokenKind;
  /** Where files are uploaded and sockets opened: this server's own address. */
  origin: string;
  /** A fresh one-time address for a socket. */
  openSocketUrl(): string;
  takeTrigger(triggerId: string): TriggerOutcome;
};

export type TokenKind = "bot" | "app";

export type TriggerOutcome = { user: string; viewId?: string } | "unknown" | "expired" | "used";

export type Handler = (world: SlackWorkspace, args: Args, around: Surroundings) => Json;

export function invalidArguments(messages: string[]): ApiFault {
  return new ApiFault("invalid_arguments", {
    response_metadata: { messages: messages.map((one) => `[ERROR] ${one}`) },
  });
}

export function required(args: Args, key: string): string {
  const value = optional(args, key);
  if (value === undefined) {
    throw invalidArguments([`missing required field: ${key} [json-pointer:/${key}]`]);
  }
  return value;
}

/** An argument as text; an empty one counts as left out. */
export function optional(args: Args, key: string): string | undefined {
  const value = args[key];
  if (typeof value === "number") return String(value);
  const text = asText(value);
  return text === "" ? undefined : text;
}

export function isOn(args: Args, key: string): boolean {
  const value = args[key];
  return value === true || value === 1 || value === "true" || value === "1";
}

/** An argument that may come as JSON or as JSON in a string. `broken`: a string that is no JSON. */
export function jsonArgument(args: Args, key: string): { value: unknown } | "broken" | undefined {
  const value = args[key];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") return { value };
  const parsed = parseJson(value);
  return parsed === undefined ? "broken" : { value: parsed };
}

export function objectArgument(args: Args, key: string): Json {
  const found = jsonArgument(args, key);
  const object = found === "broken" ? undefined : asObject(found?.value);
  if (!object) throw invalidArguments([`must provide an object [json-pointer:/${key}]`]);
  return object;
}

export type Page<T> = { items: T[]; nextCursor: string };

/** One page of a list; the cursor is opaque to the caller. */
export function pageOf<T>(args: Args, all: T[], defaultLimit: number, maxLimit: number): Page<T> {
  const limit = Number(optional(args, "limit") ?? defaultLimit);
  if (!Number.isInteger(limit) || limit < 0) throw new ApiFault("invalid_limit");
  const cursor = optional(args, "cursor");
  const from = cursor === undefined ? 0 : Number(Buffer.from(cursor, "base64").toString());
  if (!Number.isInteger(from) || from < 0 || from > all.length) {
    throw new ApiFault("invalid_cursor");
  }
  const to = from + Math.min(limit || defaultLimit, maxLimit);
  const nextCursor = to < all.length ? Buffer.from(String(to)).toString("base64") : "";
  return { items: all.slice(from, to), nextCursor };
}

export function withCursor(page: Page<unknown>): Json {
  return { response_metadata: { next_cursor: page.nextCursor } };
}
