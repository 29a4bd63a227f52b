// A list of ports as people write it: numbers, names of services, commas, spaces.

import { parseDuration } from "./duration.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { typed } from "./typed.ts";
import { listed, words } from "./words.ts";

const PORT_NAMES: Readonly<Record<string, readonly number[]>> = {
  ssh: [22],
  rdp: [3389],
  winrm: [5985, 5986],
};

/** More than anybody needs for work: each one is a line on the card and in the policy. */
export const PORTS_MAX = 20;

const PORT_MAX = 65_535;

/**
 * Reads `3389`, `22, 3389`, `ssh 8080`, `winrm`: answers ports in ascending order, each once, or a
 * refusal that names the fault.
 */
export function parsePorts(text: string): readonly number[] | Refusal {
  const items = text.split(/[\s,]+/).filter((item) => item !== "");
  const ports = new Set<number>();
  for (const item of items) {
    const named = namedPorts(item);
    if (named === undefined) return faultOf(item, text.trim());
    for (const port of named) ports.add(port);
    if (ports.size > PORTS_MAX) {
      return refuse("bad-ports")`That's more than ${PORTS_MAX} ports: request fewer at once.`;
    }
  }
  if (ports.size === 0) {
    return refuse("bad-ports")`Name at least one port, for example ${{ code: "22" }}.`;
  }
  return [...ports].sort((a, b) => a - b);
}

/** The canonical spelling: `22,3389`. */
export const formatPorts = (ports: readonly number[]): string => ports.join(",");

/** True for a number, whatever its size, and for the name of a service. */
export const isPortItem = (item: string): boolean =>
  /^\d+$/.test(item) || Object.hasOwn(PORT_NAMES, item.toLowerCase());

function namedPorts(item: string): readonly number[] | undefined {
  if (!isPortItem(item)) return undefined;
  if (!/^\d/.test(item)) return PORT_NAMES[item.toLowerCase()];
  const port = Number(item);
  return port >= 1 && port <= PORT_MAX ? [port] : undefined;
}

function faultOf(item: string, list: string): Refusal {
  if (/^-?\d+$/.test(item)) {
    return refuse("bad-ports")`${typed(item)} isn't a valid port (1–${PORT_MAX}).`;
  }
  if (/^\d+-\d+$/.test(item)) {
    return refuse(
      "bad-ports",
    )`${typed(item)} is a range of ports: name each port, for example ${{ code: "22,3389" }}.`;
  }
  if (/^\d+,\d+[a-z]+$/i.test(list)) {
    const two = words`${typed(list.replace(",", " "))} for a port and a duration`;
    const one = words`${typed(list.replace(",", "."))} for a fraction`;
    return refuse("ambiguous")`${typed(list)} could mean two things: write ${two}, or ${one}.`;
  }
  if (parseDuration(item) !== undefined) {
    return refuse(
      "ambiguous",
    )`${typed(list)} runs ports and a duration together: put a space before ${typed(item)}.`;
  }
  const examples = listed([{ code: "22" }, { code: "22,3389" }, { code: "ssh" }], "or");
  return refuse("bad-ports")`${typed(item)} isn't a port: write for example ${examples}.`;
}
