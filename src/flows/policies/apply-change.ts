// Applies a change of JIT policies, one policy after the other; what is done is stored before anything is said.
//
// Any replica can go on where another one stopped: the change says which policies have no outcome yet, and a
// policy that Azure shows as wanted is done, no matter who wrote it.

import {
  type Change,
  countOf,
  nextOf,
  type Outcome,
  type PolicyChange,
  withOutcome,
} from "../../domain/policies/policy-change.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import { channelId } from "../../domain/text/ids.ts";
import type { Chat, MessageRef } from "../../ports/chat.ts";
import { isFault } from "../../ports/fault.ts";
import { changeLease, type LeaseName } from "../../ports/storage/leases.ts";
import type { Notice } from "../../ports/storage/notices.ts";
import type { Changes, StoredChange } from "../../ports/storage/policies/policy-changes.ts";
import { NOT_SHOWN_TS } from "../answering/progress-words.ts";
import type { Deps } from "../deps.ts";
import { fencedAzure, proving } from "../worker/fenced.ts";
import { LeaseLost, leaseOf, momentOf } from "../worker/lease.ts";
import { stillBroken } from "./restore.ts";
import { writePolicy } from "./write-policy.ts";

export type Applier = Pick<
  Deps,
  "leases" | "storeClock" | "callKeys" | "azure" | "clock" | "random" | "log" | "policy"
> & {
  readonly chat: Pick<Chat, "postChange" | "editChange">;
  readonly changes: Changes;
  /** Tells this run from every other: leases are taken in its name. */
  readonly worker: string;
  readonly stopping: AbortSignal;
};

/**
 * A change is another's after this long without a step, or once its replica is gone; longer than a policy may
 * wait for its lease.
 */
const CHANGE_LEASE_MS = 4 * 60_000;

/** The message is edited no oftener. */
const SHOW_EVERY_MS = 2_000;

/** What is still amiss is told in one message. */
const SEEN_MAX = 1_000;

/** So often it is looked whether somebody left something undone. */
export const RESUME_EVERY_MS = 10_000;

/** Goes on with whatever was left undone, by this replica or another. */
export async function resumeChanges(applier: Applier): Promise<void> {
  for (const id of await applier.changes.unfinished()) {
    if (applier.stopping.aborted) return;
    try {
      await applyChange(applier, id);
    } catch (thrown) {
      // One that can't be read harms no other; where Redis is away, the next look finds them all again.
      if (!isFault(thrown) || thrown.retryable) throw thrown;
      applier.log.error({ change: id, code: thrown.code }, thrown.message);
    }
  }
}

/** Resolves when the change is over and told, or another process is at it. Throws faults of the store. */
export async function applyChange(applier: Applier, id: string): Promise<Change | undefined> {
  const { changes, leases, worker } = applier;
  const what = changeLease(id);
  if (!(await leases.take(what, worker, CHANGE_LEASE_MS))) return undefined;
  try {
    const stored = await changes.read(id);
    return stored && (await finished(fencedApplier(applier, what), stored, what));
  } catch (thrown) {
    // Another replica goes on with it.
    if (thrown instanceof LeaseLost) return undefined;
    throw thrown;
  } finally {
    await leases.give(what, worker).catch(() => undefined);
  }
}

/** How long an answer of the store is good: less than it takes to presume a replica gone. */
const PROVEN_FOR_MS = 2_000;

/** Nothing goes out before the store has said that this change is still this run's. */
function fencedApplier(applier: Applier, what: LeaseName): Applier {
  const { azure, chat, leases, clock, worker } = applier;
  const ask = async () => ((await leases.renew(what, worker, CHANGE_LEASE_MS)) ? PROVEN_FOR_MS : 0);
  const taken = { sentAt: momentOf(clock), holdsMs: 0 };
  const lease = leaseOf({ clock, owner: worker, what, ask }, taken);
  return {
    ...applier,
    azure: fencedAzure(azure, lease),
    chat: proving(chat, { postChange: true, editChange: true }, lease),
  };
}

