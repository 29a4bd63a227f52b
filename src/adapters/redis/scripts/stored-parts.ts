// The small parts that the schemas of what is stored share.

import { z } from "zod";
import type { ChannelId, GroupId, RequestId, RotaName, UserId } from "../../../domain/text/ids.ts";

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

/** A field that is always there but may be undefined: JSON leaves it out. */
export const orUndefined = <S extends z.ZodType>(schema: S) =>
  z.union([schema, z.undefined()]).prefault(undefined);

export const rotaSchema = z.custom<RotaName>(isText);

export const onDutySchema = z.object({
  rota: rotaSchema,
  people: z.array(z.object({ user: userSchema, untilMs: timeSchema.optional() })),
  strangers: countSchema,
  trouble: z
    .object({
      who: z.string(),
      code: z.string(),
      kind: z.enum(["away", "slow", "throttled", "refused", "nonsense", "not-set"]),
    })
    .optional(),
});

export const peopleSchema = z.object({
  users: z.array(userSchema),
  groups: z.array(z.custom<GroupId>(isText)),
  onCall: z.array(rotaSchema).optional(),
});

/** For the cards alone: what a newer replica wrote, and this one can't read, is left out. */
export const ruleNowSchema = z
  .union([
    z.enum(["gone", "no-extensions"]),
    z.object({
      approvers: peopleSchema,
      approvals: countSchema,
      escalateTo: peopleSchema.optional(),
    }),
  ])
  .optional()
  .catch(undefined);

export const absentSchema = z.object({
  user: userSchema,
  untilMs: timeSchema,
  to: userSchema.optional(),
});

export const freezeSchema = z.object({
  by: orUndefined(userSchema),
  atMs: timeSchema,
  reason: z.string(),
});
