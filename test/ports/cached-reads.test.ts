// Readings kept for a while: how old an answer may be, and who shares one.

import { describe, expect, it } from "vitest";
import { cachedReads } from "../../src/ports/cached-reads.ts";

function bench() {
  let nowMs = 0;
  const asked: string[] = [];
  const waiting: PromiseWithResolvers<number>[] = [];
  const read = (key: string): Promise<number> => {
    asked.push(key);
    const answer = Promise.withResolvers<number>();
    waiting.push(answer);
    return answer.promise;
  };
  return {
    get: cachedReads(read, { monotonicMs: () => nowMs }),
    asked,
    pass: (ms: number) => {
      nowMs += ms;
    },
    answer: (index: number, value: number) => waiting[index]?.resolve(value),
    fail: (index: number) => waiting[index]?.reject(new Error("no answer")),
  };
}

describe("a reading", () => {
  it("is used as long as it is young enough for who asks", async () => {
    const { get, asked, pass, answer } = bench();
    const first = get("a", 1_000);
    answer(0, 7);
    expect(await first).toBe(7);
    pass(999);
    expect(await get("a", 1_000)).toBe(7);
    expect(asked).toEqual(["a"]);
    pass(1);
    void get("a", 1_000);
    expect(asked).toEqual(["a", "a"]);
  });

  it("is made anew for whoever wants it fresh", async () => {
    const { get, asked, answer } = bench();
    const first = get("a", 0);
    answer(0, 7);
    await first;
    void get("a", 0);
    expect(asked).toHaveLength(2);
  });

  it("serves all who wait for the same, and nobody who asks for something else", async () => {
    const { get, asked, answer } = bench();
    const all = [get("a", 0), get("a", 0), get("a", 5_000)];
    void get("b", 0);
    expect(asked).toEqual(["a", "b"]);
    answer(0, 7);
    expect(await Promise.all(all)).toEqual([7, 7, 7]);
  });

  it("that hangs is not waited for by whoever comes much later", () => {
    const { get, asked, pass } = bench();
    void get("a", 0);
    pass(1_000);
    void get("a", 0);
    expect(asked).toHaveLength(2);
  });

  it("that failed fails for all who waited, and is not kept", async () => {
    const { get, asked, fail } = bench();
    const both = [get("a", 60_000), get("a", 60_000)];
    fail(0);
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    void get("a", 60_000);
    expect(asked).toHaveLength(2);
  });

  it("counts its age from the question, not from the answer", async () => {
    const { get, asked, pass, answer } = bench();
    const first = get("a", 5_000);
    pass(4_000);
    answer(0, 7);
    await first;
    pass(1_000);
    void get("a", 5_000);
    expect(asked).toHaveLength(2);
  });

  it("that is forgotten is used by nobody any more, be it under way", async () => {
    const { get, asked, answer } = bench();
    const early = get("a", 60_000);
    get.forget("a");
    const late = get("a", 60_000);
    answer(0, 1);
    answer(1, 2);
    expect([await early, await late]).toEqual([1, 2]);
    expect(await get("a", 60_000)).toBe(2);
    get.forget("a");
    void get("a", 60_000);
    get.forget("nobody knows it");
    expect(asked).toEqual(["a", "a", "a"]);
  });
});
