// Keeps one copy of what thousands of VMs have in common: a location, a group, tags, the ports of a policy.

import type { JitPort, JitVmPolicy, Vm } from "../../../domain/vm/vm.ts";

/** Lives as long as one snapshot is being made: what nobody uses any more isn't kept by it. */
export type Intern = {
  text<Text extends string>(text: Text): Text;
  tags(tags: Vm["tags"]): Vm["tags"];
  /** `vmPolicy` itself isn't kept: VMs and policies name each other by the same texts. */
  vmPolicy(vmPolicy: JitVmPolicy): JitVmPolicy;
};

const NO_TAGS: Vm["tags"] = Object.freeze({});

export function createIntern(): Intern {
  const texts = new Map<string, string>();
  const tagsBy = new Map<string, Vm["tags"]>();
  const portsBy = new Map<string, readonly JitPort[]>();

  // The value under a key is that key itself, so it is of the type that was asked with.
  const text = <Text extends string>(one: Text): Text => kept(texts, one, () => one) as Text;

  const port = ({ number, protocol, sources, maxDurationMs, unreadable }: JitPort): JitPort =>
    Object.freeze({
      number,
      protocol: text(protocol),
      sources: Object.freeze(sources.map(text)),
      maxDurationMs,
      ...(unreadable && { unreadable }),
    });

  return {
    text,
    tags(tags) {
      const entries = Object.entries(tags);
      if (entries.length === 0) return NO_TAGS;
      return kept(tagsBy, JSON.stringify(entries), () =>
        Object.freeze(Object.fromEntries(entries.map(([name, of]) => [text(name), text(of)]))),
      );
    },
    vmPolicy: ({ policyId, vm, ports, firewallAddress, unreadable }) =>
      Object.freeze({
        policyId: text(policyId),
        vm: text(vm),
        ports: kept(portsBy, JSON.stringify(ports), () => Object.freeze(ports.map(port))),
        firewallAddress: firewallAddress === undefined ? undefined : text(firewallAddress),
        ...(unreadable && { unreadable }),
      }),
  };
}

function kept<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
