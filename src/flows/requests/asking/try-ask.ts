// Tries an ask: finds the VM and checks everything, without effect. For asking, and for explaining.

import { isUnsure } from "../../../domain/command/ask-parts.ts";
import { formatCommand } from "../../../domain/command/command.ts";
import type { RequestCommand } from "../../../domain/command/verbs/request-verb.ts";
import type { VmRef } from "../../../domain/command/vm-ref.ts";
import {
  type AskInput,
  type Checked,
  checkAsk,
  incompleteVm,
} from "../../../domain/rules/check-ask.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { forThen, isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { words } from "../../../domain/text/words.ts";
import type { Vm } from "../../../domain/vm/vm.ts";
import type { Chat } from "../../../ports/chat.ts";
import type { OnCall } from "../../../ports/rotas.ts";
import { sparing } from "../../answering/one-act.ts";
import type { Deps } from "../../deps.ts";
import { type Found, findVm, noSuchVm, refreshed } from "../../inventory/find-vm.ts";
import { orUnread } from "../../inventory/unread-policies.ts";
import { freshNoAgeMs } from "../../people/look-afresh.ts";
import { myAddressOf } from "../../people/my-address.ts";
import { orCannotCheck, SHOWING_AGE_MS } from "../../people/people.ts";
import { type KnownVms, knownVms } from "./known-vms.ts";
import { type Moment, momentOf } from "./moment-of.ts";

export type AskNeeds = Pick<Deps, "azure" | "clock" | "log" | "policy" | "page"> & {
  readonly chat: Pick<Chat, "groupMembers" | "person">;
  readonly onCall: OnCall;
  /** Left out: nothing is kept, and this process's own clock has to do. */
  readonly storeClock?: Deps["storeClock"];
  /** Left out: anyone who asks may have Azure read as often as they like. */
  readonly limits?: Deps["limits"];
};

/** What was checked, and what came of it. */
export type Tried = {
  readonly input: AskInput;
  readonly outcome: Checked | Refusal;
  /** Whether a VM is there for this person. */
  readonly isKnown: (vm: Vm) => boolean;
};

type Trying = {
  /** When it is to open, where that was read off the command before: of several VMs it's the same time. */
  readonly moment?: Moment | undefined;
  /** Anyone who asks sees every VM, whatever the rules say. */
  readonly everything?: boolean;
};

/** A refusal instead of `Tried`: it didn't come to checking, because it isn't clear of which VM. */
export async function tryAsk(
  deps: AskNeeds,
  user: UserId,
  command: RequestCommand,
  trying: Trying = {},
): Promise<Tried | Refusal> {
  const tried = await triedNow(deps, user, command, trying);
  if (!isRefusal(tried)) {
    const { input, outcome } = tried;
    return isRefusal(outcome) ? { ...tried, outcome: forThen(outcome, input.opensAtMs) } : tried;
  }
  if (tried.fixes === undefined || command.at === undefined) return tried;
  const nowMs = await orCannotCheck(async () => (deps.storeClock ?? deps.clock).nowMs());
  if (isRefusal(nowMs)) return tried;
  const then = trying.moment ?? (await momentOf(deps, user, { spoken: command.at, nowMs }));
  return isRefusal(then) ? then : forThen(tried, then.opensAtMs);
}

async function triedNow(
  from: AskNeeds,
  user: UserId,
  command: RequestCommand,
  { everything = false, moment }: Trying,
): Promise<Tried | Refusal> {
  const deps = sparing(from, user);
  const ref = command.vm;
  if (ref === undefined) return { refused: "incomplete", say: incompleteVm() };
  if (command.unclear !== undefined) return unclear(command);
  const policy = deps.policy();
  const found = await findKnown(deps, { ref, policy, user, everything });
  if (isRefusal(found)) return found;
  const nowMs = await orCannotCheck(async () => (deps.storeClock ?? deps.clock).nowMs());
  if (isRefusal(nowMs)) return nowMs;
  const at = moment ?? (command.at && (await momentOf(deps, user, { spoken: command.at, nowMs })));
  if (at !== undefined && isRefusal(at)) return at;
  const asked = {
    policy,
    ...at,
    members: found.members,
    onDuty: found.onDuty,
    wanted: {
      ports: command.ports,
      durationMs: command.durationMs,
      source: command.source,
      reason: command.reason ?? "",
    },
    requester: user,
    breakGlass: command.verb === "breakglass",
    // It is looked at again at that time.
    myAddress: await myAddressOf(deps, user, at === undefined ? 0 : at.opensAtMs - nowMs),
    nowMs,
  };
  const { isKnown } = found;
  const look = (vm: Vm, snapshot = found.snapshot): Tried => {
    const input = { ...asked, vm, vmPolicies: snapshot.vmPolicies.get(vm.key) ?? [] };
    return { input, outcome: orUnread(snapshot, vm, checkAsk(input)), isKnown };
  };
  const first = await lookAgain(deps, look(found.vm), everything);
  if (isRefusal(first)) return first;
  if (!isRefusal(first.outcome) || !MAY_BE_STALE.has(first.outcome.refused)) return first;
  // The VM's JIT policy may have been changed since the snapshot was taken: look once more.
  const snapshot = await refreshed(deps);
  const vm = snapshot.vms.get(found.vm.key);
  return vm !== undefined && isKnown(vm) ? look(vm, snapshot) : noSuchVm(snapshot, ref, isKnown);
}

