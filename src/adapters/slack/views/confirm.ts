// What Slack asks before a button ends or gives up something: a slip of the thumb does neither. Pure.

import type { ConfirmationDialog } from "@slack/types";
import type { AccessRequest } from "../../../domain/request/request.ts";
import type { Ask } from "../../../domain/rules/ask.ts";
import { plainTextElement } from "./blocks.ts";
import { inLine, portsInText } from "./phrases.ts";

const TEXT_CHARACTERS_MAX = 300;
/** One name at its longest, or the first few of several VMs. */
const NAME_CHARACTERS_MAX = 120;

/** What a request is called where somebody is asked about it. */
export type Named = Pick<AccessRequest, "id"> & {
  readonly ask: Pick<Ask, "ports" | "breakGlass"> & { readonly vm: Pick<Ask["vm"], "name"> };
};

/** Says what will happen; `undefined` for a button whose act can be undone, or opens a form first. */
export function confirmation(
  request: Named,
  name: string,
): Required<ConfirmationDialog> | undefined {
  switch (name) {
    case "end":
      return dialog({
        title: isBreakGlass(request) ? "End this break-glass access?" : "End this access?",
        text: `${whatOf(request)} closes, usually within 2 minutes. Existing sessions stay connected, but one that drops can't reconnect.`,
        confirm: "End now",
        deny: "Keep it",
      });
    case "cancel":
      return dialog({
        title: "Cancel this request?",
        text: `${whatOf(request)} can't be approved after that. To get access, request it again.`,
        confirm: "Cancel request",
        deny: "Keep it",
      });
    default:
      return undefined;
  }
}

/** Before what somebody opened in Azure is closed. */
export const openingClosed = (about: string): Required<ConfirmationDialog> =>
  dialog({
    title: "Close this access?",
    text: `${about} closes, usually within 2 minutes. Existing sessions stay connected, but one that drops can't reconnect.`,
    confirm: "Close",
    deny: "Keep it",
  });

type Said = Readonly<Record<"title" | "text" | "confirm" | "deny", string>>;

const dialog = ({ title, text, confirm, deny }: Said): Required<ConfirmationDialog> => ({
  title: plainTextElement(title),
  text: plainTextElement(inLine(text, TEXT_CHARACTERS_MAX)),
  confirm: plainTextElement(confirm),
  deny: plainTextElement(deny),
  style: "danger",
});

const isBreakGlass = ({ ask }: Named): boolean => ask.breakGlass === true;

const whatOf = ({ id, ask }: Named): string =>
  `${id}, ${portsInText(ask.ports)} on ${inLine(ask.vm.name, NAME_CHARACTERS_MAX)},`;
