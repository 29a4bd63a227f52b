// The version before and this one on one Redis: forwards, side by side, and back, with requests in every state.
//
// The promise: versions one minor apart may run side by side. What the older one can't do is named here, and in
// docs/operations.md.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idIn } from "../support/people.ts";
import { NO_HISTORY, type PreviousVersion, previousVersion } from "../support/previous-version.ts";
import { type Bot, POLICY } from "../support/world.ts";
import {
  type Asked,
  asked,
  click,
  doors,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  initiates,
  MINUTE,
  notices,
  soon,
  typed,
  until,
} from "./steps.ts";

const AUDIT_KEY = "k".repeat(64);
/** As the older version writes it. */
const policy = POLICY.replaceAll("expireAfter", "lapseAfter");
const previous = previousVersion();

type State = "pending" | "opening" | "open" | "ending" | "ended" | "failed" | "denied";
type Life = Readonly<Record<State | "cancelled" | "lapsed", Asked>>;

let world: FaultWorld;
const start = (version?: PreviousVersion): Promise<Bot> =>
  world.startBot({ policy, env: { AUDIT_KEY }, ...(version && { program: version.program }) });
const through = (bot: Bot) => world.slack.setEventsUrl(`${bot.url}/slack/events`);

const state = async (id: string) => (await world.memory.request(id)).state;
const stateOf = ({ id }: Pick<Asked, "id">) => state(id);
const cardWith = (id: string) =>
  world.slack
    .messages("C0PROD")
    .map((one) => ({ ...one, channel: "C0PROD" }))
    .find((one) => one.metadata?.event_payload.id === id);
/** That one may claim it again and again before this one does: it tries, can't read it, and parks it. */
const BESIDE = { timeoutMs: 60_000 };
const cardBeside = (id: string) => until(world, `the card of ${id}`, () => cardWith(id), BESIDE);
const becomes = (
  request: Pick<Asked, "id">,
  state: string,
  how: { stepMs?: number; timeoutMs?: number } = {},
) =>
  until(world, `${request.id} to be ${state}`, async () => (await stateOf(request)) === state, how);

async function approved(text: string): Promise<Asked> {
  const request = await asked(world, text);
  await click(world, request);
  return request;
}

async function denied(text: string): Promise<Asked> {
  const request = await asked(world, text);
  await click(world, request, { button: "deny" });
  const form = await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
  const input = JSON.stringify(form.view).match(/"action_id":"([^"]+)"/)?.[1] ?? "";
  await world.slack.submitView({ user: "U0LEAD", values: { [input]: "no" } });
  await becomes(request, "denied");
  return request;
}

/** One request in each state, made by whichever version is behind the address that Slack has. */
async function everyState(): Promise<Life> {
  const lapsed = await asked(world, "db-01 22 1h");
  const ended = await approved("vm-01 22 5m");
  await becomes(ended, "open");
  world.advance(61 * MINUTE);
  await becomes(lapsed, "lapsed");
  await becomes(ended, "ended");
  const open = await approved("vm-01 3389 1h");
  await becomes(open, "open");
  const body = { error: { code: "AuthorizationFailed", message: "No." } };
  const refusing = fault(world.azure, { ...INITIATE, act: { status: 403, body } });
  const failed = await approved("win-02 3389 1h");
  await becomes(failed, "failed");
  world.azure.faults.clear(refusing.id);
  const cancelled = await asked(world, "db-01 22 1h");
  await typed(world, "U0ERIN", `cancel ${cancelled.id}`);
  const made = { lapsed, ended, open, failed, cancelled, denied: await denied("db-01 22 1h") };
  const pending = await asked(world, "web-02 22 1h");
  const ending = await approved("jump-01 22 1h");
  await becomes(ending, "open");
  world.azure.switches.opensAfterMs = MINUTE;
  const opening = await approved("win-02 22 1h");
  await soon(world, "Azure to be asked", () => initiates(world, opening.id).length > 0);
  await typed(world, "U0ERIN", `end ${ending.id}`);
  await becomes(ending, "ending", { stepMs: 0 });
  world.azure.switches.opensAfterMs = 2_000;
  return { ...made, pending, ending, opening };
}

const statesOf = async (life: Life): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(life).map(async ([name, request]) => [name, await stateOf(request)]),
    ),
  );
const AS_NAMED = {
  ...{ pending: "pending", opening: "opening", open: "open", ending: "ending", ended: "ended" },
  ...{ failed: "failed", denied: "denied", cancelled: "cancelled", lapsed: "lapsed" },
};

/** Whatever version is there brings each to its end, as if there had been no other. */
async function goOn(life: Life): Promise<void> {
  await becomes(life.ending, "ended");
  await becomes(life.opening, "open");
  await click(world, life.failed, { user: "U0ERIN", button: "retry" });
  await becomes(life.failed, "open");
  await click(world, life.pending);
  await becomes(life.pending, "open");
  for (const one of [life.open, life.opening, life.failed, life.pending]) {
    const endMs = await world.memory.endsAtMs(one.id);
    expect(new Set(initiates(world, one.id).map((call) => call.endMs)).size, one.id).toBe(1);
    expect(endMs).toBeGreaterThan(world.nowMs());
  }
  world.advance(70 * MINUTE);
  for (const one of [life.open, life.opening, life.failed, life.pending]) {
    await becomes(one, "ended");
    await until(world, "the notice of the end", () => notices(world, one.id).length > 0);
  }
  for (const vm of ["vm-01", "win-02", "web-02", "jump-01"]) expect(doors(world, vm)).toEqual([]);
  const over = ["ended", "denied", "cancelled", "lapsed"] as const;
  for (const state of over) expect(await stateOf(life[state])).toBe(state);
  expect(await world.memory.redis.hlen(world.memory.keys.parked)).toBe(0);
}

