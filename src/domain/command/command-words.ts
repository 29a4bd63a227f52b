// A command as people read it: somebody in it is named, and not by their ID. Pure.

import { userId } from "../text/ids.ts";
import type { Part, Words } from "../text/words.ts";

/** `typed`: without `/jit`, as `formatCommand` writes it. */
export function commandWords(typed: string): Words {
  const pieces = `/jit ${typed}`.split(/\s+@([UW][A-Z0-9]{2,20})(?=\s|$)\s*/);
  return pieces.flatMap((piece, at): Part[] => {
    if (piece === "") return [];
    const part = at % 2 === 0 ? { code: piece } : { user: userId(piece) };
    return at === 0 ? [part] : [" ", part];
  });
}
