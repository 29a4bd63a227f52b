// `/jit help`: how to begin; `all` and `admin` list the commands.

import type { Verb } from "../verb.ts";
import { keyword, wordAt } from "../word-reader.ts";

/** Left out: how to begin. */
export type HelpCommand = { readonly verb: "help"; readonly topic?: "short" | "all" | "admin" };

export const help: Verb<HelpCommand> = {
  verb: "help",
  alsoSpelled: ["?", "-h", "--help"],
  usage: "/jit help [all]",
  says: "Shows how to begin, or every command.",
  example: "/jit help",
  // Whatever follows: somebody who needs help isn't sent away.
  read: (text, at) => {
    const topic = keyword(wordAt(text, at));
    return topic === "all" || topic === "admin" ? { verb: "help", topic } : { verb: "help" };
  },
  format: ({ verb, topic }) => (topic === undefined ? verb : `${verb} ${topic}`),
};
