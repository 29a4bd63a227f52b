// Who looked at the home tab lately.

import { userId } from "../../../domain/text/ids.ts";
import type { HomeReaders } from "../../../ports/storage/people/home-readers.ts";
import type { Tools } from "../scripts/tools.ts";
import { LOOK, READERS } from "./home-scripts.ts";

export const redisHomeReaders = ({ run, keys: { homes } }: Tools): HomeReaders => ({
  add: async (user) => {
    await run(LOOK, { keys: { homes }, args: { user } });
  },
  latest: async () => (await run(READERS, { keys: { homes } })).map(userId),
});
