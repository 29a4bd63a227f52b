// The lives that requests lead in the campaign, each from the command to its very end.

import { setTimeout as wait } from "node:timers/promises";
import type { Message } from "../../../src/sandbox/slack/slack-workspace.ts";
import { FINAL, linesOf, stateOf } from "./cards.ts";
import {
  APPROVERS,
  OUTSIDERS,
  type Place,
  type RuleKind,
  requesterAt,
  STAND_IN,
  shyRequesterAt,
} from "./estate.ts";
import type { Asked, Asking, People } from "./people.ts";

export type LifeKind = {
  readonly name: string;
  readonly weight: number;
  readonly rule: RuleKind;
  /** Of more VMs than one. */
  readonly several?: true;
  live(people: People, asking: Asking): Promise<void>;
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** So long before its time is requested what is for later. */
const LATER_MS = 40 * SECOND;
/** Two thirds of a minute after the opening the warning is due; a minute after it, the end. */
const WARNED_AFTER_MS = 38 * SECOND;
const ENDS_AFTER_MS = 58 * SECOND;

const isDecided = (card: Message): boolean => !["", "Pending"].includes(stateOf(card));
const isFinal = (card: Message): boolean => FINAL.has(stateOf(card));
const counts = (approvals: number) => (card: Message) =>
  isDecided(card) || JSON.stringify(card.blocks).includes(`${approvals} of 2`);

/** How the card looks at each turn of a life. */
type Looks = Readonly<Record<"open" | "ending" | "over", (card: Message) => boolean>>;

const OF_ONE: Looks = {
  open: (card) => stateOf(card) === "Open" || isFinal(card),
  ending: (card) => stateOf(card) === "Ending" || isFinal(card),
  over: isFinal,
};

/** Rests where nothing is to be done, and is there when something is due. */
async function untilItsEnd(
  people: People,
  asked: Asked,
  looks = OF_ONE,
  longerMs = 0,
): Promise<void> {
  const seen = await people.sees(asked, looks.open);
  if (seen !== undefined && !looks.over(seen)) {
    const openMs = people.world.nowMs();
    await people.rest(openMs + longerMs + WARNED_AFTER_MS);
    await wait(2 * SECOND);
    await people.rest(openMs + longerMs + ENDS_AFTER_MS);
  }
  await people.sees(asked, looks.over);
}

async function approved(people: People, asked: Asked, users: readonly string[]): Promise<void> {
  for (const user of users) {
    const duplicate = people.random.chance(0.2) ? 1 : 0;
    await people.press(asked, { user, button: "approve", duplicate }, isDecided);
  }
}

const one = (people: People): string => people.random.pick(APPROVERS);

async function plain(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await approved(people, asked, [one(people)]);
  await untilItsEnd(people, asked);
}

/** Two approvers in the same moment, both of them more than once. */
async function atOnce(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  const press = (user: string) =>
    people.press(asked, { user, button: "approve", duplicate: 2 }, isDecided);
  await Promise.all(APPROVERS.slice(0, 3).map(press));
  await untilItsEnd(people, asked);
}

async function twoNeeded(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await people.press(asked, { user: APPROVERS[0], button: "approve", duplicate: 1 }, counts(1));
  await people.press(asked, { user: APPROVERS[1], button: "approve" }, isDecided);
  await untilItsEnd(people, asked);
}

/** What was taken back does not count: two others have to approve. */
async function takenBack(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  const [first, second, third] = APPROVERS;
  const isCounted = await people.press(asked, { user: first, button: "approve" }, counts(1));
  const button = await withdrawButton(people, asked);
  // Where it was never counted there is nothing to take back, and a click of before may still count.
  if (isCounted && (await people.press(asked, { user: first, button }, counts(0)))) {
    const card = await people.sees(asked, () => true, 0);
    if (card !== undefined && !isDecided(card)) {
      people.withdrawn.push({ id: asked.id, by: first, atMs: people.world.nowMs() });
    }
  }
  await people.press(asked, { user: second, button: "approve" }, counts(1));
  await people.press(asked, { user: third, button: "approve" }, isDecided);
  await untilItsEnd(people, asked);
}

async function withdrawButton(people: People, asked: Asked): Promise<string> {
  const card = await people.sees(asked, () => true);
  return JSON.stringify(card?.blocks ?? []).includes("jit.withdraw") ? "withdraw" : "take-back";
}

/** Those who may not decide click first, the requester among them. */
async function intruded(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  const card = await people.sees(asked, () => true);
  if (card === undefined) return;
  for (const user of [asked.requester, ...OUTSIDERS]) {
    const at = { user, channel: card.channel, ts: card.ts, actionId: "jit.approve" };
    // A guest is not in the channel: nothing to click there.
    await people.world.slack.click(at).catch(() => undefined);
  }
  await approved(people, asked, [one(people)]);
  await untilItsEnd(people, asked);
}

async function denied(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await deny(people, asked, one(people));
  await untilItsEnd(people, asked);
}

async function deny(people: People, asked: Asked, user: string): Promise<void> {
  const { slack } = people.world;
  for (let n = 0; n < 8; n += 1) {
    const card = await people.sees(asked, () => true);
    if (card === undefined || isDecided(card)) return;
    const at = { user, channel: card.channel, ts: card.ts, actionId: "jit.deny" };
    await slack.click(at).catch(() => undefined);
    await wait(500);
    const form = slack.modals(user).find(({ view }) => JSON.stringify(view).includes(asked.id));
    if (form !== undefined) {
      const [input = ""] = Object.keys(form.values);
      const values = input === "" ? {} : { [input]: "not now" };
      await slack.submitView({ user, viewId: form.id, values }).catch(() => undefined);
    }
    if ((await people.sees(asked, isDecided, 6 * SECOND)) !== undefined) return;
  }
}

/** Somebody approves and somebody denies in the same moment: one of them is too late. */
async function contested(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await Promise.all([approved(people, asked, [APPROVERS[0]]), deny(people, asked, APPROVERS[1])]);
  await untilItsEnd(people, asked);
}

async function cancelled(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await people.type(asked.requester, `cancel ${asked.id}`);
  if ((await people.sees(asked, isDecided, 20 * SECOND)) === undefined) {
    await people.type(asked.requester, `cancel ${asked.id}`);
  }
  await untilItsEnd(people, asked);
}

async function endedEarly(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask({ ...asking, what: "22 20m" });
  if (asked === undefined) return;
  await approved(people, asked, [one(people)]);
  await endEarly(people, asked);
}

async function endEarly(people: People, asked: Asked, looks = OF_ONE): Promise<void> {
  await people.sees(asked, looks.open);
  await people.press(asked, { user: asked.requester, button: "end", duplicate: 1 }, looks.ending);
  // Azure is asked for an end two minutes away.
  await people.rest(people.world.nowMs() + 118 * SECOND);
  await people.sees(asked, looks.over);
}

async function extended(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await approved(people, asked, [one(people)]);
  await people.sees(asked, (card) => stateOf(card) === "Open" || isFinal(card));
  const said = await people.type(asked.requester, `extend ${asked.id} 1m for life-${asking.n}-x`);
  const id = [...said.matchAll(/JIT-[0-9A-Z]{6}/g)]
    .map(([one]) => one)
    .find((one) => one !== asked.id);
  if (id !== undefined) {
    const more = { ...asked, id };
    await approved(people, more, [one(people)]);
    await people.sees(more, (card) => stateOf(card) === "Open" || isFinal(card));
    await people.rest(people.world.nowMs() + 100 * SECOND);
    await people.sees(more, isFinal);
  }
  await untilItsEnd(people, asked);
}

/** Nobody decides: it expires. */
async function undecided(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await people.sees(asked, () => true);
  await people.rest(people.world.nowMs() + 88 * SECOND);
  await people.sees(asked, isFinal);
}

async function byRule(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked !== undefined) await untilItsEnd(people, asked);
}

