// The facts beside a request are looked up once, and never keep anybody from asking.
// Of src/flows/requests/asking/facts.ts.

import { expect, it } from "vitest";
import { type RequestId, requestIdFrom } from "../../../src/domain/text/ids.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { factsAbout } from "../../../src/flows/requests/asking/facts.ts";
import { Fault } from "../../../src/ports/fault.ts";
import type { Around } from "../../../src/ports/storage/people/history.ts";
import { anAsk, aPolicy, aVm, T0 } from "../../support/requests.ts";

const NOTHING: Around = {
  nowMs: T0,
  past: { entries: [], sinceMs: T0 - 90 * 24 * 3_600_000 },
  own: [],
  inside: [],
  policyLoads: [],
};

const away = (source: "redis" | "slack") =>
  new Fault({ source, code: "Timeout", message: "away", retryable: true });

type Change = { around?: () => Promise<Around>; person?: () => Promise<unknown> };

/** At noon. What sleeps is over at once where `isLate`. */
function factsWith({ around, person }: Change, isLate = false, together: RequestId[] = []) {
  const warned: string[] = [];
  const world = {
    history: { around: around ?? (() => Promise.resolve(NOTHING)) },
    chat: { person: person ?? (() => Promise.resolve({ zone: "UTC" })) },
    azure: { snapshot: () => ({ vms: new Map([[aVm().key, aVm()]]) }) },
    clock: { sleep: () => (isLate ? Promise.resolve() : new Promise(() => {})) },
    log: { warn: (_facts: object, text: string) => void warned.push(text) },
    policy: () => aPolicy(),
  } as unknown as Deps;
  return { facts: factsAbout(world, anAsk(), { nowMs: T0, together }), warned };
}

const first = { kind: "first", days: 90 };

it("are found where everything answers", async () => {
  expect(await factsWith({}).facts).toEqual([first]);
});

it("count what was requested together with it as no other request", async () => {
  const own = [requestIdFrom(new Uint8Array(6).fill(2)), requestIdFrom(new Uint8Array(6).fill(3))];
  const around = () => Promise.resolve({ ...NOTHING, own });
  const [, also] = (await factsWith({ around }, false, own.slice(0, 1)).facts) ?? [];
  expect(also).toEqual({ kind: "also-open", count: 1, some: own.slice(1) });
});

it("are not waited for", async () => {
  const never = () => new Promise<Around>(() => {});
  expect(await factsWith({ around: never }, true).facts).toBeUndefined();
});

it("are none where the store is away, or something is wrong with the bot", async () => {
  for (const thrown of [away("redis"), new Error("a bug")]) {
    const { facts, warned } = factsWith({ around: () => Promise.reject(thrown) });
    expect(await facts).toBeUndefined();
    expect(warned).toHaveLength(1);
  }
});

it("are without the one that Slack would have to answer", async () => {
  expect(await factsWith({ person: () => Promise.reject(away("slack")) }).facts).toEqual([first]);
});

it("are not asked for where nothing keeps a history", async () => {
  expect(
    await factsAbout({ history: undefined } as unknown as Deps, anAsk(), { nowMs: T0 }),
  ).toBeUndefined();
});
