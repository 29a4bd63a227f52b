// A moment that no calendar has is none. Of src/domain/command/parts/spoken-moment.ts.

import { expect, it } from "vitest";
import {
  formatMoment,
  spokenMomentAt,
} from "../../../../src/domain/command/parts/spoken-moment.ts";
import { wordAt } from "../../../../src/domain/command/word-reader.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";

function read(text: string): string {
  const word = wordAt(text, 0);
  if (word === undefined) throw new Error("nothing was typed");
  const found = spokenMomentAt(text, word);
  return isRefusal(found) ? found.refused : formatMoment(found.moment);
}

it.each([
  ...["2026-02-30", "2026-02-29", "2026-04-31", "2026-12-32", "2026-12-00", "2026-13-01"],
  ...["2026-00-10", "2026-02-30T22:00Z", "2026-04-31T00:00Z", "2026-13-01T22:00Z"],
  ...["2026-12-01T24:00Z", "2026-12-01T22:60Z", "24:00", "23:60", "13pm", "0am"],
])("%s is refused", (text) => {
  expect(read(text)).toBe("bad-time");
});

it.each([
  ...["2026-02-28", "2028-02-29", "2026-04-30 23:00", "2026-12-01T22:00Z", "2028-02-29T00:00Z"],
  ...["23:59", "tomorrow 0:00", "friday 9:30"],
])("%s is read, and written again", (text) => {
  expect(read(text)).toBe(text);
});

it.each([
  ["“tomorrow 9:00”", "tomorrow 9:00"],
  ['"tomorrow 9am" for it', "tomorrow 9:00"],
  ["'2026-12-01 23:00'", "2026-12-01 23:00"],
  ["`friday 9:30`", "friday 9:30"],
  ["“23:00”", "23:00"],
  ["tomorrow “9:00”", "tomorrow 9:00"],
  ["“tomorrow” 9:00", "tomorrow 9:00"],
])("%s is read without its quotes", (text, moment) => {
  expect(read(text)).toBe(moment);
});

it.each(["“tomorrow 9:00 or later”", "“soon enough”", "“”", "“ ”"])("%s is refused", (text) => {
  expect(read(text)).toBe("bad-time");
});
