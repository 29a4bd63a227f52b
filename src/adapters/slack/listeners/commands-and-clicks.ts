// What people do in Slack, brought to the inbound port: commands, clicks on our buttons, denials with their reason.

import { words } from "../../../domain/text/words.ts";
import {
  type Answer,
  BUTTONS,
  type Button,
  type Inbound,
  type PeopleChange,
  type Sender,
} from "../../../ports/inbound.ts";
import type { Log } from "../../../ports/log.ts";
import { inRealTime } from "../../real-time.ts";
import {
  ACTION_PREFIX,
  type ButtonValue,
  decodeButton,
  decodeForm,
} from "../views/button-value.ts";
import {
  ANSWER_FORM,
  ASK_FORM,
  CHANGE_FORM,
  CONCERN_FORM,
  DURATION,
  EXTEND_FORM,
  NOTE,
  REASON,
  SOURCE,
  VMS,
} from "../views/forms/decision-forms.ts";
import { isOutsider, type OurWorkspace } from "./belongs.ts";
import { type FormActs, formActs } from "./form-acts.ts";
import type { FormViews } from "./form-views.ts";
import type { HomeOpened } from "./home-events.ts";
import type { Written } from "./message-events.ts";
import type { ButtonClick, Command, Received, Submission } from "./payloads.ts";
import type { Asked, Replies } from "./replies.ts";
import { screenClick } from "./screen-acts.ts";

/** Each resolves when the person has been answered. None rejects. */
export type Acts = {
  command(command: Command, delivery: string): Promise<void>;
  click(click: ButtonClick, delivery: string): Promise<void>;
  submit(form: Submission, delivery: string): Promise<void>;
  peopleChanged(change: PeopleChange): Promise<void>;
  /** Somebody wrote to the bot alone. */
  written(written: Written): Promise<void>;
  homeOpened(opened: Pick<HomeOpened, "from" | "team">, delivery: string): Promise<void>;
  /** What is done in the request form. */
  readonly form: FormActs;
};

export type ActOptions = {
  readonly inbound: Inbound;
  readonly replies: Replies;
  readonly log: Log;
  readonly home: OurWorkspace;
  /** A trigger_id is good for three seconds: then the form opens, whatever the answer will be. */
  readonly denyPatienceMs: number;
  readonly views: FormViews;
  readonly formPatienceMs: number;
};

export function slackActs(options: ActOptions): Acts {
  const { inbound, replies, log, home, denyPatienceMs } = options;
  const { tell, deliver, openForm, orApologise } = replies;
  const senderOf = ({ from, team }: Pick<Received, "from" | "team">, delivery: string): Sender => ({
    ...from,
    delivery,
    outsider: isOutsider(team, home),
  });

  const answered = (asked: Asked, act: () => Promise<Answer>): Promise<void> =>
    orApologise(asked, async () => deliver(asked, await act()));

  const denyClick = async (
    asked: Asked,
    carried: ButtonValue,
    answering: Promise<Answer>,
  ): Promise<void> => {
    const early = await inRealTime(answering, denyPatienceMs);
    if (early !== "late") return deliver(asked, early);
    // Whether this person may deny is decided when the form is sent.
    await openForm(asked, { answer: "deny-form", ...carried });
    const late = await answering;
    if (late.answer !== "deny-form") await deliver(asked, late);
  };

  return {
    command(command, delivery) {
      const { responseUrl, triggerId, text } = command;
      const asked = { sender: senderOf(command, delivery), responseUrl, triggerId };
      return answered(asked, () => inbound.command(asked.sender, text));
    },
    click(click, delivery) {
      const { responseUrl, triggerId, actionId, value, message } = click;
      const sender = senderOf(click, delivery);
      const screen = screenClick(options, sender, click);
      if (screen !== undefined) return screen;
      const button = buttonOf(actionId);
      const carried = decodeButton(value);
      if (button === undefined || carried === undefined) {
        log.warn({ actionId, user: sender.user }, "A button of ours that we didn't make");
        return tell({ sender, responseUrl }, [UNREADABLE]);
      }
      const asked = { sender, responseUrl, triggerId, id: carried.id };
      return orApologise(asked, async () => {
        const answering = inbound.click(sender, { button, ...carried, message });
        if (button === "deny") await denyClick(asked, carried, answering);
        else await deliver(asked, await answering);
      });
    },
    written(written) {
      const asked = { sender: senderOf(written, written.key), responseUrl: undefined };
      return answered(asked, () => inbound.written(asked.sender, written.text));
    },
    peopleChanged: inbound.peopleChanged,
    homeOpened: (opened, delivery) => inbound.openHome(senderOf(opened, delivery)),
    form: formActs({ ...options, senderOf }),
    submit(form, delivery) {
      const sender = senderOf(form, delivery);
      const carried = decodeForm(form.metadata);
      if (carried === undefined) {
        log.warn({ user: sender.user }, "A form of ours that we didn't make");
        return tell({ sender, responseUrl: undefined }, [UNREADABLE]);
      }
      const asked = { sender, responseUrl: undefined, id: carried.id };
      return answered(asked, () => submitted(inbound, sender, { form, carried }));
    },
  };
}

type Sent = { readonly form: Submission; readonly carried: ButtonValue };

function submitted(inbound: Inbound, sender: Sender, { form, carried }: Sent): Promise<Answer> {
  const field = (name: string) => (form.fields.get(name) ?? "").trim();
  switch (form.callbackId) {
    case CONCERN_FORM:
      return inbound.concern(sender, { ...carried, text: field(REASON) });
    case ASK_FORM:
      return inbound.ask(sender, { ...carried, text: field(REASON) });
    case ANSWER_FORM:
      return inbound.answer(sender, { question: 0, ...carried, text: field(REASON) });
    case EXTEND_FORM:
      return inbound.extend(sender, {
        ...carried,
        duration: field(DURATION),
        reason: field(REASON),
      });
    case CHANGE_FORM:
      return inbound.approveChanged(sender, {
        ...carried,
        duration: field(DURATION),
        source: field(SOURCE),
        note: field(NOTE),
        ...(form.fields.has(VMS) && { only: field(VMS).split(",") }),
      });
    default:
      return inbound.deny(sender, { ...carried, reason: field(REASON) });
  }
}

const buttonOf = (actionId: string): Button | undefined =>
  BUTTONS.find((button) => actionId === ACTION_PREFIX + button);

const UNREADABLE = words`This card is out of date, and nothing was changed. Use the request's newest card, or ${{ code: "/jit help" }}.`;
