// What is being done, for whom: known to everything that happens on the way, by Node's asynchronous context. Log lines
// get the request's id from it, and traces their calls.

import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestId } from "../../domain/text/ids.ts";
import type { RefusalCode } from "../../domain/text/refusal.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CommitHeard, OnCommitted } from "../../ports/commit-heard.ts";
import type { Call } from "../../ports/metrics/call.ts";
import type { Tracing } from "../../ports/metrics/tracing.ts";
import { newSpanId, traceIdOf } from "./trace-ids.ts";

export type Noted =
  | { readonly noted: "call"; readonly call: Call; readonly endedAtMs: number }
  | {
      readonly noted: "step";
      readonly request: RequestId;
      readonly version: number;
      readonly state: string;
      readonly isNew: boolean;
      /** It came into this state by this step. */
      readonly isMove: boolean;
      readonly atMs: number;
    };

export type Step = Extract<Noted, { noted: "step" }>;

type Scope = {
  readonly kind: "inbound" | "claim" | "effect";
  readonly name: string;
  /** Where it is known from the beginning. */
  readonly request: RequestId | undefined;
  /** Of a claim: the version that it found. */
  readonly version?: number;
  readonly within: Scope | undefined;
  readonly spanId: string;
  readonly startedAtMs: number;
};

export type EndedScope = Scope & {
  readonly endedAtMs: number;
  readonly notes: readonly Noted[];
  readonly refused: RefusalCode | undefined;
  /** It threw. */
  readonly isFailed: boolean;
};

/** Hears of everything that is followed, as it ends. It neither throws nor keeps anybody waiting. */
export type Recorder = {
  ended(scope: EndedScope): void;
  /** A step that belongs to nothing that is followed. */
  stepped(step: Step): void;
};

export type Scopes = {
  readonly tracing: Tracing;
  /** A call that ended, in whatever it was made for. */
  called(call: Call): void;
  readonly committed: OnCommitted;
  /** What a log line gets, beside its own facts. */
  ofLine(facts: object): object;
  /** From now on; until then nothing is kept. */
  recordTo(recorder: Recorder): void;
};

type Live = Scope & {
  readonly within: Live | undefined;
  readonly notes: Noted[];
  /** The first request that it changed, where none was named. */
  about: RequestId | undefined;
  refused: RefusalCode | undefined;
  isFailed: boolean;
  isOver: boolean;
};

/** So long a call to Redis keeps others waiting. */
const SLOW_MS = 20;

/**
 * What a worker writes stands there as steps: its calls to Redis, a third of all that happens in a life, are worth
 * something only where they failed or took long.
 */
const isTelling = ({ kind }: Live, { service, outcome, ms }: Call): boolean =>
  service !== "redis" || kind === "inbound" || outcome !== "ok" || ms >= SLOW_MS;

/** A command for a hundred VMs makes far fewer. */
const NOTES_MAX = 1_000;

export function newScopes(clock: Pick<Clock, "nowMs">): Scopes {
  const storage = new AsyncLocalStorage<Live>();
  let recorder: Recorder | undefined;

  /** What goes on after its end, such as a connection that was opened meanwhile, belongs to nothing. */
  const live = (): Live | undefined => {
    let scope = storage.getStore();
    while (scope?.isOver === true) scope = scope.within;
    return scope;
  };

  const run = async <Done>(
    of: Pick<Scope, "kind" | "name" | "request" | "version">,
    work: () => Promise<Done>,
    refusedOf: (done: Done) => RefusalCode | undefined = () => undefined,
  ): Promise<Done> => {
    const within = of.kind === "inbound" ? undefined : live();
    const scope = begun(of, within, recorder && clock.nowMs());
    try {
      const done = await storage.run(scope, work);
      scope.refused = refusedOf(done);
      scope.isFailed = false;
      return done;
    } finally {
      scope.isOver = true;
      recorder?.ended({ ...scope, endedAtMs: clock.nowMs() });
    }
  };

  return {
    tracing: {
      inbound: ({ name, request }, work, refusedOf) =>
        run({ kind: "inbound", name, request }, work, refusedOf),
      claim: (of, work) => run({ kind: "claim", name: "work", ...of }, work),
      effect: (name, work) =>
        run({ kind: "effect", name: `effect ${name}`, request: live()?.request }, work),
    },
    called: (call) => {
      if (recorder === undefined) return;
      const scope = live();
      if (scope !== undefined && isTelling(scope, call))
        note(scope, { noted: "call", call, endedAtMs: clock.nowMs() });
    },
    committed: (heard) => {
      const scope = live();
      if (scope !== undefined) scope.about ??= heard.request?.id;
      const step = recorder && stepIn(heard, clock.nowMs());
      if (step === undefined) return;
      if (scope === undefined) recorder?.stepped(step);
      else note(scope, step);
    },
    ofLine: (facts) => {
      const request = requestIn(facts) ?? live()?.about;
      if (request === undefined) return {};
      return recorder === undefined ? { request } : { request, trace: traceIdOf(request) };
    },
    recordTo: (to) => {
      recorder = to;
    },
  };
}

/** `atMs` is left out where nothing is kept. */
const begun = (
  of: Pick<Scope, "kind" | "name" | "request" | "version">,
  within: Live | undefined,
  atMs: number | undefined,
): Live => ({
  ...of,
  within,
  spanId: atMs === undefined ? "" : newSpanId(),
  startedAtMs: atMs ?? 0,
  notes: [],
  about: of.request,
  refused: undefined,
  isFailed: true,
  isOver: false,
});

function note({ notes }: Live, one: Noted): void {
  if (notes.length < NOTES_MAX) notes.push(one);
}

function stepIn({ request, version, before }: CommitHeard, atMs: number): Step | undefined {
  if (request === undefined || version === undefined) return undefined;
  const { id, state } = request;
  const isMove = before?.state !== state;
  return { noted: "step", request: id, version, state, isNew: before === undefined, isMove, atMs };
}

const requestIn = (facts: object): RequestId | undefined =>
  "request" in facts && typeof facts.request === "string"
    ? (facts.request as RequestId)
    : undefined;
