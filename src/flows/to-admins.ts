// Who hears of what concerns those who run the bot: the notices channel, and each admin.

import type { News, Notice } from "../ports/store.ts";
import { channelId } from "../request/ids.ts";
import type { Policy } from "../request/policy.ts";

export const toAdmins = ({ channels, admins }: Policy, notice: Notice): News["notices"] =>
  [channels.notices, ...[...admins.users, ...admins.groups].map(channelId)].map((channel) => ({
    channel,
    notice,
  }));
