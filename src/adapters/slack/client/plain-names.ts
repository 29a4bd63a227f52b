// People named without being called: a mention notifies, also those whom a message is only about.

import { HOUR_MS } from "../../../domain/text/duration.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import type { Chat } from "../../../ports/chat.ts";
import { inRealTime } from "../../real-time.ts";
import type { Block } from "../views/blocks.ts";
import { escapeMrkdwn } from "../views/mrkdwn.ts";
import { inLine } from "../views/phrases.ts";

/** What each is called, as far as Slack said so in time. */
export type Names = ReadonlyMap<UserId, string>;

/** Names seldom change, and a message doesn't wait long for them. */
const NAMES_AGE_MS = 24 * HOUR_MS;
const NAMES_WITHIN_MS = 2_000;

const NAME_CHARACTERS_MAX = 60;

export async function namesOf(
  { person }: Pick<Chat, "person">,
  users: readonly UserId[],
): Promise<Names> {
  const names = new Map<UserId, string>();
  const reading = [...new Set(users)].map(async (user) => {
    const found = await person(user, NAMES_AGE_MS).catch(() => undefined);
    if (found !== undefined) names.set(user, inLine(found.name, NAME_CHARACTERS_MAX));
  });
  await inRealTime(Promise.all(reading), NAMES_WITHIN_MS);
  return new Map(names);
}

/** The same message with these people's names in place of mentions. What somebody typed never is a mention. */
export function named<M extends { text: string; blocks: Block[] }>(message: M, names: Names): M {
  const inText = (text: string): string =>
    text.replace(/<@([UW][A-Z0-9]+)>/g, (mention, user: UserId) => {
      const name = names.get(user);
      return name === undefined ? mention : escapeMrkdwn(name);
    });
  const blocks = message.blocks.map((block) =>
    block.type === "section"
      ? { ...block, text: { ...block.text, text: inText(block.text.text) } }
      : block,
  );
  return { ...message, text: inText(message.text), blocks };
}
