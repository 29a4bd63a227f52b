// What is amiss in a VM's network, as sentences: which port is exposed, from where, by which rule, and the fix.

import { portWords } from "../../text/port-words.ts";
import { listed, type Part, type Words, words } from "../../text/words.ts";
import type { ExposingRule, Exposure, NetworkFindings } from "./exposure.ts";

/** More are counted. */
const SOURCES_MAX = 3;
const PORTS_MAX = 4;
/** Azure's names are shorter, and a line has room for no more. */
const NAME_MAX = 80;

export type Telling = {
  /** Only what concerns these; left out: everything. */
  readonly ports?: readonly number[];
  /** The VM has several private addresses. */
  readonly isOneOfMany?: boolean;
  /** One source and one rule of each exposure, for lists. */
  readonly isBrief?: boolean;
};

export function findingWords(
  { exposures, denyMissing, unseen }: NetworkFindings,
  telling: Telling = {},
): readonly Words[] {
  const { ports } = telling;
  const isAsked = (port: number) => ports === undefined || ports.includes(port);
  const asked = exposures
    .map((one) => ({ ...one, ports: one.ports.filter(isAsked) }))
    .filter((one) => one.ports.length > 0);
  const open = new Set(asked.flatMap((one) => one.ports));
  const closed = denyMissing.filter((port) => isAsked(port) && !open.has(port));
  return [
    ...asked.map((one) => exposureWords(one, { ...telling, denyMissing })),
    ...(closed.length === 0
      ? []
      : [
          words`⚠️ JIT's deny rule for ${somePorts(closed)} is missing, and only other rules keep ${closed.length === 1 ? "it" : "them"} closed. ${SAVE_AGAIN}`,
        ]),
    ...(unseen.length === 0
      ? []
      : [
          words`❔ I can't tell whether ports are exposed: I can't read ${listed(unseen.slice(0, SOURCES_MAX).map(named))}.`,
        ]),
  ];
}

const SAVE_AGAIN = "Save the VM's JIT policy again so that Azure restores it.";

function exposureWords(
  { ports, protocol, address, from, by }: Exposure,
  about: Telling & { readonly denyMissing: readonly number[] },
): Words {
  const over = protocol === "UDP" ? " over UDP" : "";
  const at = about.isOneOfMany ? words` at ${named(address)}` : [];
  const lead = words`⚠️ ${{ strong: "Exposed" }}: ${somePorts(ports)}${over}${at}`;
  if (by.length === 0) {
    return words`${lead}: no network security group guards ${named(address)}. Add one to its subnet or interface.`;
  }
  const isMissing = ports.some((port) => about.denyMissing.includes(port));
  const are = ports.length === 1 ? "is" : "are";
  return words`${lead} ${are} open from ${sourceWords(from, about)}. ${whyWords(by, { ...about, isMissing })}`;
}

function whyWords(
  by: readonly ExposingRule[],
  { isMissing, isBrief }: Telling & { readonly isMissing: boolean },
): Words {
  const [first] = by;
  const rules =
    isBrief && first && by.length > 1
      ? words`${ruleWords(first)} and another rule`
      : listed(by.map(ruleWords));
  if (by.some(({ whose }) => whose === "jit")) {
    return words`${rules} let it in, and no live request needs JIT's. Delete that rule.`;
  }
  if (isMissing) {
    const one = by.length === 1 ? "lets" : "let";
    return words`${rules} ${one} it in, and JIT's deny rule is missing. ${SAVE_AGAIN}`;
  }
  const have = by.length === 1 ? "has" : "have";
  return words`${rules} ${have} a higher priority than JIT's deny rule. Remove it or lower its priority.`;
}

const ruleWords = ({ rule, nsg, whose }: ExposingRule): Words =>
  whose === "default"
    ? words`Azure's default rule ${named(rule)} in ${named(nsg)}`
    : words`${named(rule)} in ${named(nsg)}`;

const named = (name: string): Part => ({ code: name.slice(0, NAME_MAX) });

function somePorts(ports: readonly number[]): Words {
  const shown = ports.slice(0, PORTS_MAX).map(portWords);
  const more = ports.length - PORTS_MAX;
  return listed(more > 0 ? [...shown, `${more} more`] : shown);
}

function sourceWords(from: readonly string[], { isBrief }: Telling): Words {
  if (from.includes("*")) return words`any address`;
  const shown = from.slice(0, isBrief ? 1 : SOURCES_MAX).map(named);
  const more = from.length - shown.length;
  return listed(more > 0 ? [...shown, `${more} more`] : shown);
}
