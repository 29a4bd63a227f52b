// The buttons below a refused request: what was typed, with the part put right that was refused.

import { formatCommand, parseCommand } from "../../domain/command/command.ts";
import { escapeSlack } from "../../domain/command/slack-text.ts";
import type { RequestCommand } from "../../domain/command/verbs/request-verb.ts";
import { parseVmRef } from "../../domain/command/vm-ref.ts";
import { type Fix, isRefusal, type Refusal } from "../../domain/text/refusal.ts";
import type { AnswerButton } from "../../ports/inbound.ts";

/** None where it isn't known which moment was meant: later, the same words would mean another. */
export function fixButtons(
  { fixes = [], opensAtMs }: Refusal,
  typed: string,
): readonly AnswerButton[] {
  const command = fixes.length === 0 ? undefined : parseCommand(typed);
  if (command === undefined || isRefusal(command)) return [];
  if (command.verb !== "request" && command.verb !== "breakglass") return [];
  if (command.at !== undefined && opensAtMs === undefined) return [];
  const timed = opensAtMs === undefined ? command : { ...command, at: { exactMs: opensAtMs } };
  return fixes.map(({ label, change }) => ({
    does: "instead",
    label,
    text: fixed(timed, change),
  }));
}

function fixed(command: RequestCommand, { vm, ...change }: Fix["change"]): string {
  const ref = vm === undefined ? command.vm : parseVmRef(vm);
  return escapeSlack(formatCommand({ ...command, ...change, vm: ref }));
}
