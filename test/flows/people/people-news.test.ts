// One replica hears of Slack that somebody changed; the others hear it of the store.

import { expect, it } from "vitest";
import { peopleNews } from "../../../src/flows/people/people-news.ts";
import { Fault } from "../../../src/ports/fault.ts";

/** Looks as often as there are answers, each being ids or a fault. */
async function heard(answers: readonly (readonly string[] | Error)[]) {
  const asked: number[] = [];
  const forgotten: unknown[] = [];
  const errors: unknown[] = [];
  let slept = 0;
  let nowMs = 1_000_000;
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (facts: object) => void errors.push(facts),
  };
  let done: () => void = () => {};
  const looked = new Promise<void>((resolve) => {
    done = resolve;
  });
  const service = peopleNews({
    log,
    storeClock: { nowMs: async () => nowMs },
    peopleChanges: {
      since: async (sinceMs: number) => {
        asked.push(nowMs - sinceMs);
        const answer = answers[asked.length - 1] ?? [];
        if (answer instanceof Error) throw answer;
        return { nowMs, ids: answer };
      },
    },
    chat: { forget: (change: object) => void forgotten.push(change) },
    clock: {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: async (ms: number) => {
        nowMs += ms;
        slept += 1;
        if (slept < answers.length) return;
        done();
        await new Promise(() => {});
      },
    },
  } as unknown as Parameters<typeof peopleNews>[0]);
  service.start();
  await looked;
  return { asked, forgotten, errors };
}

it("drops what is kept of people and of groups, and looks back a little further each time", async () => {
  const { asked, forgotten } = await heard([["U0ERIN", "S0ONCALL", "W0LEA"], []]);
  expect(forgotten).toEqual([
    { users: ["U0ERIN", "W0LEA"], groups: ["S0ONCALL"] },
    { users: [], groups: [] },
  ]);
  expect(asked).toEqual([5_000, 7_000]);
});

it("catches up when the store is back", async () => {
  const away = new Fault({ source: "redis", code: "DOWN", message: "gone", retryable: true });
  const { asked, errors } = await heard([[], away, away, []]);
  expect(asked).toEqual([5_000, 7_000, 9_000, 11_000]);
  expect(errors).toEqual([]);
});

it("goes on after a bug, which is logged", async () => {
  const { asked, errors } = await heard([new Error("a bug"), []]);
  expect(asked).toHaveLength(2);
  expect(errors).toHaveLength(1);
});
