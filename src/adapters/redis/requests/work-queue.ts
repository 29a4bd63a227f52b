// The work queue: what is due is claimed with a lease, and given back.

import { channelId } from "../../../domain/text/ids.ts";
import type { Claim, ClaimHow, Work, WorkQueue } from "../../../ports/storage/work-queue.ts";
import type { Tools } from "../scripts/tools.ts";
import { LEAVE, PROVE, YIELD } from "./lease-scripts.ts";
import { decodeNotice } from "./notices/stored-notices.ts";
import { type Document, decodeDocument, type Unreadable } from "./request-document.ts";
import { CLAIM, RELEASE } from "./work-scripts.ts";

export function redisWorkQueue(tools: Tools): WorkQueue {
  const { run, keys } = tools;
  return {
    claim: (worker, how) => claim(tools, worker, how),
    prove: (worker, member) => run(PROVE, { keys, args: { worker, member } }),
    yield: async (worker, member, how) => {
      await run(YIELD, { keys, args: { worker, member, ...how } });
    },
    leave: async (replica) => {
      await run(LEAVE, { keys, args: { replica } });
    },
    release: async (worker, id, known) =>
      (await run(RELEASE, { keys, args: { worker, id, ...known } })) === 1,
  };
}

async function claim(
  { run, keys }: Tools,
  worker: string,
  { lost = [], ...how }: ClaimHow,
): Promise<Work> {
  const args = { worker, ...how, ...(lost.length > 0 && { lost }) };
  const [nowMs, found, nextInMs, goneCount, takenOver] = await run(CLAIM, { keys, args });
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
  const next = nextInMs < 0 ? undefined : nextInMs;
  return { claims, nowMs, nextInMs: next, goneCount, takenOver };
}

function documentOf(id: string, text: string): Document | Unreadable {
  if (text === "") return { unreadable: "There is no document." };
  const document = decodeDocument(text);
  return "request" in document && document.request.id !== id
    ? { unreadable: `It is the document of ${document.request.id}.` }
    : document;
}
