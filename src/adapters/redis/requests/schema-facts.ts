// What a stored request says of the facts beside it.

import { z } from "zod";
import type { Fact } from "../../../domain/rules/fact.ts";
import { type Exact, sameType } from "../scripts/same-type.ts";
import {
  countSchema as count,
  requestIdSchema,
  timeSchema,
  userSchema,
} from "../scripts/stored-parts.ts";

const entries = z.array(count);

export const factSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exposed"), ports: z.array(z.int()) }),
  z.object({ kind: z.literal("off"), off: z.enum(["stopped", "deallocated"]) }),
  z.object({ kind: z.literal("first"), days: count }),
  z.object({ kind: z.literal("denied"), denied: count, earlier: count, days: count, entries }),
  z.object({ kind: z.literal("elsewhere"), before: z.array(z.string()), entries }),
  z.object({ kind: z.literal("longer"), longestMs: z.number(), entries }),
  z.object({
    kind: z.literal("inside"),
    count,
    some: z.array(
      z.object({
        id: requestIdSchema,
        requester: userSchema,
        untilMs: timeSchema,
      }),
    ),
  }),
  z.object({ kind: z.literal("rules-changed"), atMs: timeSchema, entries }),
  z.object({ kind: z.literal("night"), minutes: count, zone: z.string() }),
  z.object({ kind: z.literal("also-open"), count, some: z.array(requestIdSchema) }),
  z.object({
    kind: z.literal("usual"),
    nth: count,
    span: z.union([z.literal("month"), z.object({ days: count })]),
    entries,
  }),
]);

// Both directions: a field that is missing on either side does not compile.
sameType<Exact<z.output<typeof factSchema>>, Exact<Fact>>();
sameType<Exact<Fact>, Exact<z.output<typeof factSchema>>>();
