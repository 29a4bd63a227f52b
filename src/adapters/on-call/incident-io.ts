// Shifts of incident.io's schedules: API v2, `GET /v2/schedule_entries`, of which `final` has overrides merged in.
// Source: https://docs.incident.io/api-reference/schedule-entries-v2/list

import { z } from "zod";
import type { Shift } from "../../domain/on-call/rota.ts";
import type { RotaReading, RotaWindow } from "../../ports/rotas.ts";
import { askRota, jsonOf, nonsense } from "./rota-http.ts";

export type IncidentIo = {
  /** No slash at the end. */
  readonly url: string;
  /** Secret: an API key that may read schedules. */
  readonly token: string;
};

const PAGES_MAX = 20;

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const entry = z.object({
  start_at: moment,
  end_at: moment,
  user: z.object({ email: z.string().nullish() }).nullish(),
});

const page = z.object({
  schedule_entries: z.object({ final: z.array(entry) }),
  pagination_meta: z.object({ after: z.string().nullish() }).nullish(),
});

type Asked = { readonly window: RotaWindow; readonly signal: AbortSignal };

export async function incidentIoShifts(
  source: IncidentIo,
  schedules: readonly string[],
  asked: Asked,
): Promise<RotaReading> {
  const all = await Promise.all(schedules.map((one) => ofSchedule(source, one, asked)));
  return {
    shifts: all.flatMap(({ shifts }) => shifts),
    unread: all.reduce((sum, { unread }) => sum + unread, 0),
  };
}

async function ofSchedule(
  { url, token }: IncidentIo,
  schedule: string,
  { window, signal }: Asked,
): Promise<RotaReading> {
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  const shifts: Shift[] = [];
  let unread = 0;
  // The cursor of the next page takes the place of the window's start.
  let from = new Date(window.fromMs).toISOString();
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const at = new URL(`${url}/v2/schedule_entries`);
    at.searchParams.set("schedule_id", schedule);
    at.searchParams.set("entry_window_start", from);
    at.searchParams.set("entry_window_end", new Date(window.untilMs).toISOString());
    const read = page.safeParse(jsonOf(await askRota({ url: at, headers, signal })));
    if (!read.success) throw nonsense("incident.io's answer isn't a page of entries", read.error);
    for (const { user, start_at: fromMs, end_at: untilMs } of read.data.schedule_entries.final) {
      const address = user?.email;
      if (address == null || address === "") unread += 1;
      else shifts.push({ address: address.toLowerCase(), fromMs, untilMs });
    }
    const after = read.data.pagination_meta?.after;
    if (after == null || after === "") return { shifts, unread };
    from = after;
  }
  throw nonsense(`incident.io has more than ${PAGES_MAX} pages of entries for one schedule`);
}
