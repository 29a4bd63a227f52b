// Who holds a door: the live grants that need it, each until its end.

import { z } from "zod";
import type { Door, Holder } from "../../../domain/request/doors/doors.ts";
import type { Script } from "../scripts/script.ts";
import { requestIdSchema } from "../scripts/stored-parts.ts";
import type { Tools } from "../scripts/tools.ts";

/**
 * More keys: the doors. Results: for each door the ids and ends of the live grants on it: id, end, id, …
 */
const HOLDERS: Script<never, readonly (readonly string[])[]> = {
  name: "jitHolders",
  keys: [],
  writes: false,
  result: z.array(z.array(z.string())),
  lua: `
local found = {}
for i, door in ipairs(more) do found[i] = redis.call('ZRANGE', door, 0, -1, 'WITHSCORES') end
return found
`,
};

export async function holders(
  { run, keys }: Tools,
  doors: readonly Door[],
): Promise<readonly (readonly Holder[])[]> {
  if (doors.length === 0) return [];
  const found = await run(HOLDERS, { keys: {}, more: doors.map(keys.door) });
  return found.map((flat) => {
    const onDoor: Holder[] = [];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      onDoor.push({ id: requestIdSchema.parse(flat[i]), untilMs: Number(flat[i + 1]) });
    }
    return onDoor;
  });
}
