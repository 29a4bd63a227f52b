// What Bolt listens to: each payload is acknowledged at once, then decoded, checked to be ours, and acted on.

import type { App } from "@slack/bolt";
import type { Log } from "../../../ports/log.ts";
import type { InFlight } from "../receive/in-flight.ts";
import { ACTION_PREFIX } from "../views/button-value.ts";
import {
  ANSWER_FORM,
  ASK_FORM,
  CHANGE_FORM,
  CONCERN_FORM,
  DENY_FORM,
  EXTEND_FORM,
  formFaults,
} from "../views/forms/decision-forms.ts";
import { REQUEST_FORM } from "../views/forms/request-form-view.ts";
import { foreign, type OurWorkspace } from "./belongs.ts";
import type { Acts } from "./commands-and-clicks.ts";
import { decodeFormChange, decodeSearch, decodeShortcut } from "./form-payloads.ts";
import { decodeHomeEvent, HOME_EVENT } from "./home-events.ts";
import { decodeMessageEvent, MESSAGE_EVENT } from "./message-events.ts";
import { decodeClick, decodeCommand, decodeSubmission, type Origin } from "./payloads.ts";
import { decodePeopleEvent, PEOPLE_EVENTS } from "./people-events.ts";

const COMMAND = "/jit";

/** Of the global shortcut that opens the request form. */
const SHORTCUT = "jit.request";

const FORMS: ReadonlySet<string> = new Set([
  DENY_FORM,
  CONCERN_FORM,
  CHANGE_FORM,
  EXTEND_FORM,
  ASK_FORM,
  ANSWER_FORM,
]);

export type Listening = {
  readonly acts: Acts;
  /** Looked at with every payload: the app's id may be learned later. */
  readonly home: OurWorkspace;
  readonly inFlight: InFlight;
  readonly log: Log;
};

/**
 * Registers one listener for each kind of payload, which takes all of its kind: what nobody acknowledges
 * shows the person an error. Events are acknowledged by Bolt itself.
 */
export function listen(app: App, listening: Listening): void {
  const gate = gateOf(listening);
  listenToActs(app, listening, gate);
  listenToForms(app, listening, gate);
  listenToEvents(app, listening, gate);
}

type Gate = ReturnType<typeof gateOf>;

/** What is looked at before anything is done for a payload. */
function gateOf({ home, inFlight, log }: Listening) {
  const ours = (origin: Origin, user: string): boolean => {
    const why = foreign(origin, home);
    if (why !== undefined) log.warn({ why, user, origin }, "Ignored a payload that isn't for us");
    return why === undefined;
  };
  const unreadable = (kind: string): void =>
    log.warn({ kind }, "Ignored a payload that can't be read");
  const unknown = (kind: string, name: unknown): void =>
    log.debug({ kind, name }, "Ignored what nobody listens to");
  /** Acknowledges before anything else, and sees to it that stopping waits for what follows. */
  const after = (ack: () => Promise<void>, work: () => Promise<void> | void): Promise<void> =>
    inFlight.track(acknowledged(ack, work, log));
  return { ours, unreadable, unknown, after };
}

function listenToActs(
  app: App,
  { acts }: Listening,
  { ours, unreadable, unknown, after }: Gate,
): void {
  app.command(/^/, ({ ack, body, context }) =>
    after(
      () => ack(),
      () => {
        const command = decodeCommand(body);
        if (command === undefined) return unreadable("command");
        if (command.command !== COMMAND) return unknown("command", command.command);
        if (!ours(command.origin, command.from.user)) return;
        return acts.command(command, deliveryOf(context));
      },
    ),
  );

  app.action({}, ({ ack, body, context }) =>
    after(
      () => ack(),
      () => {
        const change = decodeFormChange(body);
        if (change !== undefined) {
          return ours(change.origin, change.from.user)
            ? acts.form.change(change, deliveryOf(context))
            : undefined;
        }
        const click = decodeClick(body);
        if (click === undefined) return unreadable("click");
        if (!click.actionId.startsWith(ACTION_PREFIX)) return unknown("click", click.actionId);
        if (!ours(click.origin, click.from.user)) return;
        return acts.click(click, deliveryOf(context));
      },
    ),
  );

  app.shortcut({}, ({ ack, body, context }) =>
    after(
      () => ack(),
      () => {
        const shortcut = decodeShortcut(body);
        if (shortcut?.callbackId !== SHORTCUT) return unknown("shortcut", body.callback_id);
        if (!ours(shortcut.origin, shortcut.from.user)) return;
        return acts.form.shortcut(shortcut, deliveryOf(context));
      },
    ),
  );
}

