// Which VMs a request for several means: those of a list, or those that are there for this person and match.

import { formatSeveral, type SeveralVms } from "../../../domain/command/several-vms.ts";
import type { VmRef } from "../../../domain/command/vm-ref.ts";
import { type Selector, selectorMatches } from "../../../domain/command/vm-selector.ts";
import { type Bundle, type Policy, VMS_PER_REQUEST } from "../../../domain/rules/policy.ts";
import { inBundle } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import { typed } from "../../../domain/text/typed.ts";
import type { Vm } from "../../../domain/vm/vm.ts";
import { firstSnapshot } from "../../inventory/find-vm.ts";
import { SHOWING_AGE_MS } from "../../people/people.ts";
import { knownVms } from "./known-vms.ts";
import type { AskNeeds } from "./try-ask.ts";

/** As many as one request may name; more, or none, is refused. A VM's own name is looked for later, by itself. */
export async function askedVms(
  deps: AskNeeds,
  user: UserId,
  several: SeveralVms,
): Promise<readonly VmRef[] | Refusal> {
  const policy = deps.policy();
  const refs = await namedVms(deps, { user, policy, several });
  if (isRefusal(refs)) return refs;
  const most = policy.limits.vmsPerRequest ?? VMS_PER_REQUEST;
  if (refs.length > most) {
    return refuse(
      "too-many-vms",
    )`${typed(formatSeveral(several))} names ${refs.length} VMs, and a request can have ${most}: name fewer, or narrow it with ${{ code: "tag:env=prod" }}.`;
  }
  return refs;
}

type Named = { readonly user: UserId; readonly policy: Policy; readonly several: SeveralVms };

async function namedVms(
  deps: AskNeeds,
  { user, policy, several }: Named,
): Promise<readonly VmRef[] | Refusal> {
  const list = "selector" in several ? listOf(several.selector) : undefined;
  if (list !== undefined) return list;
  const bundle = "bundle" in several ? bundleNamed(policy, several.bundle) : undefined;
  const known = await knownVms(deps, { policy, user, everything: false }, SHOWING_AGE_MS);
  if (isRefusal(known)) return known;
  const snapshot = await firstSnapshot(deps);
  if (isRefusal(snapshot)) return snapshot;
  const isMeant = (vm: Vm): boolean =>
    "selector" in several
      ? selectorMatches(several.selector, vm)
      : bundle !== undefined && inBundle(bundle, vm);
  const found = [...snapshot.vms.values()].filter((vm) => isMeant(vm) && known.isKnown(vm));
  if (found.length === 0) {
    return refuse(
      "no-such-vm",
    )`No VM that you can request matches ${typed(formatSeveral(several))}: ${{ code: "/jit vms" }} lists those that you can.`;
  }
  const byName = found.toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  return byName.map(({ name, id }) => ({ typed: name, name, id }));
}

/** A list that nothing narrows, each name once. */
function listOf({ vm, also = [], resourceGroup, tags }: Selector): readonly VmRef[] | undefined {
  if (vm === undefined || resourceGroup !== undefined || tags.length > 0) return undefined;
  const keyOf = ({ id, typed: name }: VmRef) => (id ?? name).toLowerCase();
  const seen = new Map([vm, ...also].map((ref) => [keyOf(ref), ref]));
  return [...seen.values()];
}

/** In any case; nothing tells a bundle that isn't there from one whose VMs aren't there for somebody. */
function bundleNamed({ bundles = {} }: Policy, name: string): Bundle | undefined {
  const found = Object.keys(bundles).find((one) => one.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : bundles[found];
}
