// What keeps an approved request from opening until its requester puts it right, as everybody reads it on the card.

import type { FaultNote } from "../../../domain/request/grant.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import { type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { plain } from "../../../domain/text/words.ts";

export const heldUpBy = ({ refused, say }: Refusal): FaultNote => ({
  code: refused,
  message: plain(say),
});

export const heldUpByLimit = ({ limits }: Policy, open: number): FaultNote =>
  heldUpBy(
    refuse(
      "too-many-open",
    )`The requester has access open on ${open} ${open === 1 ? "request" : "requests"}, and the limit is ${limits.openPerPerson}: one has to end first.`,
  );
