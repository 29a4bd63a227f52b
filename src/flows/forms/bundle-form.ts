// Bundles in the request form: which are offered to whom, and what can be chosen for one.

import { type Choices, choicesFor, type Draft } from "../../domain/rules/form-options.ts";
import { type Rule, VMS_PER_REQUEST } from "../../domain/rules/policy.ts";
import { portsInWords } from "../../domain/rules/rule-match.ts";
import { bundleVms, searchBundles } from "../../domain/rules/vm-search.ts";
import { isRefusal, refuse } from "../../domain/text/refusal.ts";
import type { BundleChoice, RequestForm } from "../../ports/screens/request-form.ts";
import type { Listed } from "../inventory/vm-directory.ts";

type Asker = Parameters<typeof choicesFor>[0];

/** Who looks at what: nothing is shown of VMs about which none of `rules` decides. */
type Reader = {
  readonly listed: Listed;
  readonly asker: Asker;
  readonly rules: ReadonlySet<Rule>;
};

/** No VM's code has a colon. */
export const bundleCode = (name: string): string => `bundle:${name}`;

export const bundleOfCode = (code: string): string | undefined =>
  /^bundle:([\w.-]{1,63})$/.exec(code)?.[1];

/** The VMs below them are what most people look for. */
const BUNDLES_FOUND_MAX = 20;

/** Bundles of which this person can request some VM now. */
export function bundlesFound(reader: Reader, text: string): readonly BundleChoice[] {
  const found: BundleChoice[] = [];
  for (const name of searchBundles(reader.listed.index, text)) {
    const choice = choiceOf(reader, name, requestableIn(reader, name, {}).length);
    if (choice.count > 0) found.push(choice);
    if (found.length >= BUNDLES_FOUND_MAX) break;
  }
  return found;
}

/** What the form shows of a bundle; `undefined` where there is nothing that this person can request now. */
export function bundleForm(
  reader: Reader,
  name: string,
  draft: Draft,
): Pick<RequestForm, "vm" | "choices" | "rules"> | undefined {
  // Without ports each VM gets its own usual ones.
  const wanted = draft.ports?.length === 0 ? { ...draft, ports: undefined } : draft;
  const each = requestableIn(reader, name, wanted);
  if (each.length === 0) return undefined;
  const rules = each.flatMap(({ terms }) =>
    terms === undefined || isRefusal(terms) ? [] : [terms.rule],
  );
  return {
    vm: choiceOf(reader, name, each.length),
    choices: together(each, wanted.ports),
    rules: [...new Set(rules)],
  };
}

const mostOf = ({ asker }: Reader): number => asker.policy.limits.vmsPerRequest ?? VMS_PER_REQUEST;

/** The choices for each VM that can be requested now; one more than a request can have says enough. */
function requestableIn(reader: Reader, name: string, draft: Draft): readonly Choices[] {
  const { listed, asker, rules } = reader;
  const most = mostOf(reader) + 1;
  const each: Choices[] = [];
  for (const vm of bundleVms(listed.index, name, rules)) {
    const vmPolicies = listed.snapshot.vmPolicies.get(vm.key) ?? [];
    const choices = choicesFor(asker, { vm, vmPolicies }, draft);
    if (!isRefusal(choices)) each.push(choices);
    if (each.length >= most) break;
  }
  return each;
}

const choiceOf = (reader: Reader, name: string, count: number): BundleChoice => ({
  code: bundleCode(name),
  bundle: name,
  count: Math.min(count, mostOf(reader)),
  isTooMany: count > mostOf(reader),
});

/** Any port of any of them; times and sources as for the first that takes the ports that are chosen. */
function together(each: readonly Choices[], wanted: readonly number[] | undefined): Choices {
  const ports = [...new Set(each.flatMap((one) => one.ports))].sort((a, b) => a - b);
  const chosenPorts = wanted?.filter((port) => ports.includes(port)) ?? [];
  const taking = each.filter((one) => chosenPorts.every((port) => one.ports.includes(port)));
  const isClear = ({ terms }: Choices) => terms !== undefined && !isRefusal(terms);
  const [first] = taking;
  if (first === undefined) return { ports, chosenPorts, terms: notTogether(chosenPorts) };
  return { ports, chosenPorts, terms: (taking.find(isClear) ?? first).terms };
}

const notTogether = (ports: readonly number[]) =>
  refuse(
    "port-not-in-policy",
  )`You can't request ${portsInWords(ports)} together on any VM of this bundle: choose fewer ports, or none for each VM's usual one.`;
