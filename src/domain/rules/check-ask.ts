// Checks an ask against the rules and the VM's JIT policy, before anybody is bothered. Each refusal
// names the fix.

import type { OnCallGround, OnDuty } from "../on-call/rota.ts";
import { formatDuration } from "../text/duration.ts";
import type { UserId } from "../text/ids.ts";
import { portWords } from "../text/port-words.ts";
import { type Fix, isRefusal, type Refusal, refuse, withFixes } from "../text/refusal.ts";
import { listed, plain, type Words, words } from "../text/words.ts";
import { UNSUPPORTED, whyUnsupported } from "../vm/jit-state.ts";
import { unreadablePort, unreadableVm } from "../vm/unreadable-policy.ts";
import type { JitVmPolicy, Vm } from "../vm/vm.ts";
import { offNote, offOf } from "../vm/vm-power.ts";
import type { Ask } from "./ask.ts";
import { groundOf, isAutoApproved } from "./auto-approval.ts";
import { chooseDuration, longestMs, longestToSendMs, portOf, sourceOutside } from "./bounds.ts";
import { namingOthers, othersWho } from "./others.ts";
import type { Policy, Rule } from "./policy.ts";
import {
  allowsAsked,
  type ChosenSource,
  chooseSource,
  MY_IP,
  type MyAddress,
} from "./requested-source.ts";
import {
  hoursWords,
  includes,
  isInHours,
  isRequester,
  type Members,
  matches,
  outsideHours,
  portsInWords,
  ruleFor,
  rulesOnPort,
} from "./rule-match.ts";

/** What was typed; `undefined` is what was left out. */
export type Wanted = {
  readonly ports: readonly number[] | undefined;
  readonly durationMs: number | undefined;
  /** As typed. */
  readonly source: string | undefined;
  readonly reason: string;
};

export type AskInput = {
  readonly policy: Policy;
  readonly vm: Vm;
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly wanted: Wanted;
  readonly requester: UserId;
  /** To be opened at once, by somebody whom the rule lets break the glass. */
  readonly breakGlass?: boolean;
  readonly members: Members;
  /** Who is on call by the rotas among `members`, and until when. */
  readonly onDuty?: readonly OnDuty[] | undefined;
  /** Left out: nothing is known of it, and nothing can be. */
  readonly myAddress?: MyAddress | undefined;
  readonly nowMs: number;
  /** When to open it; left out: at once. */
  readonly opensAtMs?: number | undefined;
  /** What was understood of that, for the person to know. */
  readonly momentNotes?: readonly Words[] | undefined;
};

export type Checked = {
  readonly ask: Ask;
  readonly rule: Rule;
  /** The longest that may be sent to Azure for these ports. */
  readonly longestMs: number;
  /** How many distinct people must approve; 0: nobody has to decide. */
  readonly approvals: number;
  /** Where an extension's time begins. */
  readonly fromMs?: number | undefined;
  /** What was understood differently from what was typed, for the person to know. */
  readonly notes: readonly Words[];
};

/** Nobody has to decide: it opens without anybody's click. */
export const opensAtOnce = ({ ask, approvals }: Checked): boolean =>
  approvals === 0 || ask.breakGlass === true;