type Sought = {
  readonly ref: VmRef;
  readonly policy: Policy;
  readonly user: UserId;
  readonly everything: boolean;
};

/** Looks twice for what isn't there: somebody added to a group since it was last read isn't a stranger. */
async function findKnown(
  deps: AskNeeds,
  { ref, ...who }: Sought,
): Promise<(Found & KnownVms) | Refusal> {
  let known = await knownVms(deps, who, SHOWING_AGE_MS);
  if (isRefusal(known)) return known;
  let found = await findVm(deps, ref, known.isKnown);
  if (isRefusal(found) && found.refused === "no-such-vm") {
    known = await knownVms(deps, who, freshNoAgeMs(deps, who.user));
    if (isRefusal(known)) return known;
    found = await findVm(deps, ref, known.isKnown);
  }
  return isRefusal(found) ? found : { ...found, ...known };
}

/** The same for people who can request other ports, or only by break-glass. */
async function lookAgain(
  deps: AskNeeds,
  tried: Tried,
  everything: boolean,
): Promise<Tried | Refusal> {
  const { input, outcome } = tried;
  if (!isRefusal(outcome) || outcome.refused !== "not-a-requester") return tried;
  const who = { policy: input.policy, user: input.requester, everything };
  const known = await knownVms(deps, who, freshNoAgeMs(deps, who.user));
  if (isRefusal(known)) return { ...tried, outcome: known };
  const now = { ...input, members: known.members, onDuty: known.onDuty };
  return { input: now, outcome: checkAsk(now), isKnown: known.isKnown };
}

const MAY_BE_STALE: ReadonlySet<string> = new Set([
  "not-configured",
  // Of a subscription that couldn't be read a moment ago.
  "cannot-check",
  "port-not-in-policy",
  "too-long",
  "source-not-allowed",
  "no-rule",
]);

/** What a command leaves open, as far as its words tell. */
export function knownUnclear(command: RequestCommand): Refusal | undefined {
  if (command.vm === undefined) return { refused: "incomplete", say: incompleteVm() };
  return command.unclear === undefined ? undefined : unclear(command);
}

function unclear(command: RequestCommand): Refusal {
  const { unclear: what } = command;
  if (isUnsure(what)) return what;
  const start = startOf(command);
  switch (what) {
    case "source":
      return refuse(
        "incomplete",
      )`The source after ${{ code: "from" }} is missing: write for example ${{ code: `${start} from 203.0.113.7 for ${command.reason ?? SOME_REASON}` }}.`;
    case "reason":
      return refuse(
        "incomplete",
      )`The reason after ${{ code: "for" }} is missing: write for example ${{ code: `${start} for ${SOME_REASON}` }}.`;
    default:
      return refuse(
        "ambiguous",
      )`I can't tell whether the text after ${{ code: "for" }} is the duration or the reason: write for example ${{ code: `${start} ${command.durationMs === undefined ? "2h " : ""}for ${SOME_REASON}` }}.`;
  }
}

const SOME_REASON = "restarting the print spooler";

/** What they typed, as far as it's clear: nobody types it twice. */
const startOf = (command: RequestCommand): string =>
  `/jit ${formatCommand({ ...command, reason: undefined, unclear: undefined })}`;

/** Break-glass opens no form: who left out the reason gets back what they typed. */
export function withCommand(refusal: Refusal, command: RequestCommand): Refusal {
  if (command.verb !== "breakglass" || refusal.refused !== "reason-required") return refusal;
  const whole = { code: `${startOf(command)} for …` };
  return { ...refusal, say: words`Break-glass needs a reason. Add it at the end: ${whole}` };
}
