// The inbound port: everything a person can do through Slack, as the Slack adapter sees it. `conversation.ts` is behind it.

import type { ClientAddress } from "../domain/network/client-address.ts";
import type { ChannelId, GroupId, RequestId, UserId, VmKey } from "../domain/text/ids.ts";
import type { RefusalCode } from "../domain/text/refusal.ts";
import type { Words } from "../domain/text/words.ts";
import type { OpeningRef } from "../domain/vm/activity-log/opening-ref.ts";
import type { MessageRef } from "./chat.ts";
import type { FormDraft, FormField, Found, RequestForm, SentForm } from "./screens/request-form.ts";
import type { Screen } from "./screens/screens.ts";

/** Who acts, after the adapter has made sure that the payload is Slack's, and of our team and app. */
export type Sender = {
  readonly user: UserId;
  /** The payload says that the person belongs to another workspace. */
  readonly outsider: boolean;
  /** Where the person is; `undefined` for App Home and forms. */
  readonly channel: ChannelId | undefined;
  /** When they did it, by Slack's clock; left out where Slack doesn't say. */
  readonly doneAtMs?: number | undefined;
  /** The same for a repeated delivery of the same act, different for any other. */
  readonly delivery: string;
};

/** The buttons that a request can have, by their action id without the `jit.`. */
export const BUTTONS = [
  "approve",
  "deny",
  "take-back",
  "open",
  "retry",
  "extend",
  "end",
  "again",
  "cancel",
  "change",
  "ask",
  "answer",
  "claim",
  "review-ok",
  "review-concern",
  "requeue",
  "facts",
] as const;
export type Button = (typeof BUTTONS)[number];

export type Click = {
  readonly button: Button;
  readonly id: RequestId;
  /** As the button carried it. */
  readonly nonce: string;
  /** The question that it answers, where it carried one. */
  readonly question?: number | undefined;
  /** The message that the button stands in, if it stands in one. */
  readonly message: MessageRef | undefined;
};

/** One of several requests, as a form showed it. */
export type ShownRequest = {
  readonly id: RequestId;
  /** What would have been approved then, as `shownTerms` writes it; forms of versions before left it out. */
  readonly terms?: string | undefined;
};

/** In a form about several VMs: each keeps what was requested for it. */
export const UNCHANGED = "unchanged";

export type AnswerButton =
  /** Opens the form, filled in with a command. */
  | { readonly does: "form"; readonly text?: string }
  /** Asks those who can do it to do what this person can't; `text` is the command. */
  | { readonly does: "ask-others"; readonly text: string }
  /** Requests what was refused with a part put right; `text` is the command. */
  | { readonly does: "instead"; readonly label: string; readonly text: string }
  /** Lists commands, in place of what was said. */
  | { readonly does: "help"; readonly topic: "all" | "admin" };

export type Answer =
  /** Said to this person alone. Lines are paragraphs. */
  | {
      readonly answer: "said";
      readonly lines: readonly Words[];
      readonly refused?: RefusalCode;
      /** What to press next. */
      readonly buttons?: readonly AnswerButton[];
      /** It takes the place of what was clicked: there is nothing more to press. */
      readonly replaces?: true;
    }
  /** Shown to this person alone. */
  | { readonly answer: "screen"; readonly screen: Screen }
  /** To be asked for the reason of a denial, in a form. */
  | {
      readonly answer: "deny-form";
      readonly id: RequestId;
      readonly nonce: string;
      /** Whose request for what it is; left out where the form has to open before that is read. */
      readonly about?: Words | undefined;
    }
  /** To write a question to the requester. */
  | { readonly answer: "ask-form"; readonly id: RequestId; readonly nonce: string }
  /** To answer an approver's question, which stands above the field. */
  | {
      readonly answer: "answer-form";
      readonly id: RequestId;
      readonly nonce: string;
      readonly question: number;
      readonly asked: string;
    }
  /** To be asked what the concern of a review is. */
  | { readonly answer: "concern-form"; readonly id: RequestId; readonly nonce: string }
  /** To be asked for how long and from where it is approved: no more than was asked. */
  | {
      readonly answer: "change-form";
      readonly id: RequestId;
      readonly nonce: string;
      readonly about: Words;
      /** As people write them: what stands if nothing is changed, and what is shorter. */
      readonly durations: readonly string[];
      readonly source: string;
      /** Of a batch: those of which some can be left out. What isn't changed is sent as `UNCHANGED` then. */
      readonly vms?: readonly (ShownRequest & { readonly vm: string })[];
    }
  /** To be asked for how much longer, and why. */
  | {
      readonly answer: "extend-form";
      readonly id: RequestId;
      readonly nonce: string;
      readonly durations: readonly string[];
    }
  /** To be shown the request form at once, and again when it is filled in; words where none can open. */
  | {
      readonly answer: "request-form";
      readonly form: RequestForm;
      readonly later: Promise<RequestForm>;
      readonly otherwise: readonly Words[];
    }
  /** What was sent can't be asked for: said beside the field. */
  | { readonly answer: "form-error"; readonly field: FormField; readonly say: Words }
  /** Nothing to say: the message that changes says it, or the delivery was a repeated one. */
  | { readonly answer: "nothing" };

