// An extension that is open takes over from the request that it extends.

import type { Deps } from "../deps.ts";
import { newsFor } from "../requests/change-request.ts";
import type { LeasedRequest } from "./leased-request.ts";

type Needs = Pick<Deps, "requests" | "policy" | "onCommitted">;

/** The first one ends, without a notice of ending: its access goes on. */
export async function takeOverEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  const { id, ask } = request;
  if (ask.extends === undefined || request.state !== "open") return;
  const untilMs = request.grant.endsAtMs;
  await newsFor(deps, ask.extends, { act: "extended", into: id, untilMs });
  await leased.news({ act: "took-over" });
}
