// A form that a real Bolt app has opened for somebody, for the tests of modals.

import type { BlockAction, ViewResponseAction, ViewSubmitAction } from "@slack/bolt";
import { httpApp } from "./apps.ts";
import { bench } from "./support.ts";

export const plain = (text: string) => ({ type: "plain_text" as const, text });
const option = (value: string) => ({ text: plain(value), value });
export const input = (block_id: string, element: object, more: object = {}) => ({
  type: "input",
  block_id,
  label: plain(block_id),
  element,
  ...more,
});

export const FORM = {
  type: "modal",
  callback_id: "request",
  title: plain("Request access"),
  submit: plain("Request"),
  private_metadata: "secret",
  notify_on_close: true,
  blocks: [
    input("vm", { type: "external_select", action_id: "vm.pick", min_query_length: 1 }),
    input("ports", { type: "plain_text_input", action_id: "ports.type", max_length: 20 }),
    input(
      "duration",
      {
        type: "static_select",
        action_id: "duration.pick",
        options: [option("1h"), option("2h")],
        initial_option: option("1h"),
      },
      { dispatch_action: true },
    ),
    input("reason", { type: "plain_text_input", action_id: "reason.type" }, { optional: true }),
  ],
};

/** Who has the form open. */
export const ERIN = { user: "U0ERIN" };

/** What the app has been told. */
type Seen = { submissions: ViewSubmitAction[]; closed: string[]; actions: BlockAction[] };

/** A bench on which Erin has the form open, with an app that answers submissions so. */
export async function opened(answer?: ViewResponseAction) {
  const on = await bench();
  const seen: Seen = { submissions: [], closed: [], actions: [] };
  await httpApp(on.slack, (app) => {
    app.command("/jit", async ({ ack, client, command }) => {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: FORM as never });
    });
    app.options("vm.pick", async ({ ack, options }) => {
      await ack({ options: [option(`${options.value}-01`), option(`${options.value}-02`)] });
    });
    app.action("duration.pick", async ({ ack, body }) => {
      seen.actions.push(body as BlockAction);
      await ack();
    });
    app.view("request", async ({ ack, body }) => {
      seen.submissions.push(body as ViewSubmitAction);
      if (answer) await ack(answer as never);
      else await ack();
    });
    app.view({ callback_id: "request", type: "view_closed" }, async ({ ack, body }) => {
      seen.closed.push(body.view.id);
      await ack();
    });
  });
  await on.slack.command({ ...ERIN, channel: "C0DEV" });
  await on.slack.waitFor(() => on.slack.modal("U0ERIN"));
  return { ...on, seen };
}
