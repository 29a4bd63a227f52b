// Brings what people do in Slack to the desk, and the desk's answers back to them.

import type { WebClient } from "@slack/web-api";
import { type Answer, BUTTONS, type Button, type Desk, type Sender } from "../../../flows/desk.ts";
import type { Log } from "../../../ports/log.ts";
import type { RequestId } from "../../../request/ids.ts";
import { type Words, words } from "../../../request/words.ts";
import { ACTION_PREFIX, decodeButton } from "../button-value.ts";
import { slackFault } from "../client.ts";
import type { SayPrivately } from "./answers.ts";
import { denyForm } from "./forms.ts";
import type { ButtonClick, Command, Submission } from "./payloads.ts";

/** Each resolves when the person has been answered. None rejects. */
export type Acts = {
  command(command: Command, delivery: string): Promise<void>;
  click(click: ButtonClick, delivery: string): Promise<void>;
  deny(form: Submission, delivery: string): Promise<void>;
};

export type ActOptions = {
  readonly desk: Desk;
  readonly client: WebClient;
  readonly say: SayPrivately;
  readonly log: Log;
  /** A trigger_id is good for three seconds: then the form opens, whatever the desk may think of it. */
  readonly denyPatienceMs: number;
};

/** Whom to answer, and how; `id` is the request in question, if there is one. */
type Asked = {
  readonly sender: Sender;
  readonly responseUrl: string | undefined;
  readonly triggerId?: string | undefined;
  readonly id?: RequestId;
};

export function slackActs({ desk, client, say, log, denyPatienceMs }: ActOptions): Acts {
  const tell = ({ sender, responseUrl }: Asked, lines: readonly Words[]): Promise<void> =>
    say({ user: sender.user, channel: sender.channel, responseUrl }, lines);

  const openForm = async (asked: Asked, id: RequestId, nonce: string): Promise<void> => {
    try {
      // Without one Slack refuses, and the person is told how to go on.
      const trigger_id = asked.triggerId ?? "";
      await client.views.open({ trigger_id, view: denyForm(id, nonce) });
    } catch (thrown) {
      const { code } = slackFault(thrown);
      log.warn({ id, code }, "The form for a denial could not be opened");
      await tell(asked, [
        words`Slack did not open the form for the reason (${{ code }}). Nothing was changed: press ${{ strong: "Deny" }} again.`,
      ]);
    }
  };

  const deliver = async (asked: Asked, answer: Answer): Promise<void> => {
    if (answer.answer === "said") await tell(asked, answer.lines);
    if (answer.answer === "deny-form") await openForm(asked, answer.id, answer.nonce);
  };

  /** The last catch: the desk does not reject, so this is a mistake of ours, and it is said as such. */
  const guarded = async (asked: Asked, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const { id, sender } = asked;
      log.error({ err: error, id, user: sender.user }, "An act failed inside the bot");
      await tell(asked, [apology(id)]);
    }
  };

  const denyClick = async (
    asked: Asked,
    { id, nonce }: { id: RequestId; nonce: string },
    answering: Promise<Answer>,
  ): Promise<void> => {
    const early = await within(answering, denyPatienceMs);
    if (early !== undefined) return deliver(asked, early);
    // Whether this person may deny is decided when the form is sent.
    await openForm(asked, id, nonce);
    const late = await answering;
    if (late.answer !== "deny-form") await deliver(asked, late);
  };

  return {
    command({ from, responseUrl, text }, delivery) {
      const asked = { sender: { ...from, delivery }, responseUrl };
      return guarded(asked, async () => deliver(asked, await desk.command(asked.sender, text)));
    },
    click({ from, responseUrl, triggerId, actionId, value, message }, delivery) {
      const sender = { ...from, delivery };
      const button = buttonOf(actionId);
      const carried = decodeButton(value);
      if (button === undefined || carried === undefined) {
        log.warn({ actionId, user: from.user }, "A button of ours that we did not make");
        return tell({ sender, responseUrl }, [UNREADABLE]);
      }
      const asked = { sender, responseUrl, triggerId, id: carried.id };
      return guarded(asked, async () => {
        const answering = desk.click(sender, { button, ...carried, message });
        if (button === "deny") await denyClick(asked, carried, answering);
        else await deliver(asked, await answering);
      });
    },
    deny({ from, metadata, reason }, delivery) {
      const sender = { ...from, delivery };
      const carried = decodeButton(metadata);
      if (carried === undefined) {
        log.warn({ user: from.user }, "A form of ours that we did not make");
        return tell({ sender, responseUrl: undefined }, [UNREADABLE]);
      }
      const asked = { sender, responseUrl: undefined, id: carried.id };
      return guarded(asked, async () =>
        deliver(asked, await desk.deny(sender, { ...carried, reason: reason.trim() })),
      );
    },
  };
}

const buttonOf = (actionId: string): Button | undefined =>
  BUTTONS.find((button) => actionId === ACTION_PREFIX + button);

const UNREADABLE = words`This is not from a card as the bot makes them now, and nothing was changed. Use the newest card of the request, or ${{ code: "/jit help" }}.`;

/** It cannot be known how far it went; where to look is known. */
const apology = (id: RequestId | undefined): Words =>
  id === undefined
    ? words`Something went wrong inside the bot, and it is in its log. Look at ${{ code: "/jit list mine" }} before you try again.`
    : words`Something went wrong inside the bot, and it is in its log. Look at ${{ code: `/jit status ${id}` }} before you try again.`;

/** The value if it is there within `limitMs`; else `undefined`, and the promise goes on. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
