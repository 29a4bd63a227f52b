// Renders what one person is shown privately: a page of requests, of VMs or of the audit, or one request with all that happened.

import type { Screen } from "../../../ports/screens.ts";
import { auditMessage } from "./audit.ts";
import type { Message } from "./blocks.ts";
import { changeMessage } from "./change.ts";
import type { EntryView } from "./entry.ts";
import { listMessage } from "./list.ts";
import { statusMessage } from "./status.ts";
import { vmsMessage } from "./vms.ts";

export function screenMessage(screen: Screen, view: Omit<EntryView, "nowMs">): Message {
  switch (screen.screen) {
    case "list":
      return listMessage(screen, view);
    case "status":
      return statusMessage(screen, view);
    case "audit":
      return auditMessage(screen);
    case "change":
      return changeMessage(screen.change);
    case "vms":
      return vmsMessage(screen);
  }
}
