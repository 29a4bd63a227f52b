// Ending early by rule: which of the doors to shut are shut by deleting JIT's own rules at the NSG.

import type { Door } from "../../../domain/request/doors/doors.ts";
import type { In } from "../../../domain/request/request.ts";
import type { Deps } from "../../deps.ts";

type Needs = Pick<Deps, "azure" | "policy">;

/** What ending early makes of a door that it has looked at. */
export type Look = {
  readonly door: Door;
  /** Nothing keeps the door open on this request's account any more. */
  readonly shut: boolean;
  /** Nothing more is to be done, but Azure doesn't show the end of it: absence proves nothing. */
  readonly isUnproven?: true;
  /** Shut, as far as this request goes: somebody opened it without the bot as well. */
  readonly isOpenForOthers?: true;
  readonly openUntilMs: number;
  /** It stays open, but only as long as others need it. */
  readonly isHeld?: boolean;
  /** The end to send; `undefined`: the present one is right already. */
  readonly shortenTo: number | undefined;
  /** It is seen open for this request alone, so that to delete its rule takes nothing from anybody. */
  readonly byRule: boolean;
  /** The rules to delete, by their ids. */
  readonly rules: readonly string[];
};

/**
 * Where the policy file says so, doors that are open for this request alone are shut by their rules. The
 * policy may miss a deletion: the missing rule is the proof. Where a rule opens more
 * than these doors, an end is sent, as for all other doors.
 */
export async function withRules(
  deps: Needs,
  { ask }: In<"ending">,
  looks: readonly Look[],
): Promise<readonly Look[]> {
  const [first, ...more] = looks.filter((look) => look.byRule);
  if (deps.policy().endEarly !== "nsg-rule" || first === undefined) return looks;
  const ports = [first, ...more].map(({ door }) => door.port);
  const found = await deps.azure.openRules({
    vmId: ask.vm.id,
    ports,
    source: first.door.source,
  });
  return looks.map((look): Look => {
    if (!look.byRule) return look;
    const own = found.filter((rule) => rule.ports.includes(look.door.port));
    if (own.length === 0) return { ...look, shut: true, shortenTo: undefined };
    if (!own.every((rule) => rule.alone)) return look;
    return { ...look, shortenTo: undefined, rules: own.map((rule) => rule.id) };
  });
}
