// Asks for the tests: checked against a rule and a policy that allow much, changed where a test cares.

import { type AskInput, type Checked, checkAsk } from "../../src/domain/rules/check-ask.ts";
import type { Rule } from "../../src/domain/rules/policy.ts";
import { isRefusal } from "../../src/domain/text/refusal.ts";
import { plain } from "../../src/domain/text/words.ts";
import type { JitPort, Vm } from "../../src/domain/vm/vm.ts";
import { aPolicy, aPort, aRule, aVm, aVmPolicy, ERIN, OMAR, ONCALL, T0 } from "./requests.ts";

export type Given = {
  readonly vm?: Partial<Vm>;
  readonly rule?: Partial<Rule>;
  readonly rules?: readonly Rule[];
  /** The ports of each policy that covers the VM, by its name. */
  readonly vmPolicies?: Readonly<Record<string, readonly JitPort[]>>;
  readonly wanted?: Partial<AskInput["wanted"]>;
  readonly opensAtMs?: number;
};

const BOTH = [aPort(22), aPort(3389)];

export function check({
  vm: change,
  rule,
  rules,
  vmPolicies = { default: BOTH },
  wanted,
  opensAtMs,
}: Given) {
  const vm = aVm(change);
  return checkAsk({
    policy: aPolicy({ rules: rules ?? [aRule(rule)] }),
    vm,
    vmPolicies: Object.entries(vmPolicies).map(([id, ports]) => aVmPolicy(vm, ports, id)),
    wanted: { ports: undefined, durationMs: undefined, source: undefined, reason: "", ...wanted },
    requester: ERIN,
    members: new Map([[ONCALL, [OMAR]]]),
    nowMs: T0,
    opensAtMs,
  });
}

/** What was accepted; a refusal fails the test. */
export function right(given: Given): Checked {
  const checked = check(given);
  if (isRefusal(checked)) throw new Error(`${checked.refused}: ${plain(checked.say)}`);
  return checked;
}

/** The code and the sentence of a refusal. */
export function refusal(given: Given): string {
  const checked = check(given);
  return isRefusal(checked) ? `${checked.refused}: ${plain(checked.say)}` : "accepted";
}
