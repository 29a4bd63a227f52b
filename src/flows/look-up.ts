// Looking at requests: one by its id, or a list; nobody sees what is not theirs to see.

import type { ListCommand } from "../request/command/about.ts";
import { vmRefMatches } from "../request/command/vm-ref.ts";
import { formatDuration } from "../request/duration.ts";
import type { RequestId, UserId } from "../request/ids.ts";
import type { Policy } from "../request/policy.ts";
import { isRefusal, type Refusal } from "../request/refusal.ts";
import { type AccessRequest, grantOf } from "../request/request.ts";
import { includes, type Members, portWords } from "../request/rules.ts";
import { stateWord } from "../request/state-words.ts";
import { type Words, words } from "../request/words.ts";
import { noSuchRequest } from "./decide.ts";
import type { Deps } from "./deps.ts";
import type { Answer, Sender } from "./desk.ts";
import { membersOf, orCannotCheck, refuseOutsiders, SHOWING_AGE_MS } from "./people.ts";

/** So many lines are read on a phone without scrolling for ever. */
const LISTED_MAX = 15;
const READ_MAX = 200;

export async function requestStatus(
  deps: Deps,
  sender: Sender,
  id: RequestId,
): Promise<Answer | Refusal> {
  const maySee = await sight(deps, sender);
  if (isRefusal(maySee)) return maySee;
  const kept = await deps.store.read(id);
  if (kept === undefined || !maySee(kept.request)) return noSuchRequest(id);
  return { answer: "said", lines: [line(kept.request), ...details(kept.request)] };
}

export async function listRequests(
  deps: Deps,
  sender: Sender,
  { filter }: ListCommand,
): Promise<Answer | Refusal> {
  const maySee = await sight(deps, sender);
  if (isRefusal(maySee)) return maySee;
  const mine = filter === undefined || filter === "mine";
  const which = mine ? { of: sender.user } : filter === "pending" ? "pending" : "open";
  const all = await deps.store.list(which, READ_MAX);
  const visible = all.filter(
    (request) => maySee(request) && (typeof filter !== "object" || isOn(request, filter)),
  );
  if (visible.length === 0) return { answer: "said", lines: [nothingToShow(filter)] };
  const shown = visible.slice(0, LISTED_MAX).map(line);
  const rest = visible.length - shown.length;
  const more = rest > 0 ? [words`… and ${rest} more.`] : [];
  return { answer: "said", lines: [...shown, ...more] };
}

const isOn = (request: AccessRequest, { vm }: Extract<ListCommand["filter"], object>): boolean => {
  const { id, name } = request.ask.vm;
  const [, , subscriptionId = "", , resourceGroup = ""] = id.split("/");
  return vmRefMatches(vm, { id, name, resourceGroup, subscriptionId });
};

function nothingToShow(filter: ListCommand["filter"]): Words {
  if (filter === "pending") return words`Nothing is pending that you may see.`;
  if (filter === undefined || filter === "mine") {
    return words`You have no requests: ${{ code: "/jit request vm-01 3389 2h for …" }} asks for one.`;
  }
  return words`Nothing is open that you may see.`;
}

/** Everybody sees their own; approvers what they may decide; admins and auditors everything. */
async function sight(
  deps: Deps,
  sender: Sender,
): Promise<((request: AccessRequest) => boolean) | Refusal> {
  const outsider = await refuseOutsiders(deps.chat, sender);
  if (outsider !== undefined) return outsider;
  const policy = deps.policy();
  const members = await orCannotCheck(() =>
    membersOf(deps.chat, everyGroup(policy), SHOWING_AGE_MS),
  );
  if (isRefusal(members)) return members;
  return (request) => maySee(request, sender.user, { policy, members });
}

const everyGroup = (policy: Policy) => [
  ...policy.admins.groups,
  ...policy.auditors.groups,
  ...policy.rules.flatMap((rule) => rule.approvers.groups),
];

function maySee(
  request: AccessRequest,
  user: UserId,
  { policy, members }: { policy: Policy; members: Members },
): boolean {
  const rule = policy.rules.find((one) => one.name === request.promised.rule);
  return (
    request.ask.requester === user ||
    includes(policy.admins, user, members) ||
    includes(policy.auditors, user, members) ||
    includes(rule?.approvers ?? request.promised.approvers, user, members)
  );
}

function line(request: AccessRequest): Words {
  const { ask, id } = request;
  const grant = grantOf(request);
  const until =
    grant === undefined
      ? words` for ${formatDuration(ask.durationMs)}`
      : words` until ${{ atMs: grant.endsAtMs }}`;
  return words`${{ strong: id }} ${stateWord(request)}: ${portWords(ask.ports)} of ${{ strong: ask.vm.name }}${until}, ${{ user: ask.requester }}`;
}

function details(request: AccessRequest): readonly Words[] {
  const { ask, approvals, promised } = request;
  const from = ask.source === "*" ? "any address" : ask.source;
  const approvers = approvals.flatMap(({ by }) => words` ${{ user: by }}`);
  return [
    words`Asked at ${{ atMs: ask.askedAtMs }} from ${{ code: from }} under the rule ${{ code: promised.rule }}.`,
    ...(ask.reason === "" ? [] : [words`Reason: ${ask.reason}`]),
    ...(approvals.length === 0 ? [] : [words`Approved by${approvers}.`]),
    ...(request.state === "pending"
      ? [words`Lapses undecided at ${{ atMs: request.lapsesAtMs }}.`]
      : []),
    ...(request.state === "denied"
      ? [words`Denied by ${{ user: request.deniedBy }}: ${request.denial}`]
      : []),
    ...(request.state === "failed"
      ? [words`Azure: ${{ code: request.fault.code }} ${request.fault.message}`]
      : []),
  ];
}
