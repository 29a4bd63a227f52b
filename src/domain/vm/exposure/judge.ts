// Judges which ports of a VM stand open in spite of JIT: by which rule, from where, and where JIT's own is missing.

import { type AddressRange, addressRange, familyOf } from "../../network/address-ranges.ts";
import type { GuardedAddress, JitGuardedPort, Judge, JudgedVm, Transport } from "./exposure.ts";
import { isJitDenyName } from "./jit-rule-names.ts";
import { collected } from "./merge-findings.ts";
import { type GuardRules, liveOf, type OpeningsOf, rememberedOpenings } from "./openings.ts";
import type { MembersOf } from "./reach.ts";
import { holds, type SecurityRule } from "./security-group.ts";

/** Judges VM after VM. What it found out about the same rules it need not find out again. */
export function networkJudge(membersOf: MembersOf): Judge {
  const openingsOf = rememberedOpenings(membersOf);
  return (vm) => {
    const findings = collected();
    for (const guarded of vm.addresses) {
      const range = addressRange(guarded.address);
      if (range === undefined) continue;
      const destination = { address: range.from, groups: guarded.groups };
      const lists = guarded.guards.map((group) => ({ group, rules: group.rulesFor(destination) }));
      const family = familyOf(range.from);
      for (const at of pairsOf(vm.ports)) {
        judgePort(vm, { ...at, guarded, lists, family, openingsOf, findings });
      }
    }
    return findings.all();
  };
}

const pairsOf = (ports: readonly JitGuardedPort[]) =>
  ports.flatMap(({ number, protocol }) =>
    transportsOf(protocol).map((transport) => ({ port: number, transport })),
  );

const transportsOf = (protocol: string): readonly Transport[] =>
  /^tcp$/i.test(protocol) ? ["tcp"] : /^udp$/i.test(protocol) ? ["udp"] : ["tcp", "udp"];

type Judging = {
  readonly port: number;
  readonly transport: Transport;
  readonly guarded: GuardedAddress;
  /** All rules that are about the address. */
  readonly lists: readonly GuardRules[];
  readonly family: AddressRange;
  readonly openingsOf: OpeningsOf;
  readonly findings: ReturnType<typeof collected>;
};

function judgePort({ live, isBehindFirewall }: JudgedVm, judging: Judging): void {
  const { port, transport, guarded, family, openingsOf, findings } = judging;
  const { address, unseen } = guarded;
  const at = { address, port, transport };
  if (judging.lists.length + unseen.length === 0) {
    if (!isBehindFirewall) findings.open(at, UNGUARDED);
    return;
  }
  const lists = judging.lists.map(({ group, rules }) => ({
    group,
    rules: rules.filter(({ rule }) => isAbout(rule, port, transport)),
  }));
  const open = openingsOf(lists, { live: liveOf(live, port), family });
  if (unseen.length === 0) {
    if (!lists.some(hasJitDeny)) findings.denyMissing(port);
    for (const one of open) findings.open(at, one);
  } else if (lists.length === 0 || open.length > 0) {
    // What is seen doesn't close it, and what isn't seen may.
    for (const name of unseen) findings.unseen(name);
  }
}

/** From the internet as well where its public address is of the old Basic kind: the least is said. */
const UNGUARDED = { from: ["VirtualNetwork"], by: [] };

const isAbout = ({ protocol, ports }: SecurityRule, port: number, transport: Transport): boolean =>
  (protocol === "*" || protocol === transport) && holds(ports, port);

const hasJitDeny = ({ rules }: GuardRules): boolean =>
  rules.some(({ rule }) => rule.access === "deny" && isJitDenyName(rule.name));
