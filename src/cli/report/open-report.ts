// The report command with its real adapters: the audit is read from Redis, names from Slack where it may be asked.

import { identify } from "../../adapters/slack/client/bot-identity.ts";
import { slackClient } from "../../adapters/slack/client/slack-client.ts";
import { slackPeople } from "../../adapters/slack/client/slack-people.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { azureEndpoint } from "../../config/clouds.ts";
import { type AuditSettings, readAuditSettings } from "../../config/environment/audit-settings.ts";
import type { Environment } from "../../config/environment/variables.ts";
import { sealKey, UNKEYED } from "../../domain/audit/audit-chain.ts";
import { isSlackId, type Named, type Names } from "../../domain/report/names.ts";
import { userId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import { auditOpener, type Output } from "../audit/open-audit.ts";
import { policyAt } from "../policy-at.ts";
import { type ExitCode, orFault, quietLog, WRONG_USE, wrongUse } from "../terminal.ts";
import { USAGES } from "../usage.ts";
import { type ReportAsked, readReportArguments, reportCommand } from "./jit-report.ts";

/** Answers the exit code; one sentence on standard error where something is wrong, never a stack trace. */
export async function runReport(
  args: readonly string[],
  env: Environment,
  output: Output,
): Promise<ExitCode> {
  const asked = readReportArguments(args);
  if (typeof asked === "string") return wrongUse(output, asked, USAGES.report);
  const read = readAuditSettings(env);
  if ("faults" in read) return wrongUse(output, ...read.faults);
  return orFault(output, async () => {
    return await report(asked, { settings: read.settings, env, output });
  });
}

type Around = {
  readonly settings: AuditSettings;
  readonly env: Environment;
  readonly output: Output;
};

async function report(asked: ReportAsked, { settings, env, output }: Around): Promise<ExitCode> {
  const { audit, close } = await auditOpener(settings, env)(asked.team);
  try {
    const { auditKey, auditKeysBefore } = settings;
    const { eras } = await audit.chain();
    if (auditKey === undefined && eras.some(({ fingerprint }) => fingerprint !== UNKEYED)) {
      output.complain("The audit log is sealed with a key: set AUDIT_KEY to the bot's.");
      return WRONG_USE;
    }
    const keys = [sealKey(auditKey), ...auditKeysBefore.map(sealKey)];
    const policy = await policyAt(env.JIT_CONFIG || "jit.yaml");
    // Without the file, links lead to the public cloud's portal.
    const { portal } = azureEndpoint("rules" in policy ? policy.azure.cloud : "public");
    const namesOf = (ids: readonly string[]) => namesFor(ids, settings, output);
    return await reportCommand(asked, { audit, keys, portal, namesOf, ...output });
  } finally {
    close();
  }
}

/** More people than this are named by their ids: Slack answers about a hundred questions a minute. */
const NAMED_MAX = 500;
const DAY_AGE_MS = 24 * 3_600_000;
/** After this many faults Slack is left alone. */
const FAULTS_MAX = 3;

async function namesFor(
  ids: readonly string[],
  { slack }: AuditSettings,
  { complain }: Output,
): Promise<Names> {
  const names = new Map<string, Named>();
  if (slack === undefined) return names;
  const client = slackClient(slack.botToken, slack.apiUrl);
  const identity = await identify(client);
  const people = slackPeople({ client, log: quietLog, clock: systemClock, identity });
  const asked = ids.filter(isSlackId);
  let faults = 0;
  for (const id of asked.slice(0, NAMED_MAX)) {
    try {
      const person = await people.person(userId(id), DAY_AGE_MS, "reserved");
      if (person !== undefined) names.set(id, { name: person.name, address: person.email });
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      faults += 1;
      if (faults >= FAULTS_MAX) break;
    }
  }
  if (faults > 0 || asked.length > NAMED_MAX) {
    complain("Warning: not everybody could be looked up in Slack; the others go by their IDs.");
  }
  return names;
}
