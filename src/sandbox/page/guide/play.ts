// How the guided tour acts in the demo: as one of its people, by commands and buttons, never past the bot.

import { setTimeout as wait } from "node:timers/promises";
import type { Demo } from "../../assembly/demo-parts.ts";
import { allBlocks, elementsOf } from "../../slack/blocks/walk.ts";
import { directChannel } from "../../slack/messages.ts";
import type { Ephemeral, Message } from "../../slack/slack-workspace.ts";
import { azureView } from "../azure-view.ts";
import type { Switchboard } from "../what-if.ts";

export const ERIN = "U0ERIN";
export const LEA = "U0LEAD";
export const OMAR = "U0OMAR";
export const ADA = "U0ADMIN";
export const GENERAL = "C0GENERAL";
export const APPROVERS = "C0PROD";
export const NOTICES = "C0NOTICES";

/** What the tour has requested: its card, and by whom. */
export type Asked = { id: string; ts: string; by: string; vm: string };

type Shown = Message | Ephemeral;

export type Look = {
  /** Whose screen one looks at, and where. */
  person: string;
  channel: string;
  promises: RegExp;
  /** What else the message says. */
  about?: string;
  /** It may have stood there before the mark. */
  mayBeOld?: boolean;
};

/** `unless`: whose private answer there says that it won't come. */
type Waiting = Look & { unless?: Pick<Look, "person" | "channel"> };

export type Play = {
  demo: Demo;
  board: Switchboard;
  /** What came before isn't looked at. */
  mark(): void;
  command(user: string, text: string): Promise<void>;
  /** Presses a button of a card, and answers what it asks first. */
  press(user: string, ts: string, actionId: string): Promise<void>;
  /** The last new or changed message there that tells it. Throws what the bot said instead. */
  seen(look: Waiting): Promise<Shown>;
  until<T>(what: string, look: () => T): Promise<NonNullable<T>>;
  /** Nobody, or not this person, has anything open or pending on it. */
  isFree(vm: string, by?: string): boolean;
  /** Somebody who has nothing open or pending on these VMs, Erin before others. */
  free(vms: readonly string[], needsAll?: boolean): { by: string; vm: string };
  /** What the card of a request says now. */
  card(asked: Asked): string;
  direct(user: string): string;
  text(shown: Shown): string;
};

const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 60;
const REQUESTERS = [ERIN, "U0SAM", "U0AUDIT"];
/** How the bot answers a request that it took. */
const REQUESTED = /^Requested/;
const LIVE = /pending|ready|opening|open|ending/i;

/** A card that isn't at its end, by its first line. */
export const isLive = (card: string): boolean => LIVE.test(headOf(card));

export const headOf = (card: string): string => card.split("\n")[0] ?? "";

export function createPlay(demo: Demo, board: Switchboard): Play {
  const { slack } = demo;
  let before = new Map<string, string>();

  const text = (shown: Shown): string => slack.plainText(shown);
  const isNew = (shown: Shown): boolean => before.get(keyOf(shown)) !== text(shown);
  const visibleTo = (person: string, channel: string): Shown[] => [
    ...slack.messages(channel),
    ...slack.ephemerals(person, channel),
  ];
  /** Cards of the approvers' channel that aren't at their end. */
  const live = (): string[] => slack.messages(APPROVERS).map(text).filter(isLive);

  const isFree: Play["isFree"] = (vm, by) => {
    const name = by === undefined ? "" : (slack.world.users.get(by)?.name ?? by);
    return !live().some((card) => card.includes(vm) && card.includes(`${name} →`));
  };

  return {
    demo,
    board,
    mark() {
      before = new Map(shownIn(demo).map((one) => [keyOf(one), text(one)]));
    },
    async command(user, typed) {
      await slack.command({ user, channel: GENERAL, text: typed });
    },
    async press(user, ts, actionId) {
      const card = slack.messages(APPROVERS).find((one) => one.ts === ts);
      const asks = card !== undefined && buttonOf(card, actionId)?.asks === true;
      const click = { user, channel: APPROVERS, ts, actionId };
      await slack.click(asks ? { ...click, confirmed: true } : click);
    },
    async seen({ person, channel, promises, about = "", mayBeOld = false, unless }) {
      const tells = (one: Shown) =>
        (mayBeOld || isNew(one)) && text(one).includes(about) && promises.test(text(one));
      const name = slack.world.channels.get(channel)?.name ?? channel;
      return until(`“${promises.source}” in #${name}`, () => {
        const answers = unless ? slack.ephemerals(unless.person, unless.channel) : [];
        const refusal = answers.find((one) => isNew(one) && !REQUESTED.test(text(one)));
        if (refusal) throw new Error(text(refusal));
        return visibleTo(person, channel).filter(tells).at(-1);
      });
    },
    until,
    isFree,
    free(vms, needsAll = false) {
      const unused = vms.find((vm) => isFree(vm));
      if (!needsAll && unused !== undefined) return { by: ERIN, vm: unused };
      for (const by of REQUESTERS) {
        const found = vms.filter((vm) => isFree(vm, by));
        const [vm] = found;
        if (vm !== undefined && (!needsAll || found.length === vms.length)) return { by, vm };
      }
      throw new Error("Every VM of the tour is in use. As Ada, end some with /jit end all.");
    },
    card: ({ ts }) =>
      slack
        .messages(APPROVERS)
        .filter((one) => one.ts === ts)
        .map(text)
        .join(),
    direct: (user) => directChannel(slack.world, user).id,
    text,
  };
}

const keyOf = ({ channel, ts }: Shown) => `${channel} ${ts}`;

const shownIn = ({ slack: { world } }: Demo): Shown[] => [
  ...[...world.messages.values()].flat(),
  ...world.ephemerals,
];

const until: Play["until"] = async (what, look) => {
  const untilMs = Date.now() + WITHIN_MS;
  for (;;) {
    const answer = look();
    if (answer) return answer;
    if (Date.now() > untilMs) throw new Error(`Waited ${WITHIN_MS / 1_000} s for ${what}.`);
    await wait(LOOK_EVERY_MS);
  }
};

/** Whether a message has this button, and whether it asks something first. */
export function buttonOf(shown: Shown, actionId: string): { asks: boolean } | undefined {
  const found = elementsOf(allBlocks(shown)).find((one) => one.actionId === actionId);
  return found && { asks: "confirm" in found.element };
}

/** The ports of a VM that are open or about to be. */
export const doorsOf = ({ azure, nowMs }: Demo, vm: string) =>
  azureView({ ...azure, nowMs }).doors.filter((door) => door.vm === vm && door.status !== "shut");
