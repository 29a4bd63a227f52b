// What a trace is made of: which span stands below which, and what each of them says. Everything that leaves by traces
// is named here; nothing in it was typed by a person.

import { SpanKind } from "@opentelemetry/api";
import type { RequestId } from "../../domain/text/ids.ts";
import type { EndedScope, Noted, Step } from "./scopes.ts";
import { newTraceId, rootOf, type SpanRef, stepOf, traceIdOf } from "./trace-ids.ts";

/** All that a span may say beside its name. Names of services, states and causes are the bot's own, and few. */
type SpanAttributes = {
  "jit.request.id"?: RequestId;
  "jit.request.version"?: number;
  "jit.request.state"?: string;
  "jit.refused"?: string;
  "peer.service"?: string;
  "error.type"?: string;
};

export type SpanFacts = {
  readonly ref: SpanRef;
  /** In the same trace. */
  readonly parent?: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: SpanAttributes;
  readonly links: readonly SpanRef[];
  readonly isError: boolean;
};

/** What one command changes at once; further ones are found by their own traces. */
const LINKS_MAX = 30;

/** The spans of something that ended. */
export function spansOf(scope: EndedScope): readonly SpanFacts[] {
  const steps = scope.notes.filter((one) => one.noted === "step");
  const request = scope.request ?? steps.find(({ isNew }) => isNew)?.request ?? steps[0]?.request;
  const isRoot = steps.some((one) => one.isNew && one.request === request);
  const ref = refOf(scope, request, isRoot);
  const born = steps.filter((one) => one.isNew && one.request !== request);
  return [
    {
      ref,
      parent: parentOf(scope, request, isRoot),
      name: scope.name,
      kind: scope.kind === "inbound" ? SpanKind.SERVER : SpanKind.INTERNAL,
      startedAtMs: scope.startedAtMs,
      endedAtMs: scope.endedAtMs,
      attributes: {
        ...(request !== undefined && { "jit.request.id": request }),
        ...(scope.refused !== undefined && { "jit.refused": scope.refused }),
        ...(scope.isFailed && { "error.type": "failed" }),
      },
      links: linksOf(scope, request, steps),
      isError: scope.isFailed,
    },
    ...born.map((step) => birthOf(step, ref)),
    ...scope.notes.map((one) => (one.noted === "call" ? callOf(one, ref) : stepSpan(one, ref))),
  ];
}

/** The spans of a step that nothing that is followed has made. */
export const spansOfStep = (step: Step): readonly SpanFacts[] =>
  step.isNew ? [birthOf(step), stepSpan(step)] : [stepSpan(step)];

function refOf(scope: EndedScope, request: RequestId | undefined, isRoot: boolean): SpanRef {
  if (request === undefined) return { traceId: newTraceId(), spanId: scope.spanId };
  return isRoot ? rootOf(request) : { traceId: traceIdOf(request), spanId: scope.spanId };
}

function parentOf(
  { within }: EndedScope,
  request: RequestId | undefined,
  isRoot: boolean,
): string | undefined {
  if (within !== undefined) return within.spanId;
  return request === undefined || isRoot ? undefined : rootOf(request).spanId;
}

/** A claim leads back to the step that made it due, and a command to all other requests that it changed. */
function linksOf(
  { kind, version }: EndedScope,
  request: RequestId | undefined,
  steps: readonly Step[],
): readonly SpanRef[] {
  if (kind === "claim")
    return request === undefined || version === undefined ? [] : [stepOf(request, version)];
  const others = new Set(steps.map((one) => one.request));
  if (request !== undefined) others.delete(request);
  return [...others].slice(0, LINKS_MAX).map(rootOf);
}

const callOf = (
  { call, endedAtMs }: Extract<Noted, { noted: "call" }>,
  within: SpanRef,
): SpanFacts => ({
  ref: { traceId: within.traceId, spanId: "" },
  parent: within.spanId,
  name: `${call.service} ${call.operation}`,
  kind: SpanKind.CLIENT,
  startedAtMs: endedAtMs - call.ms,
  endedAtMs,
  attributes: {
    "peer.service": call.service,
    ...(call.outcome !== "ok" && { "error.type": call.outcome }),
  },
  links: [],
  isError: call.outcome !== "ok",
});

/** Stands below what made it, where that is in the request's own trace; else below the request's root, linked. */
function stepSpan({ request, version, state, isMove, atMs }: Step, by?: SpanRef): SpanFacts {
  const ref = stepOf(request, version);
  const isInTrace = by?.traceId === ref.traceId;
  return {
    ref,
    parent: isInTrace ? by.spanId : rootOf(request).spanId,
    name: isMove ? `step ${state}` : "step",
    kind: SpanKind.INTERNAL,
    startedAtMs: atMs,
    endedAtMs: atMs,
    attributes: {
      "jit.request.id": request,
      "jit.request.version": version,
      "jit.request.state": state,
    },
    links: by === undefined || isInTrace ? [] : [by],
    isError: false,
  };
}

/** The root of a request that was made beside others, or by nothing that is followed. */
const birthOf = ({ request, atMs }: Step, by?: SpanRef): SpanFacts => ({
  ref: rootOf(request),
  name: "request",
  kind: SpanKind.INTERNAL,
  startedAtMs: atMs,
  endedAtMs: atMs,
  attributes: { "jit.request.id": request },
  links: by === undefined ? [] : [by],
  isError: false,
});
