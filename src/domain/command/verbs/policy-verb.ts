// `/jit enable`, `/jit change` and `/jit disable`: what just-in-time access allows on VMs.

import { formatDuration } from "../../text/duration.ts";
import { formatPorts } from "../../text/ports-list.ts";
import { isRefusal, type Refusal } from "../../text/refusal.ts";
import { words } from "../../text/words.ts";
import { noSource, type Parts, readParts } from "../ask-parts.ts";
import { asWord, joined } from "../format-words.ts";
import { orUnjoined } from "../several-vms.ts";
import type { Verb, VerbHelp } from "../verb.ts";
import { formatSelector, type Selector, selectorAt } from "../vm-selector.ts";

export type PolicyCommand = Pick<Parts, "ports" | "protocol" | "source" | "into"> & {
  readonly verb: "enable" | "change" | "disable";
  readonly selector: Selector;
  readonly maxDurationMs: number | undefined;
};

const ALLOWED = "<vm,…|rg:…|tag:k=v> [<ports>] [tcp|udp] [max <duration>] [from <source>]";

export const enable = changing("enable", {
  usage: `/jit enable ${ALLOWED} [in <JIT policy>]`,
  says: "Configures just-in-time access for VMs.",
  example: "/jit enable tag:env=prod 22,3389 max 3h from vpn",
});

export const change = changing("change", {
  usage: `/jit change ${ALLOWED}`,
  says: "Changes what just-in-time access allows on VMs.",
  example: "/jit change vm-01 22 max 2h",
});

export const disable = changing("disable", {
  usage: "/jit disable <vm,…|rg:…|tag:k=v> [<ports>]",
  says: "Removes VMs, or some of their ports, from just-in-time access.",
  example: "/jit disable rg:rg-test",
});

export const policyVerbs = { enable, change, disable } as const;

function changing(verb: PolicyCommand["verb"], help: VerbHelp): Verb<PolicyCommand> {
  const hint = words`write for example ${{ code: help.example }}`;
  // Only what is new is put somewhere: what is configured is changed where it is.
  const into = verb === "enable";
  return {
    ...help,
    verb,
    forAdmins: true,
    read(text, at): PolicyCommand | Refusal {
      const found = selectorAt(text, at);
      if (isRefusal(found)) return found;
      const parts = readParts(text, found.end, { reason: false, policy: true, into, hint });
      if (isRefusal(parts)) return orUnjoined(parts, text, { verb, begin: at, at: found.end });
      if (parts.unclear === "source") return noSource();
      const { ports, protocol, durationMs: maxDurationMs, source } = parts;
      const put = parts.into === undefined ? {} : { into: parts.into };
      return { verb, selector: found.selector, ports, protocol, maxDurationMs, source, ...put };
    },
    format: (command) =>
      joined(
        command.verb,
        formatSelector(command.selector),
        command.ports && formatPorts(command.ports),
        command.protocol && (command.protocol === "*" ? "tcp+udp" : command.protocol.toLowerCase()),
        command.maxDurationMs && `max ${formatDuration(command.maxDurationMs)}`,
        command.source && `from ${asWord(command.source)}`,
        command.into && `in ${asWord(command.into)}`,
      ),
  };
}
