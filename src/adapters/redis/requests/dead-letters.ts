// Dead letters: parked, listed, and brought back.

import { parseRequestId } from "../../../domain/text/ids.ts";
import { plainText } from "../../../domain/text/plain-text.ts";
import type {
  DeadLetters,
  ParkedList,
  ParkingWrite,
  Requeued,
} from "../../../ports/storage/dead-letters.ts";
import type { Write } from "../../../ports/storage/requests.ts";
import { auditLine } from "../audit/new-entries.ts";
import type { Tools } from "../scripts/tools.ts";
import { LIST_PARKED, PARK, REQUEUE } from "./dead-letter-scripts.ts";
import { encodeNotice } from "./notices/stored-notices.ts";

const WHY_CHARACTERS_MAX = 500;
/** More at once nobody reads. */
const LISTED_MAX = 1_000;

export const redisDeadLetters = (tools: Tools): DeadLetters => ({
  park: (member, write) => park(tools, member, write),
  list: (most = LISTED_MAX) => list(tools, most),
  requeue: (member, write) => requeue(tools, member, write),
});

async function park(
  { run, keys, writer }: Tools,
  member: string,
  { why, owner, audit = [], notices = [] }: ParkingWrite,
): Promise<boolean> {
  const args = {
    member,
    ...(owner !== undefined && { owner }),
    // One line: the notices of a channel stand below it.
    why: plainText(why, WHY_CHARACTERS_MAX),
    audit: audit.map((note) => auditLine(note, aboutOf(member), writer)),
    notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
  };
  return (await run(PARK, { keys, args })) === "done";
}

const aboutOf = (member: string) => ({ id: parseRequestId(member) });

async function list({ run, keys }: Tools, most: number): Promise<ParkedList> {
  const [count, found] = await run(LIST_PARKED, { keys, args: { most } });
  const some = found.map(([member, text, noticeCount]) => {
    const [since = "", ...why] = text.split("|");
    return { member, atMs: Number(since), why: why.join("|"), noticeCount };
  });
  return { count, some };
}

function requeue(
  { run, keys, writer }: Tools,
  member: string,
  { audit, notices = [], delivery }: Pick<Write, "audit" | "notices" | "delivery">,
): Promise<Requeued> {
  const lines = audit.map((note) => auditLine(note, aboutOf(member), writer));
  return run(REQUEUE, {
    keys: { ...keys, delivery: keys.delivery(delivery ?? "") },
    args: {
      member,
      audit: lines,
      notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
      delivered: delivery !== undefined,
    },
  });
}
