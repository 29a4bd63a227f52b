// The buttons that belong to no request: turning pages, asking for access from the home tab, files of the audit.

import { parseRequestId, vmKey } from "../../../domain/text/ids.ts";
import type { Dealing, Inbound, Sender } from "../../../ports/inbound.ts";
import { decodeButton } from "../views/button-value.ts";
import {
  ADOPT_OPENING_ACTION,
  APPLY_ACTION,
  ASK_ACTION,
  ASK_OTHERS_ACTION,
  AUDIT_CSV_ACTION,
  AUDIT_JSONL_ACTION,
  CLOSE_OPENING_ACTION,
  DROP_ACTION,
  decodeOpening,
  decodePage,
  isInsteadAction,
  LIST_BACK_ACTION,
  LIST_MORE_ACTION,
  REQUEUE_ACTION,
  RESTORE_ACTION,
  SAME_AGAIN_ACTION,
} from "../views/list-action.ts";
import type { ButtonClick } from "./payloads.ts";
import type { Asked, Replies } from "./replies.ts";

const AUDIT_FORMATS: ReadonlyMap<string, "csv" | "jsonl"> = new Map([
  [AUDIT_CSV_ACTION, "csv"],
  [AUDIT_JSONL_ACTION, "jsonl"],
]);

const DEALINGS: ReadonlyMap<string, Dealing["act"]> = new Map([
  [CLOSE_OPENING_ACTION, "close"],
  [ADOPT_OPENING_ACTION, "adopt"],
]);

/** Resolves when it is done; `undefined`: the button is none of these. */
export function screenClick(
  { inbound, replies }: { readonly inbound: Inbound; readonly replies: Replies },
  sender: Sender,
  { actionId, value, responseUrl, triggerId }: ButtonClick,
): Promise<void> | undefined {
  const asked: Asked = { sender, responseUrl, triggerId };
  // A card's Ask… is another button of this name, which carries a request.
  if (actionId === ASK_ACTION && decodeButton(value) === undefined) {
    return replies.orApologise(asked, async () =>
      replies.deliver(asked, inbound.openForm(sender, value)),
    );
  }
  const format = AUDIT_FORMATS.get(actionId);
  if (format !== undefined) {
    return replies.orApologise(asked, async () =>
      replies.deliver(asked, await inbound.auditFile(sender, { asked: value, format })),
    );
  }
  if (actionId === APPLY_ACTION || actionId === DROP_ACTION) {
    const act = actionId === APPLY_ACTION ? inbound.applyChange : inbound.dropChange;
    return replies.orApologise(asked, async () => replies.deliver(asked, await act(sender, value)));
  }
  const dealing = DEALINGS.get(actionId);
  const ref = dealing === undefined ? undefined : decodeOpening(value);
  if (dealing !== undefined && ref !== undefined) {
    return replies.orApologise(asked, async () =>
      replies.deliver(asked, await inbound.dealWith(sender, { act: dealing, ref })),
    );
  }
  if (actionId === ASK_OTHERS_ACTION) {
    return replies.orApologise(asked, async () =>
      replies.deliver({ ...asked, replaces: true }, await inbound.askOthers(sender, value)),
    );
  }
  if (isInsteadAction(actionId)) {
    return replies.orApologise(asked, async () =>
      // Nothing else is checked or done than where it is typed.
      replies.deliver({ ...asked, replaces: true }, await inbound.command(sender, value)),
    );
  }
  if (actionId === RESTORE_ACTION) {
    return replies.orApologise(asked, async () =>
      replies.deliver(asked, await inbound.restore(sender, vmKey(value))),
    );
  }
  const same = actionId === SAME_AGAIN_ACTION ? parseRequestId(value) : undefined;
  if (same !== undefined) {
    return replies.orApologise(asked, async () =>
      // Nothing else is checked or done than where it is typed.
      replies.deliver(asked, await inbound.command(sender, `again ${same}`)),
    );
  }
  if (actionId === REQUEUE_ACTION) {
    return replies.orApologise(asked, async () =>
      replies.deliver(asked, await inbound.requeue(sender, value)),
    );
  }
  const isPage = actionId === LIST_MORE_ACTION || actionId === LIST_BACK_ACTION;
  const turn = isPage ? decodePage(value) : undefined;
  if (turn === undefined) return undefined;
  return replies.orApologise(asked, async () =>
    // The page that was there makes room for the other one.
    replies.deliver({ ...asked, replaces: true }, await inbound.page(sender, turn)),
  );
}
