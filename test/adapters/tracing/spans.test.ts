// What a trace is made of, without a wire: roots, steps, links, and what belongs to nothing.

import { AsyncResource } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { type EndedScope, newScopes, type Step } from "../../../src/adapters/tracing/scopes.ts";
import { spansOf, spansOfStep } from "../../../src/adapters/tracing/spans.ts";
import { rootOf, stepOf, traceIdOf } from "../../../src/adapters/tracing/trace-ids.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";

const ids = ["JIT-AAAAA1", "JIT-AAAAA2", "JIT-AAAAA3"] as RequestId[] as [
  RequestId,
  RequestId,
  RequestId,
];
const [FIRST, SECOND, THIRD] = ids;

/** Scopes whose time stands still, with all that ends and all that belongs to nothing. */
function followed() {
  const ended: EndedScope[] = [];
  const stray: Step[] = [];
  const scopes = newScopes({ nowMs: () => 1_000 });
  scopes.recordTo({ ended: (one) => ended.push(one), stepped: (one) => stray.push(one) });
  const commit = (id: RequestId, version: number, isNew = version === 1) => {
    const request = { id, state: "pending" } as AccessRequest;
    scopes.committed({ request, version, audit: [], ...(!isNew && { before: request }) });
  };
  const call = () =>
    scopes.called({ service: "azure", operation: "jit-open", outcome: "ok", ms: 40 });
  return { ...scopes, ended, stray, commit, call, spans: () => ended.flatMap(spansOf) };
}

describe("a command", () => {
  it("that makes a request is the root of its trace", async () => {
    const { tracing, commit, spans } = followed();
    await tracing.inbound({ name: "command request" }, async () => commit(FIRST, 1));
    const [root, step] = spans();
    expect(root?.ref).toEqual(rootOf(FIRST));
    expect(root?.parent).toBeUndefined();
    expect(step).toMatchObject({ ref: stepOf(FIRST, 1), parent: rootOf(FIRST).spanId });
  });

  it("that makes several is the root of the first one's, and linked both ways with the others", async () => {
    const { tracing, commit, spans } = followed();
    await tracing.inbound({ name: "command request" }, async () => {
      for (const id of ids) commit(id, 1);
    });
    const all = spans();
    const [root] = all;
    expect(root).toMatchObject({ ref: rootOf(FIRST), links: [rootOf(SECOND), rootOf(THIRD)] });
    const born = all.filter(({ name }) => name === "request");
    expect(born.map(({ ref, links }) => ({ ref, links }))).toEqual(
      [SECOND, THIRD].map((id) => ({ ref: rootOf(id), links: [rootOf(FIRST)] })),
    );
    for (const [n, id] of ids.entries()) {
      expect(all).toContainEqual(
        expect.objectContaining({
          ref: stepOf(id, 1),
          parent: rootOf(id).spanId,
          links: n === 0 ? [] : [rootOf(FIRST)],
        }),
      );
    }
  });

  it("about no request has a trace of its own", async () => {
    const { tracing, call, spans } = followed();
    await tracing.inbound({ name: "command vms" }, async () => call());
    const [root, asked] = spans();
    expect(root?.parent).toBeUndefined();
    expect(root?.attributes).toEqual({});
    expect(asked?.ref.traceId).toBe(root?.ref.traceId);
    expect(asked).toMatchObject({ startedAtMs: 960, endedAtMs: 1_000 });
  });

  it("has each call to Redis; a worker's only where it failed or took long", async () => {
    const { tracing, called, spans } = followed();
    const redis = { service: "redis", operation: "write", outcome: "ok", ms: 1 } as const;
    const calls = [redis, { ...redis, ms: 20 }, { ...redis, outcome: "unanswered" as const }];
    await tracing.inbound({ name: "click approve", request: FIRST }, async () =>
      calls.forEach(called),
    );
    expect(spans().filter(({ name }) => name === "redis write")).toHaveLength(3);
    const worked = followed();
    await worked.tracing.claim({ request: FIRST, version: 1 }, () =>
      worked.tracing.effect("card", async () => calls.forEach(worked.called)),
    );
    const written = worked.spans().filter(({ name }) => name === "redis write");
    expect(written.map(({ startedAtMs, isError }) => ({ startedAtMs, isError }))).toEqual([
      { startedAtMs: 980, isError: false },
      { startedAtMs: 999, isError: true },
    ]);
  });

  it("that throws is an error, and what it throws goes on", async () => {
    const { tracing, spans } = followed();
    const failing = tracing.inbound({ name: "click open", request: FIRST }, () =>
      Promise.reject(new Error("secret words")),
    );
    await expect(failing).rejects.toThrow("secret words");
    expect(spans()).toMatchObject([{ isError: true, attributes: { "error.type": "failed" } }]);
    expect(JSON.stringify(spans())).not.toContain("secret");
  });

  it("for very many keeps its links and notes within bounds", async () => {
    const { tracing, commit, spans } = followed();
    const many = Array.from({ length: 2_000 }, (_, n) => `JIT-${n}` as RequestId);
    await tracing.inbound({ name: "command end" }, async () => {
      for (const id of many) commit(id, 5);
    });
    expect(spans().length).toBeLessThan(1_100);
    expect(spans()[0]?.links).toHaveLength(30);
  });
});

