// Whether access is frozen, in Redis: each step one script.

import type { Freeze } from "../../../domain/rules/freeze.ts";
import { userId } from "../../../domain/text/ids.ts";
import type { Freezes, Underway } from "../../../ports/storage/brake/freezes.ts";
import { auditLine } from "../audit/new-entries.ts";
import { encodeNotice } from "../requests/notices/stored-notices.ts";
import { requestIdSchema } from "../scripts/stored-parts.ts";
import type { Tools } from "../scripts/tools.ts";
import { LIFT_FREEZE, READ_FREEZE, SET_FREEZE, UNDERWAY } from "./freeze-scripts.ts";

type With = Parameters<Freezes["lift"]>[0];

export function redisFreezes({ run, keys, writer }: Tools): Freezes {
  const callOf = ({ audit, notices, delivery }: With, more: object = {}) => ({
    keys: { ...keys, delivery: keys.delivery(delivery) },
    args: {
      ...more,
      audit: audit.map((note) => auditLine(note, {}, writer)),
      notices: notices.map(({ channel, notice }) => [channel, encodeNotice(notice)]),
      delivered: true,
    },
  });
  return {
    now: async () => decode(await run(READ_FREEZE, { keys })),
    set: ({ by, reason }, write) => run(SET_FREEZE, callOf(write, { by, reason })),
    lift: (write) => run(LIFT_FREEZE, callOf(write)),
    async underway() {
      const flat = await run(UNDERWAY, { keys });
      const found: Underway[] = [];
      for (let i = 0; i + 1 < flat.length; i += 2) {
        found.push({ id: requestIdSchema.parse(flat[i]), sentAtMs: Number(flat[i + 1]) });
      }
      return found;
    },
  };
}

/** One that can't be read freezes all the same: access is opened by nobody's mistake. */
function decode(text: string): Freeze | undefined {
  if (text === "") return undefined;
  const [, sinceMs = "0", by = "", reason = ""] = /^(\d+)\|([^|]*)\|(.*)$/s.exec(text) ?? [];
  return { by: by === "" ? undefined : userId(by), atMs: Number(sinceMs), reason };
}
