// What reaches the app without an answer to show: events with their retries, and shortcuts.

import { CannotAct } from "../inputs.ts";
import type { Json } from "../json.ts";
import { directChannel, findMessage, wireMessage } from "../messages.ts";
import { deliver, type Sent } from "../out/deliver.ts";
import type { Delivery, DeliveryOptions, Failure, Retry } from "../out/parcel.ts";
import { wireView } from "../view-stack.ts";
import {
  type EventAct,
  eventAct,
  type Forge,
  type HomeAct,
  homeAct,
  type ShortcutAct,
  shortcutAct,
} from "./schema.ts";
import {
  type ActResult,
  channelPart,
  interactionParts,
  interactionTrouble,
  type Stage,
  tellTrouble,
  theChannel,
  theUser,
  VERIFICATION_TOKEN,
} from "./stage.ts";

/** docs.slack.dev/apis/events-api: nearly at once, after a minute, after five more. */
const RETRY_AFTER_MS = [0, 60_000, 300_000];

/** `retries` grows as they are sent. */
export type EventResult = Sent & { eventId: string; retries: Delivery[] };

export async function sendEvent(stage: Stage, input: EventAct): Promise<EventResult> {
  const { event, forge = {}, ...options } = eventAct.parse(input);
  const eventId = stage.world.nextId("Ev");
  const payload = eventPayload(stage, event, eventId, forge);
  const sent = await deliver(stage.mail, { kind: "event", payload }, options);
  const retries: Delivery[] = [];
  retry(stage, { payload, options, retries }, sent.ack);
  return { ...sent, eventId, retries };
}

function eventPayload({ world }: Stage, event: Json, eventId: string, forge: Forge): Json {
  const teamId = forge.teamId ?? world.team.id;
  const enterpriseId = forge.enterpriseId ?? world.team.enterprise?.id ?? null;
  return {
    token: VERIFICATION_TOKEN,
    team_id: teamId,
    ...(enterpriseId === null ? {} : { enterprise_id: enterpriseId }),
    api_app_id: forge.appId ?? world.bot.appId,
    event: { event_ts: world.nextTs(), ...event },
    type: "event_callback",
    event_id: eventId,
    event_time: Math.floor(world.nowMs() / 1000),
    authorizations: [
      {
        enterprise_id: enterpriseId,
        team_id: teamId,
        user_id: world.bot.userId,
        is_bot: true,
        is_enterprise_install: forge.isEnterpriseInstall ?? false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${eventId}`,
  };
}

type Unanswered = { payload: Json; options: DeliveryOptions; retries: Delivery[] };

const REASONS: Record<Failure, string> = {
  operation_timeout: "http_timeout",
  dispatch_failed: "connection_failed",
  http_client_error: "http_error",
  http_service_error: "http_error",
};

function retry(stage: Stage, unanswered: Unanswered, last: Delivery): void {
  const { payload, options, retries } = unanswered;
  const waitMs = RETRY_AFTER_MS[retries.length];
  const wanted = last.failure && !last.noRetry && stage.world.switches.eventRetries;
  if (!wanted || !last.failure || waitMs === undefined) return;
  const again: Retry = { num: retries.length + 1, reason: REASONS[last.failure] };
  stage.schedule(stage.world.nowMs() + waitMs, async () => {
    const { badSignature, timestampOffsetSeconds } = options;
    const how = { badSignature, timestampOffsetSeconds };
    const { ack } = await deliver(stage.mail, { kind: "event", payload }, how, again);
    retries.push(ack);
    stage.world.changes.tell({ kind: "delivery" });
    retry(stage, unanswered, ack);
  });
}

/** The person opens the app's home tab. */
export function openHome(stage: Stage, input: HomeAct): Promise<EventResult> {
  const { user, ...options } = homeAct.parse(input);
  const { world } = stage;
  const home = world.homes.get(theUser(world, user).id);
  const event = {
    type: "app_home_opened",
    user,
    channel: directChannel(world, user).id,
    tab: "home",
    ...(home ? { view: wireView(world, home) } : {}),
  };
  return sendEvent(stage, { event, ...options });
}

/** A global shortcut, or one on a message where a message is named. */
export async function shortcut(stage: Stage, input: ShortcutAct): Promise<ActResult> {
  const act = shortcutAct.parse(input);
  const { user, callbackId, channel, ts, forge = {} } = act;
  const { world, hooks } = stage;
  const triggerId = hooks.makeTrigger(user);
  const onMessage = channel !== undefined && ts !== undefined;
  const hook = onMessage ? hooks.makeResponseUrl({ user, channel, messageTs: ts }) : undefined;
  const payload = {
    type: onMessage ? "message_action" : "shortcut",
    ...interactionParts(world, user, forge),
    callback_id: callbackId,
    trigger_id: triggerId,
    action_ts: world.nextTs(),
    ...(onMessage ? messageParts(stage, channel, ts, forge) : {}),
    ...(hook ? { response_url: hook.url } : {}),
  };
  const sent = await deliver(stage.mail, { kind: "interactive", payload }, act);
  const outcome = interactionTrouble(world, sent.ack);
  if (outcome.trouble) tellTrouble(world, user, channel, outcome.trouble);
  return { ...sent, triggerId, responses: hook?.responses ?? [], ...outcome };
}

function messageParts({ world }: Stage, channelId: string, ts: string, forge: Forge): Json {
  const message = findMessage(world, channelId, ts);
  if (!message) throw new CannotAct(`there is no message ${ts} in ${channelId}`);
  return {
    channel: channelPart(theChannel(world, channelId), forge),
    message_ts: forge.messageTs ?? ts,
    message: wireMessage(world, message, { metadata: "none" }),
  };
}
