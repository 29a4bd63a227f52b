// What can't be worked on is put where it harms nothing, and the admins are told: it becomes a dead letter.

import type { AuditNote } from "../../domain/request/moved.ts";
import { transition } from "../../domain/request/transition.ts";
import { parseRequestId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import type { StoredRequest } from "../../ports/storage/requests.ts";
import type { Claim } from "../../ports/storage/work-queue.ts";
import { factsOf } from "../answering/log-facts.ts";
import { toAdmins } from "../channels/to-admins.ts";
import type { Deps } from "../deps.ts";
import { type Change, changeRequest } from "../requests/change-request.ts";
import { UNREADABLE } from "../requests/parked/readable-again.ts";
import type { Lease } from "./lease.ts";

type Needs = Pick<
  Deps,
  "requests" | "workQueue" | "deadLetters" | "storeClock" | "log" | "policy" | "onCommitted"
>;

type Taken = { readonly claim: Claim; readonly lease: Lease };

const PARKED = "parked: an admin has to look at it";

export async function parkClaim(deps: Needs, { claim, lease }: Taken): Promise<void> {
  const why =
    claim.kind === "unreadable"
      ? `${UNREADABLE}: ${claim.why}`
      : `Work on it failed ${claim.failures} times in a row`;
  await lease.prove();
  if (claim.kind !== "request") return unread(deps, { claim, lease }, why);
  try {
    await park(deps, { claim, lease }, why);
  } catch (thrown) {
    if (isFault(thrown)) throw thrown;
    // Whatever is wrong with it keeps it from being written, too.
    deps.log.error({ ...factsOf(thrown), request: claim.id }, "a dead letter couldn't be written");
    await unread(deps, { claim, lease }, why);
  }
}

/** Written with its document, so that card, thread and requester say it. */
async function park(
  deps: Needs,
  { claim, lease }: { readonly claim: Extract<Claim, { kind: "request" }>; readonly lease: Lease },
  why: string,
): Promise<void> {
  const { id, version } = claim;
  const { owner } = lease;
  const parked = await changeRequest(
    deps,
    id,
    (stored) =>
      stored.version === version
        ? parkedBy(deps, stored, why)
        : { request: stored.request, audit: [] },
    { lease: { owner, known: claim, givesBack: () => true } },
  );
  // Somebody has acted on it meanwhile, which is other work: it is begun, and counted from the start.
  if (parked.outcome !== "changed") {
    await deps.workQueue.release(owner, id, { version, dueAtMs: undefined });
    return;
  }
  deps.log.error({ request: id, why }, PARKED);
}

function parkedBy(deps: Needs, { request, nowMs }: StoredRequest, why: string): Change {
  const moved = transition(request, { act: "park", why }, nowMs);
  // That its messages fail as well no card can say.
  if (moved.request.deadLetter?.isMute !== true) return moved;
  const text = "Its card and messages can't be brought up to date either";
  const mute = { what: "parked", id: request.id, atMs: nowMs, text } as const;
  return { ...moved, notices: toAdmins(deps.policy(), mute) };
}

/** What has no document to say it: those who run the bot are told anyway. */
async function unread(deps: Needs, { claim, lease }: Taken, why: string): Promise<void> {
  const policy = deps.policy();
  const atMs = await deps.storeClock.nowMs();
  const member = claim.kind === "notices" ? `n:${claim.channel}` : claim.id;
  const what =
    claim.kind === "notices" ? `The notices for ${claim.channel}` : `Request ${claim.id}`;
  const id = parseRequestId(member);
  const text = id === undefined ? `${what}: ${why}` : why;
  const notice = { what: "parked", id, atMs, text } as const;
  // Not by the way that fails.
  const notices = toAdmins(policy, notice).filter(({ channel }) => member !== `n:${channel}`);
  const rule = claim.kind === "request" ? { rule: claim.request.promised.rule } : {};
  const note: AuditNote = {
    what: "parked",
    detail: { ...rule, policy: policy.hash, about: member, why },
  };
  const { owner } = lease;
  if (!(await deps.deadLetters.park(member, { why, owner, audit: [note], notices }))) return;
  deps.log.error({ due: member, why }, PARKED);
  deps.onCommitted({ audit: [note] });
}
