// What may follow a VM in a command: ports, a duration, a source and a reason, in any clear order.

import { parseSource } from "../network/source.ts";
import { formatDuration } from "../text/duration.ts";
import type { SpokenMoment } from "../text/moments.ts";
import { formatPorts, isPortItem, parsePorts } from "../text/ports-list.ts";
import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { words } from "../text/words.ts";
import { askedDuration, askedReason, askedSource } from "./answer-fields.ts";
import { asWord, joined } from "./format-words.ts";
import { durationAt, misspelledDurationAt, withoutPunctuation } from "./parts/duration-at.ts";
import { formatMoment, spokenMomentAt } from "./parts/spoken-moment.ts";
import { keyword, type Word, wordAt } from "./word-reader.ts";

export type Parts = {
  /** Ascending, each once; `undefined` where none were named. */
  readonly ports: readonly number[] | undefined;
  /** Of a policy's ports; an access has that of its policy. */
  readonly protocol: "TCP" | "UDP" | "*" | undefined;
  /** The JIT policy to put a VM into, by name; left out where none was named. */
  readonly into?: string;
  readonly durationMs: number | undefined;
  /** As typed: an IPv4 address or CIDR, `any`, `my-ip`, or what may be the name of a network. */
  readonly source: string | undefined;
  readonly reason: string | undefined;
  /** When to open it, as typed; left out: at once. */
  readonly at?: SpokenMoment;
  /**
   * What only the person can say: whether `for 2h` is a duration or the reason; what was meant to stand after a
   * `from` or a `for` that nothing follows; or, in a sentence, what could mean two things and was left out.
   */
  readonly unclear: "duration-or-reason" | "source" | "reason" | Refusal | undefined;
};

export type PartsGrammar = {
  /** Whether `for <reason>` may stand here. */
  readonly reason: boolean;
  /** Whether a policy is written: `max` may stand before the duration, and a protocol behind the ports. */
  readonly policy: boolean;
  /** Whether `in <policy>` may stand here. */
  readonly into?: boolean;
  /** Whether `at <time>` may stand here. */
  readonly at?: boolean;
  /** Whether the rest is read on where something could mean two things: a form asks which. */
  readonly readsOn?: boolean;
  /** Ends the sentence about a word that has no meaning here. */
  readonly hint: Refusal["say"];
};

export const NO_PARTS: Parts = {
  ports: undefined,
  protocol: undefined,
  durationMs: undefined,
  source: undefined,
  reason: undefined,
  unclear: undefined,
};

const PROTOCOLS: ReadonlyMap<string, NonNullable<Parts["protocol"]>> = new Map([
  ["tcp", "TCP"],
  ["udp", "UDP"],
  ["tcp+udp", "*"],
]);

/** One part read, and where it ends. */
type Step = { readonly change: Partial<Parts>; readonly end: number };

type Unclear = Parts["unclear"];

/** A form that asks about more helps nobody. */
const UNSURE_MAX = 3;

/** Reads everything from `at` to the end, or refuses with the first fault. */
export function readParts(text: string, at: number, grammar: PartsGrammar): Parts | Refusal {
  let parts = NO_PARTS;
  let bare: string | undefined;
  let unsure = 0;
  let end = at;
  for (let word = wordAt(text, at); word !== undefined; word = wordAt(text, end)) {
    const step = readStep(text, word, grammar);
    const no = isRefusal(step)
      ? step
      : namedTwice(parts, step.change, text.slice(word.start, step.end));
    const isAskable = grammar.readsOn === true && no?.refused === "ambiguous";
    if (no !== undefined && (!isAskable || ++unsure > UNSURE_MAX)) return no;
    const { change, end: next } = isRefusal(step) ? { change: {}, end: word.end } : step;
    if (no === undefined) {
      parts = { ...parts, ...change, unclear: parts.unclear ?? change.unclear };
    } else {
      const both = allPorts(parts, change, text.slice(word.start, next));
      const asked = both === undefined ? no : portsToCheck(both);
      parts = { ...parts, ...(both && { ports: both }), unclear: besides(parts.unclear, asked) };
      bare ??= bareSource(word);
    }
    end = next;
  }
  parts = { ...parts, source: parts.source ?? bare };
  const perhapsDuration = parts.durationMs === undefined && durationAt(parts.reason ?? "", 0);
  return perhapsDuration ? { ...parts, unclear: parts.unclear ?? "duration-or-reason" } : parts;
}

