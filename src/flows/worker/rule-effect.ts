// Before people are called: a waiting request is to name those who decide by the policy file in force.

import type { Deps } from "../deps.ts";
import { ruleNews } from "../requests/rule-now.ts";
import type { LeasedRequest } from "./leased-request.ts";

export async function ruleEffect(
  deps: Pick<Deps, "requests" | "chat" | "policy">,
  leased: LeasedRequest,
): Promise<void> {
  const news = await ruleNews(deps, leased.current());
  if (news !== undefined) await leased.news(news);
}
