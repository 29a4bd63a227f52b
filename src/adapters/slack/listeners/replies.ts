// Brings the inbound port's answers to the person: said privately, or a form opened; and an apology for mistakes of ours.

import { isDeepStrictEqual } from "node:util";
import type { WebClient } from "@slack/web-api";
import type { RequestId } from "../../../domain/text/ids.ts";
import { type Words, words } from "../../../domain/text/words.ts";
import type { Answer, AnswerButton, Sender } from "../../../ports/inbound.ts";
import type { Log } from "../../../ports/log.ts";
import type { Screen } from "../../../ports/screens/screens.ts";
import { slackFault } from "../client/slack-client.ts";
import { answerButtons } from "../views/answer-buttons.ts";
import { type FormAnswer, formOf } from "../views/forms/decision-forms.ts";
import { requestFormView } from "../views/forms/request-form-view.ts";
import { privateScreen, privateText } from "../views/private-text.ts";
import type { SayPrivately } from "./answers.ts";
import type { FormViews } from "./form-views.ts";

type RequestFormAnswer = Extract<Answer, { answer: "request-form" }>;

/** Whom to answer, and how; `id` is the request in question, if there is one. */
export type Asked = {
  readonly sender: Sender;
  readonly responseUrl: string | undefined;
  readonly triggerId?: string | undefined;
  readonly id?: RequestId;
  /** What is shown takes the place of the message that was clicked. */
  readonly replaces?: boolean;
};

/** Each resolves when it is done or couldn't be, which is logged. None rejects, but for `work` itself. */
export type Replies = {
  tell(asked: Asked, lines: readonly Words[]): Promise<void>;
  openForm(asked: Asked, answer: FormAnswer): Promise<void>;
  deliver(asked: Asked, answer: Answer): Promise<void>;
  /** Does the work, and apologises if it rejects. */
  orApologise(asked: Asked, work: () => Promise<void>): Promise<void>;
};

type Telling = { readonly replaces?: boolean; readonly buttons?: readonly AnswerButton[] };

export type ReplyOptions = {
  readonly client: WebClient;
  readonly views: FormViews;
  readonly say: SayPrivately;
  readonly log: Log;
  readonly workspaceUrl: string | undefined;
};

function speaking({ say, workspaceUrl }: Pick<ReplyOptions, "say" | "workspaceUrl">) {
  const tellIn = (
    { sender, responseUrl }: Asked,
    lines: readonly Words[],
    { replaces = false, buttons = [] }: Telling,
  ) =>
    say(
      { user: sender.user, channel: sender.channel, responseUrl, replaces },
      privateText(lines, answerButtons(buttons)),
    );

  const show = ({ sender, responseUrl, replaces }: Asked, screen: Screen): Promise<void> => {
    const { user, channel } = sender;
    const shown = privateScreen(screen, { you: user, workspaceUrl });
    return say({ user, channel, responseUrl, replaces }, shown);
  };
  return { tellIn, show };
}

export function replies({ client, views, say, log, workspaceUrl }: ReplyOptions): Replies {
  const { tellIn, show } = speaking({ say, workspaceUrl });
  const tell: Replies["tell"] = (asked, lines) => tellIn(asked, lines, {});

  const openForm: Replies["openForm"] = async (asked, answer) => {
    try {
      // Without one Slack refuses, and the person is told how to go on.
      const trigger_id = asked.triggerId ?? "";
      await client.views.open({ trigger_id, view: formOf(answer) });
    } catch (thrown) {
      const { code } = slackFault(thrown);
      log.warn({ id: answer.id, code }, "A form couldn't be opened");
      await tell(asked, [
        words`Slack didn't open the form (${{ code }}). Nothing was changed: press ${{ strong: FORM_BUTTONS[answer.answer] }} again.`,
      ]);
    }
  };

  /** Opened before anything slow, and shown again when all is looked up. */
  const openRequestForm = async (asked: Asked, answer: RequestFormAnswer): Promise<void> => {
    const { form, later, otherwise } = answer;
    // It is looked at only when the form is open: until then nobody would take a rejection.
    later.catch(() => undefined);
    const { ports, duration, source } = form.draft;
    const carried = { channel: asked.sender.channel, asked: { ports, duration, source } };
    const first = requestFormView({ form, carried });
    const opened = await views.open(asked.triggerId ?? "", first);
    if (opened === "opened-before") return;
    if (opened === "not-opened") return tell(asked, otherwise);
    const fill = async () => {
      const filled = requestFormView({ form: await later, carried });
      return isDeepStrictEqual(filled, first) ? undefined : filled;
    };
    await views.show(opened, fill, { over: false });
  };

  return {
    tell,
    openForm,
    async deliver(asked, answer) {
      if (answer.answer === "said") {
        const { lines, buttons, refused } = answer;
        // A refusal leaves what is there: it may be pressed again.
        const isNext = asked.replaces === true && refused === undefined;
        const replaces = answer.replaces === true || isNext;
        await tellIn(asked, lines, { replaces, ...(buttons && { buttons }) });
      } else if (answer.answer === "screen") await show(asked, answer.screen);
      else if (answer.answer === "request-form") await openRequestForm(asked, answer);
      else if (answer.answer === "form-error") await tell(asked, [answer.say, CLOSED]);
      else if (answer.answer !== "nothing") await openForm(asked, answer);
    },
    async orApologise(asked, work) {
      try {
        await work();
      } catch (error) {
        const { id, sender } = asked;
        log.error({ err: error, id, user: sender.user }, "An act failed inside the bot");
        await tell(asked, [apology(id)]);
      }
    },
  };
}

/** The answer came when Slack had stopped waiting for it. */
const CLOSED = words`Nothing was requested. Open the form again with ${{ code: "/jit" }}.`;

/** The button that opens each form. */
const FORM_BUTTONS: Readonly<Record<FormAnswer["answer"], string>> = {
  "deny-form": "Deny",
  "concern-form": "Raise a concern…",
  "change-form": "Approve with changes…",
  "extend-form": "Extend",
  "ask-form": "Ask…",
  "answer-form": "Answer…",
};

/** The inbound port doesn't reject: this is a bug. How far it went can't be known; where to look is. */
function apology(id: RequestId | undefined): Words {
  const look = { code: id === undefined ? "/jit list mine" : `/jit status ${id}` };
  return words`Something went wrong inside the bot; its log has the details. Check ${look} before you try again.`;
}
