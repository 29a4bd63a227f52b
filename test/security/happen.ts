// What happens to people: groups and accounts change, the policy file is edited, Azure is changed, time passes.

import { isOver } from "../../src/domain/request/request.ts";
import type { Policy, Rule } from "../../src/domain/rules/policy.ts";
import type { UserId } from "../../src/domain/text/ids.ts";
import type { JitVmPolicy } from "../../src/domain/vm/vm.ts";
import { HOUR } from "../support/requests.ts";
import type { Edit, Step } from "./cases.ts";
import { momentOf, ruleOf } from "./oracle.ts";
import type { Kind } from "./outside.ts";
import { EVERYBODY, GROUPS, INSIDERS, PORTS, SOURCES, VMS, vmPolicyOf } from "./universe.ts";
import type { World } from "./world.ts";

export const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new Error("nothing to choose from");
  return found;
};

/** A little longer than a group may be read old where somebody sees by it what is others'. */
export const SEEN_AFTER_MS = 11_000;
/** For what opens at once it may not be old at all: what was read a moment ago still has them in it. */
const OUSTED_BEFORE_MS = 2_000;

type Happening = Extract<Step, { does: "members" | "person" | "edit" | "azure" | "time" | "away" }>;

/** Those who have asked or approved, as often as everybody else together. */
function concerned(world: World, everybody: readonly UserId[]): readonly UserId[] {
  const live = world.store.all().filter((one) => !isOver(one));
  const few = live.flatMap(({ ask, approvals }) => [
    ask.requester,
    ...approvals.map((one) => one.by),
  ]);
  return few.length === 0 ? everybody : [...few, ...few, ...few, ...everybody].slice(0, 256);
}

export async function happen(world: World, step: Happening): Promise<void> {
  switch (step.does) {
    case "members": {
      const group = at(GROUPS, step.group);
      const members = world.groups.get(group);
      const user = at(concerned(world, EVERYBODY), step.user);
      const now = members?.now() ?? [];
      members?.set(now.includes(user) ? now.filter((one) => one !== user) : [...now, user]);
      world.advance(SEEN_AFTER_MS);
      if (step.tell) await world.inbound.peopleChanged({ users: [], groups: [group] });
      return;
    }
    case "person": {
      const user = at(concerned(world, INSIDERS), step.user);
      const kinds: readonly Kind[] = ["full", "guest", "deactivated", "full", "stranger"];
      world.people.get(user)?.set(at(kinds, step.kind));
      if (step.tell) await world.inbound.peopleChanged({ users: [user], groups: [] });
      return;
    }
    case "edit":
      return world.policy.set(edited(world.policy.now(), step));
    case "azure":
      return changeAzure(world, step);
    case "time":
      return world.advance(step.minutes * 60_000);
    case "away":
      world.away[step.source] = !world.away[step.source];
  }
}

let files = 0;

function edited(policy: Policy, { rule: index, edit, people }: Extract<Step, { does: "edit" }>) {
  files += 1;
  const hash = files.toString(16).padStart(64, "0");
  const rules = [...policy.rules];
  const rule = at(rules, index);
  const put = (change: Partial<Rule>): Policy => ({
    ...policy,
    hash,
    rules: rules.map((one) => (one === rule ? { ...one, ...change } : one)),
  });
  const changes: Readonly<Record<Edit, () => Policy>> = {
    approvers: () => put({ approvers: people }),
    requesters: () => put({ requesters: people }),
    "more approvals": () => put({ approvals: rule.approvals + 1 }),
    "fewer approvals": () => put({ approvals: Math.max(0, rule.approvals - 1) }),
    name: () => put({ name: `${rule.name}'` }),
    gone: () => ({
      ...policy,
      hash,
      rules: rules.length < 2 ? rules : rules.toSpliced(index % rules.length, 1),
    }),
    order: () => ({ ...policy, hash, rules: rules.toReversed() }),
    networks: () => put({ networks: [at(SOURCES, index)] }),
    duration: () => ({
      ...{ ...policy, hash },
      rules: rules.map((one) => ({ ...one, maxDurationMs: HOUR, defaultDurationMs: HOUR / 2 })),
    }),
    escalate: () => put({ escalate: { afterMs: HOUR / 2, to: people } }),
    extend: () => put({ extend: index % 2 === 0 ? undefined : { max: 2, approvals: 1 } }),
    admins: () => ({ ...policy, hash, admins: people }),
    "break-glass": () => put({ breakGlass: people }),
  };
  return changes[edit]();
}

function changeAzure(world: World, { vm: index, change }: Extract<Step, { does: "azure" }>): void {
  const vm = at(VMS, index);
  const others = world.vmPolicies.now().filter((one) => one.vm !== vm.key);
  const env = change % 12 < 6 ? "prod" : "dev";
  const tagged = world.vms
    .now()
    .map((one) => (one.key === vm.key ? { ...one, tags: { env } } : one));
  const becomes = (...own: readonly JitVmPolicy[]) => world.vmPolicies.set([...others, ...own]);
  const kind = change % 6;
  if (kind === 0) becomes();
  if (kind === 1) becomes(vmPolicyOf(vm, { maxDurationMs: HOUR / 2 }));
  if (kind === 2) becomes(vmPolicyOf(vm, { sources: ["203.0.113.128/25"] }));
  if (kind === 3) becomes(vmPolicyOf(vm));
  if (kind === 4) world.vms.set(tagged);
  // Of what changed at Azure since, the bot's snapshot knows nothing.
  if (kind === 5) world.photograph();
}

/**
 * Somebody loses the group by which they could open something at once: who, and what they ask for next. That
 * is a step of its own: what was so before a step may count in it.
 */
export function oust(
  world: World,
  index: number,
): { readonly actor: UserId; readonly text: string } | undefined {
  const moment = momentOf(world);
  const found = VMS.flatMap((vm) =>
    PORTS.flatMap((port) => {
      const rule = ruleOf(moment, vm, [port]);
      const { requesters, approvals, breakGlass } = rule ?? {};
      const isAutomatic = approvals === 0 && requesters !== "anyone";
      const groups = (isAutomatic ? requesters : breakGlass)?.groups ?? [];
      const verb = isAutomatic ? "request" : "breakglass";
      const text = `${verb} ${vm.resourceGroup}/${vm.name} ${port} 5m for staying`;
      return groups.flatMap((group) =>
        (moment.groups.get(group) ?? []).map((actor) => ({ actor, group, text })),
      );
    }),
  );
  if (found.length === 0) return undefined;
  const { actor, group, text } = at(found, index);
  const members = world.groups.get(group);
  members?.set(members.now().filter((one) => one !== actor));
  world.advance(OUSTED_BEFORE_MS);
  return { actor, text };
}