/** Everything that can be wrong with an ask, in the order in which a person would want to hear it. */
export function checkAsk(input: AskInput): Checked | Refusal {
  const { policy, vm, vmPolicies, wanted } = input;
  const ports = wanted.ports ?? defaultPorts(vm, vmPolicies);
  if (isRefusal(ports)) return ports;
  const rule = ruleFor(policy, vm, { ports, nowMs: input.nowMs });
  if (isRefusal(rule)) return rule;
  const mayNot = mayNotAsk(rule, input, ports);
  if (mayNot !== undefined) return mayNot;
  const { opensAtMs } = input;
  const notThen =
    opensAtMs === undefined ? undefined : otherRuleThen(input, { rule, ports, opensAtMs });
  if (notThen !== undefined) return notThen;
  const vmPolicy = jitPolicyFor(vm, vmPolicies, ports);
  if (isRefusal(vmPolicy)) return vmPolicy;
  const durationMs = chooseDuration(rule, vmPolicy, { vm, ports, wantedMs: wanted.durationMs });
  if (isRefusal(durationMs)) return durationMs;
  const source = chooseSource(policy, rule, wanted.source, input.myAddress);
  const forgotten = forgottenByThen(input, source);
  if (forgotten !== undefined) return forgotten;
  const noReason = lacksReason(rule, input);
  if (isRefusal(source)) {
    // Nobody is sent to the page to be asked for the reason afterwards.
    return source.refused === "address-unproven" ? (noReason ?? source) : source;
  }
  const outside = sourceOutside(vm, vmPolicy, { ports, source: source.source, rule });
  if (outside !== undefined) return outside;
  if (noReason !== undefined) return noReason;
  const off = offOf(vm.power);
  const trust = trustIn(rule, input);
  const ask: Ask = {
    requester: input.requester,
    vm: { key: vm.key, id: vm.id, name: vm.name, os: vm.os, ...(off !== undefined && { off }) },
    jitPolicyId: vmPolicy.policyId,
    ports,
    durationMs,
    source: source.source,
    ...(source.name !== undefined && { sourceName: source.name }),
    ...(source.proven && { proven: true }),
    reason: wanted.reason.trim(),
    askedAtMs: input.nowMs,
    ...(opensAtMs !== undefined && { opensAtMs }),
    ...(input.breakGlass === true && { breakGlass: true }),
    ...(trust.autoApproved && { autoApproved: true }),
    ...(trust.onCall !== undefined && { onCall: trust.onCall }),
  };
  return {
    ask,
    rule,
    longestMs: longestToSendMs(vmPolicy, ports),
    approvals: trust.autoApproved ? 0 : rule.approvals,
    notes: [
      ...source.notes,
      ...(off === undefined ? [] : [offNote(vm.name, off)]),
      ...(input.momentNotes ?? []),
    ],
  };
}

/** An address that somebody has now may be anybody's when it is opened. */
function forgottenByThen(
  { policy, nowMs, opensAtMs }: AskInput,
  source: ChosenSource | Refusal,
): Refusal | undefined {
  const isMyIp = isRefusal(source) ? source.refused === "address-unproven" : source.proven === true;
  const { rememberForMs } = policy.myIp;
  if (!isMyIp || opensAtMs === undefined || opensAtMs - nowMs <= rememberForMs) return undefined;
  return refuse(
    "source-not-allowed",
  )`${{ code: MY_IP }} is only remembered for ${formatDuration(rememberForMs)}: name an earlier time, or another source.`;
}

/** `undefined`: the rule that decides now is the one that decides when it is to be opened. */
function otherRuleThen(
  { policy, vm }: AskInput,
  { rule, ports, opensAtMs }: { rule: Rule; ports: readonly number[]; opensAtMs: number },
): Refusal | undefined {
  if (!isInHours(rule, opensAtMs)) return outsideHours(vm, { rule, ports, nowMs: opensAtMs });
  const then = ruleFor(policy, vm, { ports, nowMs: opensAtMs });
  if (isRefusal(then)) return then;
  if (then.name === rule.name) return undefined;
  return refuse(
    "outside-hours",
  )`Rule ${{ code: then.name }} applies to ${portsInWords(ports)} on ${{ strong: vm.name }} ${{ atMs: opensAtMs }}, not ${{ code: rule.name }}: request it in the hours of ${{ code: then.name }} (${hoursWords(then.match.hours ?? [])}), or name a time outside them.`;
}

/** What the rule lets this person do that others may not, and whether they owe it to a rota. */
function trustIn(
  rule: Rule,
  { requester, members, onDuty, breakGlass }: AskInput,
): { readonly autoApproved: boolean; readonly onCall?: OnCallGround | undefined } {
  const around = { members, onDuty };
  if (breakGlass === true) {
    return { autoApproved: false, onCall: groundOf(rule.breakGlass, requester, around) };
  }
  if (rule.autoApprove === undefined || !isAutoApproved(rule, requester, members)) {
    return { autoApproved: false };
  }
  return { autoApproved: true, onCall: groundOf(rule.autoApprove, requester, around) };
}