/** A source without its `from` can hardly be anything else; where one is named, that counts. */
function bareSource(word: Word): string | undefined {
  const bare = withoutPunctuation(word.text);
  return parseSource(bare) === undefined ? undefined : bare;
}

/** All that could mean two things is asked about at once. */
const besides = (before: Unclear, no: Refusal): Refusal =>
  isUnsure(before) ? { ...no, say: words`${before.say} ${no.say}` } : no;

/** What could mean two things, said in a sentence. */
export const isUnsure = (unclear: Unclear): unclear is Refusal => typeof unclear === "object";

/** Writes what a request is made of. */
export const formatParts = (asked: Omit<Parts, "protocol" | "into">): string =>
  joined(
    asked.ports && formatPorts(asked.ports),
    asked.durationMs && formatDuration(asked.durationMs),
    asked.source && `from ${asWord(asked.source)}`,
    asked.at && `at ${formatMoment(asked.at)}`,
    asked.unclear === "source" ? "from" : undefined,
    asked.reason && `for ${asked.reason}`,
    asked.unclear === "reason" ? "for" : undefined,
  );

/** Refuses a `from` that nothing follows. */
export function noSource(): Refusal {
  const lead = { code: "from" };
  const example = { code: "from 203.0.113.0/24" };
  return refuse("incomplete")`Write a source after ${lead}, for example ${example}.`;
}

function readStep(text: string, word: Word, grammar: PartsGrammar): Step | Refusal {
  const said = keyword(word);
  if (said === "for" && grammar.reason) return reasonStep(text, word.end);
  if (said === "from") return sourceStep(text, word.end);
  if (said === "at" && grammar.at === true) return atStep(text, word.end);
  if (said === "max" && grammar.policy) return maxStep(text, word.end);
  if (said === "in" && grammar.into === true) return intoStep(text, word.end);
  const protocol = grammar.policy ? PROTOCOLS.get(said) : undefined;
  if (protocol !== undefined) return { change: { protocol }, end: word.end };
  const duration = durationAt(text, word.start);
  if (duration !== undefined) return durationStep(duration.spelled, duration.end);
  const misspelled = misspelledDurationAt(text, word.start, false);
  if (misspelled !== undefined) return durationStep(misspelled, word.end);
  if (startsPorts(word.text)) return portsStep(text, word);
  return strayWord(word, grammar);
}

function reasonStep(text: string, at: number): Step | Refusal {
  const reason = askedReason(text.slice(at));
  if (isRefusal(reason)) return reason;
  const change: Partial<Parts> = reason === undefined ? { unclear: "reason" } : { reason };
  return { change, end: text.length };
}

function sourceStep(text: string, at: number): Step | Refusal {
  const word = wordAt(text, at);
  if (word === undefined || keyword(word) === "for") {
    return { change: { unclear: "source" }, end: at };
  }
  const next = wordAt(text, word.end);
  const spaced = keyword(word) === "my" && withoutPunctuation(keyword(next)) === "ip";
  const bare = word.quoted ? word.text : withoutPunctuation(word.text);
  const source = askedSource(spaced ? "my-ip" : bare);
  if (isRefusal(source)) return source;
  return { change: { source }, end: spaced && next !== undefined ? next.end : word.end };
}

/** A day alone would mean its midnight, which nobody means. */
function atStep(text: string, at: number): Step | Refusal {
  const word = wordAt(text, at);
  const spoken = word && spokenMomentAt(text, word);
  if (spoken !== undefined && isRefusal(spoken)) return spoken;
  const { moment, end = at } = spoken ?? {};
  if (moment?.time !== undefined || moment?.exactMs !== undefined) {
    return { change: { at: moment }, end };
  }
  const clock = { code: "at 23:00" };
  const day = { code: "at tomorrow 9:00" };
  return refuse(
    "bad-time",
  )`Write a time of day after ${{ code: "at" }}, for example ${clock} or ${day}.`;
}

function maxStep(text: string, at: number): Step | Refusal {
  const duration = durationAt(text, at);
  if (duration !== undefined) return durationStep(duration.spelled, duration.end);
  const misspelled = misspelledDurationAt(text, at, true);
  if (misspelled !== undefined) return durationStep(misspelled, text.length);
  const max = { code: "max" };
  const example = { code: "max 3h" };
  return refuse("incomplete")`Write a duration after ${max}, for example ${example}.`;
}