async function finished(
  applier: Applier,
  stored: StoredChange,
  what: LeaseName,
): Promise<Change | undefined> {
  const { changes, leases, clock, worker } = applier;
  let { change, version } = stored;
  const write = async (next: Change, more: Omit<Parameters<Changes["commit"]>[1], "change">) => {
    const written = await changes.commit(version, { change: next, ...more });
    if (written === undefined) return false;
    [change, version] = [next, written];
    return true;
  };
  let shownAtMs = -Infinity;
  const show = async (): Promise<boolean> => {
    const shownIn = await shown(applier, change);
    shownAtMs = clock.monotonicMs();
    if (shownIn === undefined) return false;
    return change.shownIn !== undefined || (await write({ ...change, shownIn }, {}));
  };

  const isWriting = nextOf(change) !== undefined;
  if (isWriting) await show();
  for (let policy = nextOf(change); policy !== undefined; policy = nextOf(change)) {
    if (!(await leases.renew(what, worker, CHANGE_LEASE_MS))) return undefined;
    const outcome = await writePolicy(applier, policy);
    if (outcome === undefined) return undefined;
    applier.log.info({ change: change.id, policy: policy.policyId, outcome }, "a JIT policy");
    const next = withOutcome(change, policy.policyId, outcome);
    const audit = [outcomeNote(change, policy, outcome)];
    if (!(await write(next, { audit, notices: await noticesOf(applier, next) }))) return undefined;
    if (clock.monotonicMs() - shownAtMs > SHOW_EVERY_MS && nextOf(change) !== undefined) {
      await show();
    }
  }
  if (change.state === "over" && change.told !== true) {
    // Anyone who asks for access next finds the VMs as they are now. Telling alone is tried again and again.
    if (isWriting) await applier.azure.refresh().catch(() => undefined);
    if (change.verb === "restore" && change.seen === undefined) {
      if (
        !(await write({ ...change, seen: stillBroken(applier, change).slice(0, SEEN_MAX) }, {}))
      ) {
        return undefined;
      }
    }
    if (typeof change.by !== "string" || (await show())) await write({ ...change, told: true }, {});
  }
  return change;
}

/** Shows how far it is; `undefined`: it couldn't be shown now. A fault of Slack never holds up Azure's part. */
async function shown(applier: Applier, change: Change): Promise<MessageRef | undefined> {
  const { by, shownIn } = change;
  if (typeof by !== "string") return undefined;
  const message = shownIn && { channel: channelId(shownIn.channel), ts: shownIn.ts };
  try {
    if (message === undefined) return await applier.chat.postChange(by, change);
    await applier.chat.editChange(message, change);
    return message;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    const { code, retryable } = thrown;
    applier.log.warn({ change: change.id, code }, "how far a change is couldn't be shown");
    // A conversation that is gone for good doesn't keep it unfinished.
    return retryable || thrown.source !== "slack" ? undefined : (message ?? NOWHERE);
  }
}

const NOWHERE: MessageRef = { channel: channelId("D0"), ts: NOT_SHOWN_TS };

const DONE: Readonly<Record<Change["verb"], string>> = {
  enable: "jit-enabled",
  change: "jit-changed",
  disable: "jit-disabled",
  restore: "jit-restored",
};

const byOf = ({ by }: Change): string => (typeof by === "string" ? by : by.operator);

function outcomeNote(
  change: Change,
  { policyId, edits }: PolicyChange,
  outcome: Outcome,
): AuditNote {
  const vms = edits.map(({ vmId }) => vmId);
  const about = { jitPolicy: policyId, vms, about: change.asked };
  if (outcome.how === "done") return { what: DONE[change.verb], by: byOf(change), detail: about };
  const why = outcome.how === "failed" ? { code: outcome.code, message: outcome.says } : {};
  const detail = { ...about, outcome: outcome.how, ...why };
  return { what: "jit-not-changed", by: byOf(change), detail };
}

function noticeText(change: Change, counts: string): string {
  const { by, asked } = change;
  const operator =
    typeof by === "string" ? "" : ` by ${by.operator.slice(0, 100)} on the command line`;
  const what = change.verb === "restore" ? asked : `/jit ${asked}`;
  return `${counts}${operator}: ${what}`.slice(0, 500);
}

/** One line for everybody, when all is over. */
async function noticesOf({ policy, storeClock }: Applier, change: Change) {
  if (change.state !== "over") return [];
  const { done, failed } = countOf(change);
  const notice: Notice = {
    what: "jit-changed",
    ...(typeof change.by === "string" && { requester: change.by }),
    atMs: await storeClock.nowMs(),
    text: noticeText(change, failed > 0 ? `${done} done, ${failed} not` : `${done} done`),
  };
  return [{ channel: policy().channels.notices, notice }];
}
