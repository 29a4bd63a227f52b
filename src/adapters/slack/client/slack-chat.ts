// The chat port on Slack: the screens beside this file render what to say, and it is sent.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { isLead } from "../../../domain/request/batch/roles.ts";
import type { Card, EndMessage } from "../../../domain/request/document/sent-messages.ts";
import type { Step } from "../../../domain/request/document/step.ts";
import type { PortHolder } from "../../../domain/request/grant.ts";
import { isBatchExtendable, isExtendable } from "../../../domain/request/offers.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import { type ChannelId, type RequestId, userId, type VmKey } from "../../../domain/text/ids.ts";
import type { Chat, MessageRef } from "../../../ports/chat.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import type { Notice } from "../../../ports/storage/notices.ts";
import { type Message, sections, textOf } from "../views/blocks.ts";
import type { CardView } from "../views/card-view.ts";
import { batchWarning } from "../views/direct/batch-message.ts";
import { pingLines, pingMessage } from "../views/direct/ping.ts";
import { asLive, type MessageView, requesterMessage } from "../views/direct/requester-message.ts";
import { foldedWarning, warningMessage } from "../views/direct/warning.ts";
import { isTooLong } from "../views/fit-blocks.ts";
import { NOTICES_MAX, noticesMessage } from "../views/notices/notices-message.ts";
import { endAllMessage } from "../views/pages/end-all-view.ts";
import { homeTab } from "../views/pages/home-tab.ts";
import { changeMessage } from "../views/pages/policy-change-view.ts";
import { isUser } from "../views/phrases.ts";
import { historyMessage } from "../views/request/batch/history.ts";
import { cardMessage, lostCard } from "../views/request/card.ts";
import { calledMessage, whispered } from "../views/request/other-way.ts";
import type { Identity } from "./bot-identity.ts";
import { channelMembers } from "./channel-members.ts";
import { findOurs, isCardOf, isLiveOf } from "./find-card.ts";
import { type Names, named, namesOf } from "./plain-names.ts";
import { type Post, slackPost } from "./post-message.ts";
import { rdpFile, sendRdpFile } from "./rdp-file.ts";
import { shareFile } from "./share-file.ts";
import { decoded } from "./slack-call.ts";
import { slackFault } from "./slack-client.ts";
import { slackPeople } from "./slack-people.ts";

export type SlackChatOptions = {
  /** Bounded in time and without retries of its own: the workflow retries. */
  readonly client: WebClient;
  readonly log: Log;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly identity: Omit<Identity, "appId" | "learnAppId">;
  /** The parts of the policy in force that the screens follow, read for each message. */
  readonly policy: () => Pick<Policy, "privacy" | "endEarly" | "rules">;
  /** The portal of the cloud that the VMs are in, without a slash at the end. */
  readonly portal: string;
  /** Whether an Azure Bastion is known to serve this VM's network; answers from memory. */
  readonly hasBastion: (vm: VmKey) => boolean;
  /** Told the app's id by every message that was posted. */
  readonly onAppId?: (appId: string) => void;
};

const isDirect = (channel: ChannelId): boolean => channel.startsWith("D");

/** What the messages show of a request, by what is in force now. */
function screensOf({ clock, policy, portal, hasBastion }: SlackChatOptions) {
  const view = () => ({ nowMs: clock.nowMs(), endsEarly: policy().endEarly !== "off" });
  const cardView = (isPrivate: boolean): CardView => ({
    ...view(),
    hide: isPrivate ? [] : policy().privacy.hideOnCard,
  });
  const isOwnToExtend = (request: AccessRequest): boolean =>
    isLead(request)
      ? isBatchExtendable(request, policy())
      : isExtendable(request, request.ask.requester, { policy: policy(), nowMs: clock.nowMs() });
  const personView = (request: AccessRequest): MessageView => ({
    ...view(),
    extendable: isOwnToExtend(request),
    portal,
    bastion: hasBastion(request.ask.vm.key),
  });
  const calledView = (request: AccessRequest) => ({
    ...cardView(false),
    extendable: isOwnToExtend(request),
  });
  /** One about an access that isn't open would be false. */
  const warning = (request: AccessRequest, holders: ReadonlyMap<number, PortHolder>) =>
    isLead(request)
      ? batchWarning(request, { ...view(), extendable: isOwnToExtend(request) })
      : request.state === "open"
        ? warningMessage(request, {
            ...view(),
            extendable: isOwnToExtend(request),
            holders,
          })
        : undefined;
  const endMessage = (
    request: AccessRequest,
    { audience, channel, steps }: Pick<EndMessage, "audience" | "channel" | "steps">,
  ): Message => {
    const seen = cardView(isDirect(channel));
    if (audience === "thread") return historyMessage(request, steps, seen);
    // Whom direct messages don't reach was told in a channel.
    return isDirect(channel)
      ? pingMessage(request, steps)
      : calledMessage(request, { steps }, calledView(request));
  };

  return { cardView, personView, calledView, warning, endMessage };
}

