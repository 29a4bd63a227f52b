// What the simulated PagerDuty, incident.io and calendar answer, in the shapes that the real ones publish.
// Sources: https://developer.pagerduty.com/api-reference/3a6b910f11050-list-all-of-the-on-calls
// and https://docs.incident.io/api-reference/schedule-entries-v2/list

import type { Reply } from "../faults.ts";
import { hasSchedule, type RotaWorld, type SimulatedShift, shiftsWithin } from "./rota-world.ts";

type Asked = { url: URL; authorization: string | undefined; accept: string | undefined };
export type Provider = (world: RotaWorld, asked: Asked) => Reply;

const json = (status: number, body: unknown): Reply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body),
});

const iso = (ms: number): string => new Date(ms).toISOString().replace(".000Z", "Z");
const idOf = (prefix: string, text: string): string =>
  `${prefix}${Buffer.from(text).toString("hex").slice(0, 12).toUpperCase()}`;

const PAGERDUTY_LIMIT = 25;
const PAGERDUTY_LIMIT_MAX = 100;

export const pagerDuty =
  (tokens: ReadonlySet<string>): Provider =>
  (world, { url, authorization, accept }) => {
    if (!tokens.has(/^Token token=(.+)$/.exec(authorization ?? "")?.[1] ?? "")) {
      return json(401, { error: { code: 2006, message: "Authentication failed" } });
    }
    if (url.pathname !== "/oncalls" || accept?.includes("version=2") !== true) {
      return json(404, { error: { code: 2100, message: "Not Found" } });
    }
    const { searchParams: query } = url;
    const [since, until] = [query.get("since"), query.get("until")].map((one) =>
      Date.parse(one ?? ""),
    ) as [number, number];
    const limit = Number(query.get("limit") ?? PAGERDUTY_LIMIT);
    const offset = Number(query.get("offset") ?? 0);
    if (!(since <= until) || !(limit >= 1 && limit <= PAGERDUTY_LIMIT_MAX)) {
      return json(400, { error: { code: 2001, message: "Invalid Input Provided" } });
    }
    const asked = query.getAll("schedule_ids[]").filter((one) => !world.unused.has(one));
    const found = shiftsWithin(world, asked, { fromMs: since, untilMs: until });
    const isWhole = query.getAll("include[]").includes("users");
    return json(200, {
      oncalls: found.slice(offset, offset + limit).map((one) => onCall(one, isWhole)),
      limit,
      offset,
      more: offset + limit < found.length,
      total: null,
    });
  };

const onCall = (
  { schedule, name, address, fromMs, untilMs }: SimulatedShift,
  isWhole: boolean,
) => ({
  escalation_policy: { id: idOf("E", schedule), type: "escalation_policy_reference" },
  escalation_level: 1,
  schedule: { id: schedule, type: "schedule_reference", summary: schedule },
  user: {
    id: idOf("P", address),
    type: isWhole ? "user" : "user_reference",
    summary: name,
    ...(isWhole && { name, email: address, time_zone: "UTC", role: "user" }),
  },
  start: iso(fromMs),
  end: iso(untilMs),
});

const INCIDENT_IO_PAGE = 25;

export const incidentIo =
  (token: string): Provider =>
  (world, { url, authorization }) => {
    const refused = (status: number, type: string, message: string): Reply =>
      json(status, { type, status, request_id: "sandbox", errors: [{ code: type, message }] });
    if (authorization !== `Bearer ${token}`) {
      return refused(401, "authentication_error", "Invalid API key");
    }
    const schedule = url.searchParams.get("schedule_id") ?? "";
    if (url.pathname !== "/v2/schedule_entries" || !hasSchedule(world, schedule)) {
      return refused(404, "not_found", "Resource not found");
    }
    // The cursor of a page takes the place of the window's start, and nobody may read it.
    const [start = "", skipped = "0"] = (url.searchParams.get("entry_window_start") ?? "").split(
      "~",
    );
    const fromMs = Date.parse(start);
    const untilMs = Date.parse(url.searchParams.get("entry_window_end") ?? "");
    if (!(fromMs <= untilMs)) return refused(422, "validation_error", "Invalid window");
    const all = shiftsWithin(world, [schedule], { fromMs, untilMs });
    const from = Number(skipped);
    const page = all.slice(from, from + INCIDENT_IO_PAGE).map(entry);
    const after = `${start}~${from + INCIDENT_IO_PAGE}`;
    return json(200, {
      schedule_entries: { final: page, overrides: [], scheduled: page },
      ...(from + INCIDENT_IO_PAGE < all.length && {
        pagination_meta: { after, after_url: url.href },
      }),
    });
  };

const entry = ({ name, address, fromMs, untilMs, schedule }: SimulatedShift) => ({
  start_at: iso(fromMs),
  end_at: iso(untilMs),
  fingerprint: idOf("01", `${address}${fromMs}`),
  rotation_id: idOf("01R", schedule),
  layer_id: idOf("01L", schedule),
  user: { id: idOf("01U", address), name, email: address, role: "responder" },
});

/** `/<schedule>.ics`: all its shifts, whenever they are. */
export const calendar: Provider = (world, { url }) => {
  const schedule = /^\/([A-Za-z0-9-]+)\.ics$/.exec(url.pathname)?.[1] ?? "";
  if (!hasSchedule(world, schedule)) {
    return { status: 404, headers: { "content-type": "text/plain" }, body: "Not found" };
  }
  const events = world.shifts
    .filter((one) => one.schedule === schedule)
    .flatMap(({ name, address, fromMs, untilMs }) => [
      "BEGIN:VEVENT",
      `UID:${idOf("", `${address}${fromMs}`)}@sandbox`,
      `DTSTART:${stamp(fromMs)}`,
      `DTEND:${stamp(untilMs)}`,
      `SUMMARY:${name}`,
      `ATTENDEE;CN=${name}:mailto:${address}`,
      "END:VEVENT",
    ]);
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//sandbox//EN", ...events];
  return {
    status: 200,
    headers: { "content-type": "text/calendar; charset=utf-8" },
    body: [...lines, "END:VCALENDAR", ""].join("\r\n"),
  };
};

const stamp = (ms: number): string => iso(ms).replaceAll(/[-:]/g, "");
