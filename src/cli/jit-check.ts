// `jit check <file>`: every fault of a policy file, then what is worth a second look, then its tests.

import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { openRotas } from "../adapters/on-call/open-rotas.ts";
import { type ConfigFault, keyText, visible } from "../config/config-fault.ts";
import { readRotas } from "../config/environment/rota-settings.ts";
import { type Environment, variables } from "../config/environment/variables.ts";
import { readPolicyFile } from "../config/policy-file/read-policy-file.ts";
import { type PlacedTest, readPolicyTests } from "../config/policy-tests.ts";
import { differences } from "../domain/check/policy-test.ts";
import { warningsOf } from "../domain/check/policy-warnings.ts";
import type { Policy } from "../domain/rules/policy.ts";
import { rotaFindings } from "../flows/doctor/doctor-rotas.ts";
import { readOptions } from "./options.ts";
import { type ExitCode, FINDINGS, FINE, type Terminal, WRONG_USE } from "./terminal.ts";
import { USAGES } from "./usage.ts";

type Asked = {
  readonly file: string;
  readonly tests: string | undefined;
  readonly strict: boolean;
};

/** Answers the exit code: 0 fine, 1 findings (with --strict warnings, too), 2 wrong use. */
export async function check(
  args: readonly string[],
  terminal: Terminal,
  env: Environment = {},
): Promise<ExitCode> {
  const wrongUse = (why: string): ExitCode => {
    terminal.complain(why);
    return WRONG_USE;
  };
  const asked = understood(args);
  if (typeof asked === "string") return wrongUse(`${asked}\n${USAGES.check}`);
  const text = await textOf(asked.file);
  if ("unreadable" in text) return wrongUse(text.unreadable);
  const tests = await testsOf(asked);
  if (tests !== undefined && "unreadable" in tests) return wrongUse(tests.unreadable);
  const { say } = terminal;
  const read = readPolicyFile(text.text);
  if ("faults" in read) return faulty(asked.file, read.faults, terminal);
  const warnings =
    sayWarnings(asked.file, read, terminal) + (await sayRotas(asked.file, read, { env, terminal }));
  const ran = runTests(tests, read.policy, terminal);
  const rules = counted(read.policy.rules.length, "rule");
  const { failed, broken } = ran;
  say(`${asked.file}: ${rules}, no errors, ${counted(warnings, "warning")}${testedWords(ran)}.`);
  return failed > 0 || broken || (asked.strict && warnings > 0) ? FINDINGS : FINE;
}

function understood(args: readonly string[]): Asked | string {
  const read = readOptions(args, { strict: "nothing", tests: "text" });
  if ("wrong" in read) return read.wrong;
  const { options, words } = read;
  const [file, ...more] = words;
  if (file === undefined || more.length > 0) return "check takes one file.";
  return { file, tests: options.get("tests"), strict: options.has("strict") };
}

type Text = { readonly file: string; readonly text: string } | { readonly unreadable: string };

async function textOf(file: string): Promise<Text> {
  try {
    return { file, text: await readFile(file, "utf8") };
  } catch (thrown) {
    return { unreadable: `${file} can't be read (${codeOf(thrown)}).` };
  }
}

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unreadable";

/** The file that was named, or the one beside the policy file, if there is one. */
async function testsOf({ file, tests }: Asked): Promise<Text | undefined> {
  if (tests !== undefined) return textOf(tests);
  const beside = file.replace(/(\.ya?ml)?$/i, ".test$1");
  const text = await textOf(beside);
  return "unreadable" in text && /ENOENT/.test(text.unreadable) ? undefined : text;
}

function faulty(file: string, faults: readonly ConfigFault[], { say }: Terminal): ExitCode {
  for (const fault of faults) say(faultAt(file, fault));
  say(`${file}: ${counted(faults.length, "error")}.`);
  return FINDINGS;
}

const faultAt = (file: string, fault: ConfigFault): string =>
  lineAt(file, { ...fault, weight: "error" });

/** As compilers write it, so that editors and CI find the place: `jit.yaml:12:5: warning: …`. */
function lineAt(
  file: string,
  { weight, ...at }: ConfigFault & { readonly weight: string },
): string {
  const key = at.key === "" ? "" : `${at.key}: `;
  return `${file}:${at.line}:${at.column}: ${weight}: ${key}${at.message}`;
}

type Read = Extract<ReturnType<typeof readPolicyFile>, { policy: Policy }>;

/** By place in the file; answers how many warnings there are, hints not counted. */
function sayWarnings(file: string, { policy, where }: Read, { say }: Terminal): number {
  const placed = warningsOf(policy).map((one) => ({ ...one, ...where(one.path) }));
  placed.sort((a, b) => a.line - b.line || a.column - b.column);
  for (const { weight, path, message, ...at } of placed) {
    say(lineAt(file, { ...at, weight, key: keyText(path), message: visible(message) }));
  }
  return placed.filter(({ weight }) => weight === "warning").length;
}

/** Every source of a rota is tried; where there is no token, that is said. Answers how many warnings there are. */
async function sayRotas(
  file: string,
  { policy, where }: Read,
  { env, terminal }: { readonly env: Environment; readonly terminal: Terminal },
): Promise<number> {
  if (policy.onCall === undefined) return 0;
  const rotas = openRotas(readRotas(variables(env)), dirname(file));
  const findings = await rotaFindings(rotas, policy, Date.now());
  const { line, column } = where(["onCall"]);
  const amiss = findings.filter(({ level }) => level !== "fine");
  for (const { says } of amiss) {
    const message = visible(says);
    terminal.say(lineAt(file, { line, column, key: "onCall", weight: "warning", message }));
  }
  return amiss.length;
}

type Ran = { readonly count: number; readonly failed: number; readonly broken: boolean };

function runTests(
  tests: Extract<Text, { text: string }> | undefined,
  policy: Policy,
  { say }: Terminal,
): Ran {
  if (tests === undefined) return { count: 0, failed: 0, broken: false };
  const { file, text } = tests;
  const read = readPolicyTests(text);
  if ("faults" in read) {
    for (const fault of read.faults) say(faultAt(file, fault));
    return { count: 0, failed: 0, broken: true };
  }
  const failed = read.tests.filter((test) => !passes(file, policy, test, say));
  return { count: read.tests.length, failed: failed.length, broken: false };
}

function passes(file: string, policy: Policy, test: PlacedTest, say: Terminal["say"]): boolean {
  const found = differences(policy, test);
  const place = found.length === 0 ? "" : ` (${file}:${test.where.line})`;
  say(`${found.length === 0 ? "✓" : "✗"} ${visible(test.name)}${place}`);
  for (const line of found) say(`    ${visible(line)}`);
  return found.length === 0;
}

function testedWords({ count, failed, broken }: Ran): string {
  if (broken) return "; its tests can't be read";
  if (count === 0) return "";
  const all = count === 1 ? "" : "all ";
  return `; ${failed === 0 ? all : `${count - failed} of `}${counted(count, "test")} passed`;
}

const counted = (count: number, what: string): string =>
  `${count === 0 ? "no" : count} ${what}${count === 1 ? "" : "s"}`;
