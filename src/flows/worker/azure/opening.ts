// Opening: Azure is asked, its answer kept, the policy read back until the ports are seen open.

import {
  doorEndsAtMs,
  doorsAsked,
  type Holder,
  isAnyOther,
  living,
  seeDoor,
} from "../../../domain/request/doors/doors.ts";
import type { Grant, WayIn } from "../../../domain/request/grant.ts";
import type { AccessRequest, In } from "../../../domain/request/request.ts";
import { latestEndMs } from "../../../domain/rules/bounds.ts";
import { isRefusal } from "../../../domain/text/refusal.ts";
import type { JitPolicy } from "../../../domain/vm/vm.ts";
import { offOf } from "../../../domain/vm/vm-power.ts";
import { isFault, noteOf } from "../../../ports/fault.ts";
import type { Deps } from "../../deps.ts";
import { addressesOf } from "../../people/verified-addresses.ts";
import { vmNow } from "../../requests/deciding/read-now.ts";
import { readAgainMs, tryAgainMs } from "../../try-again.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { tellSuperseded } from "../superseded.ts";
import {
  type IsStillAlone,
  initiate,
  readJitPolicy,
  underLock,
  type Worker,
} from "./azure-calls.ts";
import { heldBack, opensOf } from "./held-back.ts";
import { mayOpenYet } from "./late-opening.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "freezes"
  | "leases"
  | "callKeys"
  | "storeClock"
  | "primary"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "random"
  | "log"
  | "policy"
  | "onCommitted"
>;

/** After an unknown answer, this many readings without a sign of our opening allow asking again. */
const ABSENT_READS = 3;

/** Brings an opening one step further. */
export async function openStep(
  deps: Needs,
  worker: Worker,
  { leased, request }: { leased: LeasedRequest; request: In<"opening"> },
): Promise<void> {
  const { answer, reads, watched } = request.grant.azure;
  const isAbsent = answer === "unknown" && reads >= ABSENT_READS && watched !== true;
  const ask = answer === "unsent" || isAbsent;
  if (!ask) return readBack(deps, leased, request);
  await underLock(deps, worker, leased, async (isStillAlone) => {
    if (isAbsent && !(await isAbsentNow(deps, leased))) return;
    const now = leased.current();
    if (now.state === "opening") await send(deps, leased, { grant: now.grant, isStillAlone });
  });
}

/** Since the last reading what Azure was asked may have come about, and would be asked for twice. */
async function isAbsentNow(deps: Needs, leased: LeasedRequest): Promise<boolean> {
  const before = leased.current();
  if (before.state !== "opening") return false;
  // Due again at once: where nothing is, the write gives the lease back, and nobody could go on to ask.
  await readBack(deps, leased, before, 0);
  const after = leased.current();
  if (after.state !== "opening" || after.grant.azure.answer !== "unknown") return false;
  return after.grant.azure.reads > before.grant.azure.reads;
}

async function send(
  deps: Needs,
  leased: LeasedRequest,
  { grant, isStillAlone }: { readonly grant: Grant; readonly isStillAlone: IsStillAlone },
): Promise<void> {
  // At its end there is nothing left to open; the expiry says what became of it.
  if (leased.nowMs() >= grant.endsAtMs) return;
  if (!(await mayOpenYet(deps, leased, grant))) return;
  const request = leased.current();
  const doors = doorsAsked(request);
  const [holders, addresses] = await Promise.all([
    deps.requests.holders(doors),
    addressesOf(deps, request, grant),
  ]);
  const ends = await endsToSend(deps, request, { grant, holders, nowMs: leased.nowMs() });
  if (!(await isStillAlone())) return;
  // The intent is stored before the call: a crash leaves "Azure may have been asked".
  if (!(await leased.beginOpening(opensOf(deps.policy(), request)))) return heldBack(deps, leased);
  // A failover may have taken the decision with it: what nobody can find again isn't opened.
  await deps.primary.confirm();
  // Somebody may have ended it in that very moment.
  if (!leased.leaseHolds() || leased.current().state !== "opening") return;
  await initiate(deps, request, {
    ports: doors.map((door, index) => ({ ...door, endsAtMs: ends[index] ?? grant.endsAtMs })),
    grant,
    addresses,
    nowMs: leased.nowMs(),
  });
  await leased.news({ act: "accepted" });
}

