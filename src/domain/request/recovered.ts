// Openings at Azure that carry one of the bot's ids, and what they show of a record that was lost (the request
// that is made again of one: `birth.ts`). Anybody at Azure can write such a justification: it is never an approval. Pure.

import type { Policy } from "../rules/policy.ts";
import { channelId, type RequestId, type UserId, userId, type VmKey } from "../text/ids.ts";
import { type JitEntry, NO_SOURCE } from "../vm/vm.ts";
import { type Door, doorsAsked, idInJustification } from "./doors/doors.ts";
import type { Grant } from "./grant.ts";
import type { AccessRequest, In } from "./request.ts";

/** What stands open at Azure under one id, on one VM, for one source. */
export type ClaimedOpening = {
  readonly id: RequestId;
  readonly jitPolicyId: string;
  readonly vm: VmKey;
  /** Ascending, never empty. */
  readonly ports: readonly number[];
  readonly source: string;
  readonly startedAtMs: number;
  readonly endsAtMs: number;
  /** Whom Azure names. */
  readonly requestor: string;
  readonly justification: string;
};

/** Those of a policy's entries that may let somebody in and carry an id of the bot's. */
export function claimedIn(
  jitPolicyId: string,
  entries: readonly JitEntry[],
  nowMs: number,
): readonly ClaimedOpening[] {
  const live = entries.flatMap((entry) => {
    const id = idInJustification(entry.justification);
    const isLive = entry.status !== "Revoked" && entry.endsAtMs > nowMs;
    return id === undefined || !isLive ? [] : [{ ...entry, id: id as RequestId }];
  });
  const groups = Map.groupBy(live, ({ id, vm, source, requestor }) =>
    [id, vm, source, requestor].join("\n"),
  );
  return [...groups.values()].flatMap((its) => {
    const [first] = its;
    if (first === undefined) return [];
    const { id, vm, source, requestor, justification } = first;
    const ports = [...new Set(its.map(({ port }) => port))].sort((a, b) => a - b);
    const startedAtMs = Math.min(...its.map((entry) => entry.startedAtMs));
    const endsAtMs = Math.max(...its.map((entry) => entry.endsAtMs));
    return [
      { id, jitPolicyId, vm, ports, source, startedAtMs, endsAtMs, requestor, justification },
    ];
  });
}

export const doorsClaimed = ({ vm, ports, source }: ClaimedOpening): readonly Door[] =>
  ports.map((port) => ({ vm, port, source }));

/** The bot is no person: what Azure says that a person opened, the bot didn't. */
const isByPerson = ({ requestor }: Pick<ClaimedOpening, "requestor">): boolean =>
  requestor.includes("@");

/** States in which nothing is open by the record: an opening under the id says that the record is older. */
const NOT_OPEN = ["pending", "ready", "lapsed", "cancelled", "denied", "failed"] as const;
type NotOpen = (typeof NOT_OPEN)[number];

/** Whether an opening shows that a request was decided, or retried, and that this was lost. */
export const showsLostDecision = (
  request: AccessRequest,
  found: ClaimedOpening,
  nowMs: number,
): request is In<NotOpen> =>
  NOT_OPEN.some((state) => state === request.state) &&
  // A retry keeps the end: what Azure has open beyond it is another's on the same port.
  !(request.state === "failed" && request.grant.endsAtMs <= nowMs) &&
  !isByPerson(found) &&
  isOn(request, found);

function isOn(
  request: AccessRequest,
  found: Pick<ClaimedOpening, "vm" | "ports" | "source">,
): boolean {
  const asked = doorsAsked(request);
  return (
    found.vm === request.ask.vm.key &&
    found.ports.every((port) =>
      asked.some((door) => door.port === port && sameSource(door.source, found.source)),
    )
  );
}

const sameSource = (one: string, other: string): boolean => other === NO_SOURCE || one === other;

const USER = "[UW][A-Z0-9]{2,20}";
/** By id, or by verified address with the id behind it. */
const PERSON = `(?:\\S{1,254} \\(${USER}\\)|${USER})`;
const APPROVED = [
  "automatically by rule [^:]*",
  "by the rule",
  "by nobody on record",
  `by ${PERSON}(?:(?: and| ) ?${PERSON})*`,
].join("|");
/** As `justification.ts` writes it, and as earlier versions did. */
const WRITTEN = new RegExp(
  `^JIT-\\S{6} (?:BREAK-GLASS, not approved, )?requested by (${PERSON})(?:, approved (?:${APPROVED}))?(?:: (.*))?$`,
  "s",
);

/** `undefined`: the justification isn't written as the bot writes it. */
export function askedIn(justification: string): { by: UserId; reason: string } | undefined {
  const [, person, reason = ""] = WRITTEN.exec(justification) ?? [];
  const id = person === undefined ? undefined : /([UW][A-Z0-9]+)\)?$/.exec(person)?.[1];
  return id === undefined ? undefined : { by: userId(id), reason };
}

/** An access without a decision on record: its end is the one that Azure has. */
export const recoveredGrant = (
  found: Pick<ClaimedOpening, "startedAtMs" | "endsAtMs" | "ports" | "requestor">,
  { policyHash, nowMs }: { readonly policyHash: string; readonly nowMs: number },
): Grant => ({
  startsAtMs: Math.min(found.startedAtMs, nowMs),
  endsAtMs: found.endsAtMs,
  approvedBy: [],
  policyHash,
  azure: { sent: 1, answer: "accepted", reads: 0, seenPorts: found.ports },
  openedAtMs: Math.min(found.startedAtMs, nowMs),
  recovered: { atMs: nowMs, requestor: found.requestor.slice(0, 200) },
});

export const wasRecovered = (request: AccessRequest): boolean =>
  "grant" in request && request.grant.recovered !== undefined;

/**
 * Whether these entries are what the request was made again of, opened by the bot itself: it has been told, and
 * is told no second time as opened by others where the bot lost the key to its own calls as well. `principal`
 * is the bot's own object id; anybody can write a justification as the bot does.
 */
export function isMadeOf(
  request: AccessRequest,
  { entries, principal }: { readonly entries: readonly JitEntry[]; readonly principal: string },
): boolean {
  const recovered = "grant" in request ? request.grant.recovered : undefined;
  if (recovered === undefined || entries.length === 0) return false;
  if (recovered.requestor.toLowerCase() !== principal) return false;
  return entries.every(
    ({ justification, requestor, startedAtMs, vm, port, source }) =>
      idInJustification(justification) === request.id &&
      requestor.toLowerCase() === principal &&
      startedAtMs <= recovered.atMs &&
      // Where Azure names no source, nobody can tell which opening it is.
      source !== NO_SOURCE &&
      isOn(request, { vm, ports: [port], source }),
  );
}

export const adminPlaces = ({ admins }: Policy) =>
  [...admins.users, ...admins.groups].map(channelId);

/** `was`: what the record said, where there was one. */
export const recoveredDetail = (was: AccessRequest["state"] | "lost", found: ClaimedOpening) => ({
  was,
  ...openingDetail(found),
});

/** What Azure has open, for the audit. */
export const openingDetail = (found: ClaimedOpening) => ({
  ports: found.ports.join(","),
  source: found.source,
  endsAtMs: found.endsAtMs,
  requestor: found.requestor,
  justification: found.justification,
});
