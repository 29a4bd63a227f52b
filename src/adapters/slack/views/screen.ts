// Renders what one person is shown privately: a page of requests, of VMs or of the audit, or one request with all that happened.

import type { Screen } from "../../../ports/screens/screens.ts";
import type { Message } from "./blocks.ts";
import { auditMessage } from "./pages/audit-page.ts";
import { doctorMessage } from "./pages/dead-letter-blocks.ts";
import { endAllMessage } from "./pages/end-all-view.ts";
import type { EntryView } from "./pages/entry.ts";
import { changeMessage } from "./pages/policy-change-view.ts";
import { listMessage } from "./pages/request-list.ts";
import { statusMessage } from "./pages/status.ts";
import { vmsMessage } from "./pages/vms-page.ts";

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
    case "end-all":
      return endAllMessage(screen.endAll);
    case "doctor":
      return doctorMessage(screen, view);
    case "vms":
      return vmsMessage(screen);
  }
}
