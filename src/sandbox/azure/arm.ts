// What the handlers of the simulated Resource Manager share: the call, the reply, the refusal.

import type { IncomingHttpHeaders } from "node:http";
import type { AzureEstate } from "./world/azure-estate.ts";
import type { Switches } from "./world/switches.ts";

/** The simulated Azure as its handlers see it. `url` is its address, for links to next pages. */
export type Azure = {
  world: AzureEstate;
  switches: Switches;
  nowMs: () => number;
  url: string;
};

export type ArmCall = {
  method: string;
  path: string;
  query: URLSearchParams;
  /** The decoded JSON, `undefined` without a body. */
  body: unknown;
  headers: IncomingHttpHeaders;
  /** The named segments of the route's path. */
  params: Record<string, string>;
  caller: Caller;
  /** Shared by the answer and by every event of this call in the Activity Log. */
  correlationId: string;
};

/** `id` is what requests and the Activity Log tell of the caller: an object id, or a user name. */
type Caller = { id: string; name: string; address: string };

export type ArmReply = { status: number; body?: unknown; headers?: Record<string, string> };

export type ErrorDetail = { code: string; message: string; [more: string]: unknown };

/** A refusal, answered in ARM's error shape: `{ error: { code, message, details? } }`. */
export class ArmRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: ErrorDetail[] | undefined;
  readonly headers: Record<string, string>;
  /** In the shape of some providers: `{ code, message }` without `error` around it. */
  isFlat = false;

  constructor(
    status: number,
    error: { code: string; message: string; details?: ErrorDetail[] },
    headers: Record<string, string> = {},
  ) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.details = error.details;
    this.headers = headers;
  }
}

export function refusalReply(refusal: ArmRefusal): ArmReply {
  const { status, code, message, details, headers, isFlat } = refusal;
  if (isFlat) return { status, body: { code, message }, headers };
  return { status, body: { error: { code, message, ...(details && { details }) } }, headers };
}

/** A parameter that the route's path is known to have. */
export function param(call: ArmCall, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no segment {${name}}`);
  return value;
}

/** Cuts a page out of a list; the link to the next repeats the call with a `$skipToken`. */
export function page<T>(azure: Azure, call: ArmCall, list: { all: readonly T[]; size: number }) {
  const token = call.query.get("$skipToken");
  const from = token === null ? 0 : Number(Buffer.from(token, "base64url").toString());
  if (!Number.isInteger(from) || from < 0) {
    throw new ArmRefusal(400, { code: "BadRequest", message: "The skip token is not valid." });
  }
  const value = list.all.slice(from, from + list.size);
  const next = from + list.size;
  if (next >= list.all.length) return { value };
  const query = new URLSearchParams(call.query);
  query.set("$skipToken", Buffer.from(String(next)).toString("base64url"));
  return { value, nextLink: `${azure.url}${call.path}?${query}` };
}

/** A point in time as Azure writes it, with seven digits behind the second. */
export function azureTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "0000Z");
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
