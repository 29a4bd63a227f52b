// Links by which people prove their address, and the addresses that were seen.

import { z } from "zod";
import type { Draft, FoundDraft, Proofs } from "../../../ports/storage/people/proofs.ts";
import type { Connection } from "../connection/connection.ts";
import { redisKeys } from "../scripts/keys.ts";
import { scriptRunner } from "../scripts/script.ts";
import { channelSchema, timeSchema, userSchema } from "../scripts/stored-parts.ts";
import type { RedisStorageOptions } from "../storage-options.ts";
import {
  ADDRESS_OF,
  GIVE_BACK_DRAFT,
  KEEP_ADDRESS,
  KEEP_DRAFT,
  READ_DRAFT,
} from "./proof-scripts.ts";

const schema = z.object({
  user: userSchema,
  channel: z.union([channelSchema, z.undefined()]).prefault(undefined),
  ask: z.union([z.string(), z.undefined()]).prefault(undefined),
  beside: z
    .object({
      isAllOrNone: z.boolean().optional(),
      notTwice: z.boolean().optional(),
      opensAtMs: timeSchema.optional(),
    })
    .optional(),
});

/** Takes what the store takes. */
export function redisProofs(connection: Connection, options: RedisStorageOptions): Proofs {
  const { tenant, clockOffsetMs = () => 0 } = options;
  const keys = redisKeys(tenant);
  const run = scriptRunner(connection, clockOffsetMs);
  const at = (secret: string) => ({ proof: keys.proof(secret) });
  const read = async (secret: string, taken: boolean): Promise<FoundDraft | undefined> => {
    const [state, text] = await run(READ_DRAFT, { keys: at(secret), args: { taken } });
    if (state === "none") return undefined;
    const draft: Draft = schema.parse(JSON.parse(text));
    return { draft, state };
  };
  return {
    keepDraft: async (secret, draft, lifeMs) => {
      await run(KEEP_DRAFT, { keys: at(secret), args: { lifeMs }, text: JSON.stringify(draft) });
    },
    readDraft: (secret) => read(secret, false),
    takeDraft: (secret) => read(secret, true),
    giveBackDraft: async (secret) => {
      await run(GIVE_BACK_DRAFT, { keys: at(secret) });
    },
    keepAddress: async (user, address, lifeMs) => {
      await run(KEEP_ADDRESS, { keys: { address: keys.address(user) }, args: { address, lifeMs } });
    },
    addressOf: async (user, withinMs) => {
      const call = { keys: { address: keys.address(user) }, args: { withinMs } };
      const address = await run(ADDRESS_OF, call);
      return address === "" ? undefined : address;
    },
  };
}
