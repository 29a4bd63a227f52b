// Who people are, who is in a group, which channels strangers can read: kept for a while.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { type ChannelId, type GroupId, type UserId, userId } from "../../../domain/text/ids.ts";
import { cachedReads } from "../../../ports/cached-reads.ts";
import type { Chat, Person, ReadAs } from "../../../ports/chat.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import type { Identity } from "./bot-identity.ts";
import { decoded } from "./slack-call.ts";
import { isThrottled, standingBack, waitingItsTurn } from "./standing-back.ts";

type Home = Pick<Identity, "teamId" | "enterpriseId">;

type Options = {
  readonly client: WebClient;
  readonly log: Log;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly identity: Home;
};

const flag = z.boolean().optional();
const name = z.string().optional();

/** Source: https://docs.slack.dev/reference/objects/user-object */
const userSchema = z.object({
  id: z.string(),
  name,
  real_name: name,
  profile: z.object({ display_name: name, real_name: name, email: name }).optional(),
  /** Whether the address of the profile is known to be theirs. */
  is_email_confirmed: flag,
  team_id: z.string().optional(),
  tz: z.string().nullish(),
  deleted: flag,
  is_bot: flag,
  is_stranger: flag,
  is_restricted: flag,
  is_ultra_restricted: flag,
  /** In Enterprise Grid: the organisation, and the workspaces that the person belongs to. */
  enterprise_user: z
    .object({
      id: z.string().min(1).optional(),
      enterprise_id: z.string(),
      teams: z.array(z.string()).optional(),
    })
    .optional(),
});
type SlackUser = z.infer<typeof userSchema>;

const userAnswer = z.object({ user: userSchema });
const membersAnswer = z.object({ users: z.array(z.string()) });
/** Source: https://docs.slack.dev/reference/objects/conversation-object */
const channelAnswer = z.object({
  channel: z.object({ is_ext_shared: flag, is_shared: flag, is_org_shared: flag }),
});

/** Slack's own user, which no list calls a bot. */
const SLACKBOT = "USLACKBOT";

/** How old a group's membership may be while Slack is throttling its reads. */
const THROTTLED_AGE_MS = 10_000;

/** How old the knowledge whether a channel is shared may be, where somebody alone is answered in it; */
const SHARED_AGE_MS = 5 * 60_000;
/** and where all who are in it read what is posted. */
const POSTING_AGE_MS = 10_000;

export function slackPeople(
  options: Options,
): Pick<Chat, "person" | "personByAddress" | "groupMembers" | "forget" | "reach" | "isShared"> {
  const { clock, log } = options;
  const persons = standingBack(clock);
  const person = cachedReads(
    (user: UserId, as: ReadAs) => persons(as, () => readPerson(options, user)),
    clock,
  );
  const addresses = standingBack(clock);
  const byAddress = cachedReads(
    (address: string) => addresses("usual", () => readByAddress(options, address)),
    clock,
  );
  const group = membersReader(options);
  const members = cachedReads(group.read, clock);
  const shared = cachedReads((channel: ChannelId) => readShared(options, channel), clock);
  return {
    person: (user, maxAgeMs, as = "usual") => waitingItsTurn(as, () => person(user, maxAgeMs, as)),
    personByAddress: (address, maxAgeMs) => byAddress(address, maxAgeMs),
    groupMembers: (id, maxAgeMs, as = "usual") =>
      waitingItsTurn(as, () => members(id, maxAgeMs, as)),
    forget({ users, groups }) {
      users.forEach(person.forget);
      groups.forEach(group.forget);
      groups.forEach(members.forget);
    },
    async reach(channel) {
      const isShared = await shared(channel, POSTING_AGE_MS);
      if (isFault(isShared)) throw isShared;
      return isShared ? "shared" : "own";
    },
    // Only what is known to be shared is refused: the answer is for one person, whose checks hold everywhere.
    isShared: (channel) =>
      shared(channel, SHARED_AGE_MS).then(
        (isShared) => isShared === true,
        (thrown: unknown) => {
          if (!isFault(thrown)) throw thrown;
          log.info({ channel, code: thrown.code }, "can't tell whether the channel is shared");
          return false;
        },
      ),
  };
}

