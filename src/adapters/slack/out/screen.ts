// Renders what one person is shown of requests: a page of a list, or one with all that happened.

import type { Screen } from "../../../ports/screens.ts";
import type { Message } from "./blocks.ts";
import type { EntryView } from "./entry.ts";
import { listMessage } from "./list.ts";
import { statusMessage } from "./status.ts";

export function screenMessage(screen: Screen, view: Omit<EntryView, "nowMs">): Message {
  return screen.screen === "list" ? listMessage(screen, view) : statusMessage(screen, view);
}
