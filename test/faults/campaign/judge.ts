// The judge: decides from the evidence alone whether anything was lost, doubled, or said wrongly.

import { FINAL, OVER_UNSEEN } from "./cards.ts";
import { APPROVERS, isShy, STAND_IN } from "./estate.ts";
import type { CardSeen, Evidence, Initiate } from "./evidence.ts";

export const RULES = [
  "one request for an ask",
  "one decision",
  "one grant",
  "asked again only after a look",
  "approved by enough who might",
  "nothing opened undecided",
  "reaches an end",
  "the card is true",
  "told what was promised",
  "nothing parked",
  "said once",
] as const;
export type RuleName = (typeof RULES)[number];
export type Verdict = { readonly rule: RuleName; readonly id: string; readonly says: string };

export type JudgeOptions = {
  /** No fault struck: then nothing is said twice either. */
  readonly calm: boolean;
};

type Say = (rule: RuleName, says: string) => void;

/** Everything that is wrong; empty: nothing is. */
export function judge(evidence: Evidence, { calm }: JudgeOptions): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  for (const [token, id] of evidence.tokens) {
    if (id.includes(" ")) {
      verdicts.push({ rule: "one request for an ask", id, says: `${token} made several requests` });
    }
  }
  const byId = Map.groupBy(evidence.cards, ({ id }) => id);
  const ids = new Set([
    ...byId.keys(),
    ...evidence.told.map(({ id }) => id),
    ...evidence.initiates.map(({ id }) => id),
  ]);
  const sent = Map.groupBy(evidence.initiates, ({ id }) => id);
  for (const id of ids) {
    const say: Say = (rule, says) => verdicts.push({ rule, id, says });
    const cards = known(byId.get(id) ?? [], evidence);
    const one: About = { id, cards, initiates: sent.get(id) ?? [], evidence };
    decisions(one, say);
    grants(one, say);
    approvals(one, say);
    ends(one, say);
    truth(one, say);
    promises(one, say);
  }
  for (const line of evidence.notices) {
    if (/parked/i.test(line)) {
      verdicts.push({ rule: "nothing parked", id: idIn(line), says: line.slice(0, 200) });
    }
  }
  for (const says of calm ? evidence.saidAgain : []) {
    verdicts.push({ rule: "said once", id: idIn(says), says });
  }
  return verdicts;
}

const isDone = ({ doneAtMs }: Initiate): boolean => doneAtMs !== undefined;

/** A copy that the bot can neither know of nor find leads to the request all the same: another one is true. */
function known(cards: readonly CardSeen[], evidence: Evidence): readonly CardSeen[] {
  if (evidence.mayReadHistory) return cards;
  const over = cards.filter((card) => FINAL.has(card.state) && !isStaleCopy(card, evidence));
  return over.length === 0 ? cards : over;
}

/** A message about several VMs that still shows one of them as it isn't any more, where another copy doesn't. */
const isStaleCopy = ({ lead, text }: CardSeen, { cards }: Evidence): boolean =>
  lead !== undefined &&
  cards.some((one) => one.lead === lead && one.text === text && !FINAL.has(one.state));

type About = {
  readonly id: string;
  readonly cards: readonly CardSeen[];
  readonly initiates: readonly Initiate[];
  readonly evidence: Evidence;
};

const idIn = (text: string): string => /JIT-[0-9A-Z]{6}/.exec(text)?.[0] ?? "";

const UNOPENED: readonly string[] = ["Denied", "Cancelled", "Expired", "Not requested"];
const GRANTED: readonly string[] = ["Opening", "Open", "Ending", "Ended", "Failed"];

/** A freeze, or what couldn't be checked, leads from Opening back to Ready, before Azure is asked. */
const wasHeldUp = (shown: ReadonlySet<string>, initiates: readonly Initiate[]): boolean =>
  initiates.length === 0 && shown.has("Ready") && !shown.has("Denied");

function decisions({ cards, initiates }: About, say: Say): void {
  const shown = new Set(cards.flatMap(({ states }) => states));
  const unopened = UNOPENED.filter((state) => shown.has(state));
  if (unopened.length > 1) say("one decision", `showed ${unopened.join(" and ")}`);
  const granted = GRANTED.filter(
    (state) => shown.has(state) && !(state === "Opening" && wasHeldUp(shown, initiates)),
  );
  if (unopened.length > 0 && granted.length > 0) {
    say("one decision", `showed ${unopened.join()} and ${granted.join()}`);
  }
  const done = initiates.filter(isDone).length;
  if (unopened.length > 0 && done > 0) {
    say("nothing opened undecided", `${unopened.join()}, and Azure was asked ${done} times`);
  }
}