/** `undefined`: the person may. */
export function mayNotAsk(
  rule: Rule,
  { vm, requester, members, onDuty, breakGlass }: AskInput,
  ports: readonly number[],
): Refusal | undefined {
  if (breakGlass === true) {
    if (includes(rule.breakGlass, requester, members)) return undefined;
    const no = refuse(
      "not-a-requester",
    )`You can't use break-glass under rule ${{ code: rule.name }} (${portsInWords(ports)} on ${{ strong: vm.name }}): use ${{ code: `/jit request ${vm.name}` }}.`;
    return namingOthers(no, othersWho(rule.breakGlass, { requester, onDuty }));
  }
  if (isRequester(rule, requester, members)) return undefined;
  return refuse(
    "not-a-requester",
  )`You can't request access under rule ${{ code: rule.name }} (${portsInWords(ports)} on ${{ strong: vm.name }}): an admin can add you to its requesters.`;
}

/** `undefined`: there is one, or none is wanted. */
export function lacksReason(rule: Rule, { wanted, breakGlass }: AskInput): Refusal | undefined {
  if (wanted.reason.trim() !== "") return undefined;
  if (breakGlass !== true && rule.reason === "optional") return undefined;
  return refuse(
    "reason-required",
  )`The rule ${{ code: rule.name }} requires a reason: add it at the end, for example ${{ code: "for restarting the print spooler" }}.`;
}

const SSH = 22;
const RDP = 3389;

/** The policy's port for the VM's operating system; else its only port; else the person has to say. */
export function defaultPorts(
  vm: Vm,
  vmPolicies: readonly JitVmPolicy[],
): readonly number[] | Refusal {
  const known = [
    ...new Set(vmPolicies.flatMap((vmPolicy) => vmPolicy.ports.map((port) => port.number))),
  ];
  const usual = vm.os === "linux" ? [SSH] : vm.os === "windows" ? [RDP] : [SSH, RDP];
  const present = usual.filter((port) => known.includes(port));
  if (present.length === 1) return present;
  if (known.length === 1) return known;
  if (known.length === 0) return nothingToOpen(vm, vmPolicies);
  const choice = known.sort((a, b) => a - b).map((port) => ({ code: String(port) }));
  const which = refuse(
    "incomplete",
  )`Which port on ${{ strong: vm.name }}? Its JIT policy covers ${listed(choice, "or")}: write it after the VM, as in ${{ code: `${vm.name} ${known[0]}` }}.`;
  return withFixes(which, known.map(onPort));
}

const onPort = (port: number): Fix => ({
  label: `Use ${plain(portWords(port))}`,
  change: { ports: [port] },
});

/** No policy names a port of the VM that can be read. */
export const nothingToOpen = (vm: Vm, vmPolicies: readonly JitVmPolicy[]): Refusal =>
  unreadableVm(vm, vmPolicies) ?? notConfigured(vm);

const unreadablePorts = (vm: Vm, vmPolicy: JitVmPolicy, ports: readonly number[]) =>
  ports
    .flatMap((number) => portOf(vmPolicy, number) ?? [])
    .map((port) => unreadablePort(vm, port))
    .find((refusal) => refusal !== undefined);

/** And whether that can be helped. */
function notConfigured(vm: Vm): Refusal {
  const why = whyUnsupported(vm);
  return why === undefined
    ? refuse(
        "not-configured",
      )`${{ strong: vm.name }} has no JIT policy (Not configured): an admin has to enable JIT on it first.`
    : refuse(
        "not-configured",
      )`JIT isn't available for ${{ strong: vm.name }} (Unsupported). ${UNSUPPORTED[why]}.`;
}

/**
 * The policy to ask: it knows all the ports; of several, the one with the longest maximum for them, then
 * the smallest id, so that every replica chooses the same.
 */
