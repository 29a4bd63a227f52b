// `jit init`: asks a few questions, writes the files that a start needs, and ends with what the doctor says.

import { readOptions } from "../options.ts";
import { type ExitCode, FINE, type Terminal, WRONG_USE } from "../terminal.ts";
import { USAGES } from "../usage.ts";
import {
  type Answers,
  answersOf,
  type OptionName,
  QUESTIONS,
  type Question,
  SOCKET_MODE,
} from "./answers.ts";
import { setupFiles, type Templates } from "./setup-files.ts";

export type InitNeeds = {
  readonly terminal: Terminal;
  /** Puts a question; `undefined`: the person left. Not there: nobody can be asked. */
  readonly ask: ((question: string) => Promise<string | undefined>) | undefined;
  readonly templates: Templates;
  readonly auditKey: string;
  /** Writes a new file; answers `false`, and changes nothing, where there is one of that name. */
  readonly create: (name: string, text: string, isSecret: boolean) => Promise<boolean>;
  /** Says what is left to do. */
  readonly doctor: () => Promise<unknown>;
};

/** Answers the exit code: 0 the files are there, whatever the doctor finds; 2 wrong use. */
export async function init(args: readonly string[], deps: InitNeeds): Promise<ExitCode> {
  const { say, complain } = deps.terminal;
  const asked = understood(args);
  if ("wrong" in asked) {
    complain(`${asked.wrong}\n${USAGES.init}`);
    return WRONG_USE;
  }
  const given = await completed(asked.given, asked.isQuiet ? { ...deps, ask: undefined } : deps);
  if (given === undefined) {
    complain("Nothing was written.");
    return WRONG_USE;
  }
  await writeFiles(answersOf(given), deps);
  const left = QUESTIONS.filter((one) => one.isPlaceholder && given.get(one.option) === one.usual);
  if (left.length > 0) {
    const names = left.map(({ option, usual }) => `${option} (${usual})`).join(", ");
    say(`Fill in what's still missing in these files: ${names}.`);
  }
  say("What jit doctor says now:");
  await deps.doctor();
  return FINE;
}

type Asked =
  | { readonly given: ReadonlyMap<OptionName, string>; readonly isQuiet: boolean }
  | { readonly wrong: string };

function understood(args: readonly string[]): Asked {
  const read = readOptions(args, {
    yes: "nothing",
    "socket-mode": "nothing",
    url: "text",
    scopes: "text",
    redis: "text",
    admin: "text",
    approvers: "text",
    channel: "text",
    from: "text",
  });
  if ("wrong" in read) return read;
  const { options, words } = read;
  if (words.length > 0) return { wrong: "init takes options only." };
  if (options.has("url") && options.has("socket-mode")) {
    return { wrong: "--url and --socket-mode exclude each other." };
  }
  const given = new Map<OptionName, string>();
  if (options.has("socket-mode")) given.set("url", SOCKET_MODE);
  for (const { option, fault } of QUESTIONS) {
    const answer = options.get(option)?.trim();
    if (answer === undefined) continue;
    const wrong = fault(answer);
    if (wrong !== undefined) return { wrong: `--${option}: ${wrong}` };
    given.set(option, answer);
  }
  return { given, isQuiet: options.has("yes") };
}

/** Asks for what isn't given; without anybody to ask, the usual answers are taken. */
async function completed(
  given: ReadonlyMap<OptionName, string>,
  { ask, terminal }: InitNeeds,
): Promise<ReadonlyMap<OptionName, string> | undefined> {
  const all = new Map(given);
  for (const question of QUESTIONS) {
    if (all.has(question.option)) continue;
    const answer = ask ? await answerTo(question, ask, terminal) : question.usual;
    if (answer === undefined) return undefined;
    all.set(question.option, answer);
  }
  return all;
}

async function answerTo(
  { asks, usual, fault }: Question,
  ask: NonNullable<InitNeeds["ask"]>,
  { complain }: Terminal,
): Promise<string | undefined> {
  for (;;) {
    const typed = await ask(`${asks} [${usual}]: `);
    if (typed === undefined) return undefined;
    const answer = typed.trim() || usual;
    const wrong = fault(answer);
    if (wrong === undefined) return answer;
    complain(wrong);
  }
}

async function writeFiles(answers: Answers, { templates, auditKey, create, terminal }: InitNeeds) {
  for (const { name, text, isSecret, use } of setupFiles(answers, templates, auditKey)) {
    const isNew = await create(name, text, isSecret);
    terminal.say(isNew ? `${name}: written; ${use}.` : `${name}: was there already, not changed.`);
  }
}
