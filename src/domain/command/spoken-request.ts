// What somebody writes to the bot in their own words, as a request where it names a VM: "rdp to vm-01 for two hours".
// By the grammar's own readers; nothing is guessed, and the form shows what was understood.

import { formatDuration, parseDuration } from "../text/duration.ts";
import { PORT_NAMES } from "../text/port-words.ts";
import { isRefusal } from "../text/refusal.ts";
import { request } from "./verbs/request-verb.ts";

/** More isn't a request in a line. */
const CHARACTERS_MAX = 300;

const NUMBERS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  eight: 8,
};

const UNITS = "hours?|hrs?|h|minutes?|mins?|m";
const DURATION = new RegExp(`\\b(\\d{1,3}|${Object.keys(NUMBERS).join("|")}) ?(${UNITS})\\b`, "i");

const CLOCK = "(?:\\d{1,2}:\\d\\d(?:[ap]m)?|\\d{1,2}[ap]m)";
const WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)day";
const DAY = `(?:today|tomorrow|${WEEKDAY}|\\d{4}-\\d\\d-\\d\\d)`;

/** `at 23:00`, `tomorrow at 9:00`, `on friday 9am`: what the grammar can read. */
const TIME = new RegExp(
  `(?:\\b(?:at|on)\\s+)?\\b(${DAY}(?:\\s+at)?\\s+${CLOCK}|(?<=\\bat\\s+)${CLOCK})(?!\\S*[\\d:])`,
  "i",
);

/** A time that isn't now, said in a way that the grammar has no word for: `tonight`, `in 2 hours`, `after 23:00`. */
const LATER = new RegExp(
  `\\b(?:tonight|tomorrow|later|midnight|noon|next\\s+\\w+|${WEEKDAY}|\\d{4}-\\d\\d-\\d\\d)\\b|\\b${CLOCK}\\b|\\bin\\s+${DURATION.source}`,
  "i",
);

/** Whether it seems to be about another time than now. */
export const namesLater = (text: string): boolean => LATER.test(text);

const NAMES: ReadonlySet<string> = new Set(
  Object.values(PORT_NAMES).map((name) => name.toLowerCase()),
);

/** As it is typed after `/jit`; `undefined`: it names no VM. */
export function spokenRequest(text: string): string | undefined {
  if (text.length > CHARACTERS_MAX) return undefined;
  const typed = /^\s*\/?jit\s+request\s+(.+)$/is.exec(text)?.[1];
  if (typed !== undefined) return readable(typed);
  const [at = "", time = ""] = TIME.exec(text) ?? [];
  const untimed = text.replace(at, " ");
  // Left out, it would be opened at once.
  if (namesLater(untimed)) return undefined;
  return untimedRequest(untimed, time === "" ? "" : `at ${time.replace(/\s+at\s+/i, " ")}`);
}

function untimedRequest(text: string, at: string): string | undefined {
  const [said, count = "", unit = ""] = DURATION.exec(text) ?? [];
  const rest = (said === undefined ? text : text.replace(said, " ")).split(/[\s,;?!]+/);
  const tokens = rest.map((one) => one.replace(/\.$/, "")).filter((one) => one !== "");
  const ports = tokens.filter((one) => NAMES.has(one.toLowerCase()) || /^\d{2,5}$/.test(one));
  const vm = vmIn(tokens.filter((one) => !ports.includes(one)));
  if (vm === undefined) return undefined;
  const minutes = (NUMBERS[count.toLowerCase()] ?? Number(count)) * (/^h/i.test(unit) ? 60 : 1);
  const duration = said === undefined ? undefined : parseDuration(`${minutes}m`);
  return readable(
    [vm, ports.join(","), duration === undefined ? "" : formatDuration(duration), at]
      .filter((part) => part !== "")
      .join(" "),
  );
}

/** What follows "to" or "on"; else the only word that looks like a name: with a digit, and a hyphen or slash. */
function vmIn(tokens: readonly string[]): string | undefined {
  const after = tokens.find((_, at) => /^(?:to|on|onto|into)$/i.test(tokens[at - 1] ?? ""));
  if (after !== undefined && isName(after)) return after;
  const names = tokens.filter((one) => isName(one) && /\d/.test(one));
  return names.length === 1 ? names[0] : undefined;
}

const isName = (word: string): boolean =>
  /^[\w.-]+(?:\/[\w.-]+)?$/.test(word) && /[-/\d]/.test(word);

const readable = (text: string): string | undefined => {
  const command = request.read(text, 0);
  return isRefusal(command) || command.vm === undefined ? undefined : `request ${text}`;
};
