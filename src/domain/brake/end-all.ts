// Ending everything at once: previewed, then each asked to end, and watched until its ports are seen closed. Pure.

import { isLooking } from "../request/acts/ending-acts.ts";
import type { AccessRequest, In } from "../request/request.ts";
import type { RequestId, UserId } from "../text/ids.ts";
import { listed, type Words, words } from "../text/words.ts";

export type EndAll = {
  readonly id: string;
  readonly by: UserId;
  /** The command, without `/jit`. */
  readonly asked: string;
  readonly atMs: number;
  readonly state: "preview" | "ending" | "over" | "dropped";
  /** What was open, or ready to open, when the preview was made; that alone is ended. */
  readonly requests: readonly RequestId[];
  readonly peopleCount: number;
  readonly vmCount: number;
  readonly breakGlassCount: number;
  /** Of them, those that hadn't opened yet: they are cancelled. Left out: none. */
  readonly readyCount?: number | undefined;
  /** What stood among the open ones then, and couldn't be read: it isn't ended. */
  readonly unreadable?: readonly string[] | undefined;
  /** Since when it's being applied. */
  readonly beganAtMs?: number | undefined;
  readonly closedCount?: number | undefined;
  /** Those that were cancelled, and those that came to nothing otherwise: no port of theirs was ever seen open. */
  readonly cancelledCount?: number | undefined;
  readonly unopenedCount?: number | undefined;
  /** Those that it couldn't end, each with why. */
  readonly failed?: readonly NotEnded[] | undefined;
  readonly shownIn?: { readonly channel: string; readonly ts: string } | undefined;
  readonly told?: true | undefined;
};

/** Without a name where its document can't be read. */
export type NotEnded = {
  readonly id: RequestId;
  readonly requester?: UserId | undefined;
  readonly vm?: string | undefined;
  readonly why: string;
};

const UNREADABLE_NAMED_MAX = 10;

/** What nobody can tell whose it is, and so nobody ends. */
export function unreadableWords(ids: readonly string[] = []): readonly Words[] {
  if (ids.length === 0) return [];
  const named = ids.slice(0, UNREADABLE_NAMED_MAX).map((id) => ({ code: id }));
  const more = ids.length - named.length;
  const which = listed(more > 0 ? [...named, `${more} more`] : named);
  const [one, whose] = ids.length === 1 ? ["request", "its"] : ["requests", "their"];
  return [
    words`⚠️ ${ids.length} open ${one} can't be read and won't be ended: ${which}. Close ${whose} ports in Azure.`,
  ];
}

/** What it ends and cancels, as its preview tells. */
export function intentWords({ requests, readyCount = 0 }: EndAll): string {
  const ends = requests.length - readyCount;
  const haven = readyCount === 1 ? "hasn't" : "haven't";
  const cancels = `${ends > 0 ? readyCount : counted(readyCount)} that ${haven} opened yet`;
  if (readyCount === 0) return `ends ${counted(ends)}`;
  return ends === 0 ? `cancels ${cancels}` : `ends ${counted(ends)} and cancels ${cancels}`;
}

const counted = (count: number): string => `${count} request${count === 1 ? "" : "s"}`;

/** `1 of 2 closed`, and how many were never seen open: each a part of a sentence. */
export function outcomeWords(endAll: EndAll): {
  readonly closed: string | undefined;
  readonly closing: number;
  readonly unopened: readonly string[];
} {
  const { requests, closedCount = 0, cancelledCount = 0, unopenedCount = 0, failed = [] } = endAll;
  const all = requests.length - cancelledCount - unopenedCount;
  const they = cancelledCount === 1 ? "it" : "they";
  return {
    closed: all === 0 ? undefined : `${closedCount} of ${all} closed`,
    closing: all - closedCount - failed.length,
    unopened: [
      ...(cancelledCount === 0 ? [] : [`${cancelledCount} cancelled before ${they} opened`]),
      ...(unopenedCount === 0 ? [] : [`${unopenedCount} not seen open`]),
    ],
  };
}

/** What has become of one that was to be ended. `since`: a later look may show more. */
export type Fate =
  | "closed"
  | "cancelled"
  | "unopened"
  | "closing"
  | { readonly why: string; readonly isFinal: boolean };

/** `batch`: all that are ended with it. A port that one of those holds closes with that one. */
export function fateOf(request: AccessRequest, batch: ReadonlySet<RequestId>): Fate {
  if (request.deadLetter !== undefined) {
    return { why: "parked after an error; an admin has to bring it back", isFinal: true };
  }
  switch (request.state) {
    case "ending":
      return "closing";
    case "opening":
    case "open":
      return { why: whyOpen(request), isFinal: true };
    case "ended":
      if (request.closing === "closed") return closedFate(request);
      if (request.how === "extended") {
        return { why: "it continues as an extension: run the command again", isFinal: true };
      }
      if (request.closing === "held") return heldFate(request, batch);
      if (request.closing === "still-open") {
        return { why: "Azure still shows it open", isFinal: false };
      }
      return isLooking(request)
        ? "closing"
        : { why: "Azure doesn't show whether it closed", isFinal: true };
    case "ready":
      return { why: "it's Ready and may still open: its requester can cancel it", isFinal: true };
    case "pending":
      return { why: "it waits for approval again: its requester can cancel it", isFinal: true };
    case "cancelled":
      return "cancelled";
    case "denied":
    case "lapsed":
    case "failed":
      return "unopened";
  }
}

/** Where Azure was never asked to open it, there was nothing to see closed. */
function closedFate({ grant, ports = [] }: In<"ended">): Fate {
  if (grant.openedAtMs === undefined && grant.azure.sent === 0) return "unopened";
  const open = ports.find(({ isOpenForOthers }) => isOpenForOthers === true);
  return open === undefined
    ? "closed"
    : {
        why: `port ${open.port} stays open: somebody also opened it outside this bot`,
        isFinal: true,
      };
}

function heldFate({ ports = [] }: In<"ended">, batch: ReadonlySet<RequestId>): Fate {
  const other = ports.find(({ heldBy }) => heldBy !== undefined && !batch.has(heldBy.id));
  return other?.heldBy === undefined
    ? "closed"
    : { why: `port ${other.port} stays open for ${other.heldBy.id}`, isFinal: true };
}

/** Azure's own words, where it refused. */
function whyOpen({ grant }: In<"opening" | "open">): string {
  const { fault } = grant.azure;
  return fault === undefined ? "Azure refused to close it" : `${fault.code}: ${fault.message}`;
}
