// Prints every string that a person can read, by reader and folder: `npm run words`.

import { posix } from "node:path";
import { READERS, visibleWords } from "./visible-words.ts";

const all = visibleWords();
for (const reader of READERS) {
  console.log(`# ${reader}`);
  let folder = "";
  for (const { path, line, text } of all.filter((one) => one.reader === reader)) {
    const own = posix.dirname(path);
    if (own !== folder) console.log(`\n## ${own}`);
    folder = own;
    console.log(`${posix.basename(path)}:${line}  ${text}`);
  }
  console.log();
}
