// Who hears of what concerns those who run the bot: the notices channel, and each admin.

import type { Policy } from "../../domain/rules/policy.ts";
import { channelId } from "../../domain/text/ids.ts";
import type { News } from "../../ports/storage/announcements.ts";
import type { Notice } from "../../ports/storage/notices.ts";

export const toAdmins = ({ channels, admins }: Policy, notice: Notice): News["notices"] =>
  [channels.notices, ...[...admins.users, ...admins.groups].map(channelId)].map((channel) => ({
    channel,
    notice,
  }));