type Screens = ReturnType<typeof screensOf>;

export function slackChat(options: SlackChatOptions): Chat {
  const { client, identity, onAppId = () => {} } = options;
  const post = slackPost({ client, onAppId });
  const screens = screensOf(options);

  const people = slackPeople(options);

  return {
    ...people,
    ...channelMembers(options),
    ...cardChat({ ...options, people }, post, screens),
    ...requesterChat(options, post, screens),

    async publishHome(user, home) {
      const { workspaceUrl } = identity;
      const view = homeTab(home, { you: user, workspaceUrl });
      await decoded(z.unknown(), client.views.publish({ user_id: user, view }));
    },

    async tell(user, sentence) {
      await post.toPerson(user, { text: textOf(sentence), blocks: sections([sentence]) });
    },

    postChange: (user, change) => post.toPerson(user, (most) => changeMessage(change, most)),
    editChange: (message, change) => post.edit(message, (most) => changeMessage(change, most)),

    postEndAll: (user, endAll) => post.toPerson(user, () => endAllMessage(endAll)),
    editEndAll: (message, endAll) => post.edit(message, () => endAllMessage(endAll)),

    async sendFile(user, file) {
      const channel = await post.directChannel(user);
      try {
        await shareFile(client, channel, file);
      } catch (thrown) {
        throw isFault(thrown) ? thrown : slackFault(thrown);
      }
    },

    postNotices: noticePoster({ ...options, people }, post),
  };
}

/** The card that approvers see, and what is said in its thread. */
function cardChat(
  options: SlackChatOptions & { readonly people: Named },
  post: Post,
  { cardView }: Screens,
): Pick<Chat, "postCard" | "editCard" | "findCards" | "closeLostCard" | "postHistory"> {
  const channelOf = (to: Card["to"]): Promise<ChannelId> =>
    isUser(to) ? post.directChannel(to) : Promise.resolve(to);

  return {
    async postCard(request, to) {
      if (isUser(to)) return post.toPerson(to, cardMessage(request, cardView(true)));
      // It calls those who decide. Its edits, which call nobody, mention the requester, too.
      const names = await namesOf(options.people, [request.ask.requester]);
      return post.toChannel(to, named(cardMessage(request, cardView(false)), names));
    },

    async editCard(request, card) {
      await post.edit(card, cardMessage(request, cardView(isDirect(card.channel))));
    },

    findCards: ({ id }, to, sinceMs) =>
      findOurMessages(options, { id, sinceMs, isIt: isCardOf(id) }, () => channelOf(to)),

    closeLostCard: (id, message) => post.edit(message, lostCard(id)),

    async postHistory(request, card, steps) {
      const message = historyMessage(request, steps, cardView(isDirect(card.channel)));
      return post.toChannel(card.channel, message, card.ts);
    },
  };
}

/** What the requester is told, directly or where direct messages don't reach them. */
function requesterChat(options: SlackChatOptions, post: Post, screens: Screens): RequesterChat {
  const { personView, calledView, warning, endMessage } = screens;
  return {
    ...liveChat(options, post, screens),

    async callRequester(request, card, news) {
      const message = calledMessage(request, news, calledView(request));
      return post.toChannel(card.channel, message, card.ts);
    },

    async whisper(request, channel, news) {
      const message =
        "steps" in news
          ? requesterMessage(request, news.steps, personView(request))
          : warning(request, news.holders);
      if (message === undefined) return;
      await post.whisper(channel, request.ask.requester, whispered(request, message));
    },

    async editEndMessage(request, { audience, channel, ts, steps }) {
      await post.edit({ channel, ts }, endMessage(request, { audience, channel, steps }));
    },

    async warn(request, holders) {
      const message = warning(request, holders);
      return message && (await post.toPerson(request.ask.requester, message));
    },

    async foldWarning(request, message) {
      await post.edit(message, foldedWarning(request));
    },
  };
}

type LiveChat = Pick<Chat, "postLive" | "findLive" | "editLive" | "pingRequester">;
type RequesterChat = LiveChat &
  Pick<Chat, "callRequester" | "whisper" | "editEndMessage" | "warn" | "foldWarning">;

