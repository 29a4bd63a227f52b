// The request form between Slack and the inbound port: opened, searched, filled in, sent.

import { plain } from "../../../domain/text/words.ts";
import type { Inbound, Sender } from "../../../ports/inbound.ts";
import type { Log } from "../../../ports/log.ts";
import { inRealTime } from "../../real-time.ts";
import {
  blockOf,
  carriedOn,
  decodeCarried,
  draftIn,
  errorBlock,
  hasMore,
  sentIn,
} from "../views/forms/form-state.ts";
import { FIELDS, foundOptions, requestFormView } from "../views/forms/request-form-view.ts";
import type { FormChange, Search, Shortcut } from "./form-payloads.ts";
import type { FormViews } from "./form-views.ts";
import type { Received, Submission } from "./payloads.ts";
import type { Replies } from "./replies.ts";

/** What Slack is told of a form that was sent, and what is left to do after that. */
type Sent = {
  /** What is wrong, by block: the form stays open with it. Empty: the form closes. */
  readonly errors: Readonly<Record<string, string>>;
  /** Resolves when the person has been answered. Never rejects. */
  answer(): Promise<void>;
};

/** None rejects. */
export type FormActs = {
  /** Opens the empty form. */
  shortcut(shortcut: Shortcut, delivery: string): Promise<void>;
  /** Shows the form with what follows from a choice. */
  change(change: FormChange, delivery: string): Promise<void>;
  /** The options for what is being typed. */
  search(search: Search, delivery: string): Promise<ReturnType<typeof foundOptions>>;
  /** Asks; resolves within Slack's time, even if the inbound port takes longer. */
  ask(form: Submission, delivery: string): Promise<Sent>;
};

export type FormActOptions = {
  readonly inbound: Inbound;
  readonly replies: Replies;
  readonly views: FormViews;
  readonly log: Log;
  readonly senderOf: (received: Pick<Received, "from" | "team">, delivery: string) => Sender;
  /** Slack waits three seconds for what is wrong with a form; the rest is the way to Slack. */
  readonly formPatienceMs: number;
};

export function formActs(options: FormActOptions): FormActs {
  const { inbound, replies, views, log, formPatienceMs } = options;
  /** Where the form was asked for is where its answers go. */
  const senderIn = (received: Received & { metadata: string }, delivery: string): Sender => ({
    ...options.senderOf(received, delivery),
    channel: decodeCarried(received.metadata).channel,
  });

  return {
    shortcut(shortcut, delivery) {
      const { triggerId } = shortcut;
      const asked = { sender: options.senderOf(shortcut, delivery), triggerId };
      return replies.orApologise({ ...asked, responseUrl: undefined }, async () =>
        replies.deliver({ ...asked, responseUrl: undefined }, inbound.openForm(asked.sender)),
      );
    },
    async change(change, delivery) {
      const { fields, metadata, changed, again, view } = change;
      const carried = decodeCarried(metadata);
      const sender = senderIn(change, delivery);
      // What fills in the VM needs a new block: Slack keeps what is in the old one.
      const vmBlock = again === undefined ? blockOf(fields, FIELDS.vm) : undefined;
      const make = async () => {
        const draft = again === undefined ? draftIn(fields, carried, changed) : { again };
        const form = await inbound.form(sender, draft);
        const kept = carriedOn(fields, carried);
        return requestFormView({ form, carried: kept, vmBlock, hasMore: hasMore(fields) });
      };
      await replies.orApologise({ sender, responseUrl: undefined }, () =>
        views.show(view, make, { over: true }),
      );
    },
    async search(search, delivery) {
      const sender = senderIn(search, delivery);
      try {
        const found = await inbound.searchVms(sender, search.text);
        // A bundle takes the place of the VM: beside it, VMs are chosen one by one.
        return foundOptions(search.isMore ? { ...found, bundles: [] } : found);
      } catch (error) {
        // Slack shows nothing else than options.
        log.error({ err: error, user: sender.user }, "A search failed inside the bot");
        return { options: [] };
      }
    },
    async ask(form, delivery) {
      const sender = senderIn(form, delivery);
      const asked = { sender, responseUrl: undefined };
      const answering = inbound.sendForm(sender, sentIn(form.fields, decodeCarried(form.metadata)));
      const early = await inRealTime(answering, formPatienceMs).catch(() => "failed" as const);
      if (typeof early === "object" && early.answer === "form-error") {
        const errors = { [errorBlock(form.fields, early.field)]: plain(early.say) };
        return { errors, answer: async () => {} };
      }
      const answer = async () => replies.deliver(asked, await answering);
      return { errors: {}, answer: () => replies.orApologise(asked, answer) };
    },
  };
}
