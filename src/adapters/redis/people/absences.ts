// Who is away, in Redis: each step one script.

import { isInForce } from "../../../domain/rules/delegation.ts";
import { userId } from "../../../domain/text/ids.ts";
import type { Absences } from "../../../ports/storage/people/absences.ts";
import { auditLine } from "../audit/new-entries.ts";
import type { Tools } from "../scripts/tools.ts";
import { AWAY_NOW, END_AWAY, SET_AWAY } from "./absence-scripts.ts";

export function redisAbsences({ run, keys, writer }: Tools): Absences {
  const written = (delivery: string) => ({ ...keys, delivery: keys.delivery(delivery) });
  return {
    async now() {
      const [nowMs, found] = await run(AWAY_NOW, { keys });
      const away = found.flatMap((user, index) => {
        const text = found[index + 1];
        if (index % 2 === 1 || text === undefined) return [];
        const [untilMs = "", sinceMs = "", to = ""] = text.split("|");
        return [
          {
            user: userId(user),
            sinceMs: Number(sinceMs),
            untilMs: Number(untilMs),
            ...(to !== "" && { to: userId(to) }),
          },
        ];
      });
      return { nowMs, away: away.filter((one) => isInForce(one, nowMs)) };
    },
    async set({ user, untilMs, to = "" }, note, delivery) {
      const args = { user, untilMs, to, note: auditLine(note, {}, writer), delivered: true };
      const outcome = await run(SET_AWAY, { keys: written(delivery), args });
      return outcome === "repeated" ? "repeated" : "written";
    },
    end: (user, note, delivery) =>
      run(END_AWAY, {
        keys: written(delivery),
        args: { user, note: auditLine(note, {}, writer), delivered: true },
      }),
  };
}
