// The enable command with its real adapters: previews need Azure alone; what is applied is kept in Redis beside the bot's own.

import { randomUUID } from "node:crypto";
import { hostname, userInfo } from "node:os";
import { openAzure } from "../adapters/azure/open-azure.ts";
import { redisChanges } from "../adapters/redis/policies/policy-changes.ts";
import { systemClock, systemRandom } from "../adapters/system-clock.ts";
import {
  type ExplainSettings,
  readExplainSettings,
} from "../config/environment/explain-settings.ts";
import type { Environment } from "../config/environment/variables.ts";
import type { PolicyCommand } from "../domain/command/verbs/policy-verb.ts";
import type { Change } from "../domain/policies/policy-change.ts";
import type { Policy } from "../domain/rules/policy.ts";
import type { Deps } from "../flows/deps.ts";
import { type Applier, applyChange } from "../flows/policies/apply-change.ts";
import { Fault } from "../ports/fault.ts";
import { changeLease } from "../ports/storage/leases.ts";
import { enableCommand, readEnableArguments } from "./jit-enable.ts";
import { openRecords } from "./open-records.ts";
import { policyAt } from "./policy-at.ts";
import { complainingLog, type ExitCode, orFault, type Terminal, wrongUse } from "./terminal.ts";
import { USAGES } from "./usage.ts";

type Needs = Pick<Deps, "azure" | "clock" | "log" | "random">;

/** Answers the exit code; one sentence on standard error where something is wrong, never a stack trace. */
export async function runEnable(
  verb: PolicyCommand["verb"],
  args: readonly string[],
  { env, terminal }: { readonly env: Environment; readonly terminal: Terminal },
): Promise<ExitCode> {
  const asked = await readEnableArguments(verb, args);
  if (!("commands" in asked)) return wrongUse(terminal, ...asked, USAGES.enable);
  const read = readExplainSettings(env);
  if ("faults" in read) return wrongUse(terminal, ...read.faults);
  const policy = await policyAt(read.settings.policyFile);
  if (!("rules" in policy)) return wrongUse(terminal, ...policy);
  const deps = needsOf(read.settings, policy, terminal);
  const operator = `${userInfo().username}@${hostname()}`;
  return orFault(terminal, async () => {
    if (!asked.apply) {
      return await enableCommand(asked, { deps, policy, operator, apply: undefined }, terminal);
    }
    const applying = await openApplying(env, read.settings, { deps, policy });
    if ("faults" in applying) return wrongUse(terminal, ...applying.faults);
    try {
      const { apply } = applying;
      return await enableCommand(asked, { deps, policy, operator, apply }, terminal);
    } finally {
      applying.close();
    }
  });
}

function needsOf(settings: ExplainSettings, policy: Policy, terminal: Terminal): Needs {
  const log = complainingLog(terminal);
  const { azureResourceManagerUrl: resourceManagerUrl } = settings;
  const { azure } = openAzure(policy.azure, { resourceManagerUrl, clock: systemClock, log });
  return { azure, clock: systemClock, log, random: systemRandom };
}

type Applying = { readonly apply: (change: Change) => Promise<Change>; close(): void };

/** Slack says which workspace this is, and with that whose policies are locked and where it is on record. */
async function openApplying(
  env: Environment,
  { slack }: ExplainSettings,
  { deps, policy }: { readonly deps: Needs; readonly policy: Policy },
): Promise<Applying | { readonly faults: readonly string[] }> {
  const records = await openRecords({ env, slack, policy, log: deps.log, what: "--apply" });
  if ("faults" in records) return records;
  const { connection, storageOptions, store } = records;
  const changes = redisChanges(connection, storageOptions);
  const applier: Applier = {
    ...deps,
    ...store,
    changes,
    worker: randomUUID(),
    policy: () => policy,
    // The operator reads it here.
    chat: { postChange: unreachable, editChange: unreachable },
    stopping: new AbortController().signal,
  };
  const apply = async (preview: Change): Promise<Change> => {
    const change: Change = { ...preview, state: "applying" };
    // First the lease: a replica that looks for changes left undone would go on with it.
    await store.leases.take(changeLease(change.id), applier.worker, APPLY_LEASE_MS);
    const by = typeof change.by === "string" ? change.by : change.by.operator;
    const note = {
      what: "jit-change-asked",
      by,
      detail: { about: change.asked, policy: policy.hash },
    };
    await changes.commit(0, { change, audit: [note] });
    return (await applyChange(applier, change.id)) ?? lost(change);
  };
  return { apply, close: () => connection.disconnect() };
}

const APPLY_LEASE_MS = 60_000;

function unreachable(): never {
  throw new Error("A change from a terminal is shown to nobody in Slack.");
}

function lost(change: Change): never {
  throw new Fault({
    source: "redis",
    code: "Taken",
    message: `A replica of the bot is continuing change ${change.id}: see the notices channel for the result.`,
    retryable: true,
  });
}
