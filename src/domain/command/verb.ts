// What every verb of `/jit` is: what people type, how it is read and written, and what the help says of it.

import { type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { type Word, wordAt } from "./word-reader.ts";

/** What the help says of a verb. */
export type VerbHelp = {
  readonly usage: string;
  /** One line about what it does. */
  readonly says: string;
  readonly example: string;
};

export type Verb<C extends { readonly verb: string }> = VerbHelp & {
  readonly verb: C["verb"];
  /** Spellings that people bring from elsewhere. */
  readonly alsoSpelled?: readonly string[];
  /** Everybody else is refused, and their help doesn't list it. */
  readonly forAdmins?: true;
  /** Whether it is about people, who must be known by id; everybody else reads names. */
  readonly readsPeople?: true;
  /** Reads what follows the verb from `at` on: a command, or the first fault and its fix. */
  read(text: string, at: number): C | Refusal;
  /** Writes the command so that the same one is read from it again, without `/jit` and unescaped. */
  format(command: C): string;
};

/** Refuses what is at `at` or after, where a command is complete. */
export function nothingAfter(text: string, at: number, usage: string): Refusal | undefined {
  const word = wordAt(text, at);
  return word === undefined ? undefined : stray(word, usage);
}

export const stray = (word: Word, usage: string): Refusal =>
  refuse("unknown-command")`I didn't understand ${typed(word.text)}: write ${{ code: usage }}.`;
