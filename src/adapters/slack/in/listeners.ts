// What Bolt listens to: each payload is acknowledged at once, then decoded, checked to be ours, and acted on.

import type { App } from "@slack/bolt";
import type { Log } from "../../../ports/log.ts";
import { ACTION_PREFIX } from "../button-value.ts";
import type { Acts } from "./acts.ts";
import { foreign, type Home } from "./belongs.ts";
import { CHANGE_FORM, CONCERN_FORM, DENY_FORM, EXTEND_FORM, formFaults } from "./forms.ts";
import type { InFlight } from "./in-flight.ts";
import { decodeClick, decodeCommand, decodeSubmission, type Origin } from "./payloads.ts";
import { decodePeopleEvent, PEOPLE_EVENTS } from "./people-events.ts";

const COMMAND = "/jit";

const FORMS: ReadonlySet<string> = new Set([DENY_FORM, CONCERN_FORM, CHANGE_FORM, EXTEND_FORM]);

export type Listening = {
  readonly acts: Acts;
  /** Looked at with every payload: the app's id may be learned later. */
  readonly home: Home;
  readonly inFlight: InFlight;
  readonly log: Log;
};

/**
 * Registers one listener for each kind of payload, which takes all of its kind: what nobody acknowledges
 * shows the person an error. Shortcuts and options get their acts here when there are any; until then
 * they are acknowledged and forgotten. Events are acknowledged by Bolt itself.
 */
export function listen(app: App, { acts, home, inFlight, log }: Listening): void {
  const ours = (origin: Origin, user: string): boolean => {
    const why = foreign(origin, home);
    if (why !== undefined) log.warn({ why, user, origin }, "Ignored a payload that is not for us");
    return why === undefined;
  };
  const unreadable = (kind: string): void =>
    log.warn({ kind }, "Ignored a payload that cannot be read");
  const unknown = (kind: string, name: unknown): void =>
    log.debug({ kind, name }, "Ignored what nobody listens to");
  /** Acknowledges before anything else, and sees to it that stopping waits for what follows. */
  const after = (ack: () => Promise<void>, work: () => Promise<void> | void): Promise<void> =>
    inFlight.track(acknowledged(ack, work, log));

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
        const click = decodeClick(body);
        if (click === undefined) return unreadable("click");
        if (!click.actionId.startsWith(ACTION_PREFIX)) return unknown("click", click.actionId);
        if (!ours(click.origin, click.from.user)) return;
        return acts.click(click, deliveryOf(context));
      },
    ),
  );

  app.view({}, ({ ack, body, context }) => {
    const form = decodeSubmission(body);
    const isOurs = form !== undefined && FORMS.has(form.callbackId);
    const mine = isOurs && ours(form.origin, form.from.user) ? form : undefined;
    // Said in the form itself, which stays open; it takes no longer than an empty acknowledgement.
    const errors = mine === undefined ? {} : formFaults(mine.callbackId, mine.fields);
    const isFaulty = Object.keys(errors).length > 0;
    return after(
      () => (isFaulty ? ack({ response_action: "errors", errors }) : ack()),
      () => {
        if (mine === undefined) return unknown("form", form?.callbackId ?? body.type);
        if (!isFaulty) return acts.submit(mine, deliveryOf(context));
      },
    );
  });

  for (const type of PEOPLE_EVENTS) {
    app.event(type, ({ body }) => {
      const event = decodePeopleEvent(body);
      if (event === undefined) return Promise.resolve(unreadable(type));
      if (!ours(event.origin, type)) return Promise.resolve();
      return inFlight.track(acts.peopleChanged(event.change));
    });
  }

  app.shortcut({}, ({ ack, body }) =>
    after(
      () => ack(),
      () => unknown("shortcut", body.callback_id),
    ),
  );
  app.options({}, ({ ack, body }) =>
    after(
      () => ack({ options: [] }),
      () => unknown("options", body.type),
    ),
  );
}

async function acknowledged(
  ack: () => Promise<void>,
  work: () => Promise<void> | void,
  log: Log,
): Promise<void> {
  try {
    await ack();
  } catch (error) {
    // The act has reached us and is done all the same: if Slack sends it again, the store knows it.
    log.warn({ err: error }, "Slack could not be told that we have it");
  }
  try {
    await work();
  } catch (error) {
    log.error({ err: error }, "A payload could not be worked on");
  }
}

/** Put there by the receiver of either mode. */
function deliveryOf(context: Readonly<Record<string, unknown>>): string {
  if (typeof context.delivery === "string") return context.delivery;
  throw new Error("A payload came without the key of its delivery");
}
