// Whether a person may act on a request: worked out afresh at every click, from the rules in force.

import type {
  PersonAct,
  PersonActName,
  Roles,
  Who,
} from "../../../domain/request/acts/person-act.ts";
import { bareApproval, bareOpen, bareRetry, refusalOf } from "../../../domain/request/offers.ts";
import { type AccessRequest, grantOf } from "../../../domain/request/request.ts";
import { transition } from "../../../domain/request/transition.ts";
import { undecidedUnderMs } from "../../../domain/rules/freeze.ts";
import { includes, type Members } from "../../../domain/rules/rule-match.ts";
import type { UserId } from "../../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { StoredRequest } from "../../../ports/storage/requests.ts";
import type { Deps } from "../../deps.ts";
import { isAddress, isTheirs } from "../../people/addresses.ts";
import { aliasesOf } from "../../people/aliases.ts";
import { standInFor } from "../../people/delegations.ts";
import { DECIDING_AGE_MS, groupMembersOf, orCannotCheck } from "../../people/people.ts";
import { approversInForce } from "../in-force.ts";
import { approval } from "./approval.ts";
import type { Intent } from "./intent.ts";
import { openingNow } from "./opening-now.ts";
import { retrying } from "./retrying.ts";

type Needs = Pick<
  Deps,
  "requests" | "absences" | "freezes" | "azure" | "chat" | "onCall" | "policy" | "page" | "random"
>;

type Case = { readonly stored: StoredRequest; readonly intent: Intent };

/** Works out what the person is to the request, and for an approval whether everything still holds. */
export async function authorise(
  deps: Needs,
  user: UserId,
  { stored, intent }: Case,
): Promise<PersonAct | Refusal> {
  const act = await actOf(deps, user, { stored, intent, ageMs: DECIDING_AGE_MS }, "now");
  if (act === "perhaps") throw new Error("what is asked now isn't left open");
  return act;
}

/**
 * The refusal for which it suffices what Slack said at most `ageMs` ago, without asking Azure anything;
 * `undefined`: it may be a yes.
 */
export async function refusedAsKnown(
  deps: Needs,
  user: UserId,
  { stored, intent }: Case,
  ageMs: number,
): Promise<Refusal | undefined> {
  const act = await actOf(deps, user, { stored, intent, ageMs }, "known");
  if (isRefusal(act)) return act;
  if (act === "perhaps") return undefined;
  const moved = transition(stored.request, act, stored.nowMs);
  return isRefusal(moved) ? moved : undefined;
}

type Actor = Readonly<{ who: Who; roles: Roles; members: Members }>;

/** Who acts, and what they are to the request. */
async function actorOf(
  deps: Needs,
  user: UserId,
  { stored: { request }, intent }: Case,
  ageMs: number,
): Promise<Actor | Refusal> {
  const policy = deps.policy();
  const approvers = approversInForce(policy, request);
  const isAsRequester = isForRequester(intent.act, user === request.ask.requester);
  const people = isAsRequester ? [] : [approvers, policy.admins];
  const members = await orCannotCheck(() => groupMembersOf(deps, people, ageMs));
  if (isRefusal(members)) return members;
  const known = await orCannotCheck(() => aliasesOf(deps, user, request));
  // Ending and giving up always work; whatever opens or decides waits until it is known who acts.
  const always = intent.act === "end" || intent.act === "cancel";
  if (isRefusal(known) && !always) return known;
  const who = { by: user, aliases: isRefusal(known) ? [] : known };
  const named = includes(approvers, user, members);
  const about = { policy, request, approvers, members };
  const away =
    named || isAsRequester || who.aliases.includes(request.ask.requester)
      ? []
      : await orCannotCheck(() => standInFor(deps, user, about, ageMs));
  if (isRefusal(away) && !always) return away;
  const roles: Roles = {
    isApprover: named,
    isAdmin: includes(policy.admins, user, members),
    ...(!isRefusal(away) && away.length > 0 && { isApprover: true, standsInFor: away }),
  };
  return { who, roles, members };
}

