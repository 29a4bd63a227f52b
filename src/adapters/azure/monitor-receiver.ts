// Sends the audit's copy to a table of Azure Monitor, by the Logs Ingestion API. Its SDK is loaded at the first use.
//
// https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview

import type { TokenCredential } from "@azure/identity";
import {
  type StreamEntry,
  streamFields,
  streamLine,
} from "../../domain/audit/stream/stream-line.ts";
import type { AuditSink } from "../../domain/rules/policy.ts";
import type { Receiver } from "../../ports/audit-stream.ts";
import type { Clock } from "../../ports/clock.ts";
import { Fault, isFault } from "../../ports/fault.ts";
import { azureWords, sdkCode } from "./client/azure-words.ts";
import { sharedCredential } from "./client/credential.ts";
import { retryAfterMs } from "./client/retry-after.ts";

const WITHIN_MS = 10_000;

export type MonitorReceiverOptions = {
  readonly sink: Extract<AuditSink, { kind: "azure-monitor" }>;
  readonly credential: TokenCredential;
  /** What its tokens are for, as the cloud has it. */
  readonly audience: string;
  readonly clock: Pick<Clock, "nowMs">;
};

export function monitorReceiver(options: MonitorReceiverOptions): Receiver {
  const { endpoint, ruleId, stream } = options.sink;
  let loading: ReturnType<typeof connected> | undefined;
  const connected = async () => {
    const { LogsIngestionClient } = await import("@azure/monitor-ingestion");
    return new LogsIngestionClient(endpoint, sharedCredential(options.credential), {
      audience: options.audience,
      // They are in `audit-streamer.ts`, for every receiver alike.
      retryOptions: { maxRetries: 0 },
    });
  };
  return {
    send: async (entries) => {
      loading ??= connected();
      const client = await loading;
      const abortSignal = AbortSignal.timeout(WITHIN_MS);
      try {
        // What is too much for one request goes in several, in order.
        await client.upload(ruleId, stream, entries.map(rowOf), { maxConcurrency: 1, abortSignal });
      } catch (thrown) {
        throw abortSignal.aborted ? late() : faultOf(thrown, options.clock.nowMs());
      }
    },
  };
}

/** The columns that the data collection rule declares: docs/operations.md has them. */
function rowOf(entry: StreamEntry): Record<string, unknown> {
  const { atMs, ...fields } = streamFields(entry);
  const { seq, team } = entry;
  return {
    TimeGenerated: new Date(atMs).toISOString(),
    seq,
    team,
    ...fields,
    entry: streamLine(entry),
  };
}

const late = () =>
  new Fault({
    source: "receiver",
    code: "ETIMEDOUT",
    message: `It didn't answer within ${WITHIN_MS / 1_000} s.`,
    retryable: true,
    ambiguous: true,
  });

type Answered = {
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly response?: { readonly headers?: { get(name: string): string | undefined } };
};

function faultOf(thrown: unknown, nowMs: number): Fault {
  if (isFault(thrown)) return thrown;
  const [first] = thrown instanceof Error && "errors" in thrown ? (thrown.errors as unknown[]) : [];
  const cause: unknown = (first as { readonly cause?: unknown } | undefined)?.cause ?? thrown;
  if (isFault(cause)) return cause;
  const { statusCode, code: sdk, response } = cause as Answered;
  const said = azureWords(cause);
  const status = typeof statusCode === "number" ? `Status${statusCode}` : undefined;
  const own = typeof sdk === "string" && !/^\d*$/.test(sdk) ? sdk : undefined;
  const code = said.code || (own ?? status ?? sdkCode(cause));
  const is = said.message || (cause instanceof Error ? cause.message : "It couldn't be reached");
  return new Fault({
    source: "receiver",
    code,
    message: `${is.replace(/\.$/, "")} (${code}).`,
    retryable: true,
    ambiguous: true,
    retryAfterMs: retryAfterMs((name) => response?.headers?.get(name), nowMs),
  });
}
