// Whether Slack still takes the bot's token: learned from the answers to the calls that are made anyway, and from
// a look of its own where there are none, or the last one was refused.

import type { WebClient } from "@slack/web-api";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { type Repeating, repeating } from "../../../ports/service.ts";
import type { SlackCallNote } from "./slack-client.ts";

/** With these Slack refuses the token itself, whatever was called: https://docs.slack.dev/reference/methods/auth.test#errors */
const OF_THE_TOKEN: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
]);

/** A bot of which nobody asks anything looks this often, */
const IDLE_MS = 60_000;
/** and this often while the token is refused. */
const REFUSED_MS = 15_000;

export type TokenHealth = {
  /** Hears of each call made with the token. */
  heard(note: Pick<SlackCallNote, "answered">): void;
  /** Slack's code, where the last that was heard is that it refuses the token. */
  refusal(): string | undefined;
  /** Asks Slack now and then. */
  watch(client: Pick<WebClient, "auth">): Repeating;
};

export function tokenHealth(
  clock: Pick<Clock, "monotonicMs" | "sleep">,
  log: Pick<Log, "error" | "info">,
): TokenHealth {
  let refusal: string | undefined;
  let heardAtMs = clock.monotonicMs();
  const heard: TokenHealth["heard"] = ({ answered }) => {
    const isGood = answered === "ok";
    if (!isGood && !OF_THE_TOKEN.has(answered ?? "")) return;
    heardAtMs = clock.monotonicMs();
    const now = isGood ? undefined : answered;
    if (now === refusal) return;
    refusal = now;
    if (now === undefined) log.info({}, "Slack takes the bot's token again");
    else log.error({ code: now }, "Slack refuses the bot's token: set a good one, and restart");
  };
  const pauseMs = () => (refusal === undefined ? IDLE_MS : REFUSED_MS);
  return {
    heard,
    refusal: () => refusal,
    watch: (client) =>
      repeating(
        async () => {
          const restMs = heardAtMs + pauseMs() - clock.monotonicMs();
          // What is heard meanwhile may be a refusal, which is looked at sooner.
          if (restMs > 0) return Math.min(restMs, REFUSED_MS);
          await client.auth.test();
          return REFUSED_MS;
        },
        // A refusal was heard already; that Slack can't be reached says nothing of the token.
        { clock, firstMs: REFUSED_MS, failed: () => REFUSED_MS },
      ),
  };
}
