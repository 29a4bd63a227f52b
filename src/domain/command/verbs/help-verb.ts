// `/jit help`: every command in a line.

import type { Verb } from "./verb.ts";

export type HelpCommand = { readonly verb: "help" };

export const help: Verb<HelpCommand> = {
  verb: "help",
  alsoSpelled: ["?", "-h", "--help"],
  usage: "/jit help",
  says: "Shows this list.",
  example: "/jit help",
  // Whatever follows: somebody who needs help isn't sent away.
  read: () => ({ verb: "help" }),
  format: ({ verb }) => verb,
};