async function readPerson(
  { client, identity }: Options,
  user: UserId,
): Promise<Person | undefined> {
  const found = await orUnknown(decoded(userAnswer, client.users.info({ user })));
  return found && personOf(found.user, user, identity);
}

/** Needs `users:read.email`: without it Slack's refusal is thrown, which is no answer about anybody. */
async function readByAddress(
  { client, identity }: Options,
  email: string,
): Promise<Person | undefined> {
  const found = await orUnknown(decoded(userAnswer, client.users.lookupByEmail({ email })));
  return found && personOf(found.user, userId(found.user.id), identity);
}

function personOf(found: SlackUser, id: UserId, home: Home): Person {
  return {
    id,
    identity: userId(found.enterprise_user?.id ?? found.id),
    name: nameOf(found),
    ...(typeof found.tz === "string" && { zone: found.tz }),
    ...(found.is_email_confirmed === true && { email: found.profile?.email }),
    kind: kindOf(found, home),
  };
}

async function orUnknown<T>(answering: Promise<T>): Promise<T | undefined> {
  try {
    return await answering;
  } catch (thrown) {
    if (isFault(thrown) && UNKNOWN_USER.has(thrown.code)) return undefined;
    throw thrown;
  }
}

const UNKNOWN_USER = new Set(["user_not_found", "user_not_visible", "users_not_found"]);

const nameOf = ({ profile, real_name, name, id }: SlackUser): string =>
  profile?.display_name || profile?.real_name || real_name || name || id;

/** The first thing that keeps somebody out; `full` only if nothing does. */
function kindOf(user: SlackUser, home: Home): Person["kind"] {
  if (user.deleted) return "deactivated";
  if (user.is_bot || user.id === SLACKBOT) return "bot";
  if (user.is_stranger) return "stranger";
  if (!isAtHome(user, home)) return "other-workspace";
  return user.is_restricted || user.is_ultra_restricted ? "guest" : "full";
}

function isAtHome({ team_id, enterprise_user }: SlackUser, home: Home): boolean {
  if (enterprise_user !== undefined && home.enterpriseId !== undefined) {
    const { enterprise_id, teams } = enterprise_user;
    // Of an organisation's people, those who aren't in our workspace aren't ours to let in.
    return enterprise_id === home.enterpriseId && (teams?.includes(home.teamId) ?? true);
  }
  return team_id === undefined || team_id === home.teamId;
}

/** Reads a group now; while Slack throttles that, what it answered a few seconds ago still counts. */
function membersReader(options: Options) {
  const groups = standingBack(options.clock);
  const last = new Map<GroupId, { readonly atMs: number; readonly members: readonly UserId[] }>();
  const read = async (group: GroupId, as: ReadAs): Promise<readonly UserId[]> => {
    const atMs = options.clock.monotonicMs();
    try {
      const members = await groups(as, () => readMembers(options, group));
      last.set(group, { atMs, members });
      return members;
    } catch (thrown) {
      const known = last.get(group);
      const isRecent = known !== undefined && atMs - known.atMs < THROTTLED_AGE_MS;
      if (!isThrottled(thrown) || !isRecent) throw thrown;
      return known.members;
    }
  };
  return { read, forget: (group: GroupId): void => void last.delete(group) };
}

async function readMembers({ client, log }: Options, group: GroupId): Promise<readonly UserId[]> {
  try {
    const answer = await decoded(membersAnswer, client.usergroups.users.list({ usergroup: group }));
    return answer.users.map(userId);
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== "no_such_subteam") throw thrown;
    // Deleted or switched off: it has no members, and so lets nobody in.
    log.warn({ group }, "a user group of the policy file doesn't exist");
    return [];
  }
}

/** A fault that doesn't pass soon (a channel that isn't for us to see) is an answer, too, and is kept. */
async function readShared({ client }: Options, channel: ChannelId): Promise<boolean | Fault> {
  try {
    const answer = await decoded(channelAnswer, client.conversations.info({ channel }));
    const { is_ext_shared, is_shared, is_org_shared } = answer.channel;
    return is_ext_shared ?? (is_shared === true && is_org_shared !== true);
  } catch (thrown) {
    if (isFault(thrown) && !thrown.retryable) return thrown;
    throw thrown;
  }
}
