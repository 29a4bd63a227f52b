// When somebody wants access to open, by the clocks of the zone that they set in Slack; and what is said back of it.

import { DAY_MS, formatDuration } from "../../../domain/text/duration.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import {
  isZone,
  momentAt,
  type SpokenMoment,
  shownThere,
  spokenAt,
} from "../../../domain/text/moments.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { type Words, words } from "../../../domain/text/words.ts";
import type { Chat } from "../../../ports/chat.ts";
import type { Deps } from "../../deps.ts";
import { orCannotCheck, SEEING_AGE_MS } from "../../people/people.ts";

/** Who approves today can't tell what will be right much later. */
const AHEAD_MAX_MS = 30 * DAY_MS;

/** By whose clocks somebody's times are read; a refusal where Slack can't say. */
export async function zoneOf(
  { chat }: { readonly chat: Pick<Chat, "person"> },
  user: UserId,
): Promise<string | Refusal> {
  const person = await orCannotCheck(() => chat.person(user, SEEING_AGE_MS));
  if (isRefusal(person)) return person;
  return person?.zone !== undefined && isZone(person.zone) ? person.zone : "UTC";
}

type Asked = { readonly spoken: SpokenMoment; readonly nowMs: number };
export type Moment = { readonly opensAtMs: number; readonly momentNotes: readonly Words[] };

/** Refuses a time that is past, or too far off. */
export async function momentOf(
  from: { readonly chat: Pick<Chat, "person"> },
  user: UserId,
  { spoken, nowMs }: Asked,
): Promise<Moment | Refusal> {
  const zone = await zoneOf(from, user);
  if (isRefusal(zone)) return zone;
  const opensAtMs = momentAt(spoken, nowMs, zone);
  if (opensAtMs <= nowMs) {
    return refuse("bad-time")`${{ atMs: opensAtMs }} (${zone}) is in the past: name a later time.`;
  }
  if (opensAtMs - nowMs > AHEAD_MAX_MS) {
    const most = formatDuration(AHEAD_MAX_MS);
    return refuse("bad-time")`That's too far off: name a time within the next ${most}.`;
  }
  const opens = words`Not before ${{ atMs: opensAtMs }} (${zone}).`;
  const shown = shownThere(spoken, opensAtMs, zone);
  if (shown === "once") return { opensAtMs, momentNotes: [opens] };
  const odd =
    shown === "never"
      ? words`The clocks skip the time you named, so it's that much later.`
      : words`The clocks show that time twice; it's the ${shown}.`;
  return { opensAtMs, momentNotes: [words`${opens} ${odd}`] };
}

/** The same with its time as a date: read again later, `at 23:00` would be another one. */
export async function withDate<C extends { readonly at?: SpokenMoment }>(
  from: { readonly chat: Pick<Chat, "person">; readonly storeClock: Deps["storeClock"] },
  user: UserId,
  command: C,
): Promise<C | Refusal> {
  if (command.at === undefined) return command;
  const zone = await zoneOf(from, user);
  if (isRefusal(zone)) return zone;
  const nowMs = await orCannotCheck(() => from.storeClock.nowMs());
  if (isRefusal(nowMs)) return nowMs;
  return { ...command, at: spokenAt(momentAt(command.at, nowMs, zone), zone) };
}
