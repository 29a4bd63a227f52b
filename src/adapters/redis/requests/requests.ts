// Requests: made, read, changed and listed.

import type { DeadLetter } from "../../../domain/request/document/attempts.ts";
import { type Door, doorsOf } from "../../../domain/request/doors/doors.ts";
import { dueAtMs } from "../../../domain/request/outstanding.ts";
import { type AccessRequest, inForce, isLive, isWaiting } from "../../../domain/request/request.ts";
import type { RequestId } from "../../../domain/text/ids.ts";
import type {
  Committed,
  Created,
  Limits,
  Lists,
  Opens,
  Page,
  Requests,
  StoredRequest,
  Write,
} from "../../../ports/storage/requests.ts";
import { auditLine } from "../audit/new-entries.ts";
import { unreadable } from "../connection/redis-faults.ts";
import type { Keys } from "../scripts/keys.ts";
import type { Tools } from "../scripts/tools.ts";
import { holders } from "./holders.ts";
import { encodeNotice } from "./notices/stored-notices.ts";
import { decodeDocument, encodeRequest } from "./request-document.ts";
import { COMMIT, CREATE, LIST, READ } from "./request-scripts.ts";

export const redisRequests = (tools: Tools): Requests => ({
  create: (write, limits) => create(tools, write, limits),
  read: (id) => read(tools, id),
  commit: (version, write, worker) => commit(tools, write, { version, worker }),
  list: async (which, most, skip = 0) => (await page(tools, which, { most, skip })).requests,
  page: (which, most, skip = 0) => page(tools, which, { most, skip }),
  holders: (doors) => holders(tools, doors),
});

/** More than this is never listed at once, whatever is asked for. */
const LISTED_MAX = 1_000;

async function create(
  { run, keys, writer }: Tools,
  write: Write,
  limits: Limits,
): Promise<Created> {
  const call = callOf({ keys, writer }, write, {
    openMax: limits.openPerPerson,
    pendingMax: limits.pendingPerPerson,
    along: limits.along ?? [],
  });
  const [outcome, number] = await run(CREATE, call);
  switch (outcome) {
    case "created":
      return { outcome, nowMs: number };
    case "too-many-open":
    case "too-many-pending":
      return { outcome, count: number };
    case "repeated":
    case "id-taken":
      return { outcome };
  }
}

async function commit(
  { run, keys, writer }: Tools,
  write: Write,
  { version, worker }: { version: number; worker: string | undefined },
): Promise<Committed> {
  const { givesBack, openMax } = write;
  const opens = write.opens && opensOf({ writer }, write, write.opens);
  const call = callOf({ keys, writer }, write, { version, worker, givesBack, openMax, opens });
  const [outcome, number, nowMs, holdsMs] = await run(COMMIT, call);
  if (outcome === "written") return { outcome, version: number, nowMs, holdsMs };
  return outcome === "too-many-open" ? { outcome, count: number } : { outcome };
}

/** Throws a `Fault` that no retry mends where the document can't be read. */
async function read({ run, keys }: Tools, id: RequestId): Promise<StoredRequest | undefined> {
  const [nowMs, text] = await run(READ, {
    keys: { documents: keys.documents },
    args: { id },
  });
  if (text === "") return undefined;
  const document = decodeDocument(text);
  if ("unreadable" in document) throw unreadable(id, document.unreadable);
  return { ...document, nowMs };
}

async function page(
  { run, keys }: Tools,
  which: Lists,
  { most, skip }: { most: number; skip: number },
): Promise<Page> {
  const found = { requests: [] as AccessRequest[], unreadable: [] as string[] };
  if (most < 1) return found;
  const index = indexOf(keys, which);
  const args = { most: Math.min(most, LISTED_MAX), skip };
  const all = await run(LIST, { keys: { documents: keys.documents, index }, args });
  for (let at = 0; at < all.length; at += 2) {
    const document = decodeDocument(all[at + 1] ?? "");
    if ("unreadable" in document) found.unreadable.push(all[at] ?? "");
    else found.requests.push(document.request);
  }
  return found;
}

function indexOf(keys: Keys, which: Lists): string {
  if (typeof which === "object") return keys.mine(which.of);
  return which === "to-review" ? keys.toReview : keys[which];
}

/** As the scripts write it of what has no document to say so. */
const parkedText = ({ atMs, why }: DeadLetter): string => `${atMs}|${why}`;

/** Everything that follows from the new document. */
function callOf(
  { keys, writer }: Omit<Tools, "run">,
  write: Write,
  extra: Readonly<Record<string, unknown>>,
) {
  const { next, audit, notices = [], delivery } = write;
  const { requester, askedAtMs, vm } = next.ask;
  const about = { id: next.id, requester, vm: vm.key };
  const { heldKeys, leftKeys } = doorKeys(keys, next);
  return {
    keys: {
      ...keys,
      mine: keys.mine(requester),
      live: keys.live(requester),
      delivery: keys.delivery(delivery ?? ""),
    },
    more: [...heldKeys, ...leftKeys],
    args: {
      id: next.id,
      index: isWaiting(next) ? "pending" : isLive(next) ? "open" : "over",
      isUnderway: isUnderway(next),
      parked: next.deadLetter && parkedText(next.deadLetter),
      toReview: next.review !== undefined && next.review.closed === undefined,
      askedAtMs,
      dueAtMs: dueAtMs(next),
      doorsHeld: heldKeys.length,
      untilMs: isLive(next) ? next.grant.endsAtMs : undefined,
      audit: audit.map((note) => auditLine(note, about, writer)),
      notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
      delivered: delivery !== undefined,
      ...extra,
    },
    text: encodeRequest(next),
  };
}

/** Azure was asked to open it, and may still. */
function isUnderway(request: AccessRequest): boolean {
  if (request.state !== "opening" && request.state !== "ending") return false;
  const { answer } = request.grant.azure;
  return answer === "unknown" || (answer === "accepted" && request.state === "opening");
}

/** An opening as the brake counts it: the entry is the same however often Azure has to be asked. */
function opensOf({ writer }: Pick<Tools, "writer">, { next }: Write, opens: Opens) {
  const { anyway, perMinute } = opens;
  const { requester, vm } = next.ask;
  return {
    anyway,
    ...(perMinute && {
      most: perMinute.most,
      reason: perMinute.reason,
      entry: JSON.stringify({ id: next.id, requester, vm: vm.name }),
      audit: perMinute.audit.map((note) => auditLine(note, {}, writer)),
      notices: perMinute.notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
    }),
  };
}

/** The sets that a live request stands in, and those that it leaves: of its doors, and of those inside its VM. */
function doorKeys(keys: Keys, next: AccessRequest) {
  const held = doorsOf(next).map(keys.door);
  const left = doorsLeft(next).map(keys.door);
  const inside = keys.inside(next.ask.vm.key);
  if (held.length > 0) return { heldKeys: [inside, ...held], leftKeys: left };
  // What waits for a decision has never been in any.
  return { heldKeys: [], leftKeys: next.state === "pending" ? left : [inside, ...left] };
}

/** The doors that it may have held before: with the source that was asked for, or a narrower one. */
function doorsLeft(request: AccessRequest): readonly Door[] {
  // What waits for a decision has never held any.
  if (request.state === "pending") return [];
  const { vm, ports, source } = request.ask;
  const sources = new Set([source, inForce(request).source]);
  const all = ports.flatMap((port) =>
    [...sources].map((from) => ({ vm: vm.key, port, source: from })),
  );
  const held = doorsOf(request);
  return all.filter(
    (door) => !held.some((one) => one.port === door.port && one.source === door.source),
  );
}
