// On-calls of PagerDuty's schedules: REST API v2, `GET /oncalls`.
// Source: https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls

import { z } from "zod";
import type { Shift } from "../../domain/on-call/rota.ts";
import type { RotaReading, RotaWindow } from "../../ports/rotas.ts";
import { askRota, jsonOf, nonsense } from "./rota-http.ts";

export type PagerDuty = {
  /** No slash at the end. */
  readonly url: string;
  /** Secret: a read-only API key. */
  readonly token: string;
};

/** The most that PagerDuty gives at once. */
const PAGE = 100;
const PAGES_MAX = 10;

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const oncall = z.object({
  user: z.object({ email: z.string().nullish() }).nullish(),
  /** `null`: somebody named by an escalation policy itself, who is on call for ever. */
  schedule: z.object({ id: z.string() }).nullish(),
  start: moment.nullish(),
  end: moment.nullish(),
});

const page = z.object({ oncalls: z.array(oncall), more: z.boolean() });

export async function pagerDutyShifts(
  { url, token }: PagerDuty,
  schedules: readonly string[],
  { window, signal }: { readonly window: RotaWindow; readonly signal: AbortSignal },
): Promise<RotaReading> {
  const headers = {
    accept: "application/vnd.pagerduty+json;version=2",
    authorization: `Token token=${token}`,
  };
  const shifts: Shift[] = [];
  let unread = 0;
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const at = new URL(`${url}/oncalls`);
    for (const schedule of schedules) at.searchParams.append("schedule_ids[]", schedule);
    at.searchParams.append("include[]", "users");
    at.searchParams.set("since", new Date(window.fromMs).toISOString());
    at.searchParams.set("until", new Date(window.untilMs).toISOString());
    at.searchParams.set("time_zone", "UTC");
    at.searchParams.set("limit", String(PAGE));
    at.searchParams.set("offset", String(pages * PAGE));
    const read = page.safeParse(jsonOf(await askRota({ url: at, headers, signal })));
    if (!read.success) throw nonsense("PagerDuty's answer isn't a page of on-calls", read.error);
    for (const one of read.data.oncalls) {
      // Whatever is answered beside what was asked for makes nobody on call.
      if (one.schedule == null || !schedules.includes(one.schedule.id)) continue;
      const address = one.user?.email;
      if (address == null || address === "") unread += 1;
      else {
        const fromMs = one.start ?? Number.NEGATIVE_INFINITY;
        const untilMs = one.end ?? Number.POSITIVE_INFINITY;
        shifts.push({ address: address.toLowerCase(), fromMs, untilMs });
      }
    }
    if (!read.data.more) return { shifts, unread };
  }
  throw nonsense(`PagerDuty has more than ${PAGES_MAX} pages of on-calls for one rota`);
}
