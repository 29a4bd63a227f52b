// Writes one JIT policy: read afresh, merged, written whole, read back and compared; under a lease for this policy.

import {
  editJitPolicy,
  isAsWritten,
  isUnchanged,
  openAccesses,
} from "../../domain/policies/merge-policy.ts";
import type { Outcome, PolicyChange } from "../../domain/policies/policy-change.ts";
import type { Json } from "../../domain/vm/jit-policy-fields.ts";
import { isFault } from "../../ports/fault.ts";
import { type LeaseName, policyLease } from "../../ports/storage/leases.ts";
import type { Deps } from "../deps.ts";
import { newCallId } from "../worker/azure/own-calls.ts";
import { marks } from "./preview-change.ts";

export type Writer = Pick<
  Deps,
  "leases" | "callKeys" | "storeClock" | "azure" | "clock" | "random" | "log"
> & {
  /** Tells this writer from every other. */
  readonly worker: string;
  readonly stopping: AbortSignal;
};

/** Longer than a read, a write and a read together may take. */
const POLICY_LEASE_MS = 60_000;
/** How long to wait for another writer, */
const LOCKED_WAIT_MS = 2 * POLICY_LEASE_MS;
/** asking so often. */
const LOCKED_EVERY_MS = 1_000;

const ATTEMPTS_MAX = 3;
const PAUSE_MS = 2_000;
const PAUSE_MAX_MS = 30_000;

/** Azure may show for a moment what was before. */
const READ_BACKS_MAX = 4;
const READ_BACK_EVERY_MS = 1_500;

/**
 * Repeats itself until Azure shows what is wanted, says no for good, or has been asked often enough. Anyone who
 * did it before, even this bot before a crash: what is already so is done. `undefined`: stopped, or taken over
 * by another one, before it was known; to be asked again.
 */
export async function writePolicy(
  writer: Writer,
  policy: PolicyChange,
): Promise<Outcome | undefined> {
  const lease = policyLease(policy.policyId);
  const held = await leasedInTime(writer, lease);
  if (held !== "held") return held;
  try {
    return await attempts(writer, policy, lease);
  } finally {
    // It runs out by itself where Redis is away.
    await writer.leases.give(lease, writer.worker).catch(() => undefined);
  }
}

async function leasedInTime(
  writer: Writer,
  lease: LeaseName,
): Promise<"held" | Outcome | undefined> {
  const { leases, clock, worker, stopping } = writer;
  const untilMs = clock.monotonicMs() + LOCKED_WAIT_MS;
  while (!(await leases.take(lease, worker, POLICY_LEASE_MS))) {
    if (clock.monotonicMs() > untilMs) {
      return locked;
    }
    await clock.sleep(LOCKED_EVERY_MS, stopping);
    if (stopping.aborted) return undefined;
  }
  return "held";
}

async function attempts(
  writer: Writer,
  policy: PolicyChange,
  lease: LeaseName,
): Promise<Outcome | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await attemptOnce(writer, policy, lease);
      if (outcome !== "again" || attempt >= ATTEMPTS_MAX) {
        return outcome === "again" ? differs : outcome;
      }
    } catch (thrown) {
      if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
      const { code, message: says, retryable, retryAfterMs = PAUSE_MS * attempt } = thrown;
      if (!retryable || attempt >= ATTEMPTS_MAX || retryAfterMs > PAUSE_MAX_MS) {
        return { how: "failed", code, says: says.slice(0, 1_000) };
      }
      await writer.clock.sleep(retryAfterMs, writer.stopping);
    }
    if (writer.stopping.aborted) return undefined;
  }
}

const locked: Outcome = {
  how: "failed",
  code: "Locked",
  says: "Another change of this policy is in progress: try again when it's done.",
};

const differs: Outcome = {
  how: "failed",
  code: "NotAsWritten",
  says: "Azure accepted the policy but shows something else: somebody may have changed it at the same time.",
};

async function attemptOnce(
  writer: Writer,
  policy: PolicyChange,
  lease: LeaseName,
): Promise<Outcome | "again" | undefined> {
  const { azure, leases, clock, worker } = writer;
  const { policyId, edits } = policy;
  // For as long as the read and the write take. Where it was lost meanwhile, another one has gone on.
  if (!(await leases.renew(lease, worker, POLICY_LEASE_MS))) return undefined;
  const raw = await azure.readRawPolicy(policyId);
  if (policy.again !== true && isUnchanged(raw, edits)) return { how: "done" };
  const now = marks(raw, edits);
  // If it's gone altogether, it would be recreated with only these VMs.
  if (now.fingerprint !== policy.fingerprint || (policy.existed && raw === undefined)) {
    return { how: "moved" };
  }
  if (openAccesses(raw, clock.nowMs()) > policy.open) return { how: "opened" };
  const next = editJitPolicy(raw, edits);
  // Still ours, all the time: the read may have taken long, and who had it meanwhile may have written.
  if (!(await leases.renew(lease, worker, POLICY_LEASE_MS))) return undefined;
  await written(writer, policyId, next);
  if (!(await isShown(writer, policyId, next))) return "again";
  return { how: "done", ...(now.whole !== policy.whole && { kept: true }) };
}

async function written(writer: Writer, jitPolicyId: string, body: Json | undefined): Promise<void> {
  const kind = body === undefined ? "deleted" : "written";
  const clientRequestId = await newCallId(writer, { kind, policyId: jitPolicyId });
  const call = { jitPolicyId, clientRequestId };
  try {
    if (body === undefined) await writer.azure.deletePolicy(call);
    else await writer.azure.writePolicy({ ...call, body });
  } catch (thrown) {
    // It may have been done: the read that follows says so.
    if (!isFault(thrown) || !thrown.ambiguous) throw thrown;
    writer.log.warn({ policy: jitPolicyId, code: thrown.code }, "a write of a policy is uncertain");
    if (!(await isShown(writer, jitPolicyId, body))) throw thrown;
  }
}

async function isShown(
  { azure, clock, stopping }: Writer,
  policyId: string,
  written: Json | undefined,
): Promise<boolean> {
  for (let read = 1; ; read++) {
    if (isAsWritten(await azure.readRawPolicy(policyId), written)) return true;
    if (read >= READ_BACKS_MAX || stopping.aborted) return false;
    await clock.sleep(READ_BACK_EVERY_MS, stopping);
  }
}
