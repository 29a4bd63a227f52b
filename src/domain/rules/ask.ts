// What was asked for, once it was checked: the part of a request that never changes.

import { ANY_SOURCE } from "../network/source.ts";
import type { OnCallGround } from "../on-call/rota.ts";
import type { RequestId, UserId, VmKey } from "../text/ids.ts";
import type { Off } from "../vm/vm-power.ts";

/** What was asked for, checked against the rule and the VM's JIT policy; it never changes. */
export type Ask = {
  readonly requester: UserId;
  readonly vm: AskedVm;
  /** Resource id of the JIT policy that is asked to open the ports: of this alone, the newest is kept. */
  readonly jitPolicyId: string;
  /** Ascending, without repetition, never empty. */
  readonly ports: readonly number[];
  readonly durationMs: number;
  /** IPv4 address or CIDR, or `*` for any. */
  readonly source: string;
  /** The network's name in the policy file, if the source was named. */
  readonly sourceName?: string | undefined;
  /** The source is where the requester's browser was, as the bot's own page saw it. */
  readonly proven?: true | undefined;
  /** As typed, up to 1,000 characters; empty where the rule lets it be. */
  readonly reason: string;
  readonly askedAtMs: number;
  /** Not to be opened before that; left out: as soon as it is approved. */
  readonly opensAtMs?: number | undefined;
  /** Opened at once by somebody whom the rule trusts with it, to be reviewed afterwards. */
  readonly breakGlass?: true | undefined;
  /** Approved by its rule, because of who asked. */
  readonly autoApproved?: true | undefined;
  /** What let them break the glass, or have it auto-approved, where they are named by no more than a rota. */
  readonly onCall?: OnCallGround | undefined;
  /** The request whose access this one carries on. */
  readonly extends?: RequestId | undefined;
  /** When that one was to end, as it was known when this was asked. */
  readonly extendsFromMs?: number | undefined;
  /** Random, and the same in all that one command asked for; left out where that fell under one rule. */
  readonly askedWith?: string | undefined;
};

export type AskedVm = {
  readonly key: VmKey;
  readonly id: string;
  readonly name: string;
  readonly os: "linux" | "windows" | undefined;
  /** It didn't run when it was asked for. */
  readonly off?: Off | undefined;
};

/** As Azure spells it in the VM's own id; `undefined` where the id isn't of the usual form. */
export const resourceGroupOf = (vm: Pick<AskedVm, "id">): string | undefined =>
  /\/resourceGroups\/([^/]+)\//i.exec(vm.id)?.[1];

/** A VM's name as it can be typed: with its resource group where another of `names` is the same. */
export function nameIn(name: string, group: string | undefined, names: readonly string[]): string {
  const alike = names.filter((one) => one.toLowerCase() === name.toLowerCase());
  return alike.length < 2 || group === undefined ? name : `${group}/${name}`;
}

export const nameAmong = (
  vm: Pick<AskedVm, "id" | "name">,
  all: readonly Pick<AskedVm, "name">[],
): string =>
  nameIn(
    vm.name,
    resourceGroupOf(vm),
    all.map(({ name }) => name),
  );

/** A source as it can be typed. */
export const typedSource = ({ source, sourceName }: Pick<Ask, "source" | "sourceName">): string =>
  sourceName ?? (source === ANY_SOURCE ? "any" : source);
