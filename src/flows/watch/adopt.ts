// An admin deals with an opening of somebody else's: closes it as the bot closes its own, or makes it a request.

import { type FoundOpening, isAdoptionOf, openingOf } from "../../domain/request/birth/adopted.ts";
import { adoptedRequest } from "../../domain/request/birth/birth.ts";
import type { Moved } from "../../domain/request/moved.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { stateWord } from "../../domain/request/state-words.ts";
import { transition } from "../../domain/request/transition.ts";
import { ruleFor } from "../../domain/rules/rule-match.ts";
import type { UserId } from "../../domain/text/ids.ts";
import { portsWords } from "../../domain/text/port-words.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { words } from "../../domain/text/words.ts";
import { adoptedId, type OpeningRef } from "../../domain/vm/activity-log/opening-ref.ts";
import { isFault } from "../../ports/fault.ts";
import type { Answer, Dealing, Sender } from "../../ports/inbound.ts";
import { NOTHING, said } from "../answering/answering.ts";
import type { Deps } from "../deps.ts";
import { isAddress, memberAt } from "../people/addresses.ts";
import { refuseNonAdmins } from "../requests/can-see.ts";
import { changeRequest, createRequest } from "../requests/change-request.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "deliveries"
  | "storeClock"
  | "azure"
  | "chat"
  | "onCall"
  | "random"
  | "log"
  | "policy"
  | "limits"
  | "onCommitted"
>;

const IDS_MAX = 5;
/** It is open, whatever a limit says. */
const UNLIMITED = {
  openPerPerson: Number.MAX_SAFE_INTEGER,
  pendingPerPerson: Number.MAX_SAFE_INTEGER,
} as const;

/** However many admins press on however many replicas, one request is made of it. */
export async function dealWithOpening(
  deps: Needs,
  sender: Sender,
  { act, ref }: Dealing,
): Promise<Answer | Refusal> {
  const what = act === "close" ? "close what others opened" : "adopt what others opened";
  const mayNot = await refuseNonAdmins(deps, sender, what);
  if (mayNot !== undefined) return mayNot;
  if (act === "close" && deps.policy().endEarly === "off") {
    return refuse(
      "switched-off",
    )`Ending early is switched off in the policy file: close it in the Azure portal.`;
  }
  for (let nth = 0; nth < IDS_MAX; nth++) {
    const id = adoptedId(ref, nth);
    const stored = await deps.requests.read(id);
    if (stored !== undefined && !isAdoptionOf(stored.request, ref)) continue;
    if (stored !== undefined) return again(deps, sender, { act, request: stored.request });
    const found = await openNow(deps, ref);
    if (isRefusal(found)) return found;
    const made = await requestOf(deps, { act, by: sender.user }, { ...found, id });
    const making = { policy: deps.policy(), limits: UNLIMITED, delivery: sender.delivery };
    const { outcome } = await createRequest(deps, made, making);
    if (outcome === "repeated") return NOTHING;
    // Somebody else pressed at the same time, or another request has that id by now: what was made is read.
    if (outcome !== "created") return dealWithOpening(deps, sender, { act, ref });
    deps.log.warn({ request: id, user: sender.user, act }, "an opening by others was dealt with");
    return dealt(act, made.request);
  }
  throw new Error("no free id for an adopted opening");
}

/** As Azure shows it this moment. */
async function openNow({ azure, storeClock }: Needs, ref: OpeningRef) {
  const policy = await azure.readPolicy(ref.jitPolicyId);
  const found = openingOf(ref, policy?.entries ?? [], await storeClock.nowMs());
  switch (found) {
    case "over":
      return refuse("too-late")`Azure no longer shows it open, so nothing was changed.`;
    case "unclear":
      return refuse(
        "wrong-state",
      )`Azure doesn't say clearly from where this is open, so I can't take it over. Close it in the Azure portal.`;
    default:
      return found;
  }
}

async function requestOf(
  deps: Needs,
  { act, by }: { readonly act: Dealing["act"]; readonly by: UserId },
  found: FoundOpening & Pick<AccessRequest, "id">,
): Promise<Moved> {
  const policy = deps.policy();
  const vm = deps.azure.snapshot().vms.get(found.vm);
  const nowMs = await deps.storeClock.nowMs();
  const rule = vm && ruleFor(policy, vm, { ports: found.ports, nowMs });
  const requester = (await openerIn(deps, found.requestor)) ?? by;
  const adopted = adoptedRequest(
    found,
    { by, requester, review: act === "adopt" },
    {
      policy,
      rule: rule === undefined || isRefusal(rule) ? undefined : rule,
      vm,
      nonce: Buffer.from(deps.random.bytes(9)).toString("base64url"),
      nowMs,
    },
  );
  if (act === "adopt") return adopted;
  const ending = ended(adopted.request, by, nowMs);
  if (isRefusal(ending)) throw new Error("what is open can be ended");
  return { request: ending.request, audit: [...adopted.audit, ...ending.audit] };
}

const ended = (request: AccessRequest, by: UserId, nowMs: number) =>
  transition(request, { act: "end", by, roles: { isApprover: false, isAdmin: true } }, nowMs);

/** The member whose address Azure names; `undefined`: nobody, or Slack doesn't tell. */
async function openerIn(deps: Needs, requestor: string): Promise<UserId | undefined> {
  if (!isAddress(requestor)) return undefined;
  try {
    return await memberAt(deps, requestor);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  }
}

/** It was taken over before: there is nothing to adopt, and it is closed unless it is over. */
async function again(
  deps: Needs,
  sender: Sender,
  { act, request }: { readonly act: Dealing["act"]; readonly request: AccessRequest },
): Promise<Answer | Refusal> {
  const before = words`It was taken over before, as ${{ strong: request.id }}, which is ${{ strong: stateWord(request) }}.`;
  if (act === "adopt") return said(before);
  const { delivery, user } = sender;
  const changed = await changeRequest(
    deps,
    request.id,
    (newest) => ended(newest.request, user, newest.nowMs),
    { delivery },
  );
  switch (changed.outcome) {
    case "repeated":
      return NOTHING;
    case "changed":
      return dealt(act, changed.request);
    default:
      return said(before);
  }
}

function dealt(act: Dealing["act"], { id, ask, review }: AccessRequest): Answer {
  const what = words`${portsWords(ask.ports)} on ${{ code: ask.vm.name }}`;
  if (act === "close") {
    return said(
      words`Closing ${what} as ${{ strong: id }}. Existing sessions stay connected. ${{ code: `/jit status ${id}` }} shows when Azure has closed it.`,
    );
  }
  const needs =
    review === undefined
      ? []
      : words` It needs a review by an approver or admin other than ${{ user: ask.requester }}.`;
  return said(words`Adopted ${what} as ${{ strong: id }}.${needs}`);
}
