// Who holds a door: the live grants that need it, each until its end.

import type { Door, Holder } from "../../../domain/request/doors.ts";
import type { Keys } from "../scripts/keys.ts";
import type { Run } from "../scripts/script.ts";
import { requestIdSchema } from "../scripts/stored-parts.ts";
import { HOLDERS } from "./side-scripts.ts";

export async function holders(
  { run, keys }: { run: Run; keys: Keys },
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