if (previous === undefined) {
  it("needs the history of the repository", () => {
    process.stderr.write(`${NO_HISTORY}\n`);
    // On a build server nothing is left out.
    expect(process.env.CI, NO_HISTORY).toBeUndefined();
  });
} else {
  describe("beside version 0.1", () => {
    let older: Bot;
    let newer: Bot;
    beforeAll(async () => {
      world = await faultWorld({ policy });
      older = await start(previous);
    }, 60_000);
    afterAll(async () => {
      await world?.close();
      previous.remove();
    });

    it("goes on with what that one left in every state", async () => {
      const life = await everyState();
      newer = await start();
      expect(await statesOf(life)).toEqual(AS_NAMED);
      expect(await older.terminate()).toBe(0);
      await goOn(life);
    }, 180_000);

    it("shares lives with it, whichever of the two is asked, decides or works", async () => {
      older = await start(previous);
      for (const [ask, decide] of [
        [older, newer],
        [newer, older],
      ] as const) {
        through(ask);
        const request = await asked(world, "vm-01 3389 1h");
        through(decide);
        await click(world, request);
        await becomes(request, "open");
        expect(initiates(world, request.id)).toHaveLength(1);
        through(ask);
        await typed(world, "U0ERIN", `end ${request.id}`);
        await becomes(request, "ended");
        await until(world, "the notice", () => notices(world, request.id).length > 0);
      }
      expect(await world.memory.redis.hlen(world.memory.keys.parked)).toBe(0);
      await older.terminate();
    }, 120_000);

    it("leaves to it what it made itself in every state", async () => {
      through(newer);
      const life = await everyState();
      older = await start(previous);
      await newer.terminate();
      await goOn(life);
    }, 180_000);

    it("has what that one can't read left alone, opened by nobody, and goes on with it later", async () => {
      newer = await start();
      await older.terminate();
      const talked = await asked(world, "web-02 22 1h");
      await questioned(talked);
      await typed(world, "U0ADMIN", "freeze for a drill");
      const ready = await approved("vm-01 3389 1h");
      await becomes(ready, "ready");
      older = await start(previous);
      await newer.terminate();
      world.advance(5 * MINUTE);
      expect(initiates(world, ready.id)).toEqual([]);
      // It knows no question: an approver decides without it, and it is gone.
      await click(world, talked);
      await becomes(talked, "open");
      expect((await world.memory.request(talked.id)).questions).toBeUndefined();
      // It knows no freeze: what it can read, it opens.
      const meanwhile = await approved("win-02 22 1h");
      await becomes(meanwhile, "open");
      newer = await start();
      await older.terminate();
      await typed(world, "U0ADMIN", "unfreeze");
      await becomes(ready, "open");
    }, 180_000);

    it("works beside it on what that one would misread, and loses nothing of it", async () => {
      older = await start(previous);
      // Two of them: that one parks what it alone claims six times in a row.
      const another = await start();
      through(newer);
      const inAnHour = new Date(world.nowMs() + 60 * MINUTE).toISOString().slice(0, 16);
      const at = await typed(
        world,
        "U0ERIN",
        `request vm-01 22 30m at ${inAnHour.replace("T", " ")}`,
      );
      const later = { id: idIn(at), ...(await cardBeside(idIn(at))) };
      const said = await typed(world, "U0ERIN", "request web-02,jump-01 22 30m");
      const [lead = "", member = ""] = [...new Set(said.match(/JIT-[0-9A-Z]{6}/g))];
      const both = [lead, member];
      const card = await cardBeside(lead);
      await click(world, later);
      await click(world, { ts: card.ts, channel: card.channel });
      for (const id of both) {
        await becomes({ id }, "open", BESIDE);
        expect(initiates(world, id)).toHaveLength(1);
      }
      expect(await state(later.id)).toBe("ready");
      expect(initiates(world, later.id)).toEqual([]);
      world.advance(62 * MINUTE);
      await becomes(later, "open", BESIDE);
      expect(initiates(world, later.id)).toHaveLength(1);
      for (const id of both) await becomes({ id }, "ended", BESIDE);
      world.advance(35 * MINUTE);
      await becomes(later, "ended", BESIDE);
      expect(await world.memory.redis.hlen(world.memory.keys.parked)).toBe(0);
      await another.terminate();
    }, 180_000);

    it("has that one alone open nothing before its time", async () => {
      await older.terminate();
      const tomorrow = new Date(world.nowMs() + 24 * 60 * MINUTE).toISOString().slice(0, 16);
      const later = await asked(world, `vm-01 22 30m at ${tomorrow.replace("T", " ")}`);
      older = await start(previous);
      await newer.terminate();
      await click(world, later);
      world.advance(5 * MINUTE);
      newer = await start();
      through(newer);
      await older.terminate();
      expect(initiates(world, later.id)).toEqual([]);
      await click(world, later);
      await becomes(later, "ready");
    }, 180_000);
  });
}

async function questioned(request: Asked): Promise<void> {
  await click(world, request, { button: "ask" });
  await world.slack.waitFor(() => world.slack.modal("U0LEAD"));
  await world.slack.submitView({ user: "U0LEAD", values: { reason: "Why?" } });
  await until(
    world,
    "the question",
    async () => (await world.memory.request(request.id)).questions?.length,
  );
}
