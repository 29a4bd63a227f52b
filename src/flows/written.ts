// Somebody writes to the bot in their conversation with it: they get the button that opens the form, filled in with what
// was understood. Nothing is requested by it.

import { formatCommand, parseTyped } from "../domain/command/command.ts";
import { unescapeSlack } from "../domain/command/slack-text.ts";
import { namesLater, spokenRequest } from "../domain/command/spoken-request.ts";
import { isRefusal, type Refusal } from "../domain/text/refusal.ts";
import { words } from "../domain/text/words.ts";
import type { Answer, Sender } from "../ports/inbound.ts";
import { once, said } from "./answering/answering.ts";
import type { Deps } from "./deps.ts";
import { withDate } from "./requests/asking/moment-of.ts";
import { refuseCommand } from "./requests/can-see.ts";

type Needs = Pick<
  Deps,
  "absences" | "requests" | "storeClock" | "chat" | "onCall" | "policy" | "limits" | "deliveries"
>;

export async function answerWritten(
  deps: Needs & Parameters<typeof once>[0],
  sender: Sender,
  text: string,
): Promise<Answer | Refusal> {
  const mayNot = await refuseCommand(deps, sender);
  if (mayNot !== undefined) return mayNot;
  return once(deps, sender, () => answerTo(deps, sender, unescapeSlack(text)));
}

async function answerTo(
  deps: Parameters<typeof withDate>[0],
  { user }: Sender,
  text: string,
): Promise<Answer | Refusal> {
  const command = spokenRequest(text);
  if (command === undefined && namesLater(text)) return said(TIMED);
  if (command === undefined) {
    const line = words`To get onto a VM, press ${{ strong: "Request access" }}. ${{ code: "/jit help" }} shows what else I can do.`;
    return { answer: "said", lines: [line], buttons: [{ does: "form" }] };
  }
  const line = words`I understood ${{ code: `/jit ${command}` }}. Press ${{ strong: "Request access" }} to check it and send it; nothing is requested yet.`;
  const dated = await atThatMoment(deps, user, command);
  if (typeof dated !== "string") return dated;
  return { answer: "said", lines: [line], buttons: [{ does: "form", text: dated }] };
}

/** Pressed on another day, `at 23:00` would be another time. */
async function atThatMoment(
  deps: Parameters<typeof withDate>[0],
  user: Sender["user"],
  text: string,
): Promise<string | Refusal> {
  const command = parseTyped(text);
  if (isRefusal(command) || command.verb !== "request" || command.at === undefined) return text;
  const dated = await withDate(deps, user, command);
  if (isRefusal(dated)) return dated;
  return formatCommand({ ...dated, at: { exactMs: dated.at?.exactMs } });
}

/** Its time can't be read: the form would open with none filled in, and could be sent to open at once. */
const TIMED = words`For access at a set time, write for example ${{ code: "/jit request vm-01 3389 2h at 23:00" }}.`;
