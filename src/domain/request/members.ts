// A request as the lead of its batch knows it, and all of a batch in one list. Pure.

import { waitsForRequester } from "./acts/ready.ts";
import { isLead } from "./batch/pace.ts";
import type { Member, Said } from "./document/batch.ts";
import { warnsAtMs } from "./outstanding.ts";
import { mustFailAgain } from "./refused-by-azure.ts";
import { type AccessRequest, grantOf, inForce } from "./request.ts";

/** How the request stands. */
export function memberOf(request: AccessRequest): Member {
  const { id, ask, revision, toldUpTo, state, approvals, review, deadLetter } = request;
  const grant = grantOf(request);
  const { durationMs, source, sourceName } = inForce(request);
  const fault = faultOf(request);
  const warns = warnedOf(request);
  const said = saidOf(request);
  const address = state === "open" ? grant?.wayIn?.address : undefined;
  return {
    id,
    vm: ask.vm.name,
    ports: ask.ports,
    durationMs,
    source,
    ...(sourceName !== undefined && { sourceName }),
    heard: revision,
    stepsTo: toldUpTo.last,
    state,
    approvals: approvals.length,
    ...(grant && { endsAtMs: grant.endsAtMs }),
    ...(warns !== undefined && { warnsAtMs: warns }),
    ...(fault && { fault }),
    ...(state === "ended" && { closing: request.closing, how: request.how }),
    ...(address !== undefined && { address }),
    ...(canRetry(request) && { canRetry: true }),
    ...(canOpen(request) && { canOpen: true }),
    ...(deadLetter && { isParked: true }),
    ...(review !== undefined && review.closed === undefined && { toReview: true }),
    ...(said.length > 0 && { said }),
  };
}

function saidOf(request: AccessRequest): readonly Said[] {
  const notes = request.approvals.flatMap(({ by, note }): readonly Said[] =>
    note === undefined ? [] : [{ what: "approved", by, text: note }],
  );
  return request.state === "denied"
    ? [...notes, { what: "denied", by: request.deniedBy, text: request.denial }]
    : notes;
}

function faultOf(request: AccessRequest): Member["fault"] {
  switch (request.state) {
    case "failed":
      return request.fault;
    case "opening":
      return request.grant.azure.fault;
    case "ending":
    case "cancelled":
      return request.fault;
    default:
      return undefined;
  }
}

const warnedOf = (request: AccessRequest): number | undefined =>
  request.state === "open" && request.grant.warnedAtMs === undefined
    ? warnsAtMs(request.grant, request.promised.warnBeforeMs)
    : undefined;

const canRetry = (request: AccessRequest): boolean =>
  request.state === "failed" && request.retryOver !== true && !mustFailAgain(request.fault);

/** What was requested for later can't be opened before; when its time comes, it no longer carries it. */
const canOpen = (request: AccessRequest): boolean =>
  request.state === "ready" && request.fromMs === undefined && waitsForRequester(request);

/** Whether somebody may still withdraw an approval of it. */
export const hasApprovals = ({ state, approvals }: Member): boolean =>
  (state === "pending" || state === "ready") && approvals > 0;

/** Every request of the batch, the lead first; only itself where it leads none. */
export const membersOf = (request: AccessRequest): readonly Member[] =>
  isLead(request) ? [memberOf(request), ...request.batch.members] : [memberOf(request)];

/** Those that end at nearly the same time are warned of together. */
const TOGETHER_MS = 60_000;

/** Which of a batch are to be warned of now. */
export const toWarnOf = (request: AccessRequest, nowMs: number): readonly Member[] =>
  membersOf(request).filter(
    ({ state, warnsAtMs: atMs, endsAtMs = 0 }) =>
      state === "open" && atMs !== undefined && atMs <= nowMs + TOGETHER_MS && nowMs < endsAtMs,
  );
