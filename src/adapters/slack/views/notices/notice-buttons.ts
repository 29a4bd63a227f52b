// What can be done about a notice where it is told: what has no decision on record is ended, closed or adopted.

import type { VmKey } from "../../../../domain/text/ids.ts";
import type { Notice } from "../../../../ports/storage/notices.ts";
import { actions, type Block, type Button, plainTextElement } from "../blocks.ts";
import { openingClosed } from "../confirm.ts";
import {
  ADOPT_OPENING_ACTION,
  CLOSE_OPENING_ACTION,
  encodeOpening,
  RESTORE_ACTION,
} from "../list-action.ts";
import { nameInLine, portsInText } from "../phrases.ts";
import { button } from "../request/buttons.ts";

/** More rows of buttons than this help nobody; the cards have theirs. */
const ROWS_MAX = 20;
const LABEL_CHARACTERS_MAX = 75;

/** Each says what it is about, where it isn't the only one. */
export function noticeButtons(notices: readonly Notice[]): Block[] {
  const rows = notices.map(buttonsOf).filter((row) => row.length > 0);
  const isOnly = rows.length === 1;
  return rows
    .slice(0, ROWS_MAX)
    .flatMap((row) =>
      actions(row.map(({ button, about }) => (isOnly ? button : labelled(button, about)))),
    );
}

type Row = readonly { readonly button: Button; readonly about: string }[];

function buttonsOf(notice: Notice): Row {
  const { id, nonce, vm = "", ports = [] } = notice;
  if (id !== undefined && nonce !== undefined) {
    return [{ button: button({ id, nonce, ask: { ports, vm: { name: vm } } }, "end"), about: id }];
  }
  if (notice.restore !== undefined) return restoring(notice.restore, vm);
  const value = notice.opening === undefined ? undefined : encodeOpening(notice.opening);
  if (value === undefined) return [];
  const about = `${portsInText(ports)} on ${nameInLine(vm, 40)}`;
  const close: Button = {
    type: "button",
    action_id: CLOSE_OPENING_ACTION,
    text: plainTextElement("Close"),
    value,
    style: "danger",
    confirm: openingClosed(about),
    accessibility_label: `Close: ${about}`.slice(0, LABEL_CHARACTERS_MAX),
  };
  const adopt: Button = {
    type: "button",
    action_id: ADOPT_OPENING_ACTION,
    text: plainTextElement("Adopt"),
    value,
    accessibility_label: `Adopt: ${about}`.slice(0, LABEL_CHARACTERS_MAX),
  };
  return [
    { button: close, about },
    { button: adopt, about },
  ];
}

/** A preview comes first. */
const restoring = (key: VmKey, vm: string): Row => [
  {
    button: {
      type: "button",
      action_id: RESTORE_ACTION,
      text: plainTextElement("Restore…"),
      value: key,
      accessibility_label: `Restore: ${nameInLine(vm, 40)}`,
    },
    about: nameInLine(vm, 40),
  },
];

const labelled = (button: Button, about: string): Button =>
  "text" in button && button.text !== undefined
    ? {
        ...button,
        text: plainTextElement(`${button.text.text}: ${about}`.slice(0, LABEL_CHARACTERS_MAX)),
      }
    : button;