/** Two ends that are nearer than this are one: Azure's times have no more digits than seconds. */
const SAME_MS = 1_500;

function grants({ id, initiates, evidence }: About, say: Say): void {
  const [first] = initiates;
  if (first === undefined) return;
  const others = evidence.initiates.filter(
    (one) => one.id !== id && one.policy === first.policy && one.port === first.port,
  );
  const sharing = new Set([id, ...others.map((one) => one.id)]);
  const endedAtMs = Math.min(
    ...evidence.acts
      .filter((act) => sharing.has(act.id) && /end$/.test(act.what))
      .map(({ atMs }) => atMs),
    Number.POSITIVE_INFINITY,
  );
  // A door that another request needs for longer is opened until then.
  const isNeeded = (endMs: number) => others.some((one) => Math.abs(one.endMs - endMs) < SAME_MS);
  const moved = initiates.find(({ endMs }) => endMs > first.endMs + SAME_MS && !isNeeded(endMs));
  if (moved !== undefined) {
    say("one grant", `the end moved from ${time(first.endMs)} to ${time(moved.endMs)}`);
  }
  const opening = initiates.filter(({ endMs }) => endMs > first.endMs - SAME_MS);
  const sooner = initiates.find(
    (one) => !opening.includes(one) && one.atMs < endedAtMs && !isNeeded(first.endMs),
  );
  if (sooner !== undefined) say("one grant", `an end came nearer, and nobody had ended it`);
  again(opening, { id, evidence }, say);
}

/**
 * How an opening may be asked for a second time, with the same end: after a look, and by nobody who could
 * know that it was done. A call may be carried out long after its caller has hung up: then nobody can.
 */
function again(
  opening: readonly Initiate[],
  { id, evidence }: Pick<About, "id" | "evidence">,
  say: Say,
): void {
  const retried = evidence.acts.filter((act) => act.id === id && act.what.endsWith("retry"));
  opening.forEach((one, n) => {
    const before = opening[n - 1];
    if (before === undefined) return;
    if (retried.some(({ atMs }) => atMs > before.atMs && atMs <= one.atMs)) return;
    const looks = evidence.reads.filter(
      ({ policy, atMs }) => policy === one.policy && atMs > before.atMs && atMs <= one.atMs,
    );
    if (before.doneAtMs !== undefined && looks.length === 0) {
      say("asked again only after a look", "Azure was asked twice without a look in between");
    }
    for (const earlier of opening.slice(0, n)) {
      if (wasHeard(earlier, one, evidence)) {
        say("one grant", "Azure was asked again, having said yes");
      }
      const { doneAtMs = Number.POSITIVE_INFINITY } = earlier;
      const isLost = evidence.failovers.some(
        ({ fromMs, toMs }) => fromMs <= one.atMs && toMs >= earlier.atMs,
      );
      if (!isLost && looks.some(({ atMs }) => atMs > doneAtMs)) {
        say("one grant", "Azure was asked again, and a look had shown that it was done");
      }
    }
  });
}

/** Azure's yes reached a process that lived on, and could store it. */
function wasHeard(
  { atMs, acceptedAtMs = Number.POSITIVE_INFINITY }: Initiate,
  next: Initiate,
  { forgetful }: Evidence,
): boolean {
  const isForgotten = forgetful.some(({ fromMs, toMs }) => fromMs <= next.atMs && toMs >= atMs);
  return acceptedAtMs < next.atMs && !isForgotten;
}

const MAY_APPROVE: ReadonlySet<string> = new Set([...APPROVERS, STAND_IN]);

function approvals({ id, cards, initiates, evidence }: About, say: Say): void {
  const [first] = initiates;
  const main = cards[0];
  if (first === undefined || main === undefined) return;
  // An extension needs as many as its rule says: one, here.
  const needed = Math.min(evidence.needed.get(main.channel) ?? 0, 2);
  const requester = requesterOf(main, evidence);
  const by = new Set(
    evidence.acts
      .filter((act) => act.id === id && /approve$/.test(act.what) && act.atMs <= first.atMs)
      .filter((act) => MAY_APPROVE.has(act.by) && act.by !== requester)
      .filter((act) => !isWithdrawn(evidence, act))
      .map((act) => act.by),
  );
  if (by.size < needed) {
    say("approved by enough who might", `${by.size} of ${needed} had approved`);
  }
}

const requesterOf = ({ token = "" }: CardSeen, { requesters }: Evidence): string | undefined =>
  requesters.get(token);

const isWithdrawn = (
  { withdrawn }: Evidence,
  act: { readonly id: string; readonly by: string; readonly atMs: number },
): boolean =>
  withdrawn.some((one) => one.id === act.id && one.by === act.by && act.atMs <= one.atMs);

