// Work: what is due is taken with a lease, given back, or set aside.

import {
  type ChannelId,
  channelId,
  parseRequestId,
  type RequestId,
} from "../../../domain/text/ids.ts";
import { plainText } from "../../../domain/text/plain-text.ts";
import type { AsideList, Requeued } from "../../../ports/storage/dead-letters.ts";
import type { Notice } from "../../../ports/storage/kept.ts";
import type { AsideWrite, Write } from "../../../ports/storage/store.ts";
import type { Claim, ClaimHow, Work } from "../../../ports/storage/work.ts";
import { auditLine, type Writer } from "../audit/new-entries.ts";
import type { Keys } from "../scripts/keys.ts";
import type { Run } from "../scripts/script.ts";
import { LIST_ASIDE, REQUEUE, SET_ASIDE } from "./aside-scripts.ts";
import { YIELD } from "./lease-scripts.ts";
import { type Document, decodeDocument, type Unreadable } from "./request-document.ts";
import { decodeNotice, encodeNotice } from "./stored-notices.ts";
import { CLAIM, NOTIFY, RELEASE, RELEASE_NOTICES } from "./work-scripts.ts";

const WHY_CHARACTERS_MAX = 500;

type Tools = { readonly run: Run; readonly keys: Keys };

export async function claim(
  { run, keys }: Tools,
  worker: string,
  { lost = [], ...how }: ClaimHow,
): Promise<Work> {
  const args = { worker, ...how, ...(lost.length > 0 && { lost }) };
  const [nowMs, found, nextInMs, goneCount] = await run(CLAIM, { keys, args });
  const claims = found.map(([member, failures, isSuspect, text, notices]): Claim => {
    const common = { failures, isSuspect: isSuspect === 1 };
    if (member.startsWith("n:")) {
      const decoded = notices.map((notice) => decodeNotice(notice, nowMs));
      const channel = channelId(member.slice(2));
      return { kind: "notices", channel, ...common, nowMs, notices: decoded };
    }
    const document = documentOf(member, text);
    if ("unreadable" in document) {
      return { kind: "unreadable", id: member, ...common, why: document.unreadable };
    }
    return { kind: "request", id: document.request.id, ...common, ...document, nowMs };
  });
  return { claims, nowMs, nextInMs: nextInMs < 0 ? undefined : nextInMs, goneCount };
}

function documentOf(id: string, text: string): Document | Unreadable {
  if (text === "") return { unreadable: "There is no document." };
  const document = decodeDocument(text);
  return "request" in document && document.request.id !== id
    ? { unreadable: `It is the document of ${document.request.id}.` }
    : document;
}

export async function release(
  { run, keys }: Tools,
  worker: string,
  known: { id: RequestId; version: number; dueAtMs: number | undefined },
): Promise<boolean> {
  return (await run(RELEASE, { keys, args: { worker, ...known } })) === 1;
}

/** `member`: a request's id, or `n:<channel>`. */
export async function yieldMember(
  { run, keys }: Tools,
  worker: string,
  how: { member: string; isFailure: boolean; againInMs: number },
): Promise<void> {
  await run(YIELD, { keys, args: { worker, ...how } });
}

export async function releaseNotices(
  { run, keys }: Tools,
  worker: string,
  done: { channel: ChannelId; count: number; retryAtMs?: number | undefined },
): Promise<void> {
  await run(RELEASE_NOTICES, { keys, args: { worker, ...done } });
}

type Writing = Tools & { readonly writer: Writer };

export async function setAside(
  { run, keys, writer }: Writing,
  member: string,
  { why, owner, audit = [], notices = [] }: AsideWrite,
): Promise<boolean> {
  const args = {
    member,
    ...(owner !== undefined && { owner }),
    // One line: the notices of a channel stand below it.
    why: plainText(why, WHY_CHARACTERS_MAX),
    audit: audit.map((note) => auditLine(note, aboutOf(member), writer)),
    notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
  };
  return (await run(SET_ASIDE, { keys, args })) === "done";
}

const aboutOf = (member: string) => ({ id: parseRequestId(member) });

export async function listAside({ run, keys }: Tools, most: number): Promise<AsideList> {
  const [count, found] = await run(LIST_ASIDE, { keys, args: { most } });
  const some = found.map(([member, text, noticeCount]) => {
    const [since = "", ...why] = text.split("|");
    return { member, atMs: Number(since), why: why.join("|"), noticeCount };
  });
  return { count, some };
}

export function requeue(
  { run, keys, writer }: Writing,
  member: string,
  { audit, delivery }: Pick<Write, "audit" | "delivery">,
): Promise<Requeued> {
  const lines = audit.map((note) => auditLine(note, aboutOf(member), writer));
  return run(REQUEUE, {
    keys: { ...keys, delivery: keys.delivery(delivery ?? "") },
    args: { member, audit: lines, delivered: delivery !== undefined },
  });
}

export async function notify(
  { run, keys }: Tools,
  channel: ChannelId,
  notice: Notice,
): Promise<void> {
  await run(NOTIFY, { keys, args: { channel, notice: encodeNotice(notice) } });
}