describe("a worker's claim", () => {
  it("stands below the root, linked to the step that it found, with its effects below it", async () => {
    const { tracing, commit, call, spans } = followed();
    await tracing.claim({ request: FIRST, version: 3 }, () =>
      tracing.effect("azure", async () => {
        call();
        commit(FIRST, 4);
      }),
    );
    const [effect, asked, step, work] = spans();
    expect(work).toMatchObject({ name: "work", parent: rootOf(FIRST).spanId });
    expect(work?.links).toEqual([stepOf(FIRST, 3)]);
    expect(effect).toMatchObject({ name: "effect azure", parent: work?.ref.spanId, links: [] });
    for (const one of [asked, step]) expect(one?.parent).toBe(effect?.ref.spanId);
    expect(new Set(spans().map(({ ref }) => ref.traceId))).toEqual(new Set([traceIdOf(FIRST)]));
  });

  it("gets what goes on after its effect has ended; after its own end nothing does", async () => {
    const { tracing, call, commit, stray, spans } = followed();
    let later = () => {};
    await tracing.claim({ request: FIRST, version: 3 }, async () => {
      await tracing.effect("card", async () => {
        later = AsyncResource.bind(() => {
          call();
          commit(FIRST, 9);
        });
      });
      later();
    });
    expect(spans().map(({ name }) => name)).toEqual([
      "effect card",
      "work",
      "azure jit-open",
      "step",
    ]);
    later();
    expect(spans()).toHaveLength(4);
    expect(stray).toHaveLength(1);
  });
});

describe("a step that nothing has made that is followed", () => {
  it("stands below the request's root, which it makes if it's the first", () => {
    const { commit, stray } = followed();
    commit(FIRST, 1);
    commit(FIRST, 2);
    const [birth, first, second] = stray.flatMap(spansOfStep);
    expect(birth).toMatchObject({ name: "request", ref: rootOf(FIRST) });
    expect(first).toMatchObject({ ref: stepOf(FIRST, 1), parent: rootOf(FIRST).spanId });
    expect(second).toMatchObject({ ref: stepOf(FIRST, 2), parent: rootOf(FIRST).spanId });
  });
});

describe("a log line", () => {
  it("gets the request that is worked on, and its trace where traces are kept", async () => {
    const { tracing, ofLine } = followed();
    const trace = traceIdOf(FIRST);
    await tracing.inbound({ name: "click end", request: FIRST }, async () => {
      expect(ofLine({})).toEqual({ request: FIRST, trace });
      expect(ofLine({ request: SECOND })).toEqual({ request: SECOND, trace: traceIdOf(SECOND) });
    });
    expect(ofLine({})).toEqual({});
    const off = newScopes({ nowMs: () => 0 });
    await off.tracing.inbound({ name: "click end", request: FIRST }, async () => {
      expect(off.ofLine({})).toEqual({ request: FIRST });
    });
  });
});

describe("ids", () => {
  it("are as OpenTelemetry wants them, and differ", () => {
    const refs = ids.flatMap((id) => [rootOf(id), stepOf(id, 1), stepOf(id, 2), stepOf(id, 12)]);
    for (const { traceId, spanId } of refs) {
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(new Set(refs.map(({ spanId }) => spanId)).size).toBe(refs.length);
    expect(new Set(refs.map(({ traceId }) => traceId)).size).toBe(ids.length);
    // As docs/operations.md computes it in a shell.
    expect(traceIdOf("JIT-4K7QWD" as RequestId)).toBe("cd12b05e39bb39c74661893650921a5d");
  });
});
