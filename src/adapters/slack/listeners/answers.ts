// Says something to one person, by whichever way works: response_url, ephemeral message, direct message.

import { setTimeout } from "node:timers/promises";
import type { WebClient } from "@slack/web-api";
import type { ChannelId, UserId } from "../../../domain/text/ids.ts";
import type { Log } from "../../../ports/log.ts";
import { slackFault } from "../client/slack-client.ts";
import { fitted, halving } from "../views/fit-blocks.ts";
import type { PrivateText } from "../views/private-text.ts";

type Reader = {
  readonly user: UserId;
  /** Where the person is looking, if that is known. */
  readonly channel: ChannelId | undefined;
  readonly responseUrl: string | undefined;
  /** What is said takes the place of what the response_url belongs to. */
  readonly replaces?: boolean | undefined;
};

/** Resolves when it has been said, or when no way worked, which is logged. Never rejects. */
export type SayPrivately = (reader: Reader, said: PrivateText) => Promise<void>;

export type AnswerOptions = {
  readonly client: WebClient;
  readonly log: Log;
  readonly responseUrlMs: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
};

/** One conversation takes a message a second: this many answers to one can come at once. */
const TURNS_MAX = 6;
/** Somebody waits for it: another way is better than a longer wait. */
const TURN_WAIT_MS = 5_000;

/** What Slack says of blocks that it doesn't take, by its methods and by a response_url. */
const BLOCKS_REFUSED = /^(?:invalid_(?:blocks|attachments)|http_400)/;

type Go = (said: PrivateText) => Promise<unknown>;

/** Does it again when Slack says that it is too soon, which did nothing. */
async function inTurn<T>(
  sleep: (ms: number) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  for (let turn = 1; ; turn++) {
    try {
      return await work();
    } catch (thrown) {
      const { code, retryAfterMs = 1_000 } = slackFault(thrown);
      if (code !== "ratelimited" || turn >= TURNS_MAX || retryAfterMs > TURN_WAIT_MS) throw thrown;
      await sleep(retryAfterMs);
    }
  }
}

export function sayPrivately({
  client,
  log,
  responseUrlMs,
  sleep = (ms) => setTimeout(ms),
}: AnswerOptions): SayPrivately {
  return async (reader, said) => {
    if (said.text === "") return;
    const { user, channel, responseUrl, replaces = false } = reader;
    const quiet = { unfurl_links: false, unfurl_media: false };
    const ways: (readonly [string, Go])[] = [];
    if (responseUrl !== undefined) {
      ways.push([
        "response_url",
        (fit) => respond(responseUrl, { said: fit, replaces }, responseUrlMs),
      ]);
    }
    if (channel !== undefined) {
      ways.push(["ephemeral", (fit) => client.chat.postEphemeral({ channel, user, ...fit })]);
    }
    ways.push(["direct", (fit) => client.chat.postMessage({ channel: user, ...fit, ...quiet })]);

    // Without its buttons an answer is still an answer.
    let inWordsAlone = false;
    const send =
      (go: Go) =>
      async (most: number): Promise<unknown> => {
        try {
          return await go(inWordsAlone ? { text: said.text } : fitted(said, most));
        } catch (thrown) {
          const fault = slackFault(thrown);
          if (inWordsAlone || !BLOCKS_REFUSED.test(fault.code)) throw fault;
          inWordsAlone = true;
          return send(go)(most);
        }
      };
    for (const [way, go] of ways) {
      try {
        await inTurn(sleep, () => halving(send(go)));
        return;
      } catch (thrown) {
        // A way that was cut off may have worked: to be told twice is better than not at all.
        const fault = slackFault(thrown);
        log.warn({ way, user, code: fault.code }, "A private answer didn't get through this way");
      }
    }
    log.error({ user }, "A private answer didn't get through");
  };
}

/** Posts to a response_url, which needs no token; throws unless Slack took it. */
async function respond(
  url: string,
  { said, replaces }: { said: PrivateText; replaces: boolean },
  limitMs: number,
): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({ response_type: "ephemeral", replace_original: replaces, ...said }),
    redirect: "error",
    signal: AbortSignal.timeout(limitMs),
  });
  // A word or two. Cancelled instead, the connection would be given up, and the next answer need a new one.
  const word = await answer.text();
  if (!answer.ok) throw new ResponseUrlRefused(answer.status, word);
}

class ResponseUrlRefused extends Error {
  readonly code: string;

  constructor(status: number, word: string) {
    super(`The response_url answered with HTTP status ${status}`);
    this.code = /msg_(?:blocks_)?too_long/.exec(word)?.[0] ?? `http_${status}`;
  }
}
