// Somebody asks for access: from the command to a stored request, or a refusal that leaves nothing behind.

import type { MessageRef } from "../ports/chat.ts";
import { isFault } from "../ports/fault.ts";
import { type Checked, checkAsk, incompleteVm } from "../request/ask.ts";
import type { RequestCommand } from "../request/command/asks.ts";
import { formatDuration } from "../request/duration.ts";
import { type RequestId, requestIdFrom } from "../request/ids.ts";
import { newGrant } from "../request/people-acts.ts";
import type { Policy } from "../request/policy.ts";
import { isRefusal, type Refusal, refuse } from "../request/refusal.ts";
import type { AccessRequest, Common, Step } from "../request/request.ts";
import { everybody, type Members, mayAskFor, portWords } from "../request/rules.ts";
import type { Vm } from "../request/vm.ts";
import { type Words, words } from "../request/words.ts";
import type { Deps } from "./deps.ts";
import type { Sender } from "./desk.ts";
import { findVm, refreshed } from "./find-vm.ts";
import {
  membersOf,
  orCannotCheck,
  refuseOutsiders,
  refuseSharedChannel,
  SHOWING_AGE_MS,
} from "./people.ts";

export type Submitted = {
  readonly request: AccessRequest;
  readonly notes: readonly Words[];
};

/** How often a fresh id is drawn when one is taken; the chance is one in a thousand million. */
const ID_DRAWS_MAX = 5;

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
    (await refuseOutsiders(deps.chat, sender.user)) ??
    (await refuseSharedChannel(deps.chat, sender.channel));
  if (outsider !== undefined) return outsider;
  const checked = await check(deps, sender, command);
  if (isRefusal(checked)) return checked;
  return keep(deps, sender, checked);
}

export type CheckedAsk = Checked & { readonly policy: Policy; readonly members: Members };

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
    nowMs: deps.clock.nowMs(),
  };
  const look = (vm: Vm, picture = found.picture) =>
    checkAsk({ ...input, vm, covers: picture.covers.get(vm.key) ?? [] });
  const first = look(found.vm);
  if (!isRefusal(first)) return { ...first, policy, members };
  if (!MAY_BE_STALE.has(first.refused)) return first;
  // The VM's JIT policy may have been changed since the picture was taken: look once more.
  const picture = await refreshed(deps);
  const again = look(picture.vms.get(found.vm.key) ?? found.vm, picture);
  return isRefusal(again) ? again : { ...again, policy, members };
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
    rule.requesters === "anyone" ? [] : rule.requesters.groups,
  );
  return membersOf(deps.chat, groups, SHOWING_AGE_MS);
}

async function keep(
  deps: Deps,
  sender: Sender,
  checked: CheckedAsk,
): Promise<Submitted | Refusal | "repeated"> {
  const { ask, rule, policy, notes } = checked;
  const nowMs = await deps.store.nowMs();
  for (let draw = 0; draw < ID_DRAWS_MAX; draw++) {
    const id = requestIdFrom(deps.random.bytes(6));
    const request = newRequest(deps, { id, nowMs }, checked);
    const audit = {
      what: "asked",
      by: ask.requester,
      detail: {
        vm: ask.vm.id,
        ports: ask.ports.join(","),
        source: ask.source,
        durationMs: ask.durationMs,
        reason: ask.reason,
        rule: rule.name,
        policy: policy.hash,
      },
    };
    const made = await deps.store.create(
      { next: request, audit: [audit], delivery: sender.delivery },
      policy.limits,
    );
    switch (made.outcome) {
      case "created":
        deps.wake();
        return { request, notes };
      case "repeated":
        return "repeated";
      case "too-many-pending":
        return refuse(
          "too-many-pending",
        )`You have ${made.count} requests pending, and ${policy.limits.pendingPerPerson} is the most: cancel one or wait for a decision.`;
      case "too-many-open":
        return refuse(
          "too-many-open",
        )`You have ${made.count} accesses open, and ${policy.limits.openPerPerson} is the most: end one first.`;
      case "id-taken":
        break;
    }
  }
  throw new Error("no free request id was drawn");
}

function newRequest(
  deps: Deps,
  { id, nowMs }: { id: RequestId; nowMs: number },
  { ask, rule, policy, longestMs }: CheckedAsk,
): AccessRequest {
  const asked: Step = { n: 1, what: "asked", atMs: nowMs };
  const shared: Common = {
    id,
    revision: 1,
    ask: { ...ask, askedAtMs: nowMs },
    promised: {
      rule: rule.name,
      policyHash: policy.hash,
      approvals: rule.approvals,
      approvers: rule.approvers,
      warnBeforeMs: rule.warnBeforeMs,
    },
    approvals: [],
    nonce: Buffer.from(deps.random.bytes(9)).toString("base64url"),
    cards: rule.channel === undefined ? [] : [{ to: rule.channel, shown: 0 }],
    steps: [asked],
    told: { thread: 0, requester: 0, last: 1 },
    tries: {},
  };
  if (rule.approvals > 0) {
    return { ...shared, state: "pending", lapsesAtMs: nowMs + rule.lapseAfterMs };
  }
  // Nobody has to decide: the end is fixed now.
  const decided = { longestMs, policyHash: policy.hash };
  return {
    ...shared,
    state: "opening",
    grant: newGrant(ask, decided, { nowMs, approvedBy: [] }),
  };
}

/** What the requester reads at once: what was understood, where it went, who decides. */
export async function askedWords(
  deps: Deps,
  { request, notes }: Submitted,
): Promise<readonly Words[]> {
  const { ask, id } = request;
  const channel = request.cards[0]?.to;
  const asked = words`Asked: ${{ strong: id }}, ${portWords(ask.ports)} of ${{ strong: ask.vm.name }} for ${formatDuration(ask.durationMs)} from ${sourceWords(request)}.`;
  if (request.state === "opening") {
    return [
      asked,
      ...notes,
      words`The rule ${{ code: request.promised.rule }} needs no approval: the bot is asking Azure to open it now, and tells you in a direct message.`,
    ];
  }
  const where =
    channel === undefined
      ? []
      : [
          words`The approvers of ${{ code: request.promised.rule }} see it in ${{ channel: channel as MessageRef["channel"] }}; I will tell you here in a direct message what they decide.`,
        ];
  const alone = await nobodyElse(deps, request);
  return [asked, ...notes, ...where, ...(alone === undefined ? [] : [alone])];
}

const sourceWords = ({ ask }: AccessRequest): Words =>
  ask.source === "*"
    ? words`any address`
    : ask.sourceName === undefined
      ? words`${{ code: ask.source }}`
      : words`${ask.sourceName} (${{ code: ask.source }})`;

/** Says so when nobody but the requester could approve; silent when Slack cannot tell. */
async function nobodyElse(deps: Deps, request: AccessRequest): Promise<Words | undefined> {
  const { approvers, rule } = request.promised;
  try {
    const members = await membersOf(deps.chat, approvers.groups, SHOWING_AGE_MS);
    const others = everybody(approvers, members).filter((user) => user !== request.ask.requester);
    if (others.length > 0) return undefined;
    return words`Nobody but you could approve this at the moment, and you may not: an admin has to add an approver to the rule ${{ code: rule }}.`;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  }
}
