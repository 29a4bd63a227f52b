// What Redis lost is found again: openings at Azure under the bot's ids, of which the record says nothing.

import { recoveredRequest } from "../../domain/request/birth/birth.ts";
import type { Moved } from "../../domain/request/moved.ts";
import {
  adminPlaces,
  type ClaimedOpening,
  claimedIn,
  doorsClaimed,
  recoveredDetail,
  showsLostDecision,
} from "../../domain/request/recovered.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { ruleFor } from "../../domain/rules/rule-match.ts";
import { isRefusal } from "../../domain/text/refusal.ts";
import { isFault } from "../../ports/fault.ts";
import { repeating, type Service } from "../../ports/service.ts";
import type { Notice } from "../../ports/storage/notices.ts";
import type { StoredRequest } from "../../ports/storage/requests.ts";
import type { WatchRepository } from "../../ports/storage/watch-repository.ts";
import type { Deps } from "../deps.ts";
import { createRequest, newsFor } from "./change-request.ts";

type Needs = Pick<
  Deps,
  "requests" | "storeClock" | "azure" | "clock" | "random" | "log" | "policy" | "onCommitted"
>;

export type Recovering = Needs & { readonly watchRepository?: WatchRepository | undefined };

/** The inventory is read every minute, by one replica for all: the replica that read it looks. */
const LOOK_EVERY_MS = 1_000;

/** Looks at each inventory that this replica reads. */
export function recovery(deps: Recovering): Service {
  let lookedAtMs = 0;
  const look = async (): Promise<number> => {
    const { atMs, claimed } = deps.azure.snapshot();
    if (claimed !== undefined && atMs !== lookedAtMs) await recover(deps, claimed);
    lookedAtMs = atMs;
    return LOOK_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    const facts = isFault(thrown) ? { code: thrown.code } : { err: thrown };
    deps.log.warn(facts, "openings without a record couldn't be looked for; tried again");
    return LOOK_EVERY_MS;
  };
  return repeating(look, { clock: deps.clock, failed });
}

/** Doors that are asked about in one call. */
const DOORS_AT_ONCE = 500;

/** Tells what of these openings the record doesn't have open, each once over all replicas. */
export async function recover(deps: Recovering, claimed: readonly ClaimedOpening[]): Promise<void> {
  if (claimed.length === 0) return;
  const nowMs = await deps.storeClock.nowMs();
  for (let from = 0; from < claimed.length; from += DOORS_AT_ONCE) {
    const some = claimed.slice(from, from + DOORS_AT_ONCE);
    const doors = some.flatMap(doorsClaimed);
    const holders = await deps.requests.holders(doors);
    const isHeld = new Set(
      doors.flatMap(({ vm }, index) => (holders[index] ?? []).map(({ id }) => `${id} ${vm}`)),
    );
    for (const found of some) {
      const isOver = found.endsAtMs <= nowMs;
      if (isOver || isHeld.has(`${found.id} ${found.vm}`)) continue;
      const open = await openNow(deps, found, nowMs);
      if (open !== undefined) await recoverOne(deps, open);
    }
  }
}

/**
 * As Azure shows it this moment: the inventory may be older than what was lost, and somebody may have closed it
 * since. `undefined`: it isn't open now, or can't be read; the next inventory shows it again.
 */
async function openNow(
  { azure, log }: Recovering,
  { id, jitPolicyId, vm, source }: ClaimedOpening,
  nowMs: number,
): Promise<ClaimedOpening | undefined> {
  try {
    const policy = await azure.readPolicy(jitPolicyId);
    return claimedIn(jitPolicyId, policy?.entries ?? [], nowMs).find(
      (one) => one.id === id && one.vm === vm && one.source === source,
    );
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
    log.warn({ request: id, code: thrown.code }, "an opening without a record couldn't be read");
    return undefined;
  }
}

async function recoverOne(deps: Recovering, found: ClaimedOpening): Promise<void> {
  const stored = await readOrUnreadable(deps.requests.read(found.id));
  if (stored === "unreadable") return;
  if (stored !== undefined) {
    if (!showsLostDecision(stored.request, found, stored.nowMs)) return;
    if (await newsFor(deps, found.id, { act: "recovered", found })) logged(deps, found);
    return;
  }
  const made = await requestFor(deps, found);
  if (made === undefined) return tellAlone(deps, found);
  const making = { policy: deps.policy(), limits: UNLIMITED };
  const { outcome } = await createRequest(deps, made, making);
  if (outcome === "created") logged(deps, found);
}

/** It is open, whatever a limit says. */
const UNLIMITED = {
  openPerPerson: Number.MAX_SAFE_INTEGER,
  pendingPerPerson: Number.MAX_SAFE_INTEGER,
} as const;

const logged = ({ log }: Needs, { id, vm, requestor }: ClaimedOpening): void =>
  log.error({ request: id, vm, requestor }, "open at Azure, and its record was lost: recovered");

async function requestFor(deps: Recovering, found: ClaimedOpening): Promise<Moved | undefined> {
  const policy = deps.policy();
  const vm = deps.azure.snapshot().vms.get(found.vm);
  const nowMs = await deps.storeClock.nowMs();
  const rule = vm && ruleFor(policy, vm, { ports: found.ports, nowMs });
  return recoveredRequest(found, {
    policy,
    rule: rule === undefined || isRefusal(rule) ? undefined : rule,
    vm,
    nonce: Buffer.from(deps.random.bytes(9)).toString("base64url"),
    nowMs,
  });
}

/** No request can be made of it: told, and left to people. */
async function tellAlone(deps: Recovering, found: ClaimedOpening): Promise<void> {
  if (deps.watchRepository === undefined) return;
  const { vm, ports, source, requestor, endsAtMs, justification } = found;
  const policy = deps.policy();
  const notice: Notice = {
    what: "recovered",
    vm: deps.azure.snapshot().vms.get(vm)?.name ?? vm.split("/").at(-1),
    ports,
    source,
    untilMs: endsAtMs,
    by: requestor,
    atMs: await deps.storeClock.nowMs(),
  };
  await deps.watchRepository.tell({
    marks: [["recovered", found.id, vm, source, found.startedAtMs, justification].join("\n")],
    atMs: notice.atMs,
    notes: [{ note: { what: "recovered", detail: recoveredDetail("lost", found) }, about: { vm } }],
    notices: [policy.channels.notices, ...adminPlaces(policy)].map((channel) => ({
      channel,
      notice,
    })),
  });
}

async function readOrUnreadable(
  reading: Promise<StoredRequest | undefined>,
): Promise<StoredRequest | undefined | "unreadable"> {
  try {
    return await reading;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.retryable) throw thrown;
    return "unreadable";
  }
}

/**
 * What Azure has open on account of a request that by the record never opened. Throws a fault of Azure's
 * where it can't be read.
 */
export async function openAllTheSame(
  deps: Pick<Deps, "azure">,
  request: AccessRequest,
  nowMs: number,
): Promise<ClaimedOpening | undefined> {
  const read = await deps.azure.readPolicy(request.ask.jitPolicyId);
  const claimed = claimedIn(request.ask.jitPolicyId, read?.entries ?? [], nowMs);
  return claimed.find((one) => one.id === request.id && showsLostDecision(request, one, nowMs));
}
