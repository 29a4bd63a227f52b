// The forms that buttons open, because what they do needs words; what they offer is checked again when they are sent.

import { inForce } from "../../domain/request/request.ts";
import { formatDuration, HOUR_MS } from "../../domain/text/duration.ts";
import type { Answer, Button, Click } from "../../ports/inbound.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "requests">;

/** The buttons whose act needs words. */
type FormButton = "deny" | "review-concern" | "change" | "extend";

/** Whether a button opens a form; else the click itself decides. */
export const opensForm = (button: Button): button is FormButton =>
  ["deny", "review-concern", "change", "extend"].includes(button);

/** The form that a button opens. Whether this person may is asked before. */
export async function formAfter(
  deps: Needs,
  button: FormButton,
  { id, nonce }: Pick<Click, "id" | "nonce">,
): Promise<Answer> {
  switch (button) {
    case "deny":
      return { answer: "deny-form", id, nonce };
    case "review-concern":
      return { answer: "concern-form", id, nonce };
    case "change":
      return changeForm(deps, { id, nonce });
    case "extend":
      return { answer: "extend-form", id, nonce, durations: EXTENSIONS };
  }
}

/** What is offered; what is too long for the rule or for Azure is answered with how much is possible. */
const EXTENSIONS: readonly string[] = ["30m", "1h", "2h", "4h"];

/** Shorter times than this are seldom wanted; any can be typed. */
const OFFERED_DURATIONS_MS = [8, 4, 3, 2, 1, 0.5, 0.25].map((hours) => hours * HOUR_MS);

async function changeForm(
  deps: Needs,
  { id, nonce }: Pick<Click, "id" | "nonce">,
): Promise<Answer> {
  const kept = await deps.requests.read(id);
  if (kept === undefined) return { answer: "nothing" };
  const { durationMs, source, sourceName } = inForce(kept.request);
  const shorter = OFFERED_DURATIONS_MS.filter((ms) => ms < durationMs);
  return {
    answer: "change-form",
    id,
    nonce,
    durations: [durationMs, ...shorter].map(formatDuration),
    source: sourceName ?? (source === "*" ? "any" : source),
  };
}
