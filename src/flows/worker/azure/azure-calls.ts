// The calls to Azure that opening, closing early and the end share.

import { withAdopted } from "../../../domain/request/birth/adopted.ts";
import type { Door } from "../../../domain/request/doors/doors.ts";
import { waiting } from "../../../domain/request/effects.ts";
import type { Grant } from "../../../domain/request/grant.ts";
import { type Addresses, justification } from "../../../domain/request/messages/justification.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { JitPolicy } from "../../../domain/vm/vm.ts";
import { Fault } from "../../../ports/fault.ts";
import { vmLease } from "../../../ports/storage/leases.ts";
import type { Deps } from "../../deps.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { newCallId } from "./own-calls.ts";

type Needs = Pick<
  Deps,
  "leases" | "callKeys" | "storeClock" | "azure" | "clock" | "random" | "log"
>;

export type Worker = {
  /** Of the replica. */
  readonly name: string;
  /** A claim is another's after this long without a sign of progress, */
  readonly leaseMs: number;
  /** and at once where its replica hasn't been heard of for this long. */
  readonly lifeMs: number;
};

/** How long to leave a VM to another replica that is asking Azure about it. */
const LOCKED_WAIT_MS = 1_000;

/** A lock that is older is taken again before Azure is asked: a call may take a third of it. */
const LOCK_FRESH_SHARE = 1 / 3;

/** To be asked right before Azure is: looking may have taken long. False: another replica goes on meanwhile. */
export type IsStillAlone = () => Promise<boolean>;

/** Only one replica at a time asks about a VM: otherwise a shorter end could overtake a longer one. */
export async function underLock(
  { leases, clock }: Needs,
  worker: Worker,
  leased: LeasedRequest,
  work: (isStillAlone: IsStillAlone) => Promise<void>,
): Promise<void> {
  const what = vmLease(leased.current().ask.vm.key);
  const owner = `${leased.owner}:${leased.current().id}`;
  const wait = () =>
    leased.record((request, nowMs) => waiting(request, "azure", nowMs + LOCKED_WAIT_MS));
  let takenAtMs = clock.monotonicMs();
  if (!(await leases.take(what, owner, worker.leaseMs))) return wait();
  const isStillAlone = async (): Promise<boolean> => {
    const nowMs = clock.monotonicMs();
    if (nowMs - takenAtMs < worker.leaseMs * LOCK_FRESH_SHARE) return true;
    takenAtMs = nowMs;
    if (await leases.take(what, owner, worker.leaseMs)) return true;
    await wait();
    return false;
  };
  try {
    await work(isStillAlone);
  } finally {
    await leases.give(what, owner);
  }
}

type Initiate = {
  readonly ports: readonly (Door & { endsAtMs: number })[];
  readonly grant: Grant;
  readonly addresses: Addresses;
  /** By the store's clock. */
  readonly nowMs: number;
};

export async function initiate(
  deps: Needs,
  request: AccessRequest,
  { ports, grant, addresses, nowMs }: Initiate,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  await deps.azure.open({
    jitPolicyId: request.ask.jitPolicyId,
    vmId: request.ask.vm.id,
    ports: ports.map(({ port, source, endsAtMs }) => ({ number: port, source, endsAtMs })),
    justification: justification(request, grant, addresses),
    clientRequestId: await newCallId(deps, {
      request: request.id,
      kind: "opened",
      policyId: request.ask.jitPolicyId,
      atMs: Math.round(nowMs),
    }),
  });
  const ms = Math.round(deps.clock.monotonicMs() - startedMs);
  deps.log.info({ request: request.id, ms }, "Azure accepted");
}

/** The VM's JIT policy as it is now, as the request sees it; that it is gone is a fault that no retry mends. */
export async function readJitPolicy(
  deps: Pick<Deps, "azure">,
  request: AccessRequest,
): Promise<JitPolicy> {
  const policy = await deps.azure.readPolicy(request.ask.jitPolicyId, request.ask.vm.key);
  if (policy !== undefined) return { ...policy, entries: withAdopted(request, policy.entries) };
  throw new Fault({
    source: "azure",
    code: "PolicyNotFound",
    message: "The VM's JIT policy no longer exists.",
    retryable: false,
  });
}
