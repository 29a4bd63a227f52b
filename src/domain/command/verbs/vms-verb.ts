// `/jit vms`: VMs, and whether just-in-time access is configured for them.

import { refuse } from "../../text/refusal.ts";
import { joined } from "../format-words.ts";
import type { Verb } from "../verb.ts";

export type VmsCommand = { readonly verb: "vms"; readonly text: string | undefined };

const SEARCH_CHARACTERS_MAX = 200;

const EXAMPLE = "/jit vms prod";

export const vms: Verb<VmsCommand> = {
  verb: "vms",
  usage: "/jit vms [<text>]",
  says: "Shows VMs and whether just-in-time access is configured for them.",
  example: EXAMPLE,
  read(text, at) {
    const search = text.slice(at).replace(/\s+/g, " ").trim();
    if (search.length > SEARCH_CHARACTERS_MAX) {
      return refuse(
        "unknown-command",
      )`That's too long to search for: write part of a name, as in ${{ code: EXAMPLE }}.`;
    }
    return { verb: "vms", text: search === "" ? undefined : search };
  },
  format: ({ verb, text }) => joined(verb, text),
};
