// Options of the command line, read by Node's own parser; what is wrong with them is one sentence.

import { parseArgs } from "node:util";

/** What an option takes. */
type Takes = "text" | "nothing";

type Read<Name extends string> = {
  /** Of an option that takes nothing, the empty text. */
  readonly options: ReadonlyMap<Name, string>;
  readonly words: readonly string[];
};

/** Options may stand anywhere, each once; behind `--` everything is a word. */
export function readOptions<Name extends string>(
  args: readonly string[],
  known: Readonly<Record<Name, Takes>>,
): Read<Name> | { readonly wrong: string } {
  const isKnown = (name: string): name is Name => Object.hasOwn(known, name);
  const types = Object.entries<Takes>(known).map(
    ([name, takes]) => [name, { type: takes === "text" ? "string" : "boolean" }] as const,
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(types),
    // Its own sentences go on about what they suppose, and an option given twice has none.
    strict: false,
    tokens: true,
  });
  const options = new Map<Name, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const { name, rawName, value, inlineValue } = token;
    if (!isKnown(name)) return { wrong: `Unknown option ${rawName}.` };
    if (options.has(name)) return { wrong: `${rawName} is given twice.` };
    const isText = known[name] === "text";
    if (!isText && value !== undefined) return { wrong: `${rawName} takes no value.` };
    const isNext = inlineValue !== true && value?.startsWith("-") === true;
    if (isText && (!value || isNext)) return { wrong: `${rawName} needs a value.` };
    options.set(name, value ?? "");
  }
  return { options, words };
}
