// `/jit freeze` and `/jit unfreeze`: an admin stops everything that would open, on all replicas, and lets it go on.

import type { FreezeCommand } from "../../domain/command/verbs/freeze-verb.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import { frozenWords } from "../../domain/rules/freeze.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { type Refusal, refuse } from "../../domain/text/refusal.ts";
import { listed, type Words, words } from "../../domain/text/words.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { Notice } from "../../ports/storage/notices.ts";
import { NOTHING, said } from "../answering/answering.ts";
import type { Deps } from "../deps.ts";
import { refuseNonAdmins } from "../requests/can-see.ts";
import { newsFor } from "../requests/change-request.ts";

type Needs = Pick<
  Deps,
  | "requests"
  | "absences"
  | "freezes"
  | "storeClock"
  | "primary"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
  | "limits"
  | "onCommitted"
>;

export async function freezeAccess(
  deps: Needs,
  sender: Sender,
  { reason = "" }: FreezeCommand,
): Promise<Answer | Refusal> {
  const mayNot = await refuseNonAdmins(deps, sender, "freeze access");
  if (mayNot !== undefined) return mayNot;
  const { user, delivery } = sender;
  const detail = { policy: deps.policy().hash, ...(reason !== "" && { reason }) };
  const note: AuditNote = { what: "frozen", by: user, detail };
  const write = {
    audit: [note],
    notices: await noticesOf(deps, "frozen", sender, reason),
    delivery,
  };
  const outcome = await deps.freezes.set({ by: user, reason }, write);
  if (outcome === "repeated") return NOTHING;
  if (outcome === "already") return alreadyFrozen(deps);
  deps.onCommitted({ audit: [note] });
  deps.log.warn({ user }, "access is frozen");
  // A failover may have taken it along.
  await deps.primary.confirm();
  const endsEarly = deps.policy().endEarly !== "off";
  const ends = endsEarly
    ? "ending always works."
    : "ending early is switched off in the policy file.";
  const endAll = endsEarly ? words` ${{ code: "/jit end all" }} ends what's open.` : "";
  return said(
    words`Access is frozen: nothing new opens, except break-glass. What's open stays open until its end; ${ends}`,
    ...underwayWords(await underway(deps), endsEarly),
    words`${{ code: "/jit unfreeze" }} lifts it.${endAll}`,
  );
}

async function alreadyFrozen({ freezes }: Needs): Promise<Refusal> {
  const freeze = await freezes.now();
  return freeze === undefined
    ? refuse("cannot-check")`The freeze was lifted right now by somebody else: try again.`
    : refuse("frozen")`Access is already ${frozenWords(freeze)}, since ${{ atMs: freeze.atMs }}.`;
}

export async function unfreezeAccess(deps: Needs, sender: Sender): Promise<Answer | Refusal> {
  const mayNot = await refuseNonAdmins(deps, sender, "lift a freeze");
  if (mayNot !== undefined) return mayNot;
  const { user, delivery } = sender;
  const note: AuditNote = { what: "unfrozen", by: user, detail: { policy: deps.policy().hash } };
  const write = { audit: [note], notices: await noticesOf(deps, "unfrozen", sender), delivery };
  // A worker may look at some the moment it's lifted: those waited, too.
  const waited = await waitingNow(deps);
  const outcome = await deps.freezes.lift(write);
  if (outcome === "repeated") return NOTHING;
  if (outcome === "not-frozen") {
    return refuse("not-frozen")`Access isn't frozen: there's nothing to lift.`;
  }
  deps.onCommitted({ audit: [note] });
  deps.log.warn({ user }, "access is no longer frozen");
  const waiting = new Set([...waited, ...(await waitingNow(deps))]);
  // What isn't reached, because this replica stops, looks for itself within a minute.
  for (const id of waiting) await newsFor(deps, id, { act: "thawing" });
  const count = waiting.size;
  return said(
    count === 0
      ? words`Access is no longer frozen. Nothing was waiting.`
      : words`Access is no longer frozen. ${count} ${count === 1 ? "request" : "requests"} waited: each is checked again now, and opens if everything still holds.`,
  );
}

async function noticesOf(
  { policy, storeClock }: Needs,
  what: Notice["what"],
  { user }: Sender,
  reason = "",
) {
  const atMs = await storeClock.nowMs();
  const text = reason === "" ? {} : { text: reason.slice(0, 600) };
  return [{ channel: policy().channels.notices, notice: { what, requester: user, atMs, ...text } }];
}

/** Azure answers within this time, or the call counts as unanswered. */
const CALL_MAX_MS = 15_000;
const LOOK_AGAIN_MS = 200;

/**
 * Whom Azure was asked for before the freeze, and that isn't open yet. The answer waits for the calls that were
 * on their way: after it nothing is sent any more.
 */
async function underway(deps: Needs): Promise<readonly RequestId[]> {
  for (;;) {
    const all = await deps.freezes.underway();
    const nowMs = await deps.storeClock.nowMs();
    const read = await Promise.all(all.map(({ id }) => deps.requests.read(id)));
    const isCalling = all.some(({ sentAtMs }, index) => {
      const request = read[index]?.request;
      const isUnanswered =
        request !== undefined && "grant" in request && request.grant.azure.answer === "unknown";
      return isUnanswered && nowMs - sentAtMs < CALL_MAX_MS;
    });
    if (!isCalling) return all.map(({ id }) => id);
    await deps.clock.sleep(LOOK_AGAIN_MS);
  }
}

const NAMED_MAX = 20;

function underwayWords(ids: readonly RequestId[], endsEarly: boolean): readonly Words[] {
  if (ids.length === 0) return [];
  const named = ids.slice(0, NAMED_MAX).map((id) => ({ code: id }));
  const more = ids.length - named.length;
  const which = more > 0 ? listed([...named, `${more} more`]) : listed(named);
  const end = endsEarly ? words` ${{ code: "/jit end <id>" }} ends one.` : "";
  return [words`Azure had been asked for these before, and they may still open: ${which}.${end}`];
}

/** How many are read at once. */
const BATCH = 500;

/** All that wait for the freeze to be lifted, found before the first is woken: what goes on moves the others up in the list. */
async function waitingNow({ requests }: Pick<Deps, "requests">): Promise<ReadonlySet<RequestId>> {
  const waiting = new Set<RequestId>();
  for (let read = 0; ; read += BATCH) {
    const batch = await requests.list("pending", BATCH, read);
    if (batch.length === 0) return waiting;
    for (const one of batch) {
      if (one.state === "ready" && one.frozen !== undefined) waiting.add(one.id);
    }
  }
}
