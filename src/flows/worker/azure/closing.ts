// Ending early: Azure is asked for an end soon, or to delete the rule, and read until the door is shut.

import { atEnd } from "../../../domain/request/at-end.ts";
import {
  type Door,
  doorEndsAtMs,
  doorsAsked,
  type Holder,
  isOpenForOthers,
  living,
  seeDoor,
  stillOpen,
} from "../../../domain/request/doors/doors.ts";
import type { FaultNote, Grant, PortAtEnd } from "../../../domain/request/grant.ts";
import type { In } from "../../../domain/request/request.ts";
import { latestEndMs } from "../../../domain/rules/bounds.ts";
import type { JitEntry } from "../../../domain/vm/vm.ts";
import type { Deps } from "../../deps.ts";
import { addressesOf } from "../../people/verified-addresses.ts";
import { holdersOf } from "../../requests/port-holders.ts";
import type { LeasedRequest } from "../leased-request.ts";
import { initiate, readJitPolicy, underLock, type Worker } from "./azure-calls.ts";
import { type Look, withRules } from "./closing-rules.ts";

type Needs = Pick<
  Deps,
  | "requests"
  | "leases"
  | "callKeys"
  | "storeClock"
  | "primary"
  | "azure"
  | "chat"
  | "clock"
  | "random"
  | "log"
  | "policy"
>;

/** An end so near isn't worth shortening: Azure takes about that long to act. */
const CLOSE_AFTER_MS = 2 * 60_000;

/** While the door is still open, it is looked at this often. */
const LOOK_AGAIN_MS = 15_000;

/** How long Azure has to show what it accepted, after each asking. */
const SHOWS_WITHIN_MS = [1_000, 10_000, 30_000] as const;

/** So often it said yes and didn't do it. */
const NOT_SHORTENED: FaultNote = {
  code: "202 Accepted",
  message: "Azure accepted an earlier end, but the port stays open until the later one",
};

const NOT_DELETED: FaultNote = {
  code: "202 Accepted",
  message: "Azure accepted the deletion of the allow rule, but the rule is still there",
};

/**
 * Ends early. There is no revoke at Azure: the door is opened again with an end soon, or with the end that
 * others still need; never later than the present one. Or its rule is deleted, if the policy file says so
 * and nobody else needs the door. Afterwards it is read until it is shut.
 */
export async function closeStep(
  deps: Needs,
  worker: Worker,
  { leased, request }: { leased: LeasedRequest; request: In<"ending"> },
): Promise<void> {
  const looks = await lookAt(deps, leased, request);
  if (!looks.some(isToDo)) return settle(deps, leased, looks);
  await underLock(deps, worker, leased, async (isStillAlone) => {
    const now = leased.current();
    if (now.state !== "ending") return;
    // Before we had the lock, somebody may have come who needs the door for longer.
    const again = await lookAt(deps, leased, now);
    const ports = again.flatMap(({ door, shortenTo }) =>
      shortenTo === undefined ? [] : [{ ...door, endsAtMs: shortenTo }],
    );
    const rules = [...new Set(again.flatMap((look) => look.rules))];
    if (ports.length === 0 && rules.length === 0) return settle(deps, leased, again);
    if (accepted(now) >= SHOWS_WITHIN_MS.length) {
      const fault = rules.length > 0 ? NOT_DELETED : NOT_SHORTENED;
      return leased.news({ act: "not-closed", fault });
    }
    const addresses = await addressesOf(deps, now, now.grant);
    if (!(await isStillAlone())) return;
    const closesAtMs = Math.max(leased.nowMs(), ...ports.map((port) => port.endsAtMs));
    await leased.news({ act: "sending", to: "close", closesAtMs });
    await deps.primary.confirm();
    for (const rule of rules) {
      if (!leased.leaseHolds()) return;
      await deps.azure.deleteRule(rule);
      deps.log.info({ request: now.id, rule }, "Azure accepted the rule's deletion");
    }
    if (!leased.leaseHolds()) return;
    const sent = { ports, grant: now.grant, addresses, nowMs: leased.nowMs() };
    if (ports.length > 0) await initiate(deps, now, sent);
    const showsWithinMs = SHOWS_WITHIN_MS[accepted(now)] ?? LOOK_AGAIN_MS;
    const nextAtMs = leased.nowMs() + showsWithinMs;
    await leased.news({ act: "closing", isAccepted: true, nextAtMs });
  });
}

const isToDo = ({ shortenTo, rules }: Look): boolean => shortenTo !== undefined || rules.length > 0;

/** How often Azure was asked to close, less the times that something went wrong: never too many. */
const accepted = ({ closeSent, attempts }: In<"ending">): number =>
  Math.max(0, closeSent - (attempts.azure?.count ?? 0));

/** There's nothing to ask of Azure: the doors are closed, or will be soon. */
async function settle(deps: Needs, leased: LeasedRequest, looks: readonly Look[]): Promise<void> {
  if (looks.every((look) => look.shut)) {
    return leased.news({ act: "closed", ...atEnd(await portsOf(deps, leased, looks)) });
  }
  const endsInMs = Math.min(...looks.map((look) => look.openUntilMs)) - leased.nowMs();
  const waitMs = Math.min(Math.max(1_000, endsInMs), LOOK_AGAIN_MS);
  await leased.news({ act: "closing", nextAtMs: leased.nowMs() + waitMs });
}

