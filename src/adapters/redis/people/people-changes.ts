// Whom Slack said to have changed, for all replicas.

import type { PeopleChanges } from "../../../ports/storage/people/people-changes.ts";
import type { Tools } from "../scripts/tools.ts";
import { CHANGED, CHANGED_SINCE } from "./people-scripts.ts";

export const redisPeopleChanges = ({ run, keys: { changed } }: Tools): PeopleChanges => ({
  add: async (ids) => {
    if (ids.length > 0) await run(CHANGED, { keys: { changed }, args: { ids } });
  },
  since: async (sinceMs) => {
    const [nowMs, ids] = await run(CHANGED_SINCE, { keys: { changed }, args: { sinceMs } });
    return { nowMs, ids };
  },
});
