// When the messages of a batch are edited: soon where it is at rest, seldom while its members are on their way. Pure.

import type { Member } from "../document/batch.ts";
import type { AccessRequest } from "../request.ts";
import { isLead, type Lead } from "./roles.ts";

/** What Azure has been asked, and mostly answers within seconds. */
function isMoving(one: Pick<Member, "state" | "fault" | "closing" | "isParked">): boolean {
  if (one.isParked === true) return false;
  if (one.state === "opening" || one.state === "ending") return one.fault === undefined;
  return one.state === "ended" && one.closing === "unknown";
}

/** Others follow within a moment: they are shown together. */
const AT_REST_MS = 1_000;
const FIRST_EDIT_MS = 1_500;
const FURTHER_EDITS_MS = 10_000;

/** As long as members are on their way, news of some of them waits for the others. */
const NEWS_WAITS_MS = 10_000;

/** The lead as one of its members, as far as its pace goes. */
function ownPace(lead: AccessRequest): Pick<Member, "state" | "fault" | "closing" | "isParked"> {
  const { state, deadLetter } = lead;
  const fault = "grant" in lead ? lead.grant.azure.fault : undefined;
  return {
    state,
    ...(deadLetter && { isParked: true }),
    ...(fault && { fault }),
    ...(state === "ended" && { closing: lead.closing }),
  };
}

const isAnyMoving = (lead: Lead): boolean =>
  isMoving(ownPace(lead)) || lead.batch.members.some(isMoving);

/** When what the batch shares is to be edited, if it doesn't show the present state. */
export function editDueAtMs(lead: Lead): number {
  const { changedAtMs, edits = 0 } = lead.batch;
  if (changedAtMs === undefined) return 0;
  if (!isAnyMoving(lead)) return changedAtMs + AT_REST_MS;
  return changedAtMs + (edits === 0 ? FIRST_EDIT_MS : FURTHER_EDITS_MS);
}

/** When people are told what happened since `firstAtMs`. */
export const newsDueAtMs = (lead: Lead, firstAtMs: number): number =>
  firstAtMs + (isAnyMoving(lead) ? NEWS_WAITS_MS : AT_REST_MS);

/** What the batch shares is out of date from now on. */
export function batchChanged(request: AccessRequest, nowMs: number): AccessRequest {
  if (!isLead(request) || request.batch.changedAtMs !== undefined) return request;
  return { ...request, batch: { ...request.batch, changedAtMs: nowMs } };
}

/** A message shows the present state: others follow without waiting. */
export function batchShown(request: AccessRequest, revision: number): AccessRequest {
  if (!isLead(request) || request.revision !== revision) return request;
  const { changedAtMs, edits = 0, ...batch } = request.batch;
  if (changedAtMs === undefined) return request;
  return { ...request, batch: isAnyMoving(request) ? { ...batch, edits: edits + 1 } : batch };
}