/** What the page says to the person who opens or presses a link. */
export type AddressView =
  /** It can be pressed. `ask`: what is asked for with it, as it can be typed. */
  | { readonly page: "waiting"; readonly name: string; readonly ask: string | undefined }
  | { readonly page: "unknown" | "used" | "expired" }
  /** This address can't be used; the link still can, from another one. */
  | { readonly page: "refused"; readonly say: Words }
  | { readonly page: "done"; readonly lines: readonly Words[] }
  /** Something is away. `isValid`: the link is known to work once more. */
  | { readonly page: "again"; readonly say: Words; readonly isValid: boolean };

export type AddressPage = {
  /** Changes nothing, however often. */
  look(secret: string, address: ClientAddress): Promise<AddressView>;
  press(secret: string, address: ClientAddress): Promise<AddressView>;
};

/** Slack tells of people and groups that have changed. */
export type PeopleChange = {
  readonly users: readonly UserId[];
  readonly groups: readonly GroupId[];
};

/** What an admin does about what others did at Azure. */
export type Dealing = { readonly act: "close" | "adopt"; readonly ref: OpeningRef };

type FormOf<Fields> = Fields & { readonly id: RequestId; readonly nonce: string };

/** Never rejects for what a person did; faults of the world are answered in words, too. */
export type Inbound = {
  command(sender: Sender, text: string): Promise<Answer>;
  click(sender: Sender, click: Click): Promise<Answer>;
  /** Another page of a list, which was asked for in these words. */
  page(sender: Sender, turn: { asked: string; page: number }): Promise<Answer>;
  /** Every entry of the audit that was asked for in these words, as a file. */
  auditFile(sender: Sender, file: { asked: string; format: "csv" | "jsonl" }): Promise<Answer>;
  /** Applies the preview of a change of JIT policies, or drops it. */
  applyChange(sender: Sender, id: string): Promise<Answer>;
  dropChange(sender: Sender, id: string): Promise<Answer>;
  /** Tells those who can break the glass that this person wants it: as the command was typed. */
  askOthers(sender: Sender, text: string): Promise<Answer>;
  /** Closes or adopts what others opened. */
  dealWith(sender: Sender, dealing: Dealing): Promise<Answer>;
  /** Previews that the JIT policy of a VM is written again, unchanged. */
  restore(sender: Sender, vm: VmKey): Promise<Answer>;
  /** Works again on something parked that isn't a request one can see, named as it is listed. */
  requeue(sender: Sender, member: string): Promise<Answer>;
  /** Somebody looks at the home tab: it is published. Never rejects. */
  openHome(sender: Sender): Promise<void>;
  /** The form that `deny-form` opened was sent. */
  deny(sender: Sender, form: FormOf<{ reason: string }>): Promise<Answer>;
  /** The form that `concern-form` opened was sent. */
  concern(sender: Sender, form: FormOf<{ text: string }>): Promise<Answer>;
  /** The form that `ask-form` opened was sent. */
  ask(sender: Sender, form: FormOf<{ text: string }>): Promise<Answer>;
  /** The form that `answer-form` opened was sent. */
  answer(sender: Sender, form: FormOf<{ question: number; text: string }>): Promise<Answer>;
  /** The form that `change-form` opened was sent; all as typed. Of a batch, duration and source may be `UNCHANGED`. */
  approveChanged(
    sender: Sender,
    form: FormOf<{
      duration: string;
      source: string;
      note?: string;
      /** Of a batch: the ids of those that are approved. */
      only?: readonly string[];
      /** Those that the form offered. */
      shown?: readonly ShownRequest[] | undefined;
    }>,
  ): Promise<Answer>;
  /** The form that `extend-form` opened was sent. */
  extend(sender: Sender, form: FormOf<{ duration: string; reason: string }>): Promise<Answer>;
  /** A shortcut or button asks for the form, which begins with `typed` where that is a command that requests. */
  openForm(sender: Sender, typed?: string): Answer;
  /** Somebody wrote to the bot in their conversation with it. */
  written(sender: Sender, text: string): Promise<Answer>;
  /** The form for what is filled in so far. */
  form(sender: Sender, draft: FormDraft): Promise<RequestForm>;
  /** VMs that this person may ask for, as one types, and bundles that have some. */
  searchVms(sender: Sender, text: string): Promise<Found>;
  /** The request form was sent. */
  sendForm(sender: Sender, form: SentForm): Promise<Answer>;
  /** What the page does that sees people's addresses. */
  readonly addressPage: AddressPage;
  /** Checks whether to take away what somebody has pending or open. Never rejects. */
  peopleChanged(change: PeopleChange): Promise<void>;
};
