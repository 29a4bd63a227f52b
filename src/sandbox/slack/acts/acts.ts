// All that people can do, by name: the methods of the handle and the words of the control surface.

import { EMPTY_CONTENT, postMessage } from "../messages.ts";
import { deliverRaw } from "../out/deliver.ts";
import { signature } from "../out/http.ts";
import type { Answer, Delivery } from "../out/parcel.ts";
import type { Message } from "../slack-workspace.ts";
import { type ChangeAct, change } from "./change.ts";
import { type EventResult, openHome, sendEvent, shortcut } from "./events.ts";
import { closeView, type SubmitResult, submitView } from "./modals.ts";
import {
  type ClickAct,
  type CloseAct,
  type CommandAct,
  type EventAct,
  type HomeAct,
  type RawAct,
  rawAct,
  type SayAct,
  type SelectAct,
  type ShortcutAct,
  type SubmitAct,
  type SuggestAct,
  sayAct,
} from "./schema.ts";
import { type ActResult, type Stage, theChannel, theUser } from "./stage.ts";
import { type CommandResult, typeCommand } from "./type-command.ts";
import { click, type SelectResult, type SuggestResult, select, suggest } from "./use-element.ts";

/** Each throws `CannotAct` where a person couldn't do it, and `ZodError` on malformed input. */
export type Acts = {
  command(act: CommandAct): Promise<CommandResult>;
  click(act: ClickAct): Promise<ActResult>;
  select(act: SelectAct): Promise<SelectResult>;
  suggest(act: SuggestAct): Promise<SuggestResult>;
  submitView(act: SubmitAct): Promise<SubmitResult>;
  /** The view_closed deliveries, if the views asked for them. */
  closeView(act: CloseAct): Promise<Delivery[]>;
  openHome(act: HomeAct): Promise<EventResult>;
  shortcut(act: ShortcutAct): Promise<ActResult>;
  event(act: EventAct): Promise<EventResult>;
  /** A person writes in a channel or thread; the app isn't told. */
  say(act: SayAct): Promise<Message>;
  /** Any bytes to the events URL. */
  raw(act: RawAct): Promise<Answer>;
  change(act: ChangeAct): Promise<EventResult | undefined>;
};

export function createActs(stage: Stage): Acts {
  return {
    command: (act) => typeCommand(stage, act),
    click: (act) => click(stage, act),
    select: (act) => select(stage, act),
    suggest: (act) => suggest(stage, act),
    submitView: (act) => submitView(stage, act),
    closeView: (act) => closeView(stage, act),
    openHome: (act) => openHome(stage, act),
    shortcut: (act) => shortcut(stage, act),
    event: (act) => sendEvent(stage, act),
    say: async (act) => say(stage, act),
    raw: (act) => sendRaw(stage, act),
    change: (act) => change(stage, act),
  };
}

function say({ world }: Stage, input: SayAct): Message {
  const { user, channel, text, threadTs } = sayAct.parse(input);
  return postMessage(world, {
    ...EMPTY_CONTENT,
    text,
    channel: theChannel(world, channel).id,
    user: theUser(world, user).id,
    byApp: false,
    threadTs,
  });
}

function sendRaw({ mail }: Stage, input: RawAct): Promise<Answer> {
  const { body, headers, sign } = rawAct.parse(input);
  const signed = sign ? signature(mail.signer, body) : {};
  return deliverRaw(mail, { body, headers: { ...signed, ...headers } });
}
