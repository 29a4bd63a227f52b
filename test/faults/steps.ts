// What the fault tests do again and again: ask, approve, let time pass until something is seen, take stock.

import { statusOf } from "../../src/sandbox/azure/network/accepted-requests.ts";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";
import type { FaultRule } from "../../src/sandbox/faults.ts";
import { ask, typed } from "../support/people.ts";
import { type Bot, startWorld, type TestWorld, type WorldOptions } from "../support/world.ts";
import { type Memory, memoryOf } from "./memory.ts";

export const SECOND = 1_000;
export const MINUTE = 60_000;

export type FaultWorld = TestWorld & { readonly memory: Memory };

/** A world whose Slack keeps no rates: the bot's clock is moved, and Slack's is not. */
export async function faultWorld(options: WorldOptions = {}): Promise<FaultWorld> {
  const world = await startWorld(options);
  await world.slack.change({ switches: { rateLimits: "off" } });
  const memory = memoryOf(world);
  const close = async () => {
    memory.close();
    await world.close();
  };
  return { ...world, memory, close };
}

export type Until = {
  /** By how much the clock moves at every look; 0: it does not. */
  readonly stepMs?: number;
  readonly timeoutMs?: number;
};

const LOOK_EVERY_MS = 40;
/** When the clock of a world was last moved: tests side by side do not make it run faster. */
const movedAtMs = new WeakMap<TestWorld["slack"], number>();

