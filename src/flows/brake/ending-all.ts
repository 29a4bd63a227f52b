// Ends everything that a preview named, in the background: each asked to end, then watched until it is seen closed.
//
// Any replica can go on where another one stopped: asking again changes nothing, and what became of each is read.

import {
  type EndAll,
  type Fate,
  fateOf,
  type NotEnded,
  outcomeWords,
} from "../../domain/brake/end-all.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import { transition } from "../../domain/request/transition.ts";
import { channelId, type RequestId } from "../../domain/text/ids.ts";
import type { Chat, MessageRef } from "../../ports/chat.ts";
import { isFault } from "../../ports/fault.ts";
import { type Resuming, resuming } from "../../ports/service.ts";
import type { EndAlls } from "../../ports/storage/brake/end-alls.ts";
import { changeLease } from "../../ports/storage/leases.ts";
import type { Deps } from "../deps.ts";
import { changeRequest } from "../requests/change-request.ts";

type Needs = Pick<
  Deps,
  "requests" | "endAlls" | "leases" | "storeClock" | "clock" | "log" | "policy" | "onCommitted"
> & { readonly chat: Pick<Chat, "postEndAll" | "editEndAll"> };

type Runner = Needs & { readonly worker: string; readonly stopping: AbortSignal };

/** It is another replica's after this long without a look. */
const LEASE_MS = 60_000;
/** A replica that goes wakes the others by itself; this is for a run that lost its lease, as by a clock set forward. */
const RESUME_EVERY_MS = 2_000;

/** Azure closes a port about two minutes after it was asked: what isn't closed by then is named. */
const GIVEN_UP_AFTER_MS = 15 * 60_000;
const LOOK_EVERY_MS = 2_000;
/** How many are asked, or read, side by side. */
const AT_ONCE = 25;

export function endingAllInBackground(deps: Needs, worker: string): Resuming {
  const { clock, log, endAlls } = deps;
  return resuming({
    clock,
    everyMs: RESUME_EVERY_MS,
    begin: (id, { nth, stopping }) =>
      endAllOf({ ...deps, worker: `${worker}@end-all-${nth}`, stopping }, id),
    resume: async (_, now) => {
      for (const id of await endAlls.unfinished()) now(id);
    },
    failed: (thrown) => {
      if (isFault(thrown)) log.warn({ code: thrown.code }, `ending everything: ${thrown.message}`);
      else log.error({ err: thrown }, "ending everything failed");
    },
  });
}

async function endAllOf(runner: Runner, id: string): Promise<void> {
  const { leases, worker, endAlls } = runner;
  const what = changeLease(`end-all:${id}`);
  if (!(await leases.take(what, worker, LEASE_MS))) return;
  try {
    const kept = await endAlls.read(id);
    if (kept === undefined) return;
    const stored = storedEndAll(runner, kept);
    if (kept.endAll.state === "ending")
      await ended(runner, stored, () => leases.renew(what, worker, LEASE_MS));
    const { state, told } = stored.endAll();
    if (state === "over" && told !== true && (await show(runner, stored))) {
      await stored.write({ told: true });
    }
  } finally {
    await leases.give(what, worker).catch(() => undefined);
  }
}

type StoredEndAll = ReturnType<typeof storedEndAll>;

/** What is stored of it; throws where another replica has written meanwhile, and goes on. */
function storedEndAll({ endAlls }: Runner, kept: { endAll: EndAll; version: number }) {
  let { endAll, version } = kept;
  return {
    endAll: () => endAll,
    async write(
      change: Partial<EndAll>,
      more: Omit<Parameters<EndAlls["commit"]>[1], "endAll"> = {},
    ): Promise<void> {
      const next = { ...endAll, ...change };
      const written = await endAlls.commit(version, { endAll: next, ...more });
      if (written === undefined) throw new Error("another replica ends everything now");
      endAll = next;
      version = written;
    },
  };
}

async function ended(runner: Runner, stored: StoredEndAll, isStillOurs: () => Promise<boolean>) {
  const { clock, stopping, storeClock } = runner;
  const { requests, beganAtMs = 0 } = stored.endAll();
  await inParallel(requests, (id) => askToEnd(runner, stored.endAll(), id));
  const batch = new Set(requests);
  let open = requests;
  let isShown = false;
  let cancelledCount = 0;
  let unopenedCount = 0;
  const failed: NotEnded[] = [];
  while (!stopping.aborted) {
    if (!(await isStillOurs())) return;
    const isLate = (await storeClock.nowMs()) > beganAtMs + GIVEN_UP_AFTER_MS;
    const looked = await inParallel(open, (id) => lookAt(runner, id, batch));
    const closing = looked.filter(({ fate }) => isUnderWay(fate, isLate));
    for (const one of looked) {
      if (one.fate === "cancelled") cancelledCount += 1;
      else if (one.fate === "unopened") unopenedCount += 1;
      else if (one.fate !== "closed" && !closing.includes(one)) failed.push(notEnded(one));
    }
    const isChanged = closing.length !== open.length;
    open = closing.map(({ id }) => id);
    const notClosed = open.length + failed.length + cancelledCount + unopenedCount;
    const closedCount = requests.length - notClosed;
    const progress = { closedCount, cancelledCount, unopenedCount, failed };
    if (open.length === 0) return over(runner, stored, progress);
    if (isChanged) await stored.write(progress);
    if (isChanged || !isShown) await show(runner, stored);
    isShown = true;
    await clock.sleep(LOOK_EVERY_MS, stopping);
  }
}

const isUnderWay = (fate: Fate, isLate: boolean): boolean =>
  !isLate && (fate === "closing" || (typeof fate === "object" && !fate.isFinal));