/** The calls that open the VM's ports, whoever needs them. */
const opensOf = ({ place }: Asked) => ({ method: "POST", path: `of-${place.vm}/initiate` });

/** Azure refuses it once, and somebody retries. */
async function refusedOnce(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  const { faults } = people.world.azure;
  const body = { error: { code: "AuthorizationFailed", message: "no right to do that" } };
  const id = faults.add({ ...opensOf(asked), times: 1, act: { status: 403, body } });
  await approved(people, asked, [one(people)]);
  const failed = await people.sees(asked, isFinal);
  faults.clear(id);
  if (failed !== undefined && stateOf(failed) === "Failed") {
    const isRetried = (card: Message) => stateOf(card) !== "Failed";
    await people.press(asked, { user: asked.requester, button: "retry" }, isRetried);
  }
  await untilItsEnd(people, asked);
}

/** Azure is away for so long that the decision is looked at once more before anything is opened. */
async function heldUp(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask({ ...asking, what: "22 20m" });
  if (asked === undefined) return;
  const { faults } = people.world.azure;
  const id = faults.add({ ...opensOf(asked), act: { status: 503, body: "unavailable" } });
  await approved(people, asked, [one(people)]);
  await people.rest(people.world.nowMs() + 35 * SECOND);
  faults.clear(id);
  await endEarly(people, asked);
}

/** Approved by somebody who stands in for an approver. */
async function stoodIn(people: People, asking: Asking): Promise<void> {
  const asked = await people.ask(asking);
  if (asked === undefined) return;
  await approved(people, asked, [STAND_IN]);
  await untilItsEnd(people, asked);
}

