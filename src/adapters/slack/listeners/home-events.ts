// Slack's event that somebody looks at the app's home tab.

import { z } from "zod";
import { userId } from "../../../domain/text/ids.ts";
import type { Origin, Received } from "./payloads.ts";

/** Source: https://docs.slack.dev/reference/events/app_home_opened */
export const HOME_EVENT = "app_home_opened";

const slackId = z.string().regex(/^\w{1,64}$/);
const schema = z.object({
  team_id: slackId.optional(),
  enterprise_id: slackId.nullish(),
  api_app_id: slackId.optional(),
  event: z.object({ user: slackId, tab: z.string() }),
});

export type HomeOpened = Pick<Received, "from" | "team"> & { readonly origin: Origin };

/** `undefined` for what can't be read, "other-tab" where it isn't the home tab. */
export function decodeHomeEvent(body: unknown): HomeOpened | "other-tab" | undefined {
  const { data } = schema.safeParse(body);
  if (data === undefined) return undefined;
  if (data.event.tab !== "home") return "other-tab";
  return {
    origin: {
      appId: data.api_app_id,
      teamId: data.team_id,
      enterpriseId: data.enterprise_id ?? undefined,
    },
    from: { user: userId(data.event.user), channel: undefined },
    team: undefined,
  };
}
