// The small parts that the schemas of what is stored share.

import { z } from "zod";
import type { ChannelId, RequestId, UserId } from "../../../domain/text/ids.ts";

const isText = (value: unknown) => typeof value === "string";

export const userSchema = z.custom<UserId>(isText);
export const channelSchema = z.custom<ChannelId>(isText);
export const requestIdSchema = z.custom<RequestId>(isText);
export const timeSchema = z.number();
export const countSchema = z.int().nonnegative();
export const faultSchema = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.string().optional(),
});
