// Text that people typed, made fit for a single bounded line.

import { withHiddenShown } from "./hidden-characters.ts";

/** Control characters and line breaks become spaces, and what nobody would see is shown; longer than `most` code points is cut with "…". */
export function plainText(text: string, most: number): string {
  const line = withHiddenShown(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim());
  const points = Array.from(line);
  return points.length <= most ? line : `${points.slice(0, most - 1).join("")}…`;
}
