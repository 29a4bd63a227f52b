// The brake: while access is frozen nothing is opened but by break-glass; what was decided waits.

import { HOUR_MS } from "../text/duration.ts";
import type { UserId } from "../text/ids.ts";
import { plainText } from "../text/plain-text.ts";
import { type Refusal, refuse } from "../text/refusal.ts";
import { type Words, words } from "../text/words.ts";
import type { Ask } from "./ask.ts";
import type { Policy, Rule } from "./policy.ts";

export type Freeze = {
  /** `undefined`: the bot itself, because too much was opened at once. */
  readonly by: UserId | undefined;
  readonly atMs: number;
  /** As typed; may be empty. */
  readonly reason: string;
};

/** Whether a freeze keeps this request from being opened. */
export const isHeldByFreeze = ({ ask }: { readonly ask: Pick<Ask, "breakGlass"> }): boolean =>
  ask.breakGlass !== true;

/** A rule that is gone doesn't say how long what it decided waits. */
const EXPIRES_AFTER_MS = 4 * HOUR_MS;

/** How long what this rule decided waits for a freeze to be lifted, before it expires. */
export const heldForMs = (rule: Pick<Rule, "heldForMs" | "expireAfterMs">): number =>
  rule.heldForMs ?? rule.expireAfterMs;

export function heldUnderMs({ rules }: Policy, name: string): number {
  const rule = rules.find((one) => one.name === name);
  return rule === undefined ? EXPIRES_AFTER_MS : heldForMs(rule);
}

/** How long what this rule has people decide waits for them. */
export const undecidedUnderMs = ({ rules }: Policy, name: string): number =>
  rules.find((one) => one.name === name)?.expireAfterMs ?? EXPIRES_AFTER_MS;

export const isSameFreeze = (one: Freeze | undefined, other: Freeze): boolean =>
  one?.by === other.by && one?.atMs === other.atMs && one?.reason === other.reason;

/** A freeze is told in the middle of other sentences; all of it stands in the audit log. */
const REASON_CHARACTERS_MAX = 200;

/** Who froze access and why, as a clause: "frozen by @Ada: a leaked key". */
export function frozenWords({ by, reason }: Freeze): Words {
  const who = by === undefined ? words`the bot` : words`${{ user: by }}`;
  const why = plainText(reason, REASON_CHARACTERS_MAX);
  return why === "" ? words`frozen by ${who}` : words`frozen by ${who}: “${why}”`;
}

/** For a retry, which keeps its end and so doesn't wait. */
export const refuseFrozen = (freeze: Freeze): Refusal =>
  refuse("frozen")`Access is ${frozenWords(freeze)}. Nothing opens until an admin lifts it.`;

/** What was sent to Azure before, and has to be sent again, is kept from it like this. */
export const FROZEN_FAULT = {
  code: "Frozen",
  message: "Access was frozen before the bot could try again.",
} as const;