/** For each port its own end, or that of others who need it for longer. */
async function endsToSend(
  deps: Needs,
  request: AccessRequest,
  about: { grant: Grant; holders: readonly (readonly Holder[])[]; nowMs: number },
): Promise<readonly number[]> {
  const { grant, holders, nowMs } = about;
  const { ports, vm } = request.ask;
  const others = ports.map((_, index) => living(holders[index], nowMs));
  const isOwn = others.every((some) => doorEndsAtMs(grant.endsAtMs, some) === grant.endsAtMs);
  if (isOwn) return ports.map(() => grant.endsAtMs);
  // The own end was held against the policy when it was decided; theirs weren't, or against another one.
  const { vmPolicies } = await readJitPolicy(deps, request);
  const vmPolicy = vmPolicies.find((one) => one.vm === vm.key);
  return ports.map((port, index) =>
    doorEndsAtMs(grant.endsAtMs, others[index] ?? [], latestEndMs(vmPolicy, port, nowMs)),
  );
}

/**
 * Looks whether the ports are open yet. That they can't be looked at says nothing about the opening: what
 * Azure answered, or didn't answer, stays as it is, and it is looked at again.
 */
async function readBack(
  deps: Needs,
  leased: LeasedRequest,
  request: In<"opening">,
  againInMs = readAgainMs(request.grant.azure.reads),
): Promise<void> {
  try {
    await look(deps, leased, { request, againInMs });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
    const { code, retryable } = thrown;
    deps.log.warn({ request: request.id, code, retryable }, "the opening couldn't be read back");
    const nextAtMs = leased.nowMs() + tryAgainMs(request.attempts.azure?.count ?? 0, thrown);
    await leased.news({ act: "unanswered", fault: noteOf(thrown), ambiguous: true, nextAtMs });
  }
}

async function look(
  deps: Needs,
  leased: LeasedRequest,
  { request, againInMs }: { readonly request: In<"opening">; readonly againInMs: number },
): Promise<void> {
  const doors = doorsAsked(request);
  const policy = await readJitPolicy(deps, request);
  const want = { id: request.id, untilMs: request.grant.endsAtMs };
  const see = (holders: readonly (readonly Holder[])[]) =>
    doors.map((door, index) => ({
      port: door.port,
      ...seeDoor(door, { ...want, holders: holders[index] ?? [] }, policy.entries),
    }));
  const own = see([]);
  // Others' entries are looked for only where ours don't say it all, and where there are any: the policy is that of
  // many VMs.
  const saysAll = doors.every(
    (door, index) => own[index]?.seen === "open" || !isAnyOther(door, request.id, policy.entries),
  );
  const seen = saysAll ? own : see(await deps.requests.holders(doors));
  const openPorts = seen.filter((one) => one.seen === "open").map((one) => one.port);
  if (openPorts.length > 0) {
    await tellSuperseded(deps, request, { entries: policy.entries, nowMs: leased.nowMs() });
  }
  await leased.news({
    act: "seen",
    openPorts,
    wayIn: {
      ...wayIn(deps, request, { policy, seen }),
      ...(openPorts.length > 0 && (await whetherOff(deps, request))),
    },
    absent: seen.every((one) => one.seen === "none"),
    nextAtMs: leased.nowMs() + againInMs,
  });
}

/** The snapshot may be a minute old: what it calls off may run by now. */
async function whetherOff(deps: Needs, { ask }: AccessRequest): Promise<Pick<WayIn, "off">> {
  const before = deps.azure.snapshot().vms.get(ask.vm.key)?.power;
  if (offOf(before) === undefined && ask.vm.off === undefined) return {};
  const vm = await vmNow(deps, ask.vm);
  const off = isRefusal(vm) ? undefined : offOf(vm.power);
  return off === undefined ? {} : { off };
}

function wayIn(
  deps: Needs,
  request: AccessRequest,
  found: { policy: JitPolicy; seen: readonly { port: number; mappedPort: number | undefined }[] },
): WayIn {
  const vm = deps.azure.snapshot().vms.get(request.ask.vm.key);
  const vmPolicy = found.policy.vmPolicies.find((one) => one.vm === request.ask.vm.key);
  const mapped = found.seen.flatMap(({ port, mappedPort }) =>
    mappedPort === undefined ? [] : [[port, mappedPort] as const],
  );
  const behindFirewall = mapped.length > 0 ? vmPolicy?.firewallAddress : undefined;
  return {
    address: behindFirewall ?? vm?.publicAddresses[0] ?? vm?.privateAddresses[0],
    mappedPorts: Object.fromEntries(mapped),
  };
}