function ends({ id, cards, evidence }: About, say: Say): void {
  const [main] = cards;
  if (main === undefined) {
    // Over before anybody was asked: then there is nothing to post, and the requester is told.
    if (evidence.direct.get(id)?.some((text) => OVER_UNSEEN.test(text))) return;
    const told = evidence.told.find((one) => one.id === id);
    say("reaches an end", `${told?.token ?? "unasked"} was answered with an id, and has no card`);
  } else if (!FINAL.has(main.state)) {
    say("reaches an end", `its card says ${main.state || "nothing"} at the end`);
  }
}

/** What a card promises that it does not do any more, or says of Azure that is not so. */
const STILL =
  /keeps (?:looking|checking|trying)|still shows|not yet|hasn't confirmed|waiting for|checking whether|being asked|being ended/i;
/** How the ports stand: one of these is on every card that says Ended. */
const HOW_IT_STANDS =
  /shows it (?:shut|closed)|last showed|port closed|never confirmed|stays? open|(?:goes on|continues) under|extension took over|never seen open|nothing was opened/i;
/** On the card of an access that ended before there was one. */
const UNOPENED_WORDS = /nothing was opened|never seen open/i;
/** Buttons that ask for what can't be done any more. */
const LIVE = /^jit\.(?:approve|deny|change|take-back|withdraw|cancel|end|extend|open)$/;

function truth({ id, cards, initiates, evidence }: About, say: Say): void {
  const own = evidence.ports.filter((port) => port.id === id);
  const isOpen = own.some((port) => port.isOpen);
  for (const card of cards) {
    if (!FINAL.has(card.state)) continue;
    const still = STILL.exec(card.text)?.[0];
    if (still !== undefined) say("the card is true", `${card.state}, and says “${still}”`);
    const live = card.buttons.find((button) => LIVE.test(button));
    if (live !== undefined) say("the card is true", `${card.state}, and still has ${live}`);
    if (isOpen) say("the card is true", `${card.state}, and the port is open`);
    if (card.state !== cards[0]?.state) {
      say("the card is true", `one copy says ${card.state}, another ${cards[0]?.state}`);
    }
  }
  const main = cards[0];
  const wasOpen = own.some(({ opensMs, endMs }) => opensMs < endMs - SAME_MS);
  const claims = main?.lead === undefined && /nothing was opened/i.test(main?.text ?? "");
  if (claims && wasOpen) say("the card is true", "nothing was opened, it says, and it was");
  // Of each of several VMs the card says no more than that.
  if (main?.state !== "Ended" || main.lead !== undefined) return;
  if (!HOW_IT_STANDS.test(main.text)) {
    say("the card is true", `Ended, and it does not say how the ports stand: ${main.text}`);
  }
  if (
    !initiates.some(isDone) &&
    openedThere(main, evidence).length === 0 &&
    !UNOPENED_WORDS.test(main.text)
  ) {
    say("the card is true", "Ended, and Azure never opened anything, which it does not say");
  }
}

/** What was opened for whichever request at the VM of this card: where a port opened, it was open for all of them. */
const openedThere = (card: CardSeen, { initiates }: Evidence): readonly Initiate[] => {
  const vm = /→ (\S+)/.exec(card.text)?.[1];
  return initiates.filter((one) => isDone(one) && one.policy.endsWith(`/of-${vm}`));
};

function promises({ id, cards, evidence }: About, say: Say): void {
  const main = cards[0];
  if (main === undefined || !FINAL.has(main.state)) return;
  // Somebody who takes no direct messages is called in the thread for what is worth it, and reads the rest on the card.
  const isCalled = isShy(requesterOf(main, evidence) ?? "");
  const direct = [...(evidence.direct.get(id) ?? []), ...(isCalled ? [main.text] : [])];
  const hears = (what: string, words: RegExp): void => {
    if (!direct.some((text) => words.test(text))) {
      say("told what was promised", `${main.state}, and the requester never heard ${what}`);
    }
  };
  if (main.state !== "Ended") {
    hears("how it ended", main.state === "Expired" ? /Expired|Lapsed/i : new RegExp(main.state));
    return;
  }
  hears("that it ended", /Ended|carried on|extended/i);
  const isExtended = /carried on|extended/i.test(main.text);
  const isOnTime = /on time/i.test(main.text);
  if (isOnTime) hears("the warning, nor why there was none", /left|warning/i);
  const noticed = evidence.notices.some((line) => line.includes(id));
  if (!noticed && !isExtended) say("told what was promised", "Ended, and no notice names it");
}

const time = (atMs: number): string => new Date(atMs).toISOString().slice(11, 23);
