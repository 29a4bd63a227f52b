// The rotas of the policy file as they are written: where it stands who is on call, and how they are found in Slack.

import { z } from "zod";
import type { RotaSource } from "../../domain/on-call/rota.ts";
import { type RotaName, rotaName, type UserId } from "../../domain/text/ids.ts";
import { shown } from "../config-fault.ts";
import { isLoopback } from "../loopback.ts";
import { RotaNameText, UserIdText } from "./schema-parts.ts";

const SCHEDULES_MAX = 50;

/** As PagerDuty and incident.io give them: letters and digits. */
const SCHEDULE_ID = /^[A-Za-z0-9]{1,64}$/;

const schedules = (example: string) =>
  z.strictObject({
    schedules: z
      .array(
        z
          .string()
          .meta({ pattern: SCHEDULE_ID.source, examples: [example] })
          .refine((text) => SCHEDULE_ID.test(text), {
            error: ({ input }) =>
              `${shown(input)} isn't a schedule's ID: write the ID from its page's address, such as ${example}.`,
          }),
      )
      .min(1, "This list is empty: name at least one schedule.")
      .max(SCHEDULES_MAX)
      .meta({ description: "IDs of schedules.", examples: [[example]] }),
  });

const CALENDAR_CHARACTERS_MAX = 2_000;

const Calendar = z
  .string()
  .meta({
    description: "An iCalendar feed (https), or a file beside the policy file.",
    examples: ["https://calendar.example.com/oncall.ics", "oncall.ics"],
    pattern: "^\\S(?:[\\s\\S]*\\S)?$",
    maxLength: CALENDAR_CHARACTERS_MAX,
  })
  .superRefine((text, context) => {
    const fault = calendarFault(text);
    if (fault !== undefined) context.addIssue(fault);
  });

/** Never repeats the address: its path is mostly a secret. */
function calendarFault(text: string): string | undefined {
  if (text.trim() === "" || text.trim() !== text || text.length > CALENDAR_CHARACTERS_MAX) {
    return "This isn't a calendar's address: write it like https://calendar.example.com/oncall.ics.";
  }
  if (!/^[a-z][a-z0-9+.-]+:/i.test(text)) return undefined;
  const url = URL.parse(text);
  if (url === null)
    return "This isn't an address: write it like https://calendar.example.com/oncall.ics.";
  if (url.username !== "" || url.password !== "") {
    return "This address has a user name or password in it: use the calendar's secret address instead.";
  }
  if (url.protocol === "https:") return undefined;
  if (url.protocol === "http:" && isLoopback(url)) return undefined;
  return `Anyone who can change this on its way could open every VM that the rota opens: write https:// instead of ${url.protocol}//.`;
}

const Source = z
  .strictObject({
    pagerduty: schedules("PABC123").optional(),
    incidentIo: schedules("01HABC").optional(),
    calendar: Calendar.optional(),
  })
  .refine((source) => Object.values(source).filter((one) => one !== undefined).length === 1, {
    error: "This needs one of pagerduty, incidentIo and calendar: write one, and only one.",
  })
  .meta({
    description: "Where the on-call schedule is kept.",
    examples: [{ pagerduty: { schedules: ["PABC123"] } }],
    minProperties: 1,
    maxProperties: 1,
  });

const ROTAS_MAX = 100;

export const OnCallSources = z
  .record(RotaNameText, Source)
  .refine((rotas) => Object.keys(rotas).length <= ROTAS_MAX, {
    error: `There are more than ${ROTAS_MAX} rotas: remove or join some.`,
  })
  .prefault({})
  .describe("Rotas that rules can name: who is on call, by schedule.");

/** Enough to tell an address from a name; Slack knows the rest. */
const ADDRESS = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,255}$/;

const AddressText = z
  .string()
  .meta({ pattern: ADDRESS.source })
  .refine((text) => ADDRESS.test(text), {
    error: ({ input }) =>
      `${shown(input)} isn't an email address: write one such as lea@example.com.`,
  });

export const PeopleInSlack = z
  .strictObject({
    byEmail: z
      .boolean()
      .default(true)
      .describe("Whether somebody on call is found by their verified address."),
    map: z
      .record(AddressText, UserIdText)
      .default({})
      .meta({
        description: "Members by the address that their rota has.",
        examples: [{ "lea@example.com": "U0LEAD" }],
      })
      .transform(byLowerCase),
  })
  .prefault({})
  .describe("How somebody on call is found in Slack.");

/** Two spellings of one address can't be two people: the last would win in silence, so neither does. */
function byLowerCase(
  map: Readonly<Record<string, UserId>>,
  context: z.core.$RefinementCtx,
): Readonly<Record<string, UserId>> {
  // Without a prototype, so that an address called "constructor" finds nothing.
  const lower: Record<string, UserId> = Object.create(null);
  for (const [address, user] of Object.entries(map)) {
    const key = address.toLowerCase();
    if (lower[key] !== undefined && lower[key] !== user) {
      context.addIssue(`${shown(address)} is there twice, for different people: remove one.`);
    }
    lower[key] = user;
  }
  return lower;
}

export function rotaSourcesOf(
  written: z.output<typeof OnCallSources>,
): Readonly<Record<RotaName, RotaSource>> {
  const sources: Record<RotaName, RotaSource> = Object.create(null);
  for (const [name, source] of Object.entries(written)) sources[rotaName(name)] = sourceOf(source);
  return sources;
}

function sourceOf({ pagerduty, incidentIo, calendar }: z.output<typeof Source>): RotaSource {
  if (pagerduty !== undefined) return { kind: "pagerduty", schedules: pagerduty.schedules };
  if (incidentIo !== undefined) return { kind: "incident.io", schedules: incidentIo.schedules };
  return { kind: "calendar", at: calendar ?? "" };
}
