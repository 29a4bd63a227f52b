// What the request form tells of the moment: that access is frozen, and who is on call to approve.

import type { Rule } from "../../domain/rules/policy.ts";
import { isRefusal } from "../../domain/text/refusal.ts";
import { isFault } from "../../ports/fault.ts";
import type { RequestForm } from "../../ports/screens/request-form.ts";
import { within } from "../../ports/within.ts";
import type { Deps } from "../deps.ts";
import { rotasOf, SHOWING_AGE_MS } from "../people/people.ts";

/** How long the form waits for a provider: the answer to the request names it, too. */
const PATIENCE_MS = 1_500;

/** Nothing of what can't be told in time. */
export async function toldInForm(
  deps: Pick<Deps, "freezes" | "onCall" | "clock" | "log">,
  form: RequestForm,
): Promise<Pick<RequestForm, "frozen" | "onDuty">> {
  const approvers = rulesOf(form).map((rule) => rule.approvers);
  const [frozen, onDuty] = await Promise.all([
    inTime(deps, deps.freezes.now()),
    inTime(deps, deps.onCall(rotasOf(approvers), SHOWING_AGE_MS)),
  ]);
  return { ...(frozen && { frozen }), ...(onDuty && { onDuty }) };
}

/** The rules under which what is chosen falls. */
function rulesOf({ choices, rules }: RequestForm): readonly Rule[] {
  const terms = choices?.terms;
  return terms === undefined || isRefusal(terms) ? [] : (rules ?? [terms.rule]);
}

async function inTime<Found>(
  { clock, log }: Pick<Deps, "clock" | "log">,
  reading: Promise<Found>,
): Promise<Found | undefined> {
  try {
    const found = await within(reading, PATIENCE_MS, clock);
    return found === "late" ? undefined : found;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    log.warn({ code: thrown.code, source: thrown.source }, "the form leaves out how it stands");
    return undefined;
  }
}
