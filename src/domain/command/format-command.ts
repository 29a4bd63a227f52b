// Writes a command as a person would type it: the same command is read from it again.

import { formatDuration } from "../text/duration.ts";
import { formatPorts } from "../text/ports-list.ts";
import type { Parts } from "./ask-parts.ts";
import type { Command } from "./command.ts";
import { withoutPunctuation } from "./duration-at.ts";
import { formatDays, type Period } from "./period.ts";
import type { Selector } from "./vm-selector.ts";
import { wordAt } from "./word-reader.ts";

/** Answers the text that follows `/jit`, unescaped. */
export function formatCommand(command: Command): string {
  switch (command.verb) {
    case "form":
      return "";
    case "help":
    case "doctor":
      return command.verb;
    case "request":
    case "breakglass":
      return joined(command.verb, command.vm && word(command.vm.typed), parts(command));
    case "explain":
      return joined(command.verb, word(command.vm.typed), parts({ ...command, ...NO_REASON }));
    case "enable":
    case "change":
    case "disable":
      return joined(
        command.verb,
        selector(command.selector),
        command.ports && formatPorts(command.ports),
        command.protocol && (command.protocol === "*" ? "tcp+udp" : command.protocol.toLowerCase()),
        command.maxDurationMs && `max ${formatDuration(command.maxDurationMs)}`,
        command.source && `from ${word(command.source)}`,
        command.into && `in ${word(command.into)}`,
      );
    case "status":
    case "cancel":
    case "end":
      return joined(command.verb, command.id);
    case "list":
      return joined(
        command.verb,
        typeof command.filter === "object" ? word(`vm:${command.filter.vm.typed}`) : command.filter,
      );
    case "extend":
      return joined(
        command.verb,
        command.id,
        formatDuration(command.durationMs),
        command.reason && `for ${command.reason}`,
      );
    case "review":
      return joined(command.verb, command.id, command.verdict, command.text);
    case "vms":
      return joined(command.verb, command.text);
    case "audit":
      return joined(
        command.verb,
        command.vm && word(`vm:${command.vm.typed}`),
        command.user && `@${command.user}`,
        command.period && period(command.period),
      );
  }
}

const NO_REASON = { reason: undefined, unclear: undefined };

const joined = (...texts: readonly (string | number | undefined)[]): string =>
  texts.filter((text) => text !== undefined && text !== "").join(" ");

const parts = (asked: Omit<Parts, "protocol" | "into">): string =>
  joined(
    asked.ports && formatPorts(asked.ports),
    asked.durationMs && formatDuration(asked.durationMs),
    asked.source && `from ${word(asked.source)}`,
    asked.unclear === "source" ? "from" : undefined,
    asked.reason && `for ${asked.reason}`,
    asked.unclear === "reason" ? "for" : undefined,
  );

const selector = ({ vm, also = [], resourceGroup, tags }: Selector): string =>
  joined(
    vm && word(`vm:${[vm, ...also].map(({ typed }) => typed).join(",")}`),
    resourceGroup && word(`rg:${resourceGroup}`),
    ...tags.map(({ name, value }) => word(`tag:${name}=${value}`)),
  );

const period = (asked: Period): string =>
  "lastMs" in asked ? formatDuration(asked.lastMs) : formatDays(asked.fromMs, asked.untilMs);

/** The text as one word, in quotes where it would be read as something else without. */
function word(text: string): string {
  const quoted = [`"${text}"`, `'${text}'`, `\`${text}\``];
  const safe = withoutPunctuation(text) === text && text.toLowerCase() !== "for";
  const spellings = safe ? [text, ...quoted] : quoted;
  return spellings.find((spelling) => readsAs(spelling, text)) ?? text;
}

function readsAs(spelling: string, text: string): boolean {
  const read = wordAt(spelling, 0);
  return read?.text === text && read.end === spelling.length;
}
