// A request as the lead of its batch knows it, all of a batch in one list, and whom of it a call is about. Pure.

import { resourceGroupOf } from "../rules/ask.ts";
import type { Fact } from "../rules/fact.ts";
import { MINUTE_MS } from "../text/duration.ts";
import { opensByHand } from "./acts/ready.ts";
import { labelOf } from "./batch/label.ts";
import { isLead, type Lead } from "./batch/roles.ts";
import { COMES_WITH_TIME, isInCallOfLead } from "./batch/waiting.ts";
import { whoDecides } from "./deciders/who-decides.ts";
import type { ApprovedBy, Member, MemberWaits, Said } from "./document/batch.ts";
import type { Step } from "./document/step.ts";
import { warnsAtMs } from "./outstanding.ts";
import { type AccessRequest, grantOf, inForce, isEscalated, isWaiting } from "./request.ts";

/** How the request stands. */
export function memberOf(request: AccessRequest): Member {
  const { id, ask, revision, toldUpTo, state, approvals, review, deadLetter } = request;
  const grant = grantOf(request);
  const { durationMs, source, sourceName } = inForce(request);
  const fault = faultOf(request);
  const warns = warnedOf(request);
  const said = saidOf(request);
  const group = resourceGroupOf(ask.vm);
  const approvedBy = approvedByOf(request);
  const waits = waitsOf(request);
  const facts = unusualOf(request);
  const address = state === "open" ? grant?.wayIn?.address : undefined;
  return {
    id,
    vm: ask.vm.name,
    ...(group !== undefined && { group }),
    ports: ask.ports,
    durationMs,
    source,
    ...(sourceName !== undefined && { sourceName }),
    heard: revision,
    stepsTo: toldUpTo.last,
    state,
    approvals: approvals.length,
    ...(approvedBy.length > 0 && { approvedBy }),
    ...cutOf(request),
    ...(waits && { waits }),
    ...(facts.length > 0 && { facts }),
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

/** Of each fact, so that the lead's document stays small. */
const ENTRIES_KEPT_MAX = 5;

/** All of them: a fact that many VMs share would otherwise miss those that have graver ones. */
const unusualOf = ({ state, facts = [] }: AccessRequest): readonly Fact[] =>
  state === "pending" ? facts.filter(({ kind }) => kind !== "usual").map(withFewEntries) : [];

const withFewEntries = (fact: Fact): Fact =>
  "entries" in fact ? { ...fact, entries: fact.entries.slice(-ENTRIES_KEPT_MAX) } : fact;

function approvedByOf(request: AccessRequest): readonly ApprovedBy[] {
  const { approvals } = request;
  const given = isWaiting(request)
    ? approvals
    : (grantOf(request)?.approvedBy ?? []).map(
        (by) => approvals.find((one) => one.by === by) ?? { by, atMs: 0 },
      );
  return given.map(({ by, atMs, for: away }) => ({
    by,
    atMs,
    ...(away !== undefined && { for: away }),
  }));
}

/** What would be approved of it, to see whether that is still what somebody was shown: `30n` is 30 minutes, narrowed. */
export const shownTerms = ({ durationMs, cut }: Pick<Member, "durationMs" | "cut">): string =>
  `${Math.round(durationMs / MINUTE_MS)}${cut === undefined ? "" : "n"}`;

function cutOf({ ask, narrowed }: AccessRequest): Pick<Member, "cut"> {
  if (narrowed === undefined) return {};
  const { durationMs, source, sourceName } = ask;
  return {
    cut: { by: narrowed.by, durationMs, source, ...(sourceName !== undefined && { sourceName }) },
  };
}

function waitsOf(request: AccessRequest): MemberWaits | undefined {
  const { ask } = request;
  const { needed } = whoDecides(request);
  switch (request.state) {
    case "pending": {
      const { expiresAtMs, sinceMs = ask.askedAtMs, absent = [], onDuty = [], ruleNow } = request;
      return {
        sinceMs,
        expiresAtMs,
        needed,
        ...(isEscalated(request) && { isEscalated: true }),
        ...(request.remindedAtMs !== undefined && { isReminded: true }),
        ...(absent.length > 0 && { absent }),
        ...(onDuty.length > 0 && { onDuty }),
        ...(ruleNow !== undefined && { ruleNow }),
      };
    }
    case "ready": {
      const { readyAtMs: sinceMs, expiresAtMs, fromMs, frozen, unchecked } = request;
      return {
        sinceMs,
        expiresAtMs,
        needed,
        ...(fromMs !== undefined && { fromMs }),
        ...(frozen && { frozen }),
        ...(unchecked && { unchecked }),
      };
    }
    default:
      return undefined;
  }
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
    case "ready":
    case "lapsed":
      return request.heldUp;
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
  request.state === "failed" && request.retryOver !== true;

/** What was requested for later can't be opened before; when its time comes, it no longer carries it. */
const canOpen = (request: AccessRequest): boolean =>
  request.state === "ready" &&
  (request.fromMs === undefined || request.heldUp !== undefined) &&
  opensByHand(request);

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

/** Which of the batch steps of one kind are about: those that still wait, if any does. */
export function calledAbout(
  lead: Lead,
  steps: readonly Step[],
  what: Step["what"],
): readonly Member[] {
  const isOwn = steps.some(({ of }) => of === undefined);
  const about = membersOf(lead).filter(
    (member) =>
      (isOwn && (member.id === lead.id || isInCallOfLead(lead, member, what))) ||
      steps.some(({ of }) => of === labelOf(lead, member)),
  );
  const pending = about.filter(({ state }) => state === "pending");
  return COMES_WITH_TIME.has(what) && pending.length > 0 ? pending : about;
}

/** Everything that it calls people to decide is decided: the card shows how, and nobody has to be called. */
export function isCallInVain(request: AccessRequest, step: Step): boolean {
  if (!COMES_WITH_TIME.has(step.what)) return false;
  return isLead(request)
    ? calledAbout(request, [step], step.what).every(({ state }) => state !== "pending")
    : request.state !== "pending";
}