type Looked = Omit<NotEnded, "why"> & { readonly fate: Fate };

const notEnded = ({ fate, ...one }: Looked): NotEnded => ({
  ...one,
  why:
    typeof fate === "object" ? fate.why : "Azure hasn't shown it closed yet; the bot keeps trying",
});

const AS_ADMIN = { isApprover: false, isAdmin: true } as const;

/**
 * As an admin may end each. What a freeze has made ready again since the preview would still open: it is cancelled.
 * What isn't open any more is left as it is.
 */
async function askToEnd(runner: Runner, { by }: EndAll, id: RequestId): Promise<void> {
  try {
    const changed = await changeRequest(runner, id, ({ request, nowMs }) =>
      request.state === "ready"
        ? transition(request, { act: "cancel", isEndingAll: true, by, roles: AS_ADMIN }, nowMs)
        : transition(request, { act: "end", by, roles: AS_ADMIN }, nowMs),
    );
    // Taken up again, it asks each once more.
    if (changed.outcome === "contended") throw new Error(`${id} keeps changing`);
  } catch (thrown) {
    // One that can't be read harms no other, and is named.
    if (!isFault(thrown) || thrown.retryable) throw thrown;
  }
}

/** Nobody knows any more which ports to look for. */
const GONE: Fate = {
  why: "its record is gone: check its VM in Azure",
  isFinal: true,
};

async function lookAt(
  { requests }: Runner,
  id: RequestId,
  batch: ReadonlySet<RequestId>,
): Promise<Looked> {
  try {
    const kept = await requests.read(id);
    if (kept === undefined) return { id, fate: GONE };
    const { request } = kept;
    const { requester, vm } = request.ask;
    return { id, requester, vm: vm.name, fate: fateOf(request, batch) };
  } catch (thrown) {
    if (!isFault(thrown) || thrown.retryable) throw thrown;
    return { id, fate: { why: "what is stored of it can't be read", isFinal: true } };
  }
}

/** A notice is short; the audit log has all. */
const NOTICED_MAX = 20;

/** An entry of the audit holds no longer lists: what it can't hold goes into further ones. */
const AUDITED_TOGETHER = 100;

function auditOf({ asked, by, requests, ...outcome }: EndAll): readonly AuditNote[] {
  const { closedCount = 0, cancelledCount = 0, unopenedCount = 0, failed = [] } = outcome;
  const named = failed.map(({ id, why }) => `${id}: ${why}`.slice(0, 200));
  const counts = {
    about: asked,
    count: requests.length,
    closed: closedCount,
    ...(cancelledCount > 0 && { cancelled: cancelledCount }),
    ...(unopenedCount > 0 && { unopened: unopenedCount }),
  };
  const first = { ...counts, failed: named.slice(0, AUDITED_TOGETHER) };
  const notes: AuditNote[] = [{ what: "end-all-over", by, detail: first }];
  for (let at = AUDITED_TOGETHER; at < named.length; at += AUDITED_TOGETHER) {
    const detail = { about: asked, failed: named.slice(at, at + AUDITED_TOGETHER) };
    notes.push({ what: "end-all-left", by, detail });
  }
  return notes;
}

type Progress = Pick<EndAll, "closedCount" | "cancelledCount" | "unopenedCount" | "failed">;

async function over(runner: Runner, stored: StoredEndAll, progress: Progress) {
  const { policy, storeClock, onCommitted } = runner;
  const endAll = { ...stored.endAll(), ...progress };
  const { by, asked, failed = [] } = endAll;
  const audit = auditOf(endAll);
  const names = failed.slice(0, NOTICED_MAX).map(({ id }) => id);
  const more = failed.length - names.length;
  const left = more > 0 ? [...names, `and ${more} more, in the audit log`] : names;
  const { closed, unopened } = outcomeWords(endAll);
  const none = left.length === 0 ? [] : [`not ended: ${left.join(", ")}`];
  const counts = [...(closed === undefined ? [] : [closed]), ...unopened, ...none].join(", ");
  const notice = {
    what: "ended-all" as const,
    requester: by,
    atMs: await storeClock.nowMs(),
    text: `${counts}: /jit ${asked}`.slice(0, 500),
  };
  const { notices: channel } = policy().channels;
  await stored.write({ ...progress, state: "over" }, { audit, notices: [{ channel, notice }] });
  onCommitted({ audit });
}

/** Shows how far it is; false: it couldn't be shown now. A fault of Slack never holds up the ending. */
async function show(runner: Runner, stored: StoredEndAll): Promise<boolean> {
  const { by, shownIn } = stored.endAll();
  const message = shownIn && { channel: channelId(shownIn.channel), ts: shownIn.ts };
  try {
    const now = await shown(runner, stored.endAll(), message);
    if (message === undefined) await stored.write({ shownIn: now });
    return true;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack") throw thrown;
    runner.log.warn(
      { user: by, code: thrown.code },
      "how far ending everything is couldn't be shown",
    );
    return !thrown.retryable;
  }
}

async function shown(
  { chat }: Runner,
  endAll: EndAll,
  message: MessageRef | undefined,
): Promise<MessageRef> {
  if (message === undefined) return chat.postEndAll(endAll.by, endAll);
  await chat.editEndAll(message, endAll);
  return message;
}

async function inParallel<Done>(
  ids: readonly RequestId[],
  work: (id: RequestId) => Promise<Done>,
): Promise<readonly Done[]> {
  const done: Done[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    done.push(...(await Promise.all(ids.slice(at, at + AT_ONCE).map(work))));
  }
  return done;
}
