// The words for the states, the same on cards, in messages and in lists.

import type { State } from "./document/phase.ts";
import type { AccessRequest } from "./request.ts";

const STATE_WORDS: Readonly<Record<State, string>> = {
  pending: "Pending",
  ready: "Ready",
  opening: "Opening",
  open: "Open",
  ending: "Ending",
  ended: "Ended",
  failed: "Failed",
  denied: "Denied",
  cancelled: "Cancelled",
  lapsed: "Expired",
};

/** Of several VMs: there is no request for this one. */
export const NOT_REQUESTED = "Not requested";

export const wordOf = (state: State): string => STATE_WORDS[state];

export const stateWord = (request: AccessRequest): string => STATE_WORDS[request.state];
