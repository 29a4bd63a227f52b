// `jit enable`: JIT policies previewed and applied from a terminal or a pipeline, by the words of `/jit enable` or a file.

import { readFile } from "node:fs/promises";
import { configFaultLine, visible } from "../config/config-fault.ts";
import { readEnableFile } from "../config/enable-file.ts";
import { formatCommand } from "../domain/command/command.ts";
import { type PolicyCommand, policyVerbs } from "../domain/command/verbs/policy-verb.ts";
import type { Item } from "../domain/policies/change-plan.ts";
import { changeWords } from "../domain/policies/change-words.ts";
import { desiredPolicyOf } from "../domain/policies/desired-policy.ts";
import { type Change, countOf } from "../domain/policies/policy-change.ts";
import type { Policy } from "../domain/rules/policy.ts";
import { isRefusal } from "../domain/text/refusal.ts";
import { plain } from "../domain/text/words.ts";
import type { Deps } from "../flows/deps.ts";
import { previewOf } from "../flows/policies/preview-change.ts";
import { readOptions } from "./options.ts";
import { type ExitCode, FINDINGS, FINE, type Terminal, WRONG_USE } from "./terminal.ts";

export type EnableAsked = {
  readonly commands: readonly PolicyCommand[];
  readonly apply: boolean;
};

/** Answers what is asked for, or sentences about what is wrong. */
export async function readEnableArguments(
  verb: PolicyCommand["verb"],
  args: readonly string[],
): Promise<EnableAsked | readonly string[]> {
  const given = readOptions(args, { apply: "nothing" });
  if ("wrong" in given) return [given.wrong];
  const apply = given.options.has("apply");
  const [only = ""] = given.words;
  if (verb === "enable" && given.words.length === 1 && /\.ya?ml$/i.test(only)) {
    const read = await readAt(only);
    return "commands" in read ? { ...read, apply } : read;
  }
  // What the shell kept together is one word.
  const words = given.words.map((word) => (/\s/.test(word) ? `"${word}"` : word));
  const command = policyVerbs[verb].read(words.join(" "), 0);
  if (isRefusal(command)) return [plain(command.say).replaceAll("/jit ", "jit ")];
  return { commands: [command], apply };
}

async function readAt(
  path: string,
): Promise<{ readonly commands: readonly PolicyCommand[] } | readonly string[]> {
  const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => thrown);
  if (typeof text !== "string") return [`${path} can't be read (${text.code}).`];
  const read = readEnableFile(text);
  return "commands" in read ? read : read.faults.map((fault) => configFaultLine(path, fault));
}

export type Opened = {
  readonly deps: Pick<Deps, "azure" | "clock" | "log" | "random">;
  readonly policy: Policy;
  /** The operator, as the audit names them. */
  readonly operator: string;
  /** Carries a previewed change out, and answers what became of it; `undefined`: only previews are asked for. */
  readonly apply: ((change: Change) => Promise<Change>) | undefined;
};

/**
 * Answers the exit code: 0 all that was meant is so, or can be; 1 something can't be done, or wasn't; 2 what
 * was asked for can't be, whatever the VMs are.
 * Rejects with a `Fault` where Azure or Redis doesn't answer.
 */
export async function enableCommand(
  { commands }: EnableAsked,
  { deps, policy, operator, apply }: Opened,
  { say, complain }: Terminal,
): Promise<ExitCode> {
  const items: (Item & { readonly command: PolicyCommand })[] = [];
  for (const command of commands) {
    const desired = desiredPolicyOf(command, policy);
    if (isRefusal(desired)) {
      complain(`${formatCommand(command)}: ${onTerminal(plain(desired.say))}`);
      // Whatever the VMs are: what was typed can't be meant.
      return WRONG_USE;
    }
    items.push({ selector: command.selector, desired, command });
  }
  let code: ExitCode = FINE;
  for (const [, alike] of Map.groupBy(items, ({ desired }) => desired.verb)) {
    const [first] = alike;
    const asked =
      alike.length === 1 && first
        ? formatCommand(first.command)
        : `${first?.desired.verb} ${alike.length} selections of a file`;
    const preview = await previewOf(deps, { items: alike, by: { operator }, asked });
    if (isRefusal(preview)) {
      complain(onTerminal(plain(preview.say)));
      return FINDINGS;
    }
    const isNeeded = preview.policies.length > 0;
    const shown = apply !== undefined && isNeeded ? await apply(preview) : preview;
    for (const line of linesOf(shown)) say(line);
    if (isNeeded && apply === undefined) say("No changes made: add --apply to make them.");
    if (isUnfinished(shown)) code = FINDINGS;
  }
  return code;
}

/** VMs that are named and can't be configured, or policies that weren't written. */
const isUnfinished = (change: Change): boolean =>
  change.left.some(({ why }) => why !== "already" && why !== "not-configured") ||
  change.unread.length > 0 ||
  (change.state !== "preview" && countOf(change).done < countOf(change).toDo);

function linesOf(change: Change): readonly string[] {
  const { head, policies, besides } = changeWords(change, Infinity);
  return [...head, ...policies, ...besides].map((line) => onTerminal(plain(line)));
}

/** What a terminal has, too, is called as it is there. */
const onTerminal = (text: string): string => visible(text).replace(/\/jit (?!vms)/g, "jit ");
