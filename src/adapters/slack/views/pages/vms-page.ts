// A page of VMs: how each stands with just-in-time access, what may be asked for, and what is amiss. Pure.

import { sourcesWords } from "../../../../domain/network/source-words.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { portWords } from "../../../../domain/text/port-words.ts";
import { listed, type Words, words } from "../../../../domain/text/words.ts";
import { findingWords } from "../../../../domain/vm/exposure/exposure-words.ts";
import { isExposed, UNSUPPORTED, whyUnsupported } from "../../../../domain/vm/jit-state.ts";
import type { JitPort, Vm } from "../../../../domain/vm/vm.ts";
import type { VmEntry, VmsScreen } from "../../../../ports/screens/screens.ts";
import { actions, type Message, sections, textOf } from "../blocks.ts";
import { paging } from "./paging.ts";

/** The portal's own words, each with a mark beside it. */
const STATES: Readonly<Record<VmEntry["state"], { icon: string; said: string }>> = {
  configured: { icon: "🛡️", said: "Configured" },
  "not-configured": { icon: "▫️", said: "Not configured" },
  unsupported: { icon: "⛔", said: "Unsupported" },
  unknown: { icon: "❔", said: "Not known" },
};

/** So much of a VM is shown; the form shows the rest. */
const PORTS_MAX = 5;
const TERMS_MAX = 3;
const FINDINGS_MAX = 1;
const UNREADABLE_MAX = 2;

export function vmsMessage(screen: VmsScreen): Message {
  const { entries, page, notes } = screen;
  const title = words`${{ strong: heading(screen) }}${page > 1 ? `, page ${page}` : ""}`;
  const blocks = [
    ...sections([title]),
    ...entries.flatMap((entry) => sections(entryWords(entry))),
    ...(notes.length === 0 ? [] : sections(notes)),
    ...actions(paging(screen)),
  ];
  const [first] = notes;
  return {
    text: textOf(entries.length === 0 && first ? first : words`${heading(screen)}`),
    blocks,
  };
}

function heading({ counts }: VmsScreen): string {
  const { configured, notConfigured, unsupported, unknown, exposed } = counts;
  const all = configured + notConfigured + unsupported + unknown;
  if (all === 0) return "No VMs";
  const parts = [
    `${configured} Configured`,
    `${notConfigured} Not configured`,
    `${unsupported} Unsupported`,
    ...(unknown > 0 ? [`${unknown} not known`] : []),
    ...(exposed > 0 ? [`${exposed} exposed despite JIT`] : []),
  ];
  return `${all} ${all === 1 ? "VM" : "VMs"}: ${parts.join(", ")}`;
}

function entryWords({ vm, state, ports, unreadable = [], open }: VmEntry): readonly Words[] {
  const { icon, said } = isExposed(vm) ? { ...STATES[state], icon: "⚠️" } : STATES[state];
  const group = { code: `${vm.resourceGroup}/${vm.name}` };
  const power = powerWords(vm.power);
  const now = open === 0 ? "" : `, ${open} open now`;
  const askable = ports.filter((port) => port.maxDurationMs > 0 && port.sources.length > 0);
  return [
    words`${icon} ${{ strong: said }}: ${group}${power}${now}${whyWords(state, vm)}`,
    ...(askable.length === 0 ? [] : [portsLine(askable)]),
    ...unreadableLine(unreadable),
    ...amissLines(vm),
  ];
}

function whyWords(state: VmEntry["state"], vm: Vm): string {
  const why = state === "unsupported" ? whyUnsupported(vm) : undefined;
  if (why !== undefined) return `. ${UNSUPPORTED[why]}`;
  return state === "unknown" ? ". Its subscription's JIT policies couldn't be read" : "";
}

/** Azure says `PowerState/deallocated`. */
const powerWords = (power: string | undefined): string =>
  power === undefined ? "" : `, ${power.replace(/^PowerState\//i, "").slice(0, 40)}`;

/** What nobody can be let in by, for somebody to set it right. */
function unreadableLine(unreadable: readonly string[]): readonly Words[] {
  if (unreadable.length === 0) return [];
  const shown = unreadable.slice(0, UNREADABLE_MAX).map((what) => ({ code: what }));
  const more = unreadable.length - shown.length;
  return [
    words`⚠️ I can't read ${listed(shown)}${more > 0 ? ` and ${more} more` : ""} in its JIT policy, so it allows nothing.`,
  ];
}

/** Ports of which the same is true are named together. */
function portsLine(ports: readonly JitPort[]): Words {
  const alike = [...Map.groupBy(ports, termsOf)];
  const shown = alike.slice(0, TERMS_MAX).map(([, same]) => {
    const numbers = same.slice(0, PORTS_MAX).map(({ number }) => portWords(number));
    const more = same.length - numbers.length;
    const [{ maxDurationMs, sources, protocol } = NO_PORT] = same;
    const only = protocol === "*" ? "" : ` ${protocol.slice(0, 10)} only`;
    const all = more > 0 ? words`${listed(numbers)} and ${more} more` : listed(numbers);
    return words`${all}${only} up to ${formatDuration(maxDurationMs)} from ${sourcesWords(sources)}`;
  });
  const left = alike.slice(TERMS_MAX).flatMap(([, same]) => same).length;
  const joined = shown.flatMap((one, index) => (index === 0 ? one : ["; ", ...one]));
  return left > 0 ? words`${joined}; and ${left} more` : joined;
}

const NO_PORT = { maxDurationMs: 0, sources: [], protocol: "*" } as const;

const termsOf = ({ protocol, maxDurationMs, sources }: JitPort): string =>
  [protocol, maxDurationMs, ...sources].join(" ");

/** What there is no room for isn't hidden: it is counted. */
function amissLines({ network, privateAddresses }: Vm): readonly Words[] {
  if (network === undefined) return [];
  const lines = findingWords(network, { isOneOfMany: privateAddresses.length > 1, isBrief: true });
  const more = lines.length - FINDINGS_MAX;
  const shown = lines.slice(0, FINDINGS_MAX);
  return more > 0 ? [...shown, words`${more} more in ${{ code: "/jit explain" }}`] : shown;
}
