// Finds what makes JIT useless: rules of a network security group that let in from above the one by which it shuts.

import { z } from "zod";
import type { OpenRange } from "../../request/vm.ts";
import { isAllowName } from "./open-rule.ts";

/** As Defender names what it shuts; what it opens for a time has hyphens. */
const DENY_NAME = /^(?:MicrosoftDefenderForCloud|SecurityCenter)-JITRule_/i;

const text = z.string().catch("");
const list = z.array(z.string()).catch([]);
const ruleSchema = z.object({
  name: z.string(),
  properties: z.object({
    access: text,
    direction: text,
    priority: z.number(),
    destinationPortRange: text,
    destinationPortRanges: list,
    destinationAddressPrefix: text,
    destinationAddressPrefixes: list,
  }),
});

type Rule = z.output<typeof ruleSchema>;

/** What is kept of a group: where JIT shuts, and what stands above that. */
export type Bypasses = {
  /** By private address: the priority at which JIT shuts. */
  readonly shutAt: ReadonlyMap<string, number>;
  readonly allows: readonly (OpenRange & {
    readonly priority: number;
    readonly destinations: readonly string[];
  })[];
};

/** `undefined`: JIT shuts nothing here, or nobody's own rule lets in; which is so for nearly all. */
export function readBypasses(nsg: string, rules: readonly unknown[]): Bypasses | undefined {
  const inbound = rules.flatMap((one) => {
    const rule = ruleSchema.safeParse(one).data;
    return rule !== undefined && /^inbound$/i.test(rule.properties.direction) ? [rule] : [];
  });
  const shutAt = new Map<string, number>();
  for (const rule of inbound.filter(({ name }) => DENY_NAME.test(name))) {
    for (const address of destinationsOf(rule)) {
      shutAt.set(address, Math.min(rule.properties.priority, shutAt.get(address) ?? Infinity));
    }
  }
  const lowest = Math.max(...shutAt.values());
  const allows = inbound
    .filter(({ name, properties: { access, priority } }) => {
      return /^allow$/i.test(access) && !isAllowName(name) && priority < lowest;
    })
    .flatMap((rule) => {
      const { priority } = rule.properties;
      const destinations = destinationsOf(rule);
      return rangesOf(rule).map((range) => ({
        ...range,
        ...{ rule: rule.name, nsg, priority, destinations },
      }));
    });
  return allows.length === 0 ? undefined : { shutAt, allows };
}

/** What of it lets in to a VM with these private addresses. */
export function openAlways(
  { shutAt, allows }: Bypasses,
  addresses: readonly string[],
): readonly OpenRange[] {
  return allows
    .filter(({ priority, destinations }) =>
      addresses.some((address) => {
        const isFor = destinations.includes(address) || destinations.some(isAnywhere);
        return isFor && priority < (shutAt.get(address) ?? -Infinity);
      }),
    )
    .map(({ from, to, rule, nsg }) => ({ from, to, rule, nsg }));
}

/** A network that holds the address may be meant as well, but only what surely lets in is told. */
const isAnywhere = (prefix: string): boolean =>
  prefix === "*" || prefix === "0.0.0.0/0" || /^(any|virtualnetwork)$/i.test(prefix);

const destinationsOf = ({ properties }: Rule): readonly string[] =>
  [properties.destinationAddressPrefix, ...properties.destinationAddressPrefixes]
    .filter((one) => one !== "")
    .map((one) => one.replace(/\/32$/, ""));

function rangesOf({ properties }: Rule): readonly { from: number; to: number }[] {
  return [properties.destinationPortRange, ...properties.destinationPortRanges].flatMap((said) => {
    if (said === "*") return [{ from: 0, to: 65_535 }];
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(said) ?? [];
    return from === undefined ? [] : [{ from: Number(from), to: Number(to) }];
  });
}
