// Before people are shown or called: a waiting request is to name those who decide by the policy file in force.

import { transition } from "../../domain/request/transition.ts";
import type { Deps } from "../deps.ts";
import { ruleInForce } from "../requests/rule-now.ts";
import type { LeasedRequest } from "./leased-request.ts";

export async function ruleEffect(
  deps: Pick<Deps, "requests" | "chat" | "policy">,
  leased: LeasedRequest,
): Promise<void> {
  const request = leased.current();
  if (request.state !== "pending") return;
  const news = { act: "rule-now", inForce: await ruleInForce(deps, request) } as const;
  // Mostly nothing has changed, and nothing is to be written.
  if (transition(request, news, 0).request === request) return;
  await leased.news(news);
}
