// A fault of Slack, Azure or Redis in words: what it did, what is known of it, and what to do next.

import { redisRefusal } from "../../domain/doctor/redis-refusals.ts";
import { isUnusableAnswer } from "../../domain/text/unusable-answers.ts";
import { type Part, type Words, words } from "../../domain/text/words.ts";
import type { Fault } from "../../ports/fault.ts";

/**
 * The reader asked for something that didn't happen, or isn't known to have happened. `hasCommitted`: some of it
 * was saved before the fault, so that nobody may say that nothing was changed.
 */
export function faultWords(fault: Fault, { hasCommitted = false } = {}): Words {
  if (fault.source !== "redis") {
    return hasCommitted
      ? words`${whatItDid(fault)}${UNSURE}.`
      : words`${whatItDid(fault)}: nothing was changed, ${whatNext(fault, "in a minute")}.`;
  }
  if (!fault.retryable) {
    return words`I can't read what's stored for this (${{ code: fault.code }}): an admin has to check the bot's log.`;
  }
  if (fault.ambiguous) {
    return words`The bot's memory (Redis) didn't answer in time, so I don't know whether this was saved: check ${{ code: "/jit list" }} in a minute before you try again.`;
  }
  const refusal = redisRefusal(fault.code);
  if (refusal !== undefined) {
    const so = hasCommitted ? UNSURE : ", so nothing was saved or changed";
    return words`The bot's memory (Redis) ${refusal.is}${so}. An admin has to ${refusal.fix}.`;
  }
  return hasCommitted
    ? words`The bot's memory (Redis) can't be reached${UNSURE}.`
    : words`The bot's memory (Redis) can't be reached, so nothing was saved or changed: try again in a minute.`;
}

/** Another server may have taken over: even what was committed may be lost. */
const UNSURE: Words = words`, so I can't tell whether all of this was saved: check ${{ code: "/jit list" }} and App Home in a minute before you try again`;

/** Without this answer nobody can be let in. */
export const uncheckedWords = (fault: Fault): Words =>
  words`${whatItDid(fault)}, so this couldn't be checked and wasn't done: ${whatNext(fault, "in a moment")}.`;

const NAMES = {
  slack: "Slack",
  azure: "Azure",
  redis: "The bot's memory (Redis)",
  receiver: "The receiver of the audit log",
  rota: "The on-call schedule",
} as const;

/** Anyone who waits longer for Slack, Azure or Redis has to know whether it is away, busy, or says no. */
function whatItDid(fault: Fault): readonly Part[] {
  const name = NAMES[fault.source];
  const code = { code: fault.code };
  const refusal = fault.source === "redis" ? redisRefusal(fault.code) : undefined;
  if (refusal !== undefined) return words`${name} ${refusal.is} (${code})`;
  if (fault.source === "azure" && isUnusableAnswer(fault.code)) {
    return words`I can't use Azure's answer (${code})`;
  }
  if (!fault.retryable) return words`${name} refuses (${code}${itsReason(fault)})`;
  return fault.retryAfterMs === undefined
    ? words`${name} doesn't answer (${code})`
    : words`${name} asks the bot to wait (${code})`;
}

/** Long enough for what Azure says of a right that is missing. */
const REASON_CHARACTERS_MAX = 400;

/** Azure's own words: its codes alone say little. */
function itsReason({ source, message }: Fault): string {
  const said = message.replace(/\s+/g, " ").trim().replace(/\.$/, "");
  if (source !== "azure" || said === "") return "";
  const isLong = said.length > REASON_CHARACTERS_MAX;
  return `: ${isLong ? `${said.slice(0, REASON_CHARACTERS_MAX)}…` : said}`;
}

function whatNext({ source, code, retryable }: Fault, when: string): string {
  if (retryable) return `try again ${when}`;
  // As with user groups, which only the rules of some policy files name.
  return source === "slack" && code === "missing_scope"
    ? "an admin has to add the missing scope to the Slack app and reinstall it (jit doctor names it; for user groups it's usergroups:read)"
    : "an admin has to check the bot's log";
}