/** The live direct message, and what stands below it. */
function liveChat(
  options: SlackChatOptions,
  post: Post,
  { personView }: Pick<Screens, "personView">,
): LiveChat {
  const { client, log } = options;
  const liveMessage = (request: AccessRequest, steps: readonly Step[]) =>
    asLive(request, requesterMessage(request, steps, personView(request)));

  return {
    async postLive(request, steps) {
      const posted = await post.toPerson(request.ask.requester, liveMessage(request, steps));
      const file = rdpFile(request, steps);
      if (file !== undefined) await sendRdpFile({ client, log }, posted.channel, file);
      return posted;
    },

    async findLive({ id, ask }, sinceMs) {
      const where = () => post.directChannel(ask.requester);
      const found = await findOurMessages(options, { id, sinceMs, isIt: isLiveOf(id) }, where);
      return found[0];
    },

    async editLive(request, message, steps) {
      await post.edit(message, liveMessage(request, steps));
    },

    async pingRequester(request, steps) {
      const { requester } = request.ask;
      const file = rdpFile(request, steps);
      // The file says it: one notification is enough.
      if (file !== undefined) {
        const channel = await post.directChannel(requester);
        const says = pingLines(request, steps);
        if (await sendRdpFile({ client, log }, channel, { ...file, says })) return undefined;
      }
      return post.toPerson(requester, pingMessage(request, steps));
    },
  };
}

type ToFind = {
  readonly id: RequestId;
  readonly sinceMs: number;
  readonly isIt: ReturnType<typeof isCardOf>;
};

/** Reading history is an optional right; without it a second copy may be posted. */
async function findOurMessages(
  { client, log, identity }: SlackChatOptions,
  { id, sinceMs, isIt }: ToFind,
  where: () => Promise<ChannelId>,
): Promise<readonly MessageRef[]> {
  try {
    return await findOurs(client, identity, { channel: await where(), sinceMs, isIt });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "slack" || thrown.retryable) throw thrown;
    log.info({ id, code: thrown.code }, "can't look for a message of ours");
    return [];
  }
}

type Named = Pick<Chat, "person">;

const noticePoster =
  (
    { policy, log, people }: SlackChatOptions & { readonly people: Named },
    post: Post,
  ): Chat["postNotices"] =>
  async (channel, all) => {
    const notices = all.slice(0, NOTICES_MAX);
    if (notices.length === 0) return 0;
    const names = await namesInNotices(people, channel, notices);
    const endsEarly = policy().endEarly !== "off";
    const hideReason = !isUser(channel) && policy().privacy.hideOnCard.includes("reason");
    try {
      return await postSome(post, channel, { notices, hideReason, endsEarly, names });
    } catch (thrown) {
      if (!isOfItself(thrown)) throw thrown;
      // One that Slack takes in no way keeps no other waiting.
      return await postOne(post, channel, { notices, hideReason, endsEarly, names, log });
    }
  };

/**
 * A channel reads who it was about, and nobody is called by it: where Slack doesn't tell a name, by their id. A person
 * or group of admins hears of others privately, where a mention calls nobody else.
 */
async function namesInNotices(
  people: Named,
  channel: ChannelId,
  notices: readonly Notice[],
): Promise<Names> {
  if (isUser(channel)) return new Map();
  const about = notices.flatMap(({ requester }) => (requester === undefined ? [] : [requester]));
  const found = await namesOf(people, about);
  return new Map(about.map((user) => [user, found.get(user) ?? user]));
}

type Several = {
  readonly notices: readonly Notice[];
  readonly hideReason: boolean;
  readonly endsEarly: boolean;
  readonly names: Names;
};

/** Answers how many of the first were posted. A person's id stands for the direct conversation with them. */
async function postSome(post: Post, channel: ChannelId, several: Several): Promise<number> {
  const { notices, hideReason, endsEarly, names } = several;
  let count = 0;
  const first = (most: number) => {
    const some = noticesMessage(notices, { hideReason, endsEarly }, most);
    count = some.count;
    return named(some.message, names);
  };
  if (isUser(channel)) await post.toPerson(userId(channel), first);
  else await post.toChannel(channel, first);
  return count;
}

/** Faults of what was to be posted: no repetition mends them. */
const isOfItself = (thrown: unknown): thrown is Fault =>
  isFault(thrown) &&
  (isTooLong(thrown) || /^(invalid_blocks|no_text|invalid_arg)/.test(thrown.code));

async function postOne(
  post: Post,
  channel: ChannelId,
  { log, ...several }: Several & { readonly log: Log },
): Promise<number> {
  const notices = several.notices.slice(0, 1);
  try {
    return await postSome(post, channel, { ...several, notices });
  } catch (thrown) {
    if (!isOfItself(thrown)) throw thrown;
    const [notice] = notices;
    const facts = { channel, code: thrown.code, what: notice?.what, request: notice?.id };
    log.error(facts, "a notice can't be posted in any form, and is left out");
    return 1;
  }
}
