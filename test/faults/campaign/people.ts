// What people do in the campaign: they type, click, wait for an answer, and try again when none comes.

import { setTimeout as wait } from "node:timers/promises";
import type { Message } from "../../../src/sandbox/slack/slack-workspace.ts";
import { stateOf } from "./cards.ts";
import { GENERAL, type Place } from "./estate.ts";
import type { Random } from "./random.ts";
import type { RoundWorld } from "./world.ts";

/** What a person was told, and when, that the judge holds the bot to. */
export type Told = { readonly token: string; readonly id: string; readonly by: string };
export type Withdrawal = { readonly id: string; readonly by: string; readonly atMs: number };

export type People = {
  readonly world: RoundWorld;
  readonly random: Random;
  readonly told: Told[];
  readonly withdrawn: Withdrawal[];
  /** Asks until an id is answered; `undefined`: the person gave up. */
  ask(life: Asking): Promise<Asked | undefined>;
  /** Types a command about a request until it is acknowledged; answers what came back. */
  type(user: string, text: string): Promise<string>;
  /** Clicks until the card is as `until` wants it; false: the person gave up. */
  press(asked: Asked, act: Press, until: (card: Message) => boolean): Promise<boolean>;
  /** Waits until the card is as wanted; `undefined`: it did not become so. */
  sees(asked: Asked, until: (card: Message) => boolean, ms?: number): Promise<Message | undefined>;
  /** Does nothing until the world's clock says so: meanwhile it may be moved ahead. */
  rest(untilMs: number): Promise<void>;
  /** Everybody goes home: whatever they wait for is given up. */
  leave(): void;
  /** When each of those who rest wakes up. */
  readonly resting: ReadonlySet<{ readonly untilMs: number }>;
};

export type Asking = {
  readonly n: number;
  readonly place: Place;
  readonly requester: string;
  readonly what?: string;
};
export type Asked = { readonly id: string; readonly place: Place; readonly requester: string };
type Press = { readonly user: string; readonly button: string; readonly duplicate?: number };

/** Hundreds of them look at once, and all of them are one process. */
const LOOK_EVERY_MS = 200;
const TRIES_MAX = 12;
/** How long a person looks at the screen before doing it again. */
const PATIENCE_MS = 8_000;
const CARD_WITHIN_MS = 150_000;

const idIn = (text: string): string | undefined => /JIT-[0-9A-Z]{6}/.exec(text)?.[0];
type Typed = Awaited<ReturnType<RoundWorld["slack"]["command"]>>;
const isAnswered = ({ ack, responses }: Typed): boolean =>
  responses.length > 0 || (ack.body ?? "") !== "";
const textOf = ({ ack, responses }: Typed): string =>
  JSON.stringify([ack.body ?? "", responses.map(({ args }) => args)]);
const isOpenNow = (state: string) => state !== "" && state !== "Pending";

/** What all of them do, whoever they are. */
type Hands = {
  readonly world: RoundWorld;
  readonly random: Random;
  hasLeft(): boolean;
  look<T>(seen: () => T | undefined, ms: number): Promise<T | undefined>;
  readonly sees: People["sees"];
};

export function peopleOf(world: RoundWorld, random: Random): People {
  const told: Told[] = [];
  const resting = new Set<{ untilMs: number }>();
  let hasLeft = false;

  const look: Hands["look"] = async (seen, ms) => {
    const untilMs = Date.now() + ms;
    for (;;) {
      const answer = seen();
      if (answer !== undefined || hasLeft || Date.now() > untilMs) return answer;
      await wait(LOOK_EVERY_MS);
    }
  };
  const sees: People["sees"] = ({ id, place }, until, ms = CARD_WITHIN_MS) =>
    look(() => {
      const card = world.cards.of(id).find(({ channel }) => channel === place.channel);
      return card !== undefined && until(card) ? card : undefined;
    }, ms);
  const hands: Hands = { world, random, hasLeft: () => hasLeft, look, sees };

  return {
    world,
    random,
    told,
    withdrawn: [],
    resting,
    leave: () => {
      hasLeft = true;
    },
    type: (user, text) => type(hands, { user, text }),
    sees,
    ask: (life) => ask(hands, life, told),
    press: (asked, act, until) => press(hands, { asked, act, until }),
    rest: async (untilMs) => {
      const entry = { untilMs };
      resting.add(entry);
      while (world.nowMs() < untilMs && !hasLeft) await wait(LOOK_EVERY_MS);
      resting.delete(entry);
    },
  };
}

async function type(
  { world, random, hasLeft, look }: Hands,
  { user, text }: { readonly user: string; readonly text: string },
): Promise<string> {
  for (let n = 0; n < TRIES_MAX && !hasLeft(); n += 1) {
    const duplicate = random.chance(0.1) ? 1 : 0;
    const typed = await world.slack.command({ user, channel: GENERAL, text, duplicate });
    const said = () => (isAnswered(typed) ? textOf(typed) : undefined);
    if (typed.ack.failure === undefined) {
      const answer = await look(said, PATIENCE_MS);
      if (answer !== undefined) return answer;
    }
    await wait(random.between(500, 2_000));
  }
  return "";
}

async function ask(
  { world, random, hasLeft, look }: Hands,
  { n, place, requester, what = "22 1m" }: Asking,
  told: Told[],
): Promise<Asked | undefined> {
  for (let attempt = 0; attempt < TRIES_MAX && !hasLeft(); attempt += 1) {
    const token = `life-${n}-${attempt}`;
    const text = `request ${place.vm} ${what} for ${token}`;
    const duplicate = random.chance(0.1) ? 1 : 0;
    const typed = await world.slack.command({ user: requester, channel: GENERAL, text, duplicate });
    const answered = () => (isAnswered(typed) ? idIn(textOf(typed)) : undefined);
    const id = await look(() => answered(), typed.ack.failure ? 0 : PATIENCE_MS);
    if (id !== undefined) {
      told.push({ token, id, by: requester });
      return { id, place, requester };
    }
    // The answer may have been lost on its way: the card says so.
    const unsaid = world.cards.withText(token);
    if (unsaid !== undefined) return { id: unsaid, place, requester };
    await wait(random.between(500, 2_000));
  }
  return undefined;
}

type Pressing = {
  readonly asked: Asked;
  readonly act: Press;
  readonly until: (card: Message) => boolean;
};

async function press(hands: Hands, { asked, act, until }: Pressing): Promise<boolean> {
  const { user, button, duplicate = 0 } = act;
  for (let n = 0; n < TRIES_MAX && !hands.hasLeft(); n += 1) {
    const card = await hands.sees(asked, () => true);
    if (card === undefined) return false;
    if (until(card)) return true;
    const asks = ["end", "cancel"].includes(button);
    const confirmed = asks && ({ confirmed: true } as const);
    const at = { user, channel: card.channel, ts: card.ts, duplicate, ...confirmed };
    // The button may be gone by the time that the finger comes down.
    const clicked = await hands.world.slack
      .click({ ...at, actionId: `jit.${button}` })
      .catch(() => undefined);
    const patience = clicked?.ack.failure === undefined ? PATIENCE_MS : 500;
    if ((await hands.sees(asked, until, patience)) !== undefined) return true;
    if (button === "approve" && isOpenNow(stateOf(card))) return false;
  }
  return false;
}
