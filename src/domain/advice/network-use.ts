// Which of a rule's networks the requests came from. Pure.

import { ANY_SOURCE, contains, joinedSources, sourceParts } from "../network/source.ts";
import type { AllowedSource } from "../rules/policy.ts";
import { MY_IP } from "../rules/requested-source.ts";
import type { Use } from "./usage.ts";

/** A use whose source is known. */
export type Placed = Use & { readonly source: string };

export const isPlaced = (use: Use): use is Placed => use.source !== undefined;

export function nameOfSource(allowed: AllowedSource): string {
  switch (allowed.kind) {
    case "network":
      return allowed.name;
    case "cidr":
      return allowed.cidr;
    default:
      return allowed.kind;
  }
}

/**
 * Whether the network is needed for a use. Where nothing says how the source was named, every network that
 * has it counts, and a single address as `my-ip`, too.
 */
export function isFrom(
  allowed: AllowedSource,
  use: Placed,
  all: readonly AllowedSource[],
): boolean {
  const { source, network } = use;
  switch (allowed.kind) {
    case "my-ip":
      return network === undefined ? isSingle(source) : network === MY_IP;
    case "network":
      return isNamed(use, all) ? allowed.name === network : within(allowed.cidrs, source);
    case "cidr":
      return !isNamed(use, all) && within([allowed.cidr], source);
    case "any":
      return (
        source === ANY_SOURCE ||
        (!isNamed(use, all) && !all.some((one) => one !== allowed && holds(one, source)))
      );
  }
}

/** Whether it was asked for by a name that the rule has. */
const isNamed = ({ network }: Placed, all: readonly AllowedSource[]): boolean =>
  network !== undefined && all.some((one) => nameOfSource(one) === network);

const holds = (allowed: AllowedSource, source: string): boolean =>
  (allowed.kind === "network" && within(allowed.cidrs, source)) ||
  (allowed.kind === "cidr" && within([allowed.cidr], source));

const within = (cidrs: readonly string[], source: string): boolean =>
  contains(joinedSources(cidrs), source);

/** One address, as a browser has. */
export const isSingle = (source: string): boolean => /^[\d.]+$/.test(source);

/** Whether a source and a range have addresses in common. */
export const touches = (cidr: string, source: string): boolean =>
  sourceParts(source).some((part) => contains(cidr, part) || contains(part, cidr));
