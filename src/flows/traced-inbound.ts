// What comes in from people, followed: each command, click and form under a name of the bot's own.

import { verbIn } from "../domain/command/command.ts";
import type { RequestId } from "../domain/text/ids.ts";
import type { Answer, Inbound, Sender } from "../ports/inbound.ts";
import type { Tracing } from "../ports/metrics/tracing.ts";

/** What people only look at while they type isn't followed. */
export function tracedInbound(tracing: Tracing, desk: Inbound): Inbound {
  const traced =
    <Args extends readonly unknown[]>(
      work: (sender: Sender, ...args: Args) => Promise<Answer>,
      name: string | ((...args: Args) => string),
      requestOf: (...args: Args) => RequestId | undefined = () => undefined,
    ) =>
    (sender: Sender, ...args: Args): Promise<Answer> =>
      tracing.inbound(
        {
          name: typeof name === "string" ? name : name(...args),
          request: requestOf(...args),
        },
        () => work(sender, ...args),
        (answer) => (answer.answer === "said" ? answer.refused : undefined),
      );
  const ofForm = ({ id }: { readonly id: RequestId }) => id;
  return {
    ...desk,
    command: traced(desk.command, (text) => `command ${verbIn(text) ?? "unknown"}`),
    click: traced(
      desk.click,
      ({ button }) => `click ${button}`,
      ({ id }) => id,
    ),
    page: traced(desk.page, "click page"),
    auditFile: traced(desk.auditFile, "click audit-file"),
    applyChange: traced(desk.applyChange, "click apply-change"),
    dropChange: traced(desk.dropChange, "click drop-change"),
    askOthers: traced(desk.askOthers, "click ask-others"),
    dealWith: traced(desk.dealWith, ({ act }) => `click ${act}-opening`),
    restore: traced(desk.restore, "click restore"),
    requeue: traced(desk.requeue, "click requeue-member"),
    deny: traced(desk.deny, "form deny", ofForm),
    concern: traced(desk.concern, "form concern", ofForm),
    ask: traced(desk.ask, "form ask", ofForm),
    answer: traced(desk.answer, "form answer", ofForm),
    approveChanged: traced(desk.approveChanged, "form approve-changed", ofForm),
    extend: traced(desk.extend, "form extend", ofForm),
    written: traced(desk.written, "message"),
    sendForm: traced(desk.sendForm, "form request"),
    addressPage: {
      ...desk.addressPage,
      press: (secret, address) =>
        tracing.inbound({ name: "page my-ip" }, () => desk.addressPage.press(secret, address)),
    },
  };
}
