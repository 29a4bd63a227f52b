// What holds a batch together: each request tells the lead how it stands, and the lead looks after those it never heard of.

import { toldLead } from "../../domain/request/batch/heard.ts";
import { isFollower, isLead } from "../../domain/request/batch/roles.ts";
import { waiting } from "../../domain/request/effects.ts";
import { memberOf } from "../../domain/request/members.ts";
import { stepsForLead } from "../../domain/request/messages/lead-news.ts";
import { transition } from "../../domain/request/transition.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import type { Deps } from "../deps.ts";
import { changeRequest } from "../requests/change-request.ts";
import type { LeasedRequest } from "./leased-request.ts";

type Needs = Pick<Deps, "requests" | "policy" | "onCommitted" | "log">;

const UNREAD_AGAIN_MS = 60_000;
/** Many of a batch have news at the same time; the lead takes one after the other. */
const AGAIN_MS = 250;

/** Tells the lead how this request stands, and then remembers that it did: told twice, it changes nothing. */
export async function tellLeadEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  if (!isFollower(request)) return;
  const member = memberOf(request);
  const news = { act: "member" as const, member, steps: stepsForLead(request) };
  const told = await changeRequest(deps, request.batch.lead, (stored) =>
    transition(stored.request, news, stored.nowMs),
  ).catch((thrown: unknown) => {
    // A lead that can't be read harms no other: this one lives on, and tells it when it can be read again.
    if (!isFault(thrown) || thrown.retryable) throw thrown;
    return thrown;
  });
  if (isFault(told)) {
    const { lead } = request.batch;
    deps.log.warn(
      { request: request.id, lead, code: told.code },
      "the lead of a batch can't be read",
    );
    return leased.record((now, nowMs) => waiting(now, "tell-lead", nowMs + UNREAD_AGAIN_MS));
  }
  if (told.outcome === "contended") {
    return leased.record((now, nowMs) => waiting(now, "tell-lead", nowMs + AGAIN_MS));
  }
  await leased.record((now) => toldLead(now, member));
}

const NOT_MADE = {
  code: "not-requested",
  message: "The bot stopped before it was requested. Request it again.",
};

/** A crash may have come between the lead and the others: what was never made isn't shown as if it were. */
export async function lookAfterEffect(deps: Needs, leased: LeasedRequest): Promise<void> {
  const request = leased.current();
  if (!isLead(request)) return;
  for (const { id, heard, state } of request.batch.members) {
    if (heard > 0 || state === "unmade" || !leased.leaseHolds()) continue;
    if (await isMade(deps, id)) continue;
    deps.log.warn({ request: id, lead: request.id }, "a request of a batch was never made");
    await leased.news({ act: "unmade", id, fault: NOT_MADE });
  }
  // Those that are there tell how they stand by themselves.
  await leased.record((now, nowMs) => waiting(now, "look-after", nowMs + LOOKS_AGAIN_MS));
}

const LOOKS_AGAIN_MS = 60_000;

async function isMade({ requests }: Needs, id: RequestId): Promise<boolean> {
  try {
    return (await requests.read(id)) !== undefined;
  } catch (thrown) {
    // One that can't be read is there.
    if (!isFault(thrown) || thrown.retryable) throw thrown;
    return true;
  }
}
