// Traces as OpenTelemetry has them, sent by OTLP over HTTP. This file and what it imports are loaded only where traces
// are switched on.

import { type Context, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { TraceSettings } from "../../config/environment/trace-settings.ts";
import type { Log } from "../../ports/log.ts";
import type { Recorder } from "./scopes.ts";
import { type SpanFacts, spansOf, spansOfStep } from "./spans.ts";
import { newSpanId, type SpanRef } from "./trace-ids.ts";

type TracesOptions = {
  readonly settings: TraceSettings;
  readonly log: Log;
  readonly replica: string;
  readonly version: string;
};

export type Traces = Recorder & {
  /** Sends what is left; rejects for nothing, and may take as long as a sending may. */
  stop(): Promise<void>;
};

/** More are dropped: a receiver that is away costs about a megabyte. */
const QUEUED_MAX = 2_048;
const BATCH_MAX = 512;
const SENT_WITHIN_MS = 5_000;
/** From a span to its sending, at most: as OpenTelemetry's own default. */
const SENT_EVERY_MS = 5_000;

export function openTraces({ settings, log, replica, version }: TracesOptions): Traces {
  let next: SpanRef = { traceId: "", spanId: "" };
  const exporter = new OTLPTraceExporter({
    url: settings.url,
    headers: { ...settings.headers },
    timeoutMillis: SENT_WITHIN_MS,
  });
  const provider = new TracerProvider({
    sampler: samplerOf(settings.sampler),
    idGenerator: {
      generateTraceId: () => next.traceId,
      generateSpanId: () => next.spanId,
    },
    resource: resourceFromAttributes({
      ...settings.resource,
      "service.name": settings.serviceName,
      "service.version": version,
      "service.instance.id": replica,
    }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: neverFailing(exporter, { log, host: new URL(settings.url).host }),
        maxQueueSize: QUEUED_MAX,
        maxExportBatchSize: BATCH_MAX,
        scheduledDelayMillis: SENT_EVERY_MS,
        exportTimeoutMillis: 2 * SENT_WITHIN_MS,
      }),
    ],
  });
  const tracer = provider.getTracer("jit-bot", version);

  const emit = (facts: SpanFacts): void => {
    const { ref, name, kind, attributes } = facts;
    next = ref.spanId === "" ? { ...ref, spanId: newSpanId() } : ref;
    const links = facts.links.map((context) => ({ context: sampled(context) }));
    const startTime = facts.startedAtMs;
    const span = tracer.startSpan(name, { kind, attributes, links, startTime }, below(facts));
    if (facts.isError) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(facts.endedAtMs);
  };
  return {
    ended: (scope) => spansOf(scope).forEach(emit),
    stepped: (step) => spansOfStep(step).forEach(emit),
    stop: () => provider.shutdown().catch(() => undefined),
  };
}

const SAMPLED = 1;
const sampled = (ref: SpanRef) => ({ ...ref, traceFlags: SAMPLED });

const below = ({ ref: { traceId }, parent }: SpanFacts): Context =>
  parent === undefined
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, sampled({ traceId, spanId: parent }));

/** By the trace's id alone: every replica decides the same of every request. */
function samplerOf({ keeps }: TraceSettings["sampler"]): Sampler {
  if (keeps === 1) return new AlwaysOnSampler();
  return keeps === 0 ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(keeps);
}

/** What can't be sent is lost, and said once until it can be again; by the host alone, for a path may be a secret. */
function neverFailing(
  exporter: SpanExporter,
  { log, host }: { readonly log: Log; readonly host: string },
): SpanExporter {
  let isFailing = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, ({ code, error }) => {
        const isSent = code === SENT;
        if (!isSent && !isFailing)
          log.warn({ host, code: codeOf(error) }, "traces can't be sent: they are dropped");
        if (isSent && isFailing) log.info({ host }, "traces are sent again");
        isFailing = !isSent;
        done({ code: SENT });
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}

/** `ExportResultCode.SUCCESS`, of a package that is the exporter's own. */
const SENT = 0;

/** The HTTP status, or Node's code; never what the receiver said. */
const codeOf = (error: (Error & { code?: unknown }) | undefined): string => {
  const code = error?.code;
  return typeof code === "number" || typeof code === "string" ? String(code) : "unanswered";
};
