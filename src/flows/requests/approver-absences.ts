// Who of a request's approvers is away, kept with what waits: so that its cards say so, and who stands in is asked.

import type { AccessRequest } from "../../domain/request/request.ts";
import { transition } from "../../domain/request/transition.ts";
import type { Absent } from "../../domain/rules/delegation.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { absentNow } from "../people/delegations.ts";
import { groupMembersOf, SEEING_AGE_MS } from "../people/people.ts";
import { newsFor } from "./change-request.ts";
import { approversInForce } from "./in-force.ts";

/** As the rules and Slack have it now. */
export function absentOf(
  deps: Pick<Deps, "chat" | "onCall" | "absences">,
  policy: Policy,
  request: AccessRequest,
): Promise<readonly Absent[]> {
  const approvers = approversInForce(policy, request);
  const { requester } = request.ask;
  const members = () => groupMembersOf(deps, [approvers], SEEING_AGE_MS);
  const about = { policy, rule: request.promised.rule, requester, approvers, members };
  return absentNow(deps, about, SEEING_AGE_MS);
}

type Needs = Pick<
  Deps,
  "requests" | "absences" | "chat" | "onCall" | "policy" | "log" | "onCommitted"
>;

/** Tells a waiting request who is away. A world that doesn't answer changes nothing: it is asked again. */
export async function followAbsences(deps: Needs, request: AccessRequest): Promise<void> {
  if (request.state !== "pending") return;
  try {
    const absent = await absentOf(deps, deps.policy(), request);
    const news = { act: "absences", absent } as const;
    // Mostly nobody is away, and nothing is to be written.
    if (transition(request, news, 0).request === request) return;
    await newsFor(deps, request.id, news);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    deps.log.info({ request: request.id, code: thrown.code }, "can't tell who is away");
  }
}
