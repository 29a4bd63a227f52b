// What repeats in the background: in rounds, one at a time, woken early, failing without end, stopped within a limit.

import { describe, expect, it } from "vitest";
import { inOrder, repeating, together } from "../../src/ports/service.ts";
import { within } from "../../src/ports/within.ts";
import { eventually } from "../support/eventually.ts";

/** A clock whose sleeps end when the test says so. */
function handClock() {
  const sleeps: { readonly ms: number; readonly end: () => void }[] = [];
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal?.aborted) return resolve();
      signal?.addEventListener("abort", () => resolve());
      sleeps.push({ ms, end: resolve });
    });
  return { clock: { sleep }, sleeps };
}

const never = (): never => {
  throw new Error("It was not to fail.");
};

describe("a service that repeats", () => {
  it("waits as long as each round says, and after the first wait begins", async () => {
    const { clock, sleeps } = handClock();
    let rounds = 0;
    const service = repeating(() => ++rounds * 100, { clock, firstMs: 7, failed: never });
    service.start();
    service.start();
    await eventually(() => expect(sleeps.map(({ ms }) => ms)).toEqual([7]));
    expect(rounds).toBe(0);
    sleeps[0]?.end();
    await eventually(() => expect(sleeps.map(({ ms }) => ms)).toEqual([7, 100]));
    sleeps[1]?.end();
    await eventually(() => expect(sleeps.map(({ ms }) => ms)).toEqual([7, 100, 200]));
    await service.stop(1_000);
    expect(rounds).toBe(2);
  });

  it("goes on at once when woken, and does not forget what woke it during a round", async () => {
    const { clock, sleeps } = handClock();
    let rounds = 0;
    let finish: () => void = () => {};
    const round = async () => {
      rounds += 1;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return 60_000;
    };
    const service = repeating(round, { clock, failed: never });
    service.start();
    await eventually(() => expect(rounds).toBe(1));
    service.wake();
    finish();
    await eventually(() => expect(rounds).toBe(2));
    expect(sleeps).toEqual([]);
    finish();
    await eventually(() => expect(sleeps).toHaveLength(1));
    service.wake();
    await eventually(() => expect(rounds).toBe(3));
    finish();
    await service.stop(1_000);
  });

  it("counts failures in a row, and waits as long as is answered", async () => {
    const { clock, sleeps } = handClock();
    const told: number[] = [];
    const outcomes = ["no", "no", "yes", "no"];
    const round = () => {
      if (outcomes.shift() === "no") throw new Error("no");
      return 5;
    };
    const failed = (_: unknown, failures: number) => {
      told.push(failures);
      return failures * 1_000;
    };
    const service = repeating(round, { clock, failed });
    service.start();
    for (const ms of [1_000, 2_000, 5, 1_000]) {
      await eventually(() => expect(sleeps.at(-1)?.ms).toBe(ms));
      sleeps.pop()?.end();
    }
    expect(told).toEqual([1, 2, 1]);
    await service.stop(0);
  });

  it("tells the round in hand that it stops, and waits for it no longer than it may", async () => {
    const { clock, sleeps } = handClock();
    let finish: (ms: number) => void = () => {};
    const round = (signal: AbortSignal) =>
      new Promise<number>((resolve) => {
        signal.addEventListener("abort", () => {
          finish = resolve;
        });
      });
    const service = repeating(round, { clock, failed: never });
    service.start();
    let stopped = false;
    const stopping = Promise.resolve(service.stop(250)).then(() => {
      stopped = true;
    });
    await eventually(() => expect(sleeps.map(({ ms }) => ms)).toEqual([250]));
    expect(stopped).toBe(false);
    sleeps[0]?.end();
    await stopping;
    finish(0);
  });
});

describe("several services", () => {
  /** Services that say what they do, and take a moment to stop. */
  function services() {
    const said: string[] = [];
    const one = (name: string) => ({
      start: () => void said.push(`start ${name}`),
      stop: async (limitMs: number) => {
        said.push(`stop ${name} ${limitMs}`);
        await Promise.resolve();
        said.push(`${name} stopped`);
      },
    });
    return { said, all: [one("a"), one("b")] };
  }

  it("that rest on one another start in order, and stop one by one in reverse", async () => {
    const { said, all } = services();
    const service = inOrder(all, { ...handClock().clock, monotonicMs: () => 0 });
    service.start();
    await service.stop(9);
    const stops = ["stop b 9", "b stopped", "stop a 9", "a stopped"];
    expect(said).toEqual(["start a", "start b", ...stops]);
  });

  it("are all stopped within the limit, however many hang", async () => {
    let nowMs = 0;
    const clock = {
      monotonicMs: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms;
      },
    };
    const limits: number[] = [];
    const hanging = {
      start: () => {},
      stop: (limitMs: number) => {
        limits.push(limitMs);
        return new Promise<void>(() => {});
      },
    };
    await inOrder([hanging, hanging, hanging], clock).stop(600);
    expect(limits).toEqual([600, 0, 0]);
    expect(nowMs).toBe(600);
  });

  it("that do not, stop at the same time", async () => {
    const { said, all } = services();
    const service = together(all);
    service.start();
    await service.stop(9);
    const stops = ["stop a 9", "stop b 9", "a stopped", "b stopped"];
    expect(said).toEqual(["start a", "start b", ...stops]);
  });
});

describe("within a time", () => {
  it("answers what was promised, its failure, or that it is late", async () => {
    const { clock, sleeps } = handClock();
    expect(await within(Promise.resolve(1), 60_000, clock)).toBe(1);
    const refused = Promise.reject(new Error("no"));
    await expect(within(refused, 60_000, clock)).rejects.toThrow("no");
    const waiting = within(new Promise(() => {}), 5_000, clock);
    expect(sleeps.at(-1)?.ms).toBe(5_000);
    sleeps.at(-1)?.end();
    expect(await waiting).toBe("late");
  });
});
