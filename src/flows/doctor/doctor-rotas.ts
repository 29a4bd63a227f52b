// What the doctor makes of the rotas: each source is tried, and whether Slack lets people be found by their address.

import type { Finding } from "../../domain/doctor/finding.ts";
import type { RotaSource } from "../../domain/on-call/rota.ts";
import { onCallAt } from "../../domain/on-call/shifts.ts";
import { sourceName } from "../../domain/on-call/source-words.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { DAY_MS } from "../../domain/text/duration.ts";
import type { SlackFacts } from "../../ports/checkup.ts";
import { type Fault, isFault } from "../../ports/fault.ts";
import type { RotaReading, Rotas } from "../../ports/rotas.ts";

const ABOUT = "On call";

/** Reads every source of the policy file once. */
export async function rotaFindings(
  rotas: Rotas,
  { onCall = {} }: Pick<Policy, "onCall">,
  nowMs: number,
): Promise<readonly Finding[]> {
  const all = Object.entries(onCall).map(async ([rota, source]) => {
    const who = sourceName(source);
    try {
      const reading = await rotas(source, { fromMs: nowMs, untilMs: nowMs + DAY_MS });
      return readFindings(`${rota}: ${who}`, source, { reading, nowMs });
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      return [fault(`${rota}: ${who} ${fixOf(source, thrown)}`)];
    }
  });
  return (await Promise.all(all)).flat();
}

const fault = (says: string): Finding => ({ level: "fault", about: ABOUT, says });
const warn = (says: string): Finding => ({ level: "warning", about: ABOUT, says });

function readFindings(
  who: string,
  source: RotaSource,
  { reading, nowMs }: { reading: RotaReading; nowMs: number },
): readonly Finding[] {
  const { length } = onCallAt(reading.shifts, nowMs);
  const { unread } = reading;
  const unused =
    source.kind === "pagerduty"
      ? "; PagerDuty reports only schedules that are part of an escalation policy"
      : "";
  const now: Finding =
    length === 0
      ? warn(`${who} has nobody on call now${unused}.`)
      : { level: "fine", about: ABOUT, says: `${who} has ${people(length)} on call now.` };
  if (unread === 0) return [now];
  const entries = unread === 1 ? "1 entry" : `${unread} entries`;
  return [
    now,
    warn(
      `${who} has ${entries} that can't be read: give each an email address and a time with its zone.`,
    ),
  ];
}

const people = (count: number): string => (count === 1 ? "1 person" : `${count} people`);

function fixOf(source: RotaSource, { code, message, retryable }: Fault): string {
  const what = source.kind === "calendar" ? "calendar's address or file" : "schedules' ids";
  switch (code) {
    case "not-set":
      return `can't be asked: ${message}. Set it to a read-only token.`;
    case "401":
    case "403":
      return `refuses (${code}): check the token and what it may read.`;
    case "302":
    case "301":
    case "307":
    case "308":
      return `redirects (${code}): write the address that it leads to.`;
    case "nonsense":
      return `answered something I can't read. ${message}.`;
    default:
      return retryable
        ? `doesn't answer (${code}): check that it can be reached from here.`
        : `refuses (${code}): check the ${what}.`;
  }
}

const SCOPE = "users:read.email";

/** Without the scope nobody on call is found, but by the map. */
export function addressFindings(
  { scopes }: Pick<SlackFacts, "scopes">,
  { onCall, people }: Pick<Policy, "onCall" | "people">,
): readonly Finding[] {
  if (onCall === undefined || people?.byEmail === false) return [];
  if (scopes === undefined || scopes.includes(SCOPE)) return [];
  return [
    {
      level: "warning",
      about: "Slack",
      says: `the token lacks ${SCOPE}, so people on call are found only by people.map: grant it, or set people.byEmail to false.`,
    },
  ];
}
