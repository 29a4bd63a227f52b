// What every request of the Azure SDKs passes last: one host only, and a note of what came back.

import type { SecurityCenterOptionalParams } from "@azure/arm-security";
import type { Clock } from "../../ports/clock.ts";
import { Fault } from "../../ports/fault.ts";

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

type AdditionalPolicy = NonNullable<SecurityCenterOptionalParams["additionalPolicies"]>[number];

export type Wire = {
  begin(operation: string, signal: AbortSignal): Call;
  /** To be given to both SDKs as an additional policy, `perRetry`, which is nearest to the network. */
  readonly policy: AdditionalPolicy["policy"];
  /** Azure's clock less ours, from the last `Date` header; `undefined`: never heard. */
  skewMs(): number | undefined;
};

/** The header has whole seconds, cut off: half of one is the least wrong. */
const DATE_HEADER_ERROR_MS = 500;

export function createWire(options: {
  endpoint: string;
  clock: Clock;
  onCall?: ((note: CallNote) => void) | undefined;
  onUnauthorized?: (() => void) | undefined;
}): Wire {
  const { clock, onCall, onUnauthorized } = options;
  const home = new URL(options.endpoint);
  const calls = new WeakMap<object, Call>();
  let skewMs: number | undefined;

  return {
    begin(operation, signal) {
      const call: Call = {
        operation,
        signal,
        sent: false,
        status: undefined,
        header: () => undefined,
      };
      calls.set(signal, call);
      return call;
    },
    policy: {
      name: "jit-wire",
      async sendRequest(request, next) {
        refuseForeign(home, new URL(request.url));
        const call = request.abortSignal && calls.get(request.abortSignal);
        if (call) call.sent = true;
        const startedMs = clock.monotonicMs();
        let status: number | undefined;
        try {
          const response = await next(request);
          const { headers } = response;
          status = response.status;
          if (status === 401) onUnauthorized?.();
          if (call) Object.assign(call, { status, header: (name: string) => headers.get(name) });
          const dateMs = Date.parse(headers.get("date") ?? "");
          if (!Number.isNaN(dateMs)) skewMs = dateMs + DATE_HEADER_ERROR_MS - clock.nowMs();
          return response;
        } finally {
          const operation = call?.operation ?? "other";
          onCall?.({ operation, status, ms: clock.monotonicMs() - startedMs });
        }
      },
    },
    skewMs: () => skewMs,
  };
}

/** The SDK follows a list's `nextLink` wherever it leads, with the token attached. */
function refuseForeign(home: URL, to: URL): void {
  if (to.protocol === "https:" && to.host === home.host) return;
  throw new Fault({
    world: "azure",
    code: "ForeignHost",
    message: `Azure's answer pointed to ${to.protocol}//${to.host}, where the bot sends no token.`,
    retryable: false,
  });
}
