// Notices, which wait for their turn beside the requests.

import type { Notices } from "../../../../ports/storage/notices.ts";
import type { Tools } from "../../scripts/tools.ts";
import { NOTIFY, RELEASE_NOTICES } from "../work-scripts.ts";
import { encodeNotice } from "./stored-notices.ts";

export const redisNotices = ({ run, keys }: Tools): Notices => ({
  add: async (channel, notice) => {
    await run(NOTIFY, { keys, args: { channel, notice: encodeNotice(notice) } });
  },
  release: async (worker, channel, done) => {
    await run(RELEASE_NOTICES, { keys, args: { worker, channel, ...done } });
  },
});
