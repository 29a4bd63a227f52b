// Somebody asks for access: from the command to a stored request, or a refusal that leaves nothing behind.

import { checkAsk, incompleteVm } from "../request/ask.ts";
import type { RequestCommand } from "../request/command/asks.ts";
import type { Policy } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import { type Members, mayAskFor } from "../request/rules.ts";
import type { Vm } from "../request/vm.ts";
import type { Deps } from "./deps.ts";
import type { Sender } from "./desk.ts";
import { findVm, refreshed } from "./find-vm.ts";
import { type CheckedAsk, keep, type Submitted } from "./keep.ts";
import {
  membersOf,
  orCannotCheck,
  refuseOutsiders,
  refuseSharedChannel,
  SHOWING_AGE_MS,
} from "./people.ts";

/**
 * Makes a request, or refuses. After `Submitted` the request is kept and its card is on the way;
 * "repeated" means that this very delivery was handled before.
 */
export async function submit(
  deps: Deps,
  sender: Sender,
  command: RequestCommand,
): Promise<Submitted | Refusal | "repeated"> {
  const outsider =
    (await refuseOutsiders(deps.chat, sender)) ??
    (await refuseSharedChannel(deps.chat, sender.channel));
  if (outsider !== undefined) return outsider;
  const checked = await check(deps, sender, command);
  if (isRefusal(checked)) return checked;
  return keep(deps, sender, checked);
}

/** All checks of an ask, without effect. */
async function check(
  deps: Deps,
  sender: Sender,
  command: RequestCommand,
): Promise<CheckedAsk | Refusal> {
  if (command.vm === undefined) return { refused: "incomplete", say: incompleteVm() };
  if (command.unclear !== undefined) return unclear(command);
  const policy = deps.policy();
  const members = await orCannotCheck(() => requesterGroups(deps, policy));
  if (isRefusal(members)) return members;
  const found = await findVm(deps, command.vm, (vm) =>
    mayAskFor(policy, vm, { user: sender.user, members }),
  );
  if (isRefusal(found)) return found;
  const input = {
    policy,
    members,
    wanted: {
      ports: command.ports,
      durationMs: command.durationMs,
      source: command.source,
      reason: command.reason ?? "",
    },
    requester: sender.user,
    breakGlass: command.verb === "breakglass",
    nowMs: deps.clock.nowMs(),
  };
  const look = (vm: Vm, picture = found.picture) =>
    checkAsk({ ...input, vm, covers: picture.covers.get(vm.key) ?? [] });
  const first = look(found.vm);
  if (!isRefusal(first)) return { ...first, policy };
  if (!MAY_BE_STALE.has(first.refused)) return first;
  // The VM's JIT policy may have been changed since the picture was taken: look once more.
  const picture = await refreshed(deps);
  const again = look(picture.vms.get(found.vm.key) ?? found.vm, picture);
  return isRefusal(again) ? again : { ...again, policy };
}

const MAY_BE_STALE: ReadonlySet<string> = new Set([
  "not-configured",
  "port-not-in-policy",
  "too-long",
  "source-not-allowed",
  "no-rule",
]);

function unclear({ vm, unclear: what }: RequestCommand): Refusal {
  const start = `/jit request ${vm?.name ?? "vm-01"} 22 2h`;
  switch (what) {
    case "source":
      return refuse(
        "incomplete",
      )`What comes after ${{ code: "from" }} is missing: write for example ${{ code: `${start} from 203.0.113.7 for restarting the print spooler` }}.`;
    case "reason":
      return refuse(
        "incomplete",
      )`The reason after ${{ code: "for" }} is missing: write for example ${{ code: `${start} for restarting the print spooler` }}.`;
    default:
      return refuse(
        "ambiguous",
      )`It is not clear whether what follows ${{ code: "for" }} is the duration or the reason: write for example ${{ code: `${start} for restarting the print spooler` }}.`;
  }
}

/** Whoever the rules let ask, by groups; for the rule that matches it is looked at again at the click. */
async function requesterGroups(deps: Deps, policy: Policy): Promise<Members> {
  const groups = policy.rules.flatMap((rule) =>
    rule.requesters === "anyone"
      ? rule.breakGlass.groups
      : [...rule.requesters.groups, ...rule.breakGlass.groups],
  );
  return membersOf(deps.chat, groups, SHOWING_AGE_MS);
}
