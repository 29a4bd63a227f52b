// The requeue command with its real adapters: it writes to the bot's own records, and a replica takes up the work.

import { hostname, userInfo } from "node:os";
import { readExplainSettings } from "../config/environment/explain-settings.ts";
import type { Environment } from "../config/environment/variables.ts";
import { readRequeueArguments, requeueCommand } from "./jit-requeue.ts";
import { openRecords } from "./open-records.ts";
import { policyAt } from "./policy-at.ts";
import { type ExitCode, orFault, quietLog, type Terminal, wrongUse } from "./terminal.ts";
import { USAGES } from "./usage.ts";

/** Answers the exit code; one sentence on standard error where something is wrong, never a stack trace. */
export async function runRequeue(
  args: readonly string[],
  env: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = readRequeueArguments(args);
  if (typeof asked === "string") return wrongUse(terminal, asked, USAGES.requeue);
  const read = readExplainSettings(env);
  if ("faults" in read) return wrongUse(terminal, ...read.faults);
  const { slack, policyFile } = read.settings;
  const policy = await policyAt(policyFile);
  if (!("rules" in policy)) return wrongUse(terminal, ...policy);
  return orFault(terminal, async () => {
    const records = await openRecords({ env, slack, policy, log: quietLog, what: "jit requeue" });
    if ("faults" in records) return wrongUse(terminal, ...records.faults);
    try {
      const operator = `${userInfo().username}@${hostname()}`;
      // A replica hears of it from Redis; this process has nobody to tell.
      const onCommitted = () => undefined;
      const deps = { ...records.store, policy: () => policy, onCommitted, operator };
      return await requeueCommand(asked, deps, terminal);
    } finally {
      records.connection.disconnect();
    }
  });
}
