// What is unread: which messages came after the last time that a person looked.

import type { SlackShown } from "../page-state.ts";

/** The latest message that each person has read, by channel. */
export type ReadMarks = Record<string, Record<string, string>>;

export type Unread = { count: number; forMe: number };

export function unreadIn(
  slack: SlackShown,
  marks: ReadMarks,
  at: { person: string; channel: string },
): Unread {
  const { person, channel } = at;
  const read = Number(marks[person]?.[channel] ?? 0);
  const stamps = (slack.stamps[person]?.[channel] ?? []).filter(({ ts }) => Number(ts) > read);
  return { count: stamps.length, forMe: stamps.filter(({ isFor }) => isFor).length };
}

export function unreadOf(slack: SlackShown, marks: ReadMarks, person: string): Unread {
  const all = Object.keys(slack.stamps[person] ?? {}).map((channel) =>
    unreadIn(slack, marks, { person, channel }),
  );
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    forMe: all.reduce((sum, { forMe }) => sum + forMe, 0),
  };
}

export function latestIn(
  slack: SlackShown | undefined,
  person: string,
  channel: string | undefined,
): string | undefined {
  const stamps = slack?.stamps[person]?.[channel ?? ""] ?? [];
  return stamps.reduce<string | undefined>(
    (latest, { ts }) => (latest === undefined || Number(ts) > Number(latest) ? ts : latest),
    undefined,
  );
}