/** Each port as it is told: closed only where Azure showed it, or still needed, and by whom. */
async function portsOf(
  deps: Needs,
  leased: LeasedRequest,
  looks: readonly Look[],
): Promise<readonly PortAtEnd[]> {
  const isHeld = looks.some((look) => look.isHeld === true);
  const holders = isHeld ? await holdersOf(deps, leased.current(), leased.nowMs()) : undefined;
  return looks.map(({ door: { port }, isHeld, isUnproven, isOpenForOthers }): PortAtEnd => {
    if (isUnproven === true) return { port, closing: "unknown" };
    if (isHeld !== true)
      return { port, closing: "closed", ...(isOpenForOthers && { isOpenForOthers }) };
    const heldBy = holders?.get(port);
    return { port, closing: "held", ...(heldBy && { heldBy }) };
  });
}

async function lookAt(
  deps: Needs,
  leased: LeasedRequest,
  request: In<"ending">,
): Promise<readonly Look[]> {
  const doors = doorsAsked(request);
  const [policy, holders] = await Promise.all([
    readJitPolicy(deps, request),
    deps.requests.holders(doors),
  ]);
  const vmPolicy = policy.vmPolicies.find((one) => one.vm === request.ask.vm.key);
  const nowMs = leased.nowMs();
  const looks = doors.map((door, index) => {
    const mostMs = latestEndMs(vmPolicy, door.port, nowMs);
    const others = living(holders[index], nowMs);
    return closing(door, { request, entries: policy.entries, others, mostMs }, nowMs);
  });
  return withRules(deps, request, looks);
}

const SENT = { byRule: false, rules: [] } as const;

function closing(
  door: Door,
  about: {
    readonly request: In<"ending">;
    readonly entries: readonly JitEntry[];
    readonly others: readonly Holder[];
    /** The latest end that the policy takes. */
    readonly mostMs: number;
  },
  nowMs: number,
): Look {
  const others = about.others.filter((one) => one.id !== about.request.id);
  const ids = new Set<string>([about.request.id, ...others.map((one) => one.id)]);
  const entry = stillOpen(door, ids, about.entries);
  const neededMs = others.length === 0 ? undefined : doorEndsAtMs(0, others, about.mostMs);
  if (entry === undefined) {
    return unseen(door, { ...about, neededMs }, nowMs);
  }
  const openUntilMs = entry.endsAtMs;
  if (neededMs !== undefined) {
    const enough = openUntilMs <= neededMs + 2_000;
    const shortenTo = enough ? undefined : neededMs;
    return { ...SENT, door, shut: enough, isHeld: enough, openUntilMs, shortenTo };
  }
  const soon = openUntilMs - nowMs <= CLOSE_AFTER_MS;
  const shortenTo = soon ? undefined : nowMs + CLOSE_AFTER_MS;
  // One that isn't open yet has no rule yet, and an Azure Firewall has none that we know of.
  const hasRule = entry.status === "Initiated" && entry.mappedPort === undefined;
  const byRule = hasRule && !isOpenForOthers(door, about.entries);
  return { door, shut: false, openUntilMs, shortenTo, byRule, rules: [] };
}

/**
 * No entry keeps the door open. What was seen open may be closed, and what was asked for may still come, until the end
 * that Azure accepted last: neither is said to be closed unless an entry of ours says so.
 */
function unseen(
  door: Door,
  about: {
    readonly request: In<"ending">;
    readonly entries: readonly JitEntry[];
    readonly neededMs: number | undefined;
  },
  nowMs: number,
): Look {
  const { grant, closeAnswer, closesAtMs = grant.endsAtMs } = about.request;
  const isAccepted = closeAnswer !== undefined;
  const openUntilMs = isAccepted ? closesAtMs : grant.endsAtMs;
  const look: Look = { ...SENT, door, shut: true, openUntilMs, shortenTo: undefined };
  const want = { id: about.request.id, untilMs: 0, holders: [] };
  const isRevoked = seeDoor(door, want, about.entries).seen === "revoked";
  const wasSeen = grant.openedAtMs !== undefined;
  if (isRevoked)
    return isOpenForOthers(door, about.entries) ? { ...look, isOpenForOthers: true } : look;
  if (!wasSeen && grant.azure.sent === 0) return look;
  if (wasSeen || !mayOpen(grant) || (isAccepted && nowMs >= closesAtMs)) {
    return { ...look, isUnproven: true };
  }
  // It is shortened before it comes, for the later sending wins: until Azure has accepted one.
  const soonMs = Math.max(nowMs + CLOSE_AFTER_MS, about.neededMs ?? 0);
  const isEarlier = !isAccepted && soonMs < grant.endsAtMs;
  return { ...look, shut: false, shortenTo: isEarlier ? soonMs : undefined };
}

/** Whether Azure may have taken the opening: one that it refused for certain never comes. */
const mayOpen = ({ azure: { answer, doubted } }: Grant): boolean =>
  answer !== "unsent" || doubted === true;
