// What the bot needs from Slack: people looked up, messages posted and edited. Rendering is the adapter's.

import type { EndAll } from "../domain/brake/end-all.ts";
import type { Change } from "../domain/policies/policy-change.ts";
import type { Card, EndMessage } from "../domain/request/document/sent-messages.ts";
import type { Step } from "../domain/request/document/step.ts";
import type { PortHolder } from "../domain/request/grant.ts";
import type { AccessRequest } from "../domain/request/request.ts";
import type { ChannelId, GroupId, RequestId, UserId } from "../domain/text/ids.ts";
import type { Words } from "../domain/text/words.ts";
import type { Home } from "./screens/screens.ts";
import type { Notice } from "./storage/notices.ts";

export type Person = {
  readonly id: UserId;
  /** The same for all ids of one person: in an Enterprise Grid one has several. */
  readonly identity: UserId;
  readonly name: string;
  /** The e-mail address, where it is confirmed and the bot may see it. */
  readonly email?: string | undefined;
  /** The time zone that they set in Slack, by its IANA name. */
  readonly zone?: string | undefined;
  /** `full`: a member of this workspace who is neither guest, stranger, bot nor deactivated. */
  readonly kind: "full" | "guest" | "stranger" | "bot" | "deactivated" | "other-workspace";
};

/**
 * `reserved`: for what nobody else's clicks may keep from happening. It waits where Slack throttles, while
 * `usual` reads stand back and leave it what Slack allows next.
 */
export type ReadAs = "usual" | "reserved";

/** What the requester is to hear: what happened, or the warning, with who needs which of the ports for longer. */
export type RequesterNews =
  | { readonly steps: readonly Step[] }
  | { readonly holders: ReadonlyMap<number, PortHolder> };

export type MessageRef = { readonly channel: ChannelId; readonly ts: string };

/** Every method throws a `Fault` from `slack`; a permanent one (not in the channel) isn't retryable. */
export type Chat = {
  /** Reads a person, at most `maxAgeMs` old; 0 asks Slack now. `undefined`: Slack knows no such person. */
  person(user: UserId, maxAgeMs: number, as?: ReadAs): Promise<Person | undefined>;
  /**
   * Reads whom an address belongs to, at most `maxAgeMs` old; `undefined`: nobody in Slack. It may be one that they
   * never confirmed: then the person has no `email`.
   */
  personByAddress(address: string, maxAgeMs: number): Promise<Person | undefined>;
  /** Reads a user group's members, at most `maxAgeMs` old; one reading serves all who wait for it. */
  groupMembers(group: GroupId, maxAgeMs: number, as?: ReadAs): Promise<readonly UserId[]>;
  /** What was read of these people and groups is out of date: calls from now on get a new reading. */
  forget(change: { readonly users: readonly UserId[]; readonly groups: readonly GroupId[] }): void;
  /**
   * Who can read a channel, at most ten seconds old: our workspace alone, or another organisation, too.
   * A fault where Slack doesn't tell.
   */
  reach(channel: ChannelId): Promise<"own" | "shared">;
  /** Whether the channel is known to be shared with other workspaces; unknown counts as not. */
  isShared(channel: ChannelId): Promise<boolean>;

  /** Posts a request's card to a channel, or to one person privately. */
  postCard(request: AccessRequest, to: Card["to"]): Promise<MessageRef>;
  editCard(request: AccessRequest, card: MessageRef): Promise<void>;
  /** The card of a request that is on record no more, and not open in Azure: it offers nothing now. */
  closeLostCard(id: RequestId, card: MessageRef): Promise<void>;
  /** Looks for cards of this request in the channel's recent history, where the bot may read it; oldest first. */
  findCards(
    request: AccessRequest,
    to: Card["to"],
    sinceMs: number,
  ): Promise<readonly MessageRef[]>;
  /** Adds what happened to the thread of the card. */
  postHistory(
    request: AccessRequest,
    card: MessageRef,
    steps: readonly Step[],
  ): Promise<MessageRef>;
  /** Posts the requester's live direct message: the request as it is, and these steps as the latest news. */
  postLive(request: AccessRequest, steps: readonly Step[]): Promise<MessageRef>;
  /** Looks for it among the recent messages, where the bot may read them. */
  findLive(request: AccessRequest, sinceMs: number): Promise<MessageRef | undefined>;
  /** Notifies nobody. */
  editLive(request: AccessRequest, message: MessageRef, steps: readonly Step[]): Promise<void>;
  /**
   * Notifies the requester of these steps, in a message of its own below the live one. Answers `undefined` where
   * that is a file, which can't be edited.
   */
  pingRequester(request: AccessRequest, steps: readonly Step[]): Promise<MessageRef | undefined>;
  /** Whether this person reads the channel, as it was within the last minute. */
  isIn(user: UserId, channel: ChannelId): Promise<boolean>;
  /** Calls the requester in the card's thread, where all who are in the channel read along. */
  callRequester(request: AccessRequest, card: MessageRef, news: RequesterNews): Promise<MessageRef>;
  /** Shows the requester alone, in a channel where they and the bot are, what a direct message would say. */
  whisper(request: AccessRequest, channel: ChannelId, news: RequesterNews): Promise<void>;
  /** Says in a message that told of the end how it is now. */
  editEndMessage(request: AccessRequest, message: EndMessage): Promise<void>;
  /**
   * Warns the requester that the access ends soon; `holders`: who needs which of its ports for longer. Answers
   * `undefined` where it isn't open.
   */
  warn(
    request: AccessRequest,
    holders: ReadonlyMap<number, PortHolder>,
  ): Promise<MessageRef | undefined>;
  /** Takes its buttons from a warning that was given. */
  foldWarning(request: AccessRequest, message: MessageRef): Promise<void>;
  /** Puts what concerns one person onto their home tab. */
  publishHome(user: UserId, home: Home): Promise<void>;
  /** Tells one person something, privately. */
  tell(user: UserId, sentence: Words): Promise<void>;
  /** Shows one person privately how far a change of JIT policies is. */
  postChange(user: UserId, change: Change): Promise<MessageRef>;
  editChange(message: MessageRef, change: Change): Promise<void>;
  /** Shows one person privately how far ending everything is. */
  postEndAll(user: UserId, endAll: EndAll): Promise<MessageRef>;
  editEndAll(message: MessageRef, endAll: EndAll): Promise<void>;
  /** Sends one person a file, privately. */
  sendFile(user: UserId, file: { name: string; text: string; says: Words }): Promise<void>;
  /** Posts as many notices as fit one message; answers how many that was. */
  postNotices(channel: ChannelId, notices: readonly Notice[]): Promise<number>;
};
