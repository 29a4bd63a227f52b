// What the bot's identity may do: the roles granted to it, matched as Azure matches them.

import type { ArmCall, ArmReply, Azure } from "./arm.ts";
import { refusal } from "./refusals.ts";
import type { AzureEstate, Grant, Withheld } from "./world/azure-estate.ts";

/** Whether some grant on the scope, or on one around it, allows the action, and nothing withholds it. */
export function mayDo(world: AzureEstate, action: string, scope: string): boolean {
  const isWithheld = world.withheld.some(
    (one) => covers(one, scope) && patternFor(one.action).test(action),
  );
  return !isWithheld && world.grants.some((grant) => covers(grant, scope) && allows(grant, action));
}

/** Gives an action back that was withheld on that very scope, or withholds it there. */
export function withhold(world: AzureEstate, { scope, action }: Withheld, isGiven: boolean): void {
  const isSame = (one: Withheld) =>
    one.scope.toLowerCase() === scope.toLowerCase() &&
    one.action.toLowerCase() === action.toLowerCase();
  world.withheld = world.withheld.filter((one) => !isSame(one));
  if (!isGiven) world.withheld.push({ scope, action });
}

/** Throws AuthorizationFailed unless the caller may. */
export function requireRight(azure: Azure, call: ArmCall, action: string, scope: string): void {
  // Others than the bot are people of whom nothing is known but that they could.
  if (call.caller.id !== azure.world.bot.objectId) return;
  if (mayDo(azure.world, action, scope)) return;
  throw refusal("not-authorized", { client: call.caller.id, action, scope });
}

/** GET …/providers/Microsoft.Authorization/permissions: what the caller may do on that scope. */
export function listPermissions(azure: Azure, call: ArmCall): ArmReply {
  const scope = call.path.replace(/\/providers\/Microsoft\.Authorization\/permissions$/i, "");
  const withheld = azure.world.withheld.filter((one) => covers(one, scope));
  const value = azure.world.grants
    .filter((grant) => covers(grant, scope))
    .map(({ actions, notActions }) => ({
      actions,
      notActions: [...notActions, ...withheld.map(({ action }) => action)],
      dataActions: [],
      notDataActions: [],
    }));
  return { status: 200, body: { value } };
}

function covers(grant: Pick<Grant, "scope">, scope: string): boolean {
  if (grant.scope === "/") return true;
  const outer = grant.scope.toLowerCase();
  const inner = scope.toLowerCase();
  return inner === outer || inner.startsWith(`${outer}/`);
}

function allows(grant: Grant, action: string): boolean {
  const matches = (pattern: string) => patternFor(pattern).test(action);
  return grant.actions.some(matches) && !grant.notActions.some(matches);
}

const patterns = new Map<string, RegExp>();

/** `*` stands for any text, `/` included; the case doesn't matter. */
function patternFor(action: string): RegExp {
  const known = patterns.get(action);
  if (known) return known;
  const escaped = action.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const made = new RegExp(`^${escaped.join(".*")}$`, "i");
  patterns.set(action, made);
  return made;
}
