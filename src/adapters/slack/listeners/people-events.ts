// Slack's events about people and user groups: somebody deactivated, made a guest, put into or out of a group.

import { z } from "zod";
import { groupId, userId } from "../../../domain/text/ids.ts";
import type { PeopleChange } from "../../../ports/inbound.ts";
import type { Origin } from "./payloads.ts";

/** Source: https://docs.slack.dev/reference/events */
export const PEOPLE_EVENTS = ["user_change", "subteam_members_changed", "subteam_updated"] as const;

const slackId = z.string().regex(/^\w{1,64}$/);
const schema = z.object({
  team_id: slackId.optional(),
  enterprise_id: slackId.nullish(),
  api_app_id: slackId.optional(),
  event: z.object({
    user: z.object({ id: slackId }).optional(),
    subteam_id: slackId.optional(),
    subteam: z.object({ id: slackId }).optional(),
  }),
});

export function decodePeopleEvent(
  body: unknown,
): { readonly origin: Origin; readonly change: PeopleChange } | undefined {
  const { data } = schema.safeParse(body);
  if (data === undefined) return undefined;
  const { user, subteam_id, subteam } = data.event;
  const group = subteam_id ?? subteam?.id;
  return {
    origin: {
      appId: data.api_app_id,
      teamId: data.team_id,
      enterpriseId: data.enterprise_id ?? undefined,
    },
    change: {
      users: user === undefined ? [] : [userId(user.id)],
      groups: group === undefined ? [] : [groupId(group)],
    },
  };
}
