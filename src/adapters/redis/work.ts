// Work: what is due is taken with a lease, given back, or set aside.

import type { Notice } from "../../ports/store.ts";
import type { Claim, ClaimHow, Work } from "../../ports/work.ts";
import { type ChannelId, channelId, type RequestId } from "../../request/ids.ts";
import { LIST_ASIDE, SET_ASIDE } from "./aside-scripts.ts";
import { type Document, decodeDocument, type Unreadable } from "./document.ts";
import type { Keys } from "./keys.ts";
import { YIELD } from "./lease-scripts.ts";
import { decodeNotice, encodeNotice } from "./notices.ts";
import type { Run } from "./script.ts";
import { CLAIM, NOTIFY, RELEASE, RELEASE_NOTICES } from "./work-scripts.ts";

/** What was set aside, and why. Of a channel, its notices stand below. */
export type Aside = { readonly member: string; readonly atMs: number; readonly why: string };

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

export async function setAside({ run, keys }: Tools, member: string, why: string): Promise<void> {
  await run(SET_ASIDE, { keys, args: { member, why: why.slice(0, WHY_CHARACTERS_MAX) } });
}

export async function listAside({ run, keys }: Tools): Promise<readonly Aside[]> {
  const found = await run(LIST_ASIDE, { keys });
  const asides: Aside[] = [];
  for (let i = 0; i + 1 < found.length; i += 2) {
    const [since = "", ...why] = (found[i + 1] ?? "").split("|");
    asides.push({ member: found[i] ?? "", atMs: Number(since), why: why.join("|") });
  }
  return asides;
}

export async function notify(
  { run, keys }: Tools,
  channel: ChannelId,
  notice: Notice,
): Promise<void> {
  await run(NOTIFY, { keys, args: { channel, notice: encodeNotice(notice) } });
}
