// What somebody writes to the bot in their own words, as a request where it names a VM: "rdp to vm-01 for two hours".
// By the grammar's own readers; nothing is guessed or left out, and the form shows what was understood.

import { formatDuration, parseDuration } from "../text/duration.ts";
import { PORT_NAMES } from "../text/port-words.ts";
import { isRefusal } from "../text/refusal.ts";
import { isUnsure } from "./ask-parts.ts";
import { durationAt } from "./parts/duration-at.ts";
import { request } from "./verbs/request-verb.ts";

/** More isn't a request in a line. */
const CHARACTERS_MAX = 300;

const NUMBERS: readonly string[] =
  "one two three four five six seven eight nine ten eleven twelve".split(" ");

const UNIT = "(?:hours?|hrs?|h|minutes?|mins?|m)";

/** `half an hour`, `an hour`, `two hours`, as figures. */
const inFigures = (text: string): string =>
  text
    .replace(/\bhalf an? hour\b/gi, "30 minutes")
    .replace(new RegExp(`\\ban? (?=${UNIT}\\b)`, "gi"), "1 ")
    .replace(
      new RegExp(`\\b(${NUMBERS.join("|")}) (?=${UNIT}\\b)`, "gi"),
      (_, word: string) => `${NUMBERS.indexOf(word.toLowerCase()) + 1} `,
    );

/** What people write around a request. Any other word may matter: it isn't read as if it hadn't been there. */
const FILLERS: ReadonlySet<string> = new Set(
  `i i'd i'm we we'd me us my our you it the a an to on onto into for of via by with is are am be do does
   need needs needing want wants like get getting give have has let grant open request requesting use using
   can could may would will should must please pls plz thanks thank thx hi hey hello bot there ok okay so just
   access connection connect log login sign in port ports vm vms machine server host box now today asap quickly
   right away again some`
    .split(/\s+/)
    .filter((word) => word !== ""),
);

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
  `\\b(?:tonight|tomorrow|later|midnight|noon|next\\s+\\w+|${WEEKDAY}|\\d{4}-\\d\\d-\\d\\d)\\b|\\b${CLOCK}\\b|\\bin\\s+(?:\\d|an?\\b|half\\b|${NUMBERS.join("|")})`,
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

function untimedRequest(written: string, at: string): string | undefined {
  const text = inFigures(written.replaceAll("’", "'"));
  const { duration, rest } = withoutDuration(text);
  const [said = "", source = ""] = /\bfrom\s+(\S*\w)/i.exec(rest) ?? [];
  const split = rest.replace(said, " ").split(/[\s,;?!]+/);
  const tokens = split.map((one) => one.replace(/[.:]$/, "")).filter((one) => one !== "");
  const ports = tokens.filter((one) => NAMES.has(one.toLowerCase()) || /^\d{2,5}$/.test(one));
  const others = tokens.filter((one) => !ports.includes(one));
  const vm = vmIn(others);
  if (vm === undefined) return undefined;
  const isUnderstood = (one: string) => one === vm || FILLERS.has(one.toLowerCase());
  if (!others.every(isUnderstood)) return undefined;
  const parts = [vm, ports.join(","), duration, at, source === "" ? "" : `from ${source}`];
  return readable(parts.filter((part) => part !== "").join(" "));
}

/** The first duration, as the grammar reads one; another stays, and isn't understood. */
function withoutDuration(text: string): { readonly duration: string; readonly rest: string } {
  for (const { index } of text.matchAll(/(?<!\S)\S/g)) {
    const found = durationAt(text, index);
    const ms = found && parseDuration(found.spelled);
    if (found === undefined || ms === undefined) continue;
    const rest = `${text.slice(0, index)} ${text.slice(found.end)}`;
    return { duration: formatDuration(ms), rest };
  }
  return { duration: "", rest: text };
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
  return isRefusal(command) || command.vm === undefined || isUnsure(command.unclear)
    ? undefined
    : `request ${text}`;
};
