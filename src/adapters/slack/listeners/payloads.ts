// Decodes what Slack sends for a command, a click and a form into what the inbound port takes. Unknown keys are left out.

import { z } from "zod";
import { channelId, userId } from "../../../domain/text/ids.ts";
import type { MessageRef } from "../../../ports/chat.ts";
import type { Sender } from "../../../ports/inbound.ts";
import { decodeChoice, MENU_ACTION } from "../views/button-value.ts";

/** For whom a payload is, as it says itself. */
export type Origin = {
  readonly appId: string | undefined;
  readonly teamId: string | undefined;
  readonly enterpriseId: string | undefined;
};

export type Received = {
  readonly origin: Origin;
  readonly from: Omit<Sender, "delivery" | "outsider">;
  /** The person's own workspace, where the payload says it. */
  readonly team: string | undefined;
  /** Where an answer for this person alone may be sent to, five times in half an hour. */
  readonly responseUrl: string | undefined;
};

export type Command = Received & {
  readonly command: string;
  readonly text: string;
  readonly triggerId: string | undefined;
};
export type ButtonClick = Received & {
  readonly actionId: string;
  readonly value: string;
  readonly message: MessageRef | undefined;
  readonly triggerId: string | undefined;
};
export type Submission = Received & {
  readonly callbackId: string;
  readonly metadata: string;
  /** What was typed or chosen, by the block it is in. */
  readonly fields: ReadonlyMap<string, string>;
};

const slackId = z.string().regex(/^\w{1,64}$/);
const idOnly = z.object({ id: slackId }).nullish();
const channel = z.object({ id: slackId }).optional();
/** Left out rather than refused where it is malformed: there are other ways to answer. */
const responseUrl = z
  .url({ protocol: /^https?$/ })
  .optional()
  .catch(undefined);

const commandSchema = z.object({
  api_app_id: slackId.optional(),
  team_id: slackId.optional(),
  enterprise_id: slackId.optional().catch(undefined),
  command: z.string().max(100),
  text: z.string().default(""),
  user_id: slackId,
  channel_id: slackId.optional(),
  response_url: responseUrl,
  trigger_id: z.string().min(1).optional().catch(undefined),
});

export function decodeCommand(body: unknown): Command | undefined {
  const { data } = commandSchema.safeParse(body);
  if (data === undefined) return undefined;
  return {
    origin: { appId: data.api_app_id, teamId: data.team_id, enterpriseId: data.enterprise_id },
    from: {
      user: userId(data.user_id),
      channel: data.channel_id === undefined ? undefined : channelId(data.channel_id),
    },
    // Commands don't say it; the workspace that they were typed in is checked to be ours.
    team: undefined,
    responseUrl: data.response_url,
    command: data.command,
    text: data.text,
    triggerId: data.trigger_id,
  };
}

export const interactive = z.object({
  api_app_id: slackId.optional(),
  team: idOnly,
  enterprise: idOnly,
  user: z.object({ id: slackId, team_id: slackId.optional() }),
});

export const originOf = (data: z.output<typeof interactive>): Origin => ({
  appId: data.api_app_id,
  teamId: data.team?.id,
  enterpriseId: data.enterprise?.id,
});

const clickSchema = interactive.extend({
  channel,
  trigger_id: z.string().min(1).optional(),
  response_url: responseUrl,
  container: z
    .looseObject({
      type: z.string().default("message"),
      message_ts: z.string().optional(),
      channel_id: slackId.optional(),
      is_ephemeral: z.boolean().default(false),
    })
    .prefault({}),
  message: z.looseObject({ ts: z.string().optional() }).optional().catch(undefined),
  // Slack sends one action for each click.
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().default(""),
        action_ts: z.coerce.number().positive().optional().catch(undefined),
        /** Of a menu, in place of a value. */
        selected_option: z.object({ value: z.string() }).optional().catch(undefined),
      }),
    )
    .min(1),
});

/** A choice behind the three dots is the button that would stand there. */
function pressed({
  action_id: actionId,
  value,
  selected_option: choice,
}: z.output<typeof clickSchema>["actions"][number]): Pick<ButtonClick, "actionId" | "value"> {
  return actionId === MENU_ACTION && choice !== undefined
    ? decodeChoice(choice.value)
    : { actionId, value };
}

export function decodeClick(body: unknown): ButtonClick | undefined {
  const { data } = clickSchema.safeParse(body);
  const action = data?.actions[0];
  if (data === undefined || action === undefined) return undefined;
  const { container } = data;
  const where = data.channel?.id ?? container.channel_id;
  const ts = container.message_ts ?? data.message?.ts;
  const inMessage = container.type === "message" && !container.is_ephemeral;
  return {
    origin: originOf(data),
    from: {
      user: userId(data.user.id),
      channel: where === undefined ? undefined : channelId(where),
      doneAtMs: action.action_ts && Math.floor(action.action_ts * 1_000),
    },
    team: data.user.team_id,
    responseUrl: data.response_url,
    ...pressed(action),
    message:
      inMessage && where !== undefined && ts !== undefined
        ? { channel: channelId(where), ts }
        : undefined,
    triggerId: data.trigger_id,
  };
}

const option = z.looseObject({ value: z.string() });
const input = z.looseObject({
  value: z.string().nullish().catch(undefined),
  selected_option: option.nullish().catch(undefined),
  selected_options: z.array(option).nullish().catch(undefined),
  selected_date_time: z.number().nullish().catch(undefined),
});

/** What stands in the inputs of a form. */
export const viewState = z
  .object({ values: z.record(z.string(), z.record(z.string(), input)) })
  .optional()
  .catch(undefined);

/** By block, each of which has one input; several that were chosen are joined by commas. */
export const fieldsOf = (state: z.output<typeof viewState>): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(state?.values ?? {}).map(([block, elements]) => {
      const [only] = Object.values(elements);
      const several = only?.selected_options?.map(({ value }) => value).join(",");
      const seconds = only?.selected_date_time?.toString();
      return [block, only?.value ?? only?.selected_option?.value ?? several ?? seconds ?? ""];
    }),
  );

const submissionSchema = interactive.extend({
  type: z.literal("view_submission"),
  view: z.object({
    callback_id: z.string(),
    private_metadata: z.string().default(""),
    state: viewState,
  }),
});

export function decodeSubmission(body: unknown): Submission | undefined {
  const { data } = submissionSchema.safeParse(body);
  if (data === undefined) return undefined;
  return {
    origin: originOf(data),
    from: { user: userId(data.user.id), channel: undefined },
    team: data.user.team_id,
    responseUrl: undefined,
    callbackId: data.view.callback_id,
    metadata: data.view.private_metadata,
    fields: fieldsOf(data.view.state),
  };
}
