// What somebody typed, as a refusal names it: on one line, and cut where it is long.

import { plainText } from "./plain-text.ts";
import type { Part } from "./words.ts";

const CHARACTERS_SHOWN = 60;

export const typed = (text: string): Part => ({
  code: plainText(text, CHARACTERS_SHOWN) || '""',
});
