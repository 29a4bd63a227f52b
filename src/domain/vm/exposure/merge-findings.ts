// Puts together what was found of a VM's ports: what differs in port or protocol alone is one exposure.

import type { Exposure, NetworkFindings, Transport } from "./exposure.ts";

type At = { readonly address: string; readonly port: number; readonly transport: Transport };
type Opening = Pick<Exposure, "from" | "by">;
type Open = Opening & Pick<At, "address"> & { readonly ports: Map<number, Set<Transport>> };

/** More aren't kept of one VM: closing these shows the others. */
const EXPOSURES_MAX = 10;

export function collected() {
  const opened = new Map<string, Open>();
  const missing = new Set<number>();
  const groups = new Set<string>();
  return {
    open({ address, port, transport }: At, { from, by }: Opening): void {
      const key = JSON.stringify([address, from, by]);
      const known = opened.get(key) ?? { address, from, by, ports: new Map() };
      opened.set(key, known);
      known.ports.set(port, (known.ports.get(port) ?? new Set()).add(transport));
    },
    denyMissing: (port: number) => void missing.add(port),
    unseen: (group: string) => void groups.add(group),
    all(): NetworkFindings | undefined {
      if (opened.size + missing.size + groups.size === 0) return undefined;
      const exposures = [...opened.values()].flatMap(exposuresOf);
      return Object.freeze({
        exposures: Object.freeze(exposures.slice(0, EXPOSURES_MAX)),
        denyMissing: Object.freeze([...missing]),
        unseen: Object.freeze([...groups]),
      });
    },
  };
}

function exposuresOf({ ports, address, from, by }: Open): readonly Exposure[] {
  const alike = Map.groupBy([...ports], ([, transports]) => protocolOf(transports));
  return [...alike].map(([protocol, its]) =>
    Object.freeze({ ports: Object.freeze(its.map(([port]) => port)), protocol, address, from, by }),
  );
}

const protocolOf = (transports: ReadonlySet<Transport>): Exposure["protocol"] =>
  transports.size === 2 ? "*" : transports.has("tcp") ? "TCP" : "UDP";