/** Slack lets the bot send the requester no direct message. */
const unreachable = (people: People, asking: Asking): Promise<void> =>
  plain(people, { ...asking, requester: shyRequesterAt(asking.n) });

/** For a time that is to come: approved before, it opens by itself. */
async function later(people: People, asking: Asking): Promise<void> {
  const { nowMs } = people.world;
  const opensAtMs = Math.ceil((nowMs() + LATER_MS) / MINUTE) * MINUTE;
  const asked = await people.ask({ ...asking, what: `22 1m at ${inBerlin(opensAtMs)}` });
  if (asked === undefined) return;
  await approved(people, asked, [one(people)]);
  await people.rest(opensAtMs);
  await untilItsEnd(people, asked);
}

/** Everybody's zone in Slack. */
const inBerlin = (atMs: number): string =>
  new Date(atMs)
    .toLocaleString("sv-SE", { timeZone: "Europe/Berlin" })
    .slice(0, "2026-12-01 09:00".length);

/** Of somebody else, for the same port of the same VM and for longer: by its tokens it is told apart. */
const BESIDE = 1_000_000;

/** Two people have the same port open; the first one's access ends before the other's. */
async function shared(people: People, asking: Asking): Promise<void> {
  const first = await people.ask(asking);
  if (first === undefined) return;
  await approved(people, first, [one(people)]);
  await people.sees(first, OF_ONE.open);
  const n = BESIDE + asking.n;
  const what = people.random.pick(["22 2m", "22 2m from office"]);
  const second = await people.ask({ ...asking, n, requester: requesterAt(asking.n + 1), what });
  if (second !== undefined) {
    await approved(people, second, [one(people)]);
    await untilItsEnd(people, second, OF_ONE, MINUTE);
  }
  await people.sees(first, isFinal);
}

/** Several VMs with one card, on which all of them are approved at once. */
async function severalApproved(people: People, asking: Asking) {
  const { place } = asking;
  const vm = [place.vm, ...(place.beside ?? [])].join(",");
  const asked = await people.ask({ ...asking, place: { ...place, vm } });
  if (asked === undefined) return undefined;
  const states = (card: Message) =>
    linesOf(people.world.slack.plainText(card)).map(({ state }) => state);
  const everyOne = (isSo: (state: string) => boolean) => (card: Message) => {
    const all = states(card);
    return all.length > 0 && all.every(isSo);
  };
  const looks: Looks = {
    open: everyOne((state) => state === "Open" || FINAL.has(state)),
    ending: everyOne((state) => state !== "Open"),
    over: everyOne((state) => FINAL.has(state)),
  };
  const approve = { user: one(people), button: "approve" };
  await people.press(
    asked,
    approve,
    everyOne((state) => state !== "Pending"),
  );
  return { asked, looks };
}

async function several(people: People, asking: Asking): Promise<void> {
  const begun = await severalApproved(people, asking);
  if (begun !== undefined) await untilItsEnd(people, begun.asked, begun.looks);
}

async function severalEnded(people: People, asking: Asking): Promise<void> {
  const begun = await severalApproved(people, { ...asking, what: "22 20m" });
  if (begun !== undefined) await endEarly(people, begun.asked, begun.looks);
}

export const LIVES: readonly LifeKind[] = [
  { name: "plain", weight: 30, rule: "one", live: plain },
  { name: "at once", weight: 12, rule: "one", live: atOnce },
  { name: "two needed", weight: 6, rule: "two", live: twoNeeded },
  { name: "taken back", weight: 4, rule: "two", live: takenBack },
  { name: "by rule", weight: 8, rule: "none", live: byRule },
  { name: "intruded", weight: 10, rule: "one", live: intruded },
  { name: "denied", weight: 6, rule: "one", live: denied },
  { name: "contested", weight: 6, rule: "one", live: contested },
  { name: "cancelled", weight: 4, rule: "one", live: cancelled },
  { name: "ended early", weight: 6, rule: "one", live: endedEarly },
  { name: "extended", weight: 6, rule: "one", live: extended },
  { name: "refused once", weight: 4, rule: "one", live: refusedOnce },
  { name: "held up", weight: 3, rule: "one", live: heldUp },
  { name: "undecided", weight: 2, rule: "one", live: undecided },
  { name: "stood in", weight: 3, rule: "one", live: stoodIn },
  { name: "unreachable", weight: 3, rule: "one", live: unreachable },
  { name: "later", weight: 4, rule: "one", live: later },
  { name: "shared", weight: 4, rule: "one", live: shared },
  { name: "several", weight: 4, rule: "one", several: true, live: several },
  { name: "several ended", weight: 2, rule: "one", several: true, live: severalEnded },
];

/** Where a life may take place. */
export const fits = (kind: LifeKind) => (place: Place) =>
  place.rule === kind.rule && (kind.several === undefined || place.beside !== undefined);