async function actOf(
  deps: Needs,
  user: UserId,
  { stored, intent, ageMs }: Case & { readonly ageMs: number },
  as: "known" | "now",
): Promise<PersonAct | Refusal | "perhaps"> {
  const { request, nowMs } = stored;
  const policy = deps.policy();
  const found = await actorOf(deps, user, { stored, intent }, ageMs);
  if (isRefusal(found)) return found;
  const { who, roles, members } = found;
  const actor = { ...who, roles };
  const isNo = (bare: PersonAct) => refusalOf(request, bare, nowMs) !== undefined;
  switch (intent.act) {
    case "approve":
      return as === "known" && !isNo(bareApproval(actor, policy.hash))
        ? "perhaps"
        : approval(deps, { who, roles, policy, members, intent }, stored);
    case "deny":
      return { act: "deny", ...who, roles, reason: intent.reason ?? "" };
    case "take-back": {
      const expireAfterMs = undecidedUnderMs(policy, request.promised.rule);
      return { act: "take-back", ...who, roles, expireAfterMs };
    }
    case "ask":
      return { act: "ask", ...who, roles, text: intent.reason ?? "" };
    case "answer": {
      const { question = 0, reason = "" } = intent;
      return { act: "answer", ...who, roles, question, text: reason };
    }
    case "open":
      return as === "known" && !isNo(bareOpen(actor, policy.hash))
        ? "perhaps"
        : openingNow(deps, { who, roles, policy }, stored);
    case "retry":
      return as === "known" && !isNo(bareRetry(actor, policy.hash))
        ? "perhaps"
        : retrying(deps, { who, roles, policy, members }, stored);
    case "end":
      return policy.endEarly === "off"
        ? refuse(
            "switched-off",
          )`Ending early is switched off in the policy file: ${request.id} ends by itself, on time.`
        : { act: "end", ...who, roles };
    case "review": {
      const own = await openedInAzure(deps, user, request);
      if (isRefusal(own)) return own;
      const { verdict = "ok", reason = "" } = intent;
      return { act: "review", ...who, roles, verdict, text: reason };
    }
    default:
      return { act: intent.act, ...who, roles };
  }
}

/**
 * Who opened it in Azure doesn't review it, whichever member took it over. Where its requester isn't who took it
 * over, they are who opened it; else the reviewer needs an address that isn't the one that Azure names.
 */
async function openedInAzure(
  deps: Needs,
  user: UserId,
  request: AccessRequest,
): Promise<Refusal | undefined> {
  const recovered = grantOf(request)?.recovered;
  if (recovered?.adopted === undefined || !isAddress(recovered.requestor)) return undefined;
  const { requestor, adopted } = recovered;
  const { id, ask } = request;
  const isOwn = await orCannotCheck(() => isTheirs(deps, user, requestor));
  if (isRefusal(isOwn)) return isOwn;
  if (isOwn === true) {
    return refuse(
      "own-request",
    )`You opened ${id} in Azure yourself, so somebody else has to review it.`;
  }
  const isFound = ask.requester !== adopted.by;
  if (isOwn === false || isFound) return undefined;
  return refuse(
    "cannot-check",
  )`Azure says that ${{ code: requestor }} opened ${id}, and your address isn't known here, so it could be you. An admin can add the Slack scope ${{ code: "users:read.email" }}, or your address to ${{ code: "people.map" }} in the policy file.`;
}

/** Whether nothing depends on what groups the person is in: they may as the requester, or not at all. */
export const isForRequester = (act: PersonActName, isRequester: boolean): boolean =>
  GROUPS_MATTER[act] === "to nobody" || (isRequester && GROUPS_MATTER[act] === "to others");

/**
 * To whom it matters which groups they are in. `to nobody`: it is the requester's alone. `to others`: the requester
 * may by being that, or mustn't for being that.
 */
const GROUPS_MATTER: Readonly<Record<PersonActName, "to nobody" | "to others" | "to everybody">> = {
  approve: "to others",
  deny: "to others",
  "take-back": "to everybody",
  ask: "to others",
  answer: "to nobody",
  claim: "to others",
  cancel: "to nobody",
  end: "to others",
  requeue: "to everybody",
  retry: "to everybody",
  open: "to nobody",
  review: "to everybody",
};
