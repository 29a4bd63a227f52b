// `jit doctor`: what is set up, what is missing, and what to do about it; also where nothing is set up yet.

import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { openAzure } from "../adapters/azure/open-azure.ts";
import { openRotas } from "../adapters/on-call/open-rotas.ts";
import { redisAudit } from "../adapters/redis/audit/audit-repository.ts";
import { redisStreamPositions } from "../adapters/redis/audit/stream-positions.ts";
import { connectRedis } from "../adapters/redis/connection/connect.ts";
import type { Connection } from "../adapters/redis/connection/connection.ts";
import { redisTokens } from "../adapters/redis/connection/entra-sign-in.ts";
import { redisCheckup } from "../adapters/redis/connection/redis-checkup.ts";
import { redisStorage } from "../adapters/redis/storage.ts";
import { identify } from "../adapters/slack/client/bot-identity.ts";
import { slackCheckup } from "../adapters/slack/client/slack-checkup.ts";
import { slackClient } from "../adapters/slack/client/slack-client.ts";
import { slackTime } from "../adapters/slack/client/slack-time.ts";
import { systemClock } from "../adapters/system-clock.ts";
import { keyKind, readAuditStreamKey } from "../config/environment/audit-keys.ts";
import { readEnvironment } from "../config/environment/environment.ts";
import { readRedis } from "../config/environment/redis-settings.ts";
import { readRotas } from "../config/environment/rota-settings.ts";
import { readSlack, type SlackSettings } from "../config/environment/slack-settings.ts";
import { readTraces } from "../config/environment/trace-settings.ts";
import { type Environment, variables } from "../config/environment/variables.ts";
import { lackingSettings } from "../config/lacking-settings.ts";
import { type Finding, findingLine } from "../domain/doctor/finding.ts";
import type { AuditSink, Policy } from "../domain/rules/policy.ts";
import { examine, orUnasked, summary } from "../flows/doctor/doctor.ts";
import { tryReceivers } from "../flows/doctor/doctor-copies.ts";
import { policyFindings, settingsFindings } from "../flows/doctor/doctor-findings.ts";
import type { OpenReceiver } from "../ports/audit-stream.ts";
import type { Checkup } from "../ports/checkup.ts";
import {
  lookAtHosts,
  outsideHosts,
  ownHosts,
  sentInTheClear,
  tracesChecked,
} from "../replica/hosts.ts";
import { openReceiver } from "../replica/receivers.ts";
import { botFacts } from "../replica/version.ts";
import { policyAt } from "./policy-at.ts";
import { type ExitCode, FINDINGS, FINE, quietLog, type Terminal, WRONG_USE } from "./terminal.ts";
import { USAGES } from "./usage.ts";

const GUIDE = "Each ✗ is a remaining step; docs/install.md explains them.";

/** Answers the exit code: 0 all is well, 1 something isn't, 2 wrong use. */
export async function doctor(
  args: readonly string[],
  env: Environment,
  { say, complain }: Terminal,
  unread: readonly string[] = [],
): Promise<ExitCode> {
  if (args.length > 0) {
    complain(`doctor takes no arguments.\n${USAGES.doctor}`);
    return WRONG_USE;
  }
  const settings = environmentFindings(env, unread);
  const file = await fileFindings(env.JIT_CONFIG || "jit.yaml");
  const { checkup, close } = opened(env, file.policy);
  const { auditStreamKey } = keysIn(env);
  const isComplete = file.policy !== undefined && unread.length === 0;
  const lacking = isComplete ? lackingSettings(file.policy, { auditStreamKey }) : [];
  const worlds = await examine({ clock: systemClock }, checkup, file.policy).finally(close);
  const lacks = lacking.map((says): Finding => ({ level: "fault", about: "Settings", says }));
  const findings = [...settings, ...lacks, ...file.findings, ...worlds];
  for (const one of findings) say(findingLine(one));
  say(summary(findings));
  if (settings.some(({ level }) => level === "fault")) say(GUIDE);
  return findings.every(({ level }) => level === "fine") ? FINE : FINDINGS;
}

function environmentFindings(env: Environment, unread: readonly string[]): readonly Finding[] {
  const about = "Settings";
  const read = readEnvironment(env);
  const found: readonly Finding[] =
    "faults" in read
      ? read.faults.map((says) => ({ level: "fault", about, says }))
      : unread.length > 0
        ? []
        : [{ level: "fine", about, says: "the environment is complete." }];
  const files = unread.map((says): Finding => ({ level: "fault", about, says }));
  const from = variables(env);
  const auditKey =
    env.AUDIT_KEY === undefined && from.isSet("AUDIT_KEY") ? "good" : keyKind(env.AUDIT_KEY);
  const inTheClear = sentInTheClear({ redis: readRedis(from), traces: readTraces(from) });
  return [...files, ...found, ...settingsFindings({ auditKey, inTheClear })];
}

async function fileFindings(
  path: string,
): Promise<{ readonly findings: readonly Finding[]; readonly policy: Policy | undefined }> {
  const about = "Policy file";
  const policy = await policyAt(path);
  if ("rules" in policy) return { policy, findings: policyFindings(policy, path) };
  const { code } = await access(path).then(
    () => ({ code: "" }),
    (thrown: { code: string }) => thrown,
  );
  const says = `${path} doesn't exist: copy docs/jit.example.yaml there and put your channels, people and rules into it; JIT_CONFIG can name another place.`;
  const faults = code === "ENOENT" ? [says] : policy;
  return {
    policy: undefined,
    findings: faults.map((one) => ({ level: "fault", about, says: one })),
  };
}

