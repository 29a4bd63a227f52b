// What Azure refuses as it stands: whether the same again would be refused again, and what would work instead.

import { ANY_SOURCE, sourceParts } from "../network/source.ts";
import { longestMs, portOf, sourceOutside } from "../rules/bounds.ts";
import { jitPolicyFor } from "../rules/check-ask.ts";
import type { Rule } from "../rules/policy.ts";
import { allowsSource } from "../rules/requested-source.ts";
import { formatDuration, MINUTE_MS } from "../text/duration.ts";
import { isRefusal } from "../text/refusal.ts";
import { listed, type Words, words } from "../text/words.ts";
import type { JitVmPolicy, Vm } from "../vm/vm.ts";
import type { FaultNote } from "./grant.ts";

/**
 * In Azure's words, the codes of JIT being mostly unknown. Seen publicly: "not a subset of policy", an IPv6
 * source, and `InvalidInitiateInput`.
 */
export const isOfTheRequest = ({ code, message }: FaultNote): boolean =>
  code === "InvalidInitiateInput" ||
  /not a subset of policy|in IPv6 format, which is unsupported/i.test(message);

/** A Retry sends the same again, until the same end: whether Azure would probably refuse it again. */
export const mayFailAgain = (fault: FaultNote): boolean =>
  fault.fix !== undefined || isOfTheRequest(fault);

type Sent = {
  readonly ports: readonly number[];
  readonly source: string;
  /** From now until the end that was sent. */
  readonly leftMs: number;
  /** What it was requested under; left out: it's gone. No fix is named that it wouldn't allow. */
  readonly rule?: Rule | undefined;
};

/** What of the request the JIT policy doesn't allow, as it is now; `undefined`: it allows all of it. */
export function whatWouldWork(
  vm: Vm,
  vmPolicy: JitVmPolicy | undefined,
  { ports, source, leftMs, rule }: Sent,
): Words | undefined {
  const usable = jitPolicyFor(vm, vmPolicy === undefined ? [] : [vmPolicy], ports);
  if (isRefusal(usable)) return usable.say;
  const outside = sourceOutside(vm, usable, { ports, source, rule });
  if (outside !== undefined) return outside.say;
  const mostMs = longestMs(usable, ports);
  if (leftMs > mostMs) {
    const most = formatDuration(Math.floor(mostMs / MINUTE_MS) * MINUTE_MS);
    return words`The JIT policy of ${{ strong: vm.name }} allows at most ${most} on ${ports.join(", ")}: request ${most} or less.`;
  }
  return undefined;
}

/**
 * The policy allows it by containing its source, which Azure may not take; `undefined`: it has that very one, or
 * allows every source, of which Azure takes any.
 */
export function exactSource(
  vm: Vm,
  vmPolicy: JitVmPolicy,
  { ports, source, rule }: Sent,
): Words | undefined {
  const isAllowed = (one: string): boolean => rule === undefined || allowsSource(rule, one);
  const parts = sourceParts(source).filter(isAllowed);
  if (parts.length > 1) {
    const each = parts.slice(0, 5).map((part) => ({ code: `from ${part}` }));
    return words`Azure might not take several sources at once: request ${listed(each, "or")}. An admin can set ${{ code: "azure.sourceLists" }} to false.`;
  }
  const taken = ports.map((port) => portOf(vmPolicy, port)?.sources ?? []);
  const takes = (sources: readonly string[], one: string): boolean =>
    sources.includes(ANY_SOURCE) || sources.includes(one);
  if (taken.every((sources) => takes(sources, source))) return undefined;
  const common = [...new Set(taken.flat())].filter(
    (one) => one !== ANY_SOURCE && taken.every((sources) => takes(sources, one)),
  );
  if (common.length === 0) return undefined;
  const froms = common.filter(isAllowed).map((one) => ({ code: `from ${one}` }));
  const differs = words`The JIT policy of ${{ strong: vm.name }} has a different source, and Azure might accept only that one`;
  return froms.length === 0
    ? words`${differs}: an admin has to change the policy.`
    : words`${differs}: request ${listed(froms.slice(0, 5), "or")}, or have an admin change the policy.`;
}
