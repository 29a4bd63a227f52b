// What comes in from people, followed: each command, click and form under a name of the bot's own.

import { verbIn } from "../domain/command/command.ts";
import type { RequestId } from "../domain/text/ids.ts";
import type { Answer, Inbound, Sender } from "../ports/inbound.ts";
import type { Tracing } from "../ports/metrics/tracing.ts";

/** What people only look at while they type isn't followed. */
export function tracedInbound(tracing: Tracing, inbound: Inbound): Inbound {
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
    ...inbound,
    command: traced(inbound.command, (text) => `command ${verbIn(text) ?? "unknown"}`),
    click: traced(
      inbound.click,
      ({ button }) => `click ${button}`,
      ({ id }) => id,
    ),
    page: traced(inbound.page, "click page"),
    auditFile: traced(inbound.auditFile, "click audit-file"),
    applyChange: traced(inbound.applyChange, "click apply-change"),
    dropChange: traced(inbound.dropChange, "click drop-change"),
    askOthers: traced(inbound.askOthers, "click ask-others"),
    dealWith: traced(inbound.dealWith, ({ act }) => `click ${act}-opening`),
    restore: traced(inbound.restore, "click restore"),
    requeue: traced(inbound.requeue, "click requeue-member"),
    deny: traced(inbound.deny, "form deny", ofForm),
    concern: traced(inbound.concern, "form concern", ofForm),
    ask: traced(inbound.ask, "form ask", ofForm),
    answer: traced(inbound.answer, "form answer", ofForm),
    approveChanged: traced(inbound.approveChanged, "form approve-changed", ofForm),
    extend: traced(inbound.extend, "form extend", ofForm),
    written: traced(inbound.written, "message"),
    sendForm: traced(inbound.sendForm, "form request"),
    addressPage: {
      ...inbound.addressPage,
      press: (secret, address) =>
        tracing.inbound({ name: "page my-ip" }, () => inbound.addressPage.press(secret, address)),
    },
  };
}
