// What would become of an ask, and why: every check by itself, by the code that enforces it, without effect.

import { chooseDuration, sourceOutside } from "../rules/bounds.ts";
import {
  type AskInput,
  type Checked,
  checkAsk,
  defaultPorts,
  jitPolicyFor,
  lacksReason,
  mayNotAsk,
} from "../rules/check-ask.ts";
import type { Rule } from "../rules/policy.ts";
import { type ChosenSource, chooseSource } from "../rules/requested-source.ts";
import { ruleFor } from "../rules/rule-match.ts";
import { isRefusal, type Refusal } from "../text/refusal.ts";
import type { JitVmPolicy } from "../vm/vm.ts";
import { type Considered, considered } from "./considered-rules.ts";

export type Explanation = {
  readonly input: AskInput;
  /** Up to the rule that decides. Empty where it isn't clear which ports. */
  readonly considered: readonly Considered[];
  /** What passed; a part is missing where its check didn't pass, or couldn't be made. */
  readonly found: Found;
  /** Of every check that didn't pass, in the order in which an ask is checked. */
  readonly refusals: readonly Refusal[];
  /** What would happen: a refusal is the first of `refusals`. */
  readonly outcome: Checked | Refusal;
};

export type Found = {
  readonly ports?: readonly number[] | undefined;
  readonly rule?: Rule | undefined;
  /** The person may ask. */
  readonly mayAsk?: true | undefined;
  readonly vmPolicy?: JitVmPolicy | undefined;
  readonly durationMs?: number | undefined;
  readonly source?: ChosenSource | undefined;
  /** The JIT policy allows the source. */
  readonly within?: true | undefined;
};

/** Unlike asking it doesn't stop at the first refusal: anyone who wants to know why wants to know all of it. */
export function explain(input: AskInput): Explanation {
  const { policy, vm, vmPolicies, wanted } = input;
  const refusals: Refusal[] = [];
  const passed = <T>(found: T | Refusal): T | undefined => {
    if (!isRefusal(found)) return found;
    refusals.push(found);
    return undefined;
  };
  const ports = passed(wanted.ports ?? defaultPorts(vm, vmPolicies));
  const rule = ports && passed(ruleFor(policy, vm, { ports, nowMs: input.nowMs }));
  const mayAsk = rule && ports && passed(mayNotAsk(rule, input, ports) ?? true);
  const vmPolicy = ports && passed(jitPolicyFor(vm, vmPolicies, ports));
  const wantedMs = wanted.durationMs;
  const durationMs =
    rule && vmPolicy && ports && passed(chooseDuration(rule, vmPolicy, { vm, ports, wantedMs }));
  const source = rule && passed(chooseSource(policy, rule, wanted.source, input.myAddress));
  const within =
    vmPolicy &&
    source &&
    ports &&
    passed(sourceOutside(vm, vmPolicy, { ports, source: source.source, rule }) ?? true);
  if (rule !== undefined) passed(lacksReason(rule, input) ?? true);
  return {
    input,
    considered: ports === undefined ? [] : considered(policy, vm, { ports, nowMs: input.nowMs }),
    found: { ports, rule, mayAsk, vmPolicy, durationMs, source, within },
    refusals,
    outcome: checkAsk(input),
  };
}
