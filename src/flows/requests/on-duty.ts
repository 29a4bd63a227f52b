// Who is on call by the rotas of a request's approvers, kept with what waits: so that its cards say so.

import type { OnDuty } from "../../domain/on-call/rota.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { transition } from "../../domain/request/transition.ts";
import type { Policy, Rule } from "../../domain/rules/policy.ts";
import type { Deps } from "../deps.ts";
import { rotasOf, SEEING_AGE_MS } from "../people/people.ts";
import { newsFor } from "./change-request.ts";

type Approving = Pick<Rule, "approvers" | "escalate">;

/** As the rules and the rotas have it now; none where no rota approves. */
export const onDutyFor = (
  { onCall }: Pick<Deps, "onCall">,
  { approvers, escalate }: Approving,
  maxAgeMs: number,
): Promise<readonly OnDuty[]> =>
  onCall(rotasOf(escalate === undefined ? [approvers] : [approvers, escalate.to]), maxAgeMs);

export const onDutyOf = (
  deps: Pick<Deps, "onCall">,
  policy: Policy,
  { promised }: AccessRequest,
): Promise<readonly OnDuty[]> =>
  onDutyFor(deps, policy.rules.find(({ name }) => name === promised.rule) ?? NOBODY, SEEING_AGE_MS);

/** Nobody approves under a rule that is gone. */
const NOBODY: Approving = { approvers: { users: [], groups: [] }, escalate: undefined };

/** Tells a waiting request who is on call. */
export async function followOnCall(
  deps: Pick<Deps, "requests" | "onCall" | "policy" | "onCommitted">,
  request: AccessRequest,
): Promise<void> {
  if (request.state !== "pending") return;
  const news = {
    act: "on-call",
    onDuty: await onDutyOf(deps, deps.policy(), request),
  } as const;
  // Mostly nothing has changed, and nothing is to be written.
  if (transition(request, news, 0).request === request) return;
  await newsFor(deps, request.id, news);
}
