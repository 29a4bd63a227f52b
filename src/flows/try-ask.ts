// Tries an ask: finds the VM and checks everything, without effect. For asking, and for explaining.

import type { Chat } from "../ports/chat.ts";
import { type AskInput, type Checked, checkAsk, incompleteVm } from "../request/ask.ts";
import type { RequestCommand } from "../request/command/asks.ts";
import type { UserId } from "../request/ids.ts";
import type { Policy } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import { type Members, mayAskFor } from "../request/rules.ts";
import type { Vm } from "../request/vm.ts";
import type { Deps } from "./deps.ts";
import { findVm, refreshed } from "./find-vm.ts";
import { myAddressOf } from "./my-address.ts";
import { DECIDING_AGE_MS, membersOf, orCannotCheck, SHOWING_AGE_MS } from "./people.ts";
import { orUnread } from "./unread.ts";

export type World = Pick<Deps, "azure" | "clock" | "log" | "policy" | "page"> & {
  readonly chat: Pick<Chat, "groupMembers" | "person">;
};

/** What was checked, and what came of it. */
export type Tried = { readonly input: AskInput; readonly outcome: Checked | Refusal };

/** A refusal instead of `Tried`: it did not come to checking, because it is not clear of which VM. */
export async function tryAsk(
  world: World,
  user: UserId,
  command: RequestCommand,
): Promise<Tried | Refusal> {
  if (command.vm === undefined) return { refused: "incomplete", say: incompleteVm() };
  if (command.unclear !== undefined) return unclear(command);
  const policy = world.policy();
  const members = await orCannotCheck(() => requesterGroups(world, policy));
  if (isRefusal(members)) return members;
  const found = await findVm(world, command.vm, (vm) => mayAskFor(policy, vm, { user, members }));
  if (isRefusal(found)) return found;
  const asked = {
    policy,
    members,
    wanted: {
      ports: command.ports,
      durationMs: command.durationMs,
      source: command.source,
      reason: command.reason ?? "",
    },
    requester: user,
    breakGlass: command.verb === "breakglass",
    myAddress: await myAddressOf(world, user),
    nowMs: world.clock.nowMs(),
  };
  const look = (vm: Vm, picture = found.picture): Tried => {
    const input = { ...asked, vm, covers: picture.covers.get(vm.key) ?? [] };
    return { input, outcome: orUnread(picture, vm, checkAsk(input)) };
  };
  const first = await lookAgain(world, look(found.vm));
  if (!isRefusal(first.outcome) || !MAY_BE_STALE.has(first.outcome.refused)) return first;
  // The VM's JIT policy may have been changed since the picture was taken: look once more.
  const picture = await refreshed(world);
  return look(picture.vms.get(found.vm.key) ?? found.vm, picture);
}

/** Whoever was put into a group since it was last read is no stranger to it. */
async function lookAgain(world: World, tried: Tried): Promise<Tried> {
  const { input, outcome } = tried;
  if (!isRefusal(outcome) || outcome.refused !== "not-a-requester") return tried;
  const reading = () => requesterGroups(world, input.policy, DECIDING_AGE_MS);
  const members = await orCannotCheck(reading);
  if (isRefusal(members)) return { input, outcome: members };
  const now = { ...input, members };
  return { input: now, outcome: checkAsk(now) };
}

const MAY_BE_STALE: ReadonlySet<string> = new Set([
  "not-configured",
  // Of a subscription that could not be read a moment ago.
  "cannot-check",
  "port-not-in-policy",
  "too-long",
  "source-not-allowed",
  "no-rule",
]);

/** What a command leaves open, as far as its words tell. */
export function knownUnclear(command: RequestCommand): Refusal | undefined {
  if (command.vm === undefined) return { refused: "incomplete", say: incompleteVm() };
  return command.unclear === undefined ? undefined : unclear(command);
}

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
async function requesterGroups(
  { chat }: World,
  policy: Policy,
  maxAgeMs = SHOWING_AGE_MS,
): Promise<Members> {
  const groups = policy.rules.flatMap((rule) =>
    rule.requesters === "anyone"
      ? rule.breakGlass.groups
      : [...rule.requesters.groups, ...rule.breakGlass.groups],
  );
  return membersOf(chat, groups, maxAgeMs);
}