/** As long as Azure lets it be with the shortest VM's name; no part of an address can be made of it. */
const POLICY_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}._() -]{0,54}$/u;

function intoStep(text: string, at: number): Step | Refusal {
  const word = wordAt(text, at);
  const lead = { code: "in" };
  const example = { code: "in default" };
  if (word === undefined) {
    return refuse("incomplete")`Write a JIT policy's name after ${lead}, for example ${example}.`;
  }
  const into = word.quoted ? word.text : withoutPunctuation(word.text);
  return POLICY_NAME.test(into)
    ? { change: { into }, end: word.end }
    : refuse(
        "ambiguous",
      )`${typed(into)} can't be a JIT policy's name: write for example ${example}.`;
}

function durationStep(spelled: string, end: number): Step | Refusal {
  const durationMs = askedDuration(spelled);
  return isRefusal(durationMs) ? durationMs : { change: { durationMs }, end };
}

/** A list goes on behind a comma on either side of the space: `22, 3389`, `22 ,3389`. */
function portsStep(text: string, first: Word): Step | Refusal {
  let list = first.text;
  let end = first.end;
  for (let word = wordAt(text, end); word !== undefined; word = wordAt(text, end)) {
    const said = keyword(word);
    const joined = list.endsWith(",") || said.startsWith(",");
    const belongs = said === "," || (startsPorts(said) && !durationAt(text, word.start));
    if (!joined || !belongs) break;
    list += said;
    end = word.end;
  }
  const ports = parsePorts(list);
  return isRefusal(ports) ? ports : { change: { ports }, end };
}

const startsPorts = (said: string): boolean =>
  isPortItem(said.split(",", 2).find((item) => item !== "") ?? "");

function namedTwice(before: Parts, change: Partial<Parts>, spelled: string): Refusal | undefined {
  if (before.durationMs !== undefined && change.durationMs !== undefined) {
    return refuse("ambiguous")`${typed(spelled)} is a second duration: give only one.`;
  }
  if (before.source !== undefined && change.source !== undefined) {
    return refuse("ambiguous")`${typed(spelled)} is a second source: give only one.`;
  }
  if (before.at !== undefined && change.at !== undefined) {
    return refuse("ambiguous")`${typed(spelled)} is a second time: give only one.`;
  }
  if (before.into !== undefined && change.into !== undefined) {
    return refuse("ambiguous")`${typed(spelled)} is a second JIT policy: give only one.`;
  }
  if (before.ports === undefined || change.ports === undefined) return undefined;
  const together = typed(formatPorts(joinedPorts(before.ports, change.ports)));
  const hours = typed(`${spelled.trim()}h`);
  const fix = perhapsHours(before, spelled)
    ? words`is it a port or a duration? Write ${together} or ${hours}`
    : words`separate ports with commas, as in ${together}`;
  return refuse("ambiguous")`I'm not sure about ${typed(spelled)}: ${fix}.`;
}

const joinedPorts = (some: readonly number[], more: readonly number[]): readonly number[] =>
  [...new Set([...some, ...more])].sort((a, b) => a - b);

const perhapsHours = ({ durationMs }: Parts, spelled: string): boolean =>
  /^\d{1,3}$/.test(spelled.trim()) && durationMs === undefined;

/** What can only be ports, though no comma joins them; else `undefined`. */
const allPorts = (before: Parts, { ports }: Partial<Parts>, spelled: string) =>
  before.ports === undefined || ports === undefined || perhapsHours(before, spelled)
    ? undefined
    : joinedPorts(before.ports, ports);

const portsToCheck = (ports: readonly number[]): Refusal =>
  refuse(
    "ambiguous",
  )`I read the ports as ${typed(formatPorts(ports))}: in a command, separate them with commas.`;

function strayWord(word: Word, grammar: PartsGrammar): Refusal {
  const bare = withoutPunctuation(word.text);
  if (parseSource(bare) !== undefined) {
    const source = askedSource(bare);
    // With its `from` it would be refused, too.
    if (isRefusal(source)) return source;
    return refuse("ambiguous")`${typed(bare)} is a source: write ${typed(`from ${bare}`)}.`;
  }
  const faulty = /^[-+]?\d/.test(word.text) ? parsePorts(bare) : undefined;
  if (isRefusal(faulty)) return faulty;
  return refuse("unknown-command")`I didn't understand ${typed(word.text)}: ${grammar.hint}.`;
}
