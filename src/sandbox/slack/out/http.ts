// Sends signed requests to the app's request URL, the way Slack does.

import { createHmac } from "node:crypto";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { performance } from "node:perf_hooks";
import { parseJson } from "../json.ts";
import type { Answer, DeliveryOptions, Failure, Parcel, Retry } from "./parcel.ts";

export type Signer = { secret: string; nowMs: () => number };

/** The exact bytes of one request, ready to be sent more than once. */
export type SignedRequest = { headers: Record<string, string>; body: string };

export type Target = { url: string; timeoutMs: number };

const FORM = "application/x-www-form-urlencoded";

export function signedParcel(
  signer: Signer,
  parcel: Parcel,
  options: DeliveryOptions,
  retry?: Retry,
): SignedRequest {
  const { body, type } = encode(parcel);
  const again: Record<string, string> = retry
    ? { "x-slack-retry-num": String(retry.num), "x-slack-retry-reason": retry.reason }
    : {};
  return {
    body,
    headers: { "content-type": type, ...again, ...signature(signer, body, options) },
  };
}

function encode({ kind, payload }: Parcel): { body: string; type: string } {
  if (kind === "event") return { body: JSON.stringify(payload), type: "application/json" };
  const fields = kind === "command" ? payload : { payload: JSON.stringify(payload) };
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(fields)) form.set(key, String(value));
  return { body: form.toString(), type: FORM };
}

/** The v0 signature of docs.slack.dev/authentication/verifying-requests-from-slack. */
export function signature(
  signer: Signer,
  body: string,
  options: DeliveryOptions = {},
): Record<string, string> {
  const { timestampOffsetSeconds = 0, badSignature = false } = options;
  const timestamp = Math.floor(signer.nowMs() / 1000) + timestampOffsetSeconds;
  const secret = badSignature ? `not ${signer.secret}` : signer.secret;
  const digest = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return { "x-slack-request-timestamp": String(timestamp), "x-slack-signature": `v0=${digest}` };
}

/** Posts and waits for the whole answer, at most the target's time. Never throws. */
export function post(target: Target, { headers, body }: SignedRequest): Promise<Answer> {
  const startedMs = performance.now();
  const done = (rest: Omit<Answer, "tookMs">): Answer => ({
    ...rest,
    tookMs: performance.now() - startedMs,
  });
  return new Promise((resolve) => {
    const failed = (failure: Failure) => () => resolve(done({ failure, noRetry: false }));
    const sent = open(target.url, {
      ...headers,
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      accept: "application/json,*/*",
    });
    const timer = setTimeout(() => {
      failed("operation_timeout")();
      sent.destroy();
    }, target.timeoutMs);
    sent.on("close", () => clearTimeout(timer));
    sent.on("error", failed("dispatch_failed"));
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", failed("dispatch_failed"));
      response.on("end", () => resolve(done(readAnswer(response, Buffer.concat(chunks)))));
    });
    sent.end(body);
  });
}

function open(url: string, headers: Record<string, string>): ClientRequest {
  // A connection for each: a reused one may have been closed by an app that is being restarted.
  const options = { method: "POST", headers, agent: false };
  return url.startsWith("https:") ? requestHttps(url, options) : requestHttp(url, options);
}

function readAnswer(response: IncomingMessage, bytes: Buffer): Omit<Answer, "tookMs"> {
  const status = response.statusCode ?? 0;
  const text = bytes.toString();
  const isJson = /json/i.test(response.headers["content-type"] ?? "");
  const body = isJson ? (parseJson(text) ?? text) : text;
  const failure = failureOf(status);
  return {
    status,
    ...(text === "" ? {} : { body }),
    ...(failure ? { failure } : {}),
    noRetry: response.headers["x-slack-no-retry"] === "1",
  };
}

function failureOf(status: number): Failure | undefined {
  if (status >= 200 && status < 300) return undefined;
  return status >= 500 ? "http_service_error" : "http_client_error";
}
