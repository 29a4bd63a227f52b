// A person types a slash command.

import { ApiFault } from "../api/call.ts";
import { type Response, type Source, showResponse } from "../hooks.ts";
import { CannotAct } from "../inputs.ts";
import { asObject, asText } from "../json.ts";
import { deliver } from "../out/deliver.ts";
import type { Delivery } from "../out/parcel.ts";
import { escapeTyped } from "../text/escape-typed.ts";
import { type CommandAct, commandAct } from "./schema.ts";
import {
  type ActResult,
  channelName,
  enterpriseOf,
  type Stage,
  tellTrouble,
  theChannel,
  theUser,
  VERIFICATION_TOKEN,
} from "./stage.ts";

/** `shown`: what became of the acknowledgement's own content. */
export type CommandResult = ActResult & { shown?: Response["shown"] };

export async function typeCommand(stage: Stage, input: CommandAct): Promise<CommandResult> {
  const {
    user: userId,
    channel: channelId,
    text,
    command,
    forge = {},
    ...options
  } = commandAct.parse(input);
  const { world, hooks } = stage;
  const user = theUser(world, forge.userId ?? userId);
  const channel = theChannel(world, channelId);
  if (channel.kind === "im" && world.switches.messagesTab === "off") {
    throw new CannotAct("the app's Messages Tab is off: there is nowhere to type");
  }
  const source: Source = { user: userId, channel: channelId };
  const triggerId = hooks.makeTrigger(userId);
  const { url: responseUrl, responses } = hooks.makeResponseUrl(source);
  const enterprise = enterpriseOf(world, forge);
  const typed = text.trim();
  const payload = {
    token: VERIFICATION_TOKEN,
    team_id: forge.teamId ?? world.team.id,
    team_domain: world.team.domain,
    ...(enterprise ? { enterprise_id: enterprise.id, enterprise_name: enterprise.name } : {}),
    channel_id: forge.channelId ?? channel.id,
    channel_name: channelName(channel),
    user_id: user.id,
    user_name: user.name,
    command,
    text: world.switches.shouldEscape ? escapeTyped(typed, world) : typed,
    api_app_id: forge.appId ?? world.bot.appId,
    is_enterprise_install: String(forge.isEnterpriseInstall ?? false),
    response_url: responseUrl,
    trigger_id: triggerId,
  };
  const sent = await deliver(stage.mail, { kind: "command", payload }, options);
  const outcome = showAcknowledgement(stage, source, command, sent.ack);
  return { ...sent, triggerId, responseUrl, responses, ...outcome };
}

function showAcknowledgement(
  { world }: Stage,
  source: Source,
  command: string,
  ack: Delivery,
): Pick<CommandResult, "shown" | "trouble"> {
  const fail = (code: string): { trouble: string } => {
    const trouble = `${command} failed with the error "${code}"`;
    tellTrouble(world, source.user, source.channel, trouble);
    return { trouble };
  };
  if (ack.failure) return fail(ack.failure);
  const content = asObject(ack.body) ?? { text: asText(ack.body) };
  if (!Object.values(content).some((value) => value !== undefined && value !== "")) return {};
  try {
    return { shown: showResponse(world, source, content) };
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    return fail("invalid_command_response");
  }
}