export function jitPolicyFor(
  vm: Vm,
  vmPolicies: readonly JitVmPolicy[],
  ports: readonly number[],
): JitVmPolicy | Refusal {
  const known = new Set(
    vmPolicies.flatMap((vmPolicy) => vmPolicy.ports.map((port) => port.number)),
  );
  if (known.size === 0) return nothingToOpen(vm, vmPolicies);
  const fitting = vmPolicies.filter((vmPolicy) => ports.every((port) => portOf(vmPolicy, port)));
  const [best] = fitting.sort(
    (a, b) =>
      longestMs(b, ports) - longestMs(a, ports) ||
      (a.policyId.toLowerCase() < b.policyId.toLowerCase() ? -1 : 1),
  );
  if (best !== undefined) return unreadablePorts(vm, best, ports) ?? best;
  const missing = ports.filter((port) => !known.has(port));
  if (missing.length === 0) {
    return refuse(
      "two-policies",
    )`The ports ${ports.join(", ")} of ${{ strong: vm.name }} are in different JIT policies: request them one by one.`;
  }
  const ordered = [...known].sort((a, b) => a - b);
  const offered = ordered.map((port) => ({ code: String(port) }));
  const no = refuse(
    "port-not-in-policy",
  )`The JIT policy of ${{ strong: vm.name }} doesn't cover ${portsInWords(missing)}: request ${listed(offered, "or")}.`;
  return withFixes(no, ordered.map(onPort));
}

/**
 * Checks a request that was asked before against the rules and the JIT policy as they are now, for a
 * click that decides. `undefined`: everything still holds.
 */
export function recheck(
  ask: Ask,
  input: {
    policy: Policy;
    vm: Vm;
    vmPolicy: JitVmPolicy | undefined;
    promisedRule: string;
    members: Members;
    nowMs: number;
  },
): Refusal | undefined {
  const { policy, vm, vmPolicy, promisedRule, nowMs } = input;
  const rule = ruleFor(policy, vm, { ports: ask.ports, nowMs });
  if (isRefusal(rule)) return rule;
  if (rule.name !== promisedRule) {
    const promised = policy.rules.find((one) => one.name === promisedRule);
    const isAtTimes =
      promised !== undefined &&
      ask.ports.every((port) => rulesOnPort(policy, vm, port).includes(promised));
    if (isAtTimes && !isInHours(promised, nowMs)) {
      return outsideHours(vm, { rule: promised, ports: ask.ports, nowMs });
    }
    if (promised !== undefined && !ask.ports.every((port) => matches(promised, vm, port))) {
      return refuse(
        "no-rule",
      )`${{ strong: vm.name }} no longer falls under rule ${{ code: promisedRule }}: rule ${{ code: rule.name }} applies now. It has to be requested again.`;
    }
    if (rule.match.hours !== undefined) {
      return refuse(
        "no-rule",
      )`Rule ${{ code: rule.name }} applies to ${{ strong: vm.name }} at this time, not ${{ code: promisedRule }}: request it again under that rule.`;
    }
    return refuse(
      "no-rule",
    )`The rules have changed: rule ${{ code: rule.name }} applies to ${{ strong: vm.name }} now, not ${{ code: promisedRule }}. It has to be requested again.`;
  }
  const may =
    ask.breakGlass === true
      ? includes(rule.breakGlass, ask.requester, input.members)
      : isRequester(rule, ask.requester, input.members);
  if (!may) {
    return refuse(
      "not-a-requester",
    )`${{ user: ask.requester }} can no longer request access under rule ${{ code: rule.name }}.`;
  }
  const usable = jitPolicyFor(vm, vmPolicy === undefined ? [] : [vmPolicy], ask.ports);
  if (isRefusal(usable)) return usable;
  if (!allowsAsked(rule, ask)) {
    return refuse(
      "source-not-allowed",
    )`Rule ${{ code: rule.name }} no longer allows the source ${{ code: ask.source }}. It has to be requested again.`;
  }
  const chosen = chooseDuration(rule, usable, { vm, ports: ask.ports, wantedMs: ask.durationMs });
  if (isRefusal(chosen)) return chosen;
  return sourceOutside(vm, usable, { ports: ask.ports, source: ask.source, rule });
}

/** A sentence for a person who left out what can't be guessed. */
export const incompleteVm = (): Words =>
  words`Which VM? Write for example ${{ code: "/jit request vm-01 3389 2h for restarting the print spooler" }}.`;