/** What can be asked with what is set; the rest the settings' findings tell of. */
function opened(
  env: Environment,
  policy: Policy | undefined,
): { readonly checkup: Partial<Checkup>; close(): void } {
  const from = variables(env);
  const slack = readSlack(from);
  const redis = readRedis(from);
  const override = env.AZURE_RESOURCE_MANAGER_URL || undefined;
  const { azure, credential } = openAzure(policy?.azure ?? ANY_AZURE, {
    resourceManagerUrl: override,
    clock: systemClock,
    log: quietLog,
  });
  const connection = redis && connectRedis(redis, quietLog, redisTokens(credential));
  // A token is sent nowhere without TLS.
  const isAsked = override === undefined || URL.parse(override)?.protocol === "https:";
  const publicUrl = env.PUBLIC_URL || undefined;
  const settings = { slack, redis, azureResourceManagerUrl: override, publicUrl };
  const cloud = policy?.azure.cloud ?? ANY_AZURE.cloud;
  const hasIdentity = (env.IDENTITY_ENDPOINT ?? "") !== "";
  // Through a proxy they aren't reached from here: what Slack and Azure answer says whether it works.
  const isProxied = (env.HTTPS_PROXY ?? env.https_proxy ?? "") !== "";
  const outside = isProxied ? [] : outsideHosts(settings, { cloud, hasIdentity });
  return {
    checkup: {
      bot: botFacts(),
      traces: () => tracesChecked(readTraces(from)),
      hosts: () => lookAtHosts([...outside, ...ownHosts(settings)], systemClock.nowMs()),
      ...(slack && {
        slack: (channels) => {
          const time = slackTime(systemClock);
          const client = slackClient(slack.botToken, slack.apiUrl, { onDate: time.onDate });
          return slackCheckup(client, channels, time);
        },
      }),
      ...(connection && {
        redis: () => redisCheckup(connection, systemClock, redis.waitReplicas),
      }),
      ...(connection &&
        slack && {
          audit: () => orUnasked(auditFacts(connection, slack)),
          copies: () =>
            orUnasked(
              copyFacts(connection, slack, {
                sinks: policy?.audit.stream ?? [],
                open: openReceiver({
                  cloud: policy?.azure.cloud ?? "public",
                  credential,
                  ...keysIn(env),
                }),
              }),
            ),
          work: () => orUnasked(workFacts(connection, slack)),
          replicas: () => orUnasked(replicaFacts(connection, slack)),
          direct: () => orUnasked(directRefusal(connection, slack)),
        }),
      ...(isAsked && { azure: azure.checkup }),
      rotas: openRotas(readRotas(from), dirname(env.JIT_CONFIG || "jit.yaml")),
    },
    close: () => connection?.disconnect(),
  };
}

/** What is asked about where no policy file says. */
const ANY_AZURE: Policy["azure"] = { cloud: "public", subscriptions: [], managementGroups: [] };

/** Slack says which workspace's. */
async function auditFacts(
  connection: Connection,
  { botToken, apiUrl }: Pick<SlackSettings, "botToken" | "apiUrl">,
) {
  const { teamId: tenant } = await identify(slackClient(botToken, apiUrl));
  return redisAudit(connection, { tenant }).chain();
}

async function copyFacts(
  connection: Connection,
  { botToken, apiUrl }: Pick<SlackSettings, "botToken" | "apiUrl">,
  { sinks, open }: { sinks: readonly AuditSink[]; open: OpenReceiver },
) {
  if (sinks.length === 0) return [];
  const { teamId: tenant } = await identify(slackClient(botToken, apiUrl));
  const audit = redisAudit(connection, { tenant });
  return tryReceivers(
    { audit, positions: redisStreamPositions(connection, { tenant }), open },
    sinks,
  );
}

/** What is wrong with it is among the settings' findings. */
const keysIn = (env: Environment) => ({
  auditStreamKey: readAuditStreamKey(variables(env), undefined),
});

async function directRefusal(
  connection: Connection,
  { botToken, apiUrl }: Pick<SlackSettings, "botToken" | "apiUrl">,
) {
  const { teamId: tenant } = await identify(slackClient(botToken, apiUrl));
  return redisStorage(connection, { tenant }).announcements.last("direct-messages");
}

async function replicaFacts(
  connection: Connection,
  { botToken, apiUrl }: Pick<SlackSettings, "botToken" | "apiUrl">,
) {
  const { teamId: tenant } = await identify(slackClient(botToken, apiUrl));
  return redisStorage(connection, { tenant }).policyReports.list();
}

const LISTED_MAX = 20;

async function workFacts(
  connection: Connection,
  { botToken, apiUrl }: Pick<SlackSettings, "botToken" | "apiUrl">,
) {
  const { teamId: tenant } = await identify(slackClient(botToken, apiUrl));
  const { deadLetters, freezes } = redisStorage(connection, { tenant });
  const [parked, frozen] = await Promise.all([deadLetters.list(LISTED_MAX), freezes.now()]);
  return { ...parked, frozen };
}
