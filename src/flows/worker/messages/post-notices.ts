// Posts the notices of a channel that have come together, and keeps those that couldn't be posted.

import { type ChannelId, channelId, groupId } from "../../../domain/text/ids.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Notice } from "../../../ports/storage/notices.ts";
import type { Claim } from "../../../ports/storage/work-queue.ts";
import { barredFrom } from "../../channels/channel-reach.ts";
import type { Deps } from "../../deps.ts";
import { SEEING_AGE_MS } from "../../people/people.ts";
import { isForAdmins } from "../../requests/notices-of.ts";
import { tryAgainMs } from "../../try-again.ts";
import type { Lease } from "../lease.ts";

type Needs = Pick<Deps, "notices" | "rateLimits" | "chat" | "clock" | "log" | "policy">;

/** Three messages at once, then one in this time: at most ten in any minute. */
const NOTICES_EVERY_MS = 10_000;

/** What was posted must not be forgotten: where Redis is away for a moment, it is told again. */
const TELLS_AGAIN_MS = 250;
const TELLS_MAX = 40;

type NoticesClaim = Extract<Claim, { kind: "notices" }>;

/** Posts what it can, and gives the channel back. Throws faults of the store, and `LeaseLost`. */
export async function postNotices(deps: Needs, lease: Lease, claim: NoticesClaim): Promise<void> {
  const { channel, notices, nowMs } = claim;
  const keep = (retryAtMs: number) =>
    deps.notices.release(lease.owner, channel, { count: 0, retryAtMs });
  let count = 0;
  try {
    if (isGroup(channel)) {
      count = await toMembers(deps, channel, notices);
    } else if ((await barredFrom(deps, channel, 0)) !== undefined) {
      count = await insteadToAdmins(deps, notices);
    } else {
      // Those that come while a crowd of notices waits for its turn are told with it.
      const waitMs =
        (await deps.rateLimits.takeTurn(channel)) ||
        (await deps.rateLimits.takeTurn(`notices:${channel}`, NOTICES_EVERY_MS));
      if (waitMs > 0) return await keep(nowMs + waitMs);
      count = await deps.chat.postNotices(channel, notices);
    }
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack") throw thrown;
    deps.log.error({ channel, code: thrown.code }, "notices couldn't be posted; they are kept");
    return keep(nowMs + tryAgainMs(thrown.retryable ? 3 : 6, thrown));
  }
  await posted(deps, lease, { channel, count });
}

async function posted(
  { notices, clock }: Needs,
  lease: Lease,
  { channel, count }: { channel: ChannelId; count: number },
): Promise<void> {
  for (let told = 1; ; told++) {
    try {
      return await notices.release(lease.owner, channel, { count });
    } catch (thrown) {
      const isOver = told >= TELLS_MAX || lease.isLost();
      if (!isFault(thrown) || !thrown.retryable || isOver) throw thrown;
    }
    await clock.sleep(TELLS_AGAIN_MS);
  }
}

/** A notice for a user group goes to each of its members, privately. */
const isGroup = (place: ChannelId): boolean => place.startsWith("S");

async function toMembers(
  deps: Needs,
  place: ChannelId,
  notices: readonly Notice[],
): Promise<number> {
  const members = await deps.chat.groupMembers(groupId(place), SEEING_AGE_MS);
  for (const member of members) {
    for (const notice of notices) await deps.notices.add(channelId(member), notice);
  }
  return notices.length;
}

/** Nothing goes to a channel that others can read; admins who haven't heard of it anyway do so privately. */
async function insteadToAdmins(deps: Needs, notices: readonly Notice[]): Promise<number> {
  const { users, groups } = deps.policy().admins;
  for (const notice of notices.filter(({ what }) => !isForAdmins(what))) {
    for (const admin of [...users, ...groups]) await deps.notices.add(channelId(admin), notice);
  }
  return notices.length;
}