function listenToForms(
  app: App,
  { acts, inFlight, log }: Listening,
  { ours, unknown, after }: Gate,
): void {
  app.view({}, ({ ack, body, context }) => {
    /** What is wrong is said in the form itself, which stays open then. */
    const answered = (errors: Readonly<Record<string, string>>): Promise<void> =>
      Object.keys(errors).length === 0 ? ack() : ack({ response_action: "errors", errors });
    const form = decodeSubmission(body);
    if (form?.callbackId === REQUEST_FORM && ours(form.origin, form.from.user)) {
      const asking = acts.form.ask(form, deliveryOf(context));
      return inFlight.track(
        asking.then(({ errors, answer }) => acknowledged(() => answered(errors), answer, log)),
      );
    }
    const isOurs = form !== undefined && FORMS.has(form.callbackId);
    const mine = isOurs && ours(form.origin, form.from.user) ? form : undefined;
    // Said in the form itself, which stays open; it takes no longer than an empty acknowledgement.
    const errors = mine === undefined ? {} : formFaults(mine.callbackId, mine.fields);
    const isFaulty = Object.keys(errors).length > 0;
    return after(
      () => answered(errors),
      () => {
        if (mine === undefined) return unknown("form", form?.callbackId ?? body.type);
        if (!isFaulty) return acts.submit(mine, deliveryOf(context));
      },
    );
  });

  app.options<"block_suggestion">({ type: "block_suggestion" }, ({ ack, body, context }) => {
    const search = decodeSearch(body);
    const isOurs = search !== undefined && ours(search.origin, search.from.user);
    if (!isOurs) unknown("options", body.type);
    const searching = isOurs
      ? acts.form.search(search, deliveryOf(context))
      : Promise.resolve({ options: [] });
    return inFlight.track(
      searching.then((found) =>
        acknowledged(
          () => ack(found),
          () => {},
          log,
        ),
      ),
    );
  });
}

function listenToEvents(app: App, { acts, inFlight }: Listening, { ours, unreadable }: Gate): void {
  for (const type of PEOPLE_EVENTS) {
    app.event(type, ({ body }) => {
      const event = decodePeopleEvent(body);
      if (event === undefined) return Promise.resolve(unreadable(type));
      if (!ours(event.origin, type)) return Promise.resolve();
      return inFlight.track(acts.peopleChanged(event.change));
    });
  }

  app.event(MESSAGE_EVENT, ({ body }) => {
    const written = decodeMessageEvent(body);
    if (written === undefined) return Promise.resolve(unreadable(MESSAGE_EVENT));
    if (written === "other" || !ours(written.origin, written.from.user)) return Promise.resolve();
    return inFlight.track(acts.written(written));
  });

  app.event(HOME_EVENT, ({ body, context }) => {
    const opened = decodeHomeEvent(body);
    if (opened === undefined) return Promise.resolve(unreadable(HOME_EVENT));
    if (opened === "other-tab" || !ours(opened.origin, opened.from.user)) return Promise.resolve();
    return inFlight.track(acts.homeOpened(opened, deliveryOf(context)));
  });
}

async function acknowledged(
  ack: () => Promise<void>,
  work: () => Promise<void> | void,
  log: Log,
): Promise<void> {
  try {
    await ack();
  } catch (error) {
    // The act has reached us and is done anyway: if Slack sends it again, the store knows it.
    log.warn({ err: error }, "Slack couldn't be told that we have it");
  }
  try {
    await work();
  } catch (error) {
    log.error({ err: error }, "A payload couldn't be worked on");
  }
}

/** Put there by the receiver of either mode. */
function deliveryOf(context: Readonly<Record<string, unknown>>): string {
  if (typeof context.delivery === "string") return context.delivery;
  throw new Error("A payload came without the key of its delivery");
}
