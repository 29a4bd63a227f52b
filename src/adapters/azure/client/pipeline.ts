// What every request of the Azure SDKs passes last: one host only, and a note of what came back.

import type { SecurityCenter } from "@azure/arm-security";
import type { Clock } from "../../../ports/clock.ts";
import { Fault } from "../../../ports/fault.ts";

/** A finished exchange with Azure, for metrics. `status` is `undefined` where there was no answer. */
export type CallNote = {
  readonly operation: string;
  readonly status: number | undefined;
  readonly ms: number;
};

/** One attempt at an operation, as it goes. The SDKs carry its signal along, and it is found by that. */
export type Call = {
  readonly operation: string;
  readonly signal: AbortSignal;
  /** Whether the request was handed to the network: from then on Azure may have acted on it. */
  sent: boolean;
  /** Of the last answer that came in whole. */
  status: number | undefined;
  header: (name: string) => string | undefined;
};

type Pipeline = SecurityCenter["pipeline"];
type Policy = Parameters<Pipeline["addPolicy"]>[0];
type PipelineRequest = Parameters<Policy["sendRequest"]>[0];
type PipelineResponse = Awaited<ReturnType<Policy["sendRequest"]>>;

export type AzurePipeline = {
  begin(operation: string, signal: AbortSignal): Call;
  /** Puts itself into an SDK's pipeline: before a token is had, and again next to the network. */
  joinIn(pipeline: Pick<Pipeline, "addPolicy">): void;
  /** Azure's clock less ours, from the last `Date` header; `undefined`: never heard. */
  skewMs(): number | undefined;
  /** What Azure said last of how much may still be asked; `undefined`: it didn't say. */
  left(): { readonly reads: number | undefined; readonly queries: number | undefined };
};

/** The header has whole seconds, cut off: half of one is the least wrong. */
const DATE_HEADER_ERROR_MS = 500;

export function createAzurePipeline(options: {
  endpoint: string;
  clock: Clock;
  onCall?: ((note: CallNote) => void) | undefined;
  onUnauthorized?: (() => void) | undefined;
}): AzurePipeline {
  const { clock, onCall, onUnauthorized } = options;
  const home = new URL(options.endpoint);
  const calls = new WeakMap<object, Call>();
  let skewMs: number | undefined;
  const left: { reads: number | undefined; queries: number | undefined } = {
    reads: undefined,
    queries: undefined,
  };
  const callOf = (request: PipelineRequest) =>
    request.abortSignal && calls.get(request.abortSignal);

  function note(call: Call | undefined, { status, headers }: PipelineResponse): void {
    if (status === 401) onUnauthorized?.();
    if (call) Object.assign(call, { status, header: (name: string) => headers.get(name) });
    left.reads = counted(headers.get("x-ms-ratelimit-remaining-subscription-reads")) ?? left.reads;
    left.queries = counted(headers.get("x-ms-user-quota-remaining")) ?? left.queries;
    const dateMs = Date.parse(headers.get("date") ?? "");
    if (!Number.isNaN(dateMs)) skewMs = dateMs + DATE_HEADER_ERROR_MS - clock.nowMs();
  }

  const oneHost: Policy = {
    name: "jit-one-host",
    async sendRequest(request, next) {
      const call = callOf(request);
      // What an earlier page of the same call met says nothing about this one.
      if (call) Object.assign(call, { status: undefined, header: () => undefined });
      refuseForeign(home, new URL(request.url));
      return next(request);
    },
  };
  const notes: Policy = {
    name: "jit-notes",
    async sendRequest(request, next) {
      const call = callOf(request);
      const startedMs = clock.monotonicMs();
      let status: number | undefined;
      if (call) call.sent = true;
      try {
        const response = await next(request);
        status = response.status;
        note(call, response);
        return response;
      } finally {
        const operation = call?.operation ?? "other";
        onCall?.({ operation, status, ms: clock.monotonicMs() - startedMs });
      }
    },
  };

  return {
    begin(operation, signal) {
      const header = () => undefined;
      const call: Call = { operation, signal, sent: false, status: undefined, header };
      calls.set(signal, call);
      return call;
    },
    joinIn(pipeline) {
      pipeline.addPolicy(oneHost, { beforePolicies: ["bearerTokenAuthenticationPolicy"] });
      pipeline.addPolicy(notes, { afterPhase: "Sign" });
    },
    skewMs: () => skewMs,
    left: () => ({ ...left }),
  };
}

const counted = (said: string | undefined): number | undefined =>
  said !== undefined && /^\d{1,9}$/.test(said) ? Number(said) : undefined;

/** The SDK follows a list's `nextLink` wherever it leads, with the token attached. */
function refuseForeign(home: URL, to: URL): void {
  if (to.protocol === "https:" && to.host === home.host) return;
  throw new Fault({
    source: "azure",
    code: "ForeignHost",
    message: `Azure's answer pointed to ${to.protocol}//${to.host}, where the bot sends no token.`,
    retryable: false,
  });
}