/** Looks again and again, letting the clock run ten times as fast, until `seen` answers something. */
export async function until<T>(
  world: TestWorld,
  what: string,
  seen: () => T | Promise<T>,
  { stepMs = 400, timeoutMs = 30_000 }: Until = {},
): Promise<NonNullable<T>> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    const answer = await seen();
    if (answer) return answer;
    if (Date.now() > endMs) throw new Error(`not seen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (stepMs > 0) pass(world, stepMs);
  }
}

function pass(world: TestWorld, stepMs: number): void {
  const nowMs = Date.now();
  if (nowMs - (movedAtMs.get(world.slack) ?? 0) < LOOK_EVERY_MS - 1) return;
  movedAtMs.set(world.slack, nowMs);
  world.advance(stepMs);
}

/** Without moving the clock. */
export const soon = <T>(world: TestWorld, what: string, seen: () => T | Promise<T>) =>
  until(world, what, seen, { stepMs: 0 });

/** Past the lease of a replica that was killed. */
export const leaseRunsOut = (world: TestWorld) => world.advance(31 * SECOND);

export type Asked = { readonly id: string; readonly ts: string; readonly channel: string };

/** Asks for vm-01 by default, and waits for the card. */
export async function asked(
  world: TestWorld,
  text = "vm-01 3389 1h",
  { user = "U0ERIN", channel = "C0PROD" } = {},
): Promise<Asked> {
  const { id, card } = await ask(world, text, { user, channel });
  return { id, ts: card.ts, channel };
}

/** Clicks, and answers once Slack has its acknowledgement. */
export async function click(
  world: TestWorld,
  { ts, channel }: Pick<Asked, "ts" | "channel">,
  { user = "U0LEAD", button = "approve", ...more }: Click = {},
): Promise<void> {
  await world.slack.click({ user, channel, ts, actionId: `jit.${button}`, ...more });
}
type Click = { user?: string; button?: string; duplicate?: number; confirmed?: true };

/** Clicks and answers what that person alone was told. */
export async function refused(
  world: TestWorld,
  card: Pick<Asked, "ts" | "channel">,
  how: Click = {},
): Promise<string> {
  const { user = "U0LEAD" } = how;
  const { slack } = world;
  const before = slack.ephemerals(user).length;
  await click(world, card, how);
  return slack.plainText(
    await slack.waitFor(() => slack.ephemerals(user)[before], {
      what: `${user} to be told something`,
      timeoutMs: 20_000,
    }),
  );
}

export async function granted(world: TestWorld, text?: string): Promise<Asked> {
  const request = await asked(world, text);
  await click(world, request);
  return request;
}

/** Asked, approved and seen open. */
export async function opened(world: FaultWorld, text?: string): Promise<Asked> {
  const request = await granted(world, text);
  await shows(world, request, "Open until");
  return request;
}

/** Waits, letting time pass, until every card of the request says `words`. */
export const shows = (world: TestWorld, { id, channel }: Where, words: string, how: Until = {}) =>
  until(
    world,
    `the card of ${id} to say ${words}`,
    () => {
      const texts = cardTexts(world, { id, channel });
      return texts.length > 0 && texts.every((text) => text.includes(words)) && texts[0];
    },
    how,
  );
type Where = Pick<Asked, "id" | "channel">;

/** Every message in the channel that is a card of the request. */
export const cardTexts = ({ slack }: TestWorld, { id, channel }: Where): readonly string[] =>
  slack
    .messages(channel)
    .filter((one) => one.metadata?.event_payload.id === id)
    .map((one) => slack.plainText(one));

/** Private messages of the bot to a person that name the request. */
export const direct = ({ slack }: TestWorld, id: string, user = "U0ERIN"): readonly string[] =>
  slack
    .direct(user)
    .map((one) => slack.plainText(one))
    .filter((text) => text.includes(id));

export const notices = ({ slack }: TestWorld, id: string): readonly string[] =>
  slack
    .messages("C0NOTICES")
    .flatMap((one) => slack.plainText(one).split("\n"))
    .filter((line) => line.includes(id));

export const history = ({ slack }: TestWorld, { channel, ts }: Asked): string =>
  (slack.messages(channel).find((one) => one.ts === ts)?.replies ?? [])
    .map((one) => slack.plainText(one))
    .join("\n");

type Port = { number: number; endTimeUtc: string; allowedSourceAddressPrefix: string };
export type Initiate = {
  readonly atMs: number;
  readonly endMs: number;
  readonly source: string;
  /** The status that Azure came to; `undefined`: it never got to see it. */
  readonly handled: number | undefined;
};

/** What Azure was asked on account of a request, in order. */
export function initiates({ azure }: TestWorld, id: string): readonly Initiate[] {
  return azure.calls.flatMap(({ method, path, body, handled, atMs }) => {
    if (method !== "POST" || !path.endsWith("/initiate")) return [];
    const sent = body as { justification: string; virtualMachines: { ports: Port[] }[] };
    if (!sent.justification.startsWith(`${id} `)) return [];
    return sent.virtualMachines.flatMap(({ ports }) =>
      ports.map((port) => ({
        atMs,
        endMs: Date.parse(port.endTimeUtc),
        source: port.allowedSourceAddressPrefix,
        handled,
      })),
    );
  });
}

/** The doors of a VM that are open or about to be, at Azure. */
export const doors = (world: TestWorld, vm: string) =>
  (world.azure.world.doorsOfVm.get(findVm(world.azure.world, vm).id.toLowerCase()) ?? [])
    .map(({ door }) => door)
    .filter((door) => statusOf(door, world.nowMs()).status !== "Revoked")
    .map(({ port, endMs, sources }) => ({ port, endMs, source: sources[0] ?? "" }));

/** Puts a fault in force at Azure or Slack; answers how often it struck. */
export function fault(
  at: Pick<TestWorld["azure"], "faults">,
  rule: FaultRule,
): { readonly id: string; struck(): number } {
  const id = at.faults.add(rule);
  return { id, struck: () => at.faults.list().find((one) => one.id === id)?.befell ?? 0 };
}

export const INITIATE = { method: "POST", path: "/initiate" } as const;
/** Reading one policy, and not listing them. */
export const READ_POLICY = { method: "GET", path: "jitNetworkAccessPolicies/[^/?]+\\?" } as const;
/** Every call of the Web API; answers to response URLs still arrive. */
export const SLACK_API = { path: "^/api/" } as const;

/** Lets a fault strike once and kills the bot at that moment. Answers how to clear the fault away. */
export async function killedAt(
  world: TestWorld,
  { bot, at, rule }: { bot: Bot; at: Pick<TestWorld["azure"], "faults">; rule: FaultRule },
  act: () => unknown,
): Promise<() => void> {
  const ordered = fault(at, { ...rule, times: 1 });
  await act();
  await soon(world, "the fault to strike", () => ordered.struck() > 0);
  await bot.kill();
  return () => at.faults.clear(ordered.id);
}

/** From open to the very end: warned, ended, told, each when its time has come. */
export async function livesToItsEnd(world: FaultWorld, request: Asked): Promise<void> {
  const { id } = request;
  const endsAtMs = await world.memory.endsAtMs(id);
  await world.memory.atRest();
  world.advance(endsAtMs - world.nowMs() - 9 * MINUTE);
  await until(world, "the warning", () => warnings(world, id).length > 0);
  await world.memory.atRest();
  world.advance(endsAtMs - world.nowMs() - 2 * SECOND);
  await shows(world, request, "Ended");
  await until(world, "the notice", () => notices(world, id).length > 0);
  await world.memory.atRest();
}

export const warnings = (world: TestWorld, id: string) =>
  direct(world, id).filter((text) => text.includes("left:"));
/** All that says to the requester that it has ended: the live message, and what notifies them beside it. */
export const ends = (world: TestWorld, id: string) =>
  direct(world, id).filter((text) => text.startsWith("⚪"));

/** The requester's live message of a request, which is edited in place; two of them would be a fault. */
export const lives = ({ slack }: TestWorld, id: string, user = "U0ERIN"): readonly string[] =>
  slack
    .direct(user)
    .filter((one) => one.metadata?.event_payload.request === id)
    .map((one) => slack.plainText(one));

export { typed };
