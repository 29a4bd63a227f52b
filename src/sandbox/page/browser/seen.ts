// What every part of the page needs to know of what is shown, and to whom.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Group, User } from "../../slack/workspace-builder.ts";
import type { ChannelShown, Person, Shown } from "../page-state.ts";

export type Seen = {
  shown: Shown;
  me: Person;
  nowMs: number;
  /** Says something to the person at once, such as that an act failed. */
  say(text: string): void;
};

export const SeenContext = createContext<Seen | undefined>(undefined);

export function useSeen(): Seen {
  const seen = useContext(SeenContext);
  if (!seen) throw new Error("outside the page");
  return seen;
}

export function nameOf({ shown }: Seen, userId: string): string {
  const { people, botUser } = shown.slack;
  if (userId === botUser) return "jit";
  return people.find(({ id }) => id === userId)?.realName ?? userId;
}

export const groupOf = ({ shown }: Seen, id: string): Group | undefined =>
  shown.slack.groups.find((one) => one.id === id);

export const channelOf = ({ shown }: Seen, id: string): ChannelShown | undefined =>
  shown.slack.channels.find((one) => one.id === id);

/** A clock time in the person's own zone, written as Slack writes those in messages. */
export function timeOf({ me }: { me: Pick<User, "tz"> }, atMs: number): string {
  return new Intl.DateTimeFormat("en-US", {
    hour: "numeric",
    minute: "2-digit",
    timeZone: me.tz,
  }).format(atMs);
}

/** A day, as a heading between messages. */
export function dayOf({ me, nowMs }: Seen, atMs: number): string {
  const day = (ms: number) =>
    new Intl.DateTimeFormat("en-GB", {
      weekday: "long",
      day: "numeric",
      month: "long",
      timeZone: me.tz,
    }).format(ms);
  const text = day(atMs);
  if (text === day(nowMs)) return "Today";
  return text === day(nowMs - 86_400_000) ? "Yesterday" : text;
}
