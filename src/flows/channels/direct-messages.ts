// Whether Slack takes the bot's direct messages at all: seen by what is sent, and told once over all replicas.

import { MESSAGES_TAB_FIX, MESSAGES_TAB_OFF } from "../../domain/doctor/messages-tab.ts";
import { isUserId } from "../../domain/text/ids.ts";
import type { Chat } from "../../ports/chat.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { announce } from "./announce.ts";

type Needs = Pick<
  Deps,
  "announcements" | "storeClock" | "onCommitted" | "clock" | "log" | "policy"
>;

/** What another replica has told meanwhile is looked at no oftener, while nothing changes here. */
const TOLD_FOR_MS = 60_000;

/** The same chat; what becomes of its direct messages is remembered for the doctor. */
export function watchedDirect(chat: Chat, deps: Needs): Chat {
  const { clock, log } = deps;
  let lastSeen: { readonly isOff: boolean; readonly atMs: number } | undefined;

  const heard = (isOff: boolean): void => {
    const atMs = clock.monotonicMs();
    if (lastSeen?.isOff === isOff && atMs - lastSeen.atMs < TOLD_FOR_MS) return;
    lastSeen = { isOff, atMs };
    tell(deps, isOff).catch((thrown: unknown) => {
      // The next direct message tells it again.
      lastSeen = undefined;
      log.debug({ err: thrown }, "whether direct messages work couldn't be kept");
    });
  };
  const seen = async <T>(sending: Promise<T>): Promise<T> => {
    try {
      const sent = await sending;
      heard(false);
      return sent;
    } catch (thrown) {
      if (isFault(thrown) && thrown.code === MESSAGES_TAB_OFF) heard(true);
      throw thrown;
    }
  };
  return {
    ...chat,
    postLive: (request, steps) => seen(chat.postLive(request, steps)),
    pingRequester: (request, steps) => seen(chat.pingRequester(request, steps)),
    tell: (user, sentence) => seen(chat.tell(user, sentence)),
    warn: (request, holders) => seen(chat.warn(request, holders)),
    postCard: (request, to) => {
      const posting = chat.postCard(request, to);
      return isUserId(to) ? seen(posting) : posting;
    },
  };
}

/** The notices channel alone: the admins' direct messages are refused, too. */
async function tell(deps: Needs, isOff: boolean): Promise<void> {
  const { notices: channel } = deps.policy().channels;
  const atMs = await deps.storeClock.nowMs();
  const notice = isOff
    ? {
        what: "alarm" as const,
        atMs,
        text: `Slack refuses my direct messages. ${MESSAGES_TAB_FIX}`,
      }
    : { what: "mended" as const, atMs, text: "Slack takes my direct messages again." };
  const value = isOff ? MESSAGES_TAB_OFF : "";
  await announce(deps, "direct-messages", { value, notices: [{ channel, notice }] });
}
