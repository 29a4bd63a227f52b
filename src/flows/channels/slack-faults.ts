// Which faults of Slack are about one message, and which about the bot's own token.

import type { Fault } from "../../ports/fault.ts";

/** What is wrong with the bot's own token says nothing about one message: it waits for a better one. */
const OF_THE_TOKEN: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "team_access_not_granted",
  "org_login_required",
  "ekm_access_denied",
  "access_denied",
]);

export const isOfToken = ({ code }: Fault): boolean => OF_THE_TOKEN.has(code);

/** Whether Slack says that this message can never be posted or edited there. What Redis says means no message. */
export const isPermanent = (fault: Fault): boolean =>
  fault.source === "slack" && !fault.retryable && !isOfToken(fault);
