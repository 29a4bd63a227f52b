// The chat port on Slack: the screens beside this file render what to say, and it is sent.

import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import { isExtendable } from "../../../domain/request/offers.ts";
import type {
  AccessRequest,
  Card,
  EndMessage,
  PortHolder,
} from "../../../domain/request/request.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import { type ChannelId, userId, type VmKey } from "../../../domain/text/ids.ts";
import type { Chat } from "../../../ports/chat.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import type { Notice } from "../../../ports/storage/notices.ts";
import { type Message, sections, textOf } from "../views/blocks.ts";
import { isTooLong } from "../views/fit-blocks.ts";
import { noticesMessage } from "../views/notices/notices-message.ts";
import { endAllMessage } from "../views/pages/end-all-view.ts";
import { homeTab } from "../views/pages/home-tab.ts";
import { changeMessage } from "../views/pages/policy-change-view.ts";
import { isUser } from "../views/phrases.ts";
import { type CardView, cardMessage, lostCard } from "../views/request/card.ts";
import { calledMessage, whispered } from "../views/request/other-way.ts";
import { type MessageView, requesterMessage } from "../views/request/requester-message.ts";
import { historyMessage } from "../views/request/steps.ts";
import { warningMessage } from "../views/request/warning.ts";
import type { Identity } from "./bot-identity.ts";
import { channelMembers } from "./channel-members.ts";
import { findCard } from "./find-card.ts";
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
  const personView = ({ ask }: AccessRequest): MessageView => ({
    ...view(),
    portal,
    bastion: hasBastion(ask.vm.key),
  });
  const isOwnToExtend = (request: AccessRequest): boolean =>
    isExtendable(request, request.ask.requester, { policy: policy(), nowMs: clock.nowMs() });
  const calledView = (request: AccessRequest) => ({
    ...cardView(false),
    extendable: isOwnToExtend(request),
  });
  /** One about an access that isn't open would be false. */
  const warning = (request: AccessRequest, holders: ReadonlyMap<number, PortHolder>) =>
    request.state === "open"
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
      ? requesterMessage(request, steps, personView(request))
      : calledMessage(request, { steps }, calledView(request));
  };

  return { cardView, personView, calledView, warning, endMessage };
}

type Screens = ReturnType<typeof screensOf>;

export function slackChat(options: SlackChatOptions): Chat {
  const { client, identity, onAppId = () => {} } = options;
  const post = slackPost({ client, onAppId });
  const screens = screensOf(options);

  return {
    ...slackPeople(options),
    ...channelMembers(options),
    ...cardChat(options, post, screens),
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

    postNotices: noticePoster(options, post),
  };
}

/** The card that approvers see, and what is said in its thread. */
function cardChat(
  { client, log, identity }: SlackChatOptions,
  post: Post,
  { cardView }: Screens,
): Pick<Chat, "postCard" | "editCard" | "findCard" | "closeLostCard" | "postHistory"> {
  const channelOf = (to: Card["to"]): Promise<ChannelId> =>
    isUser(to) ? post.directChannel(to) : Promise.resolve(to);

  return {
    async postCard(request, to) {
      return isUser(to)
        ? post.toPerson(to, cardMessage(request, cardView(true)))
        : post.toChannel(to, cardMessage(request, cardView(false)));
    },

    async editCard(request, card) {
      await post.edit(card, cardMessage(request, cardView(isDirect(card.channel))));
    },

    async findCard({ id }, to, sinceMs) {
      try {
        return await findCard(client, identity, { channel: await channelOf(to), id, sinceMs });
      } catch (thrown) {
        if (!isFault(thrown) || thrown.retryable) throw thrown;
        // Reading history is an optional right; without it a second copy may be posted.
        log.info({ id, to, code: thrown.code }, "can't look for the card");
        return undefined;
      }
    },

    closeLostCard: (id, message) => post.edit(message, lostCard(id)),

    async postHistory(request, card, steps) {
      const message = historyMessage(request, steps, cardView(isDirect(card.channel)));
      return post.toChannel(card.channel, message, card.ts);
    },
  };
}

/** What the requester is told, directly or where direct messages don't reach them. */
function requesterChat(
  { client, log }: SlackChatOptions,
  post: Post,
  { personView, calledView, warning, endMessage }: Screens,
): Pick<Chat, "tellRequester" | "callRequester" | "whisper" | "editEndMessage" | "warn"> {
  return {
    async tellRequester(request, steps) {
      const message = requesterMessage(request, steps, personView(request));
      const posted = await post.toPerson(request.ask.requester, message);
      const file = rdpFile(request, steps);
      if (file !== undefined) await sendRdpFile({ client, log }, posted.channel, file);
      return posted;
    },

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
      if (message !== undefined) await post.toPerson(request.ask.requester, message);
    },
  };
}

const noticePoster =
  ({ policy, log }: SlackChatOptions, post: Post): Chat["postNotices"] =>
  async (channel, notices) => {
    if (notices.length === 0) return 0;
    const hideReason = !isUser(channel) && policy().privacy.hideOnCard.includes("reason");
    try {
      return await postSome(post, channel, { notices, hideReason });
    } catch (thrown) {
      if (!isOfItself(thrown)) throw thrown;
      // One that Slack takes in no way keeps no other waiting.
      return await postOne(post, channel, { notices, hideReason, log });
    }
  };

type Several = { readonly notices: readonly Notice[]; readonly hideReason: boolean };

/** Answers how many of the first were posted. A person's id stands for the direct conversation with them. */
async function postSome(post: Post, channel: ChannelId, several: Several): Promise<number> {
  const { notices, hideReason } = several;
  let count = 0;
  const first = (most: number) => {
    const some = noticesMessage(notices, { hideReason }, most);
    count = some.count;
    return some.message;
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
