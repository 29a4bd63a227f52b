// The explain command with its real adapters: Azure is read, Slack is asked about people, nothing is written.

import { dirname } from "node:path";
import { openAzure } from "../adapters/azure/open-azure.ts";
import { openRotas } from "../adapters/on-call/open-rotas.ts";
import { identify } from "../adapters/slack/client/bot-identity.ts";
import { slackClient } from "../adapters/slack/client/slack-client.ts";
import { slackPeople } from "../adapters/slack/client/slack-people.ts";
import { systemClock } from "../adapters/system-clock.ts";
import {
  type ExplainSettings,
  readExplainSettings,
} from "../config/environment/explain-settings.ts";
import type { Environment } from "../config/environment/variables.ts";
import type { Policy } from "../domain/rules/policy.ts";
import { onCallPeople } from "../flows/people/on-call.ts";
import type { AskNeeds } from "../flows/requests/asking/try-ask.ts";
import type { Chat } from "../ports/chat.ts";
import type { Log } from "../ports/log.ts";
import {
  type ExplainAsked,
  explainCommand,
  type Opened,
  readExplainArguments,
} from "./jit-explain.ts";
import { policyAt } from "./policy-at.ts";
import { complainingLog, type ExitCode, orFault, type Terminal, wrongUse } from "./terminal.ts";
import { USAGES } from "./usage.ts";

/** Answers the exit code; one sentence on standard error where something is wrong, never a stack trace. */
export async function runExplain(
  args: readonly string[],
  env: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = readExplainArguments(args);
  if (typeof asked === "string") return wrongUse(terminal, asked, USAGES.explain);
  const read = readExplainSettings(env);
  if ("faults" in read) return wrongUse(terminal, ...read.faults);
  const policy = await policyAt(read.settings.policyFile);
  if (!("rules" in policy)) return wrongUse(terminal, ...policy);
  return orFault(terminal, async () => {
    const opened = await open(read.settings, policy, { asked, terminal });
    return await explainCommand(asked, opened, terminal);
  });
}

type Asking = { readonly asked: ExplainAsked; readonly terminal: Terminal };

async function open(
  settings: ExplainSettings,
  policy: Policy,
  { asked, terminal }: Asking,
): Promise<Opened> {
  const log = complainingLog(terminal);
  if (settings.slack === undefined && asked.groups === undefined) {
    log.warn({}, "without SLACK_BOT_TOKEN or --groups the person is taken to be in no group.");
  }
  const { azure } = openAzure(policy.azure, {
    resourceManagerUrl: settings.azureResourceManagerUrl,
    clock: systemClock,
    log,
  });
  const [slack] = await Promise.all([slackOf(settings, log), azure.refresh()]);
  const chat = slack === undefined ? unasked : slack;
  const deps = { azure, clock: systemClock, log, policy: () => policy };
  const onCall = onCallPeople({
    ...deps,
    chat,
    storeClock: { nowMs: async () => systemClock.nowMs() },
    rotas: openRotas(settings.rotas, dirname(settings.policyFile)),
  });
  return { slack, deps: { ...deps, onCall, chat: withGroups(chat, asked) } };
}

type SlackChat = AskNeeds["chat"] & Pick<Chat, "personByAddress">;

/** Without a token everybody is a full member, and nobody in a group. */
const unasked: SlackChat = {
  person: async (id) => ({ id, identity: id, name: "", kind: "full" }),
  personByAddress: async () => undefined,
  groupMembers: async () => [],
};

async function slackOf({ slack }: ExplainSettings, log: Log): Promise<SlackChat | undefined> {
  if (slack === undefined) return undefined;
  const client = slackClient(slack.botToken, slack.apiUrl);
  return slackPeople({ client, log, clock: systemClock, identity: await identify(client) });
}

/** What the command line says of the person's groups comes before what Slack says of them. */
function withGroups(chat: AskNeeds["chat"], { user, groups }: ExplainAsked): AskNeeds["chat"] {
  if (groups === undefined) return chat;
  return {
    ...chat,
    groupMembers: async (group, maxAgeMs) => {
      const others = (await chat.groupMembers(group, maxAgeMs)).filter((one) => one !== user);
      return groups.includes(group) ? [...others, user] : others;
    },
  };
}
