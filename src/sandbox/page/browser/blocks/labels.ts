// What screen readers are told about an element: its name where no label stands beside it, its faults.

import { textAt } from "../../../slack/json.ts";
import { domIdOf, type Placed } from "./surface.ts";

/** Inputs have a visible label; other elements take the nearest words there are. */
export function labelOf({ block, element }: Placed): string | undefined {
  if (block.type === "input") return undefined;
  return (
    textAt(element, "placeholder", "text") ??
    textAt(block, "text", "text")?.slice(0, 80) ??
    "Choose"
  );
}

export function describedBy(placed: Placed): string {
  const id = domIdOf(placed);
  return `${id}-error ${id}-hint`;
}
