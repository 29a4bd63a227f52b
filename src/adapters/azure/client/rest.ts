// Single requests to Resource Manager that no SDK of ours has: through the pipeline of one that we have.

import { randomUUID } from "node:crypto";
import type { SecurityCenter } from "@azure/arm-security";

type Client = Pick<SecurityCenter, "sendRequest">;
type PipelineRequest = Parameters<Client["sendRequest"]>[0];

export type RestRequest = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** By which the pipeline knows the call. */
  readonly signal: AbortSignal;
};

/** The body of a success, decoded if it was JSON. Throws what `faultFrom` finds Azure's words in. */
export async function sendRest(
  client: Client,
  { method, url, body, headers, signal }: RestRequest,
): Promise<unknown> {
  const { status, bodyAsText } = await client.sendRequest({
    method,
    url,
    abortSignal: signal,
    headers: headersOf({
      ...headers,
      ...(body !== undefined && { "content-type": "application/json; charset=utf-8" }),
    }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    requestId: randomUUID(),
    // `calls.ts` sees to that.
    timeout: 0,
    withCredentials: false,
  });
  if (status < 200 || status > 299) {
    const error = new Error(`${method} was answered with status ${status}`);
    throw Object.assign(error, { response: { bodyAsText: bodyAsText ?? "" } });
  }
  return bodyAsText ? JSON.parse(bodyAsText) : undefined;
}

/** The pipeline's own kind of headers, for the maker of them is in a package that we don't have. */
function headersOf(given: Readonly<Record<string, string>>): PipelineRequest["headers"] {
  const headers = new Headers(given);
  return {
    get: (name) => headers.get(name) ?? undefined,
    has: (name) => headers.has(name),
    set: (name, value) => headers.set(name, String(value)),
    delete: (name) => headers.delete(name),
    toJSON: () => Object.fromEntries(headers),
    [Symbol.iterator]: () => headers[Symbol.iterator](),
  };
}
