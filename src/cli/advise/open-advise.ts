// The advise command with its real adapters: Azure, Slack and the audit are read, nothing is written.

import { openAzure } from "../../adapters/azure/open-azure.ts";
import { identify } from "../../adapters/slack/client/bot-identity.ts";
import { slackClient } from "../../adapters/slack/client/slack-client.ts";
import { slackPeople } from "../../adapters/slack/client/slack-people.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { type AuditSettings, readAuditSettings } from "../../config/environment/audit-settings.ts";
import {
  type ExplainSettings,
  readExplainSettings,
} from "../../config/environment/explain-settings.ts";
import type { Environment } from "../../config/environment/variables.ts";
import { sealKey } from "../../domain/audit/audit-chain.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { type GroupId, type UserId, userId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import type { Log } from "../../ports/log.ts";
import { auditOpener, type Output } from "../audit/open-audit.ts";
import { complainingLog, type ExitCode, orFault, wrongUse } from "../terminal.ts";
import { USAGES } from "../usage.ts";
import {
  type AdviseAsked,
  type AdviseTools,
  adviseCommand,
  type PolicyText,
  policyTextAt,
  readAdviseArguments,
} from "./jit-advise.ts";

type Settings = { readonly explain: ExplainSettings; readonly audit: AuditSettings };

/** Answers the exit code; one sentence on standard error where something is wrong, never a stack trace. */
export async function runAdvise(
  args: readonly string[],
  env: Environment,
  output: Output,
): Promise<ExitCode> {
  const asked = readAdviseArguments(args);
  if (typeof asked === "string") return wrongUse(output, asked, USAGES.advise);
  const explain = readExplainSettings(env);
  if ("faults" in explain) return wrongUse(output, ...explain.faults);
  const policy = await policyTextAt(asked.file ?? explain.settings.policyFile, asked.tests);
  if (!("text" in policy)) return wrongUse(output, ...policy);
  const audit = readAuditSettings(env);
  if ("faults" in audit) return wrongUse(output, ...audit.faults);
  return orFault(output, async () => {
    const settings = { explain: explain.settings, audit: audit.settings };
    return await advise(asked, policy, { settings, env, output });
  });
}

type Around = {
  readonly settings: Settings;
  readonly env: Environment;
  readonly output: Output;
};

async function advise(
  asked: AdviseAsked,
  policy: PolicyText,
  { settings, env, output }: Around,
): Promise<ExitCode> {
  const log = complainingLog(output);
  const { azure } = openAzure(policy.read.policy.azure, {
    resourceManagerUrl: settings.explain.azureResourceManagerUrl,
    clock: systemClock,
    log,
  });
  const { audit, close } = await auditOpener(settings.audit, env)(asked.team);
  try {
    const [inventory, people] = await Promise.all([
      azure.refresh(),
      peopleOf(policy.read.policy, settings.explain, log),
    ]);
    for (const { subscriptionId, fault } of inventory.unread) {
      output.complain(`Warning: subscription ${subscriptionId} can't be read: ${fault}`);
    }
    const { auditKey, auditKeysBefore } = settings.audit;
    const keys = [sealKey(auditKey), ...auditKeysBefore.map(sealKey)];
    const nowMs = (await audit.chain()).nowMs;
    const tools = { audit, keys, inventory, ...people, nowMs, write: output.write };
    return await adviseCommand(asked, policy, tools);
  } finally {
    close();
  }
}

const MINUTES_5_MS = 5 * 60_000;

/** Without Slack, people go by their ids, and nobody knows who is in a group. */
async function peopleOf(
  { rules }: Policy,
  { slack }: ExplainSettings,
  log: Log,
): Promise<Pick<AdviseTools, "members" | "nameOf">> {
  const members = new Map<GroupId, readonly UserId[]>();
  if (slack === undefined) return { members, nameOf: (id) => id };
  const client = slackClient(slack.botToken, slack.apiUrl);
  const identity = await identify(client);
  const people = slackPeople({ client, log, clock: systemClock, identity });
  const names = new Map<string, string>();
  for (const group of new Set(rules.flatMap(({ approvers }) => approvers.groups))) {
    const found = await orNothing(people.groupMembers(group, MINUTES_5_MS));
    // Somebody has to be in it: an empty answer may be a group that was switched off.
    if (found !== undefined && found.length > 0) members.set(group, found);
  }
  for (const id of new Set(rules.flatMap(({ approvers }) => approvers.users))) {
    const person = await orNothing(people.person(userId(id), MINUTES_5_MS));
    if (person !== undefined) names.set(id, person.name);
  }
  return {
    members,
    nameOf: (id) => (names.has(id) ? `@${names.get(id)} (${id})` : id),
  };
}

async function orNothing<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return undefined;
  }
}
