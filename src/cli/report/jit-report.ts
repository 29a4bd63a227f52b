// `jit report`: a month for auditors, as Markdown or CSV: who had access to what, who approved, and whether the log behind it is whole.

import { type AccessRecord, openMs } from "../../domain/audit/access-record.ts";
import { type Head, type SealKey, UNKEYED } from "../../domain/audit/audit-chain.ts";
import type { AuditEntry } from "../../domain/audit/audit-entry.ts";
import {
  accessLine,
  accessTop,
  breakGlassText,
  headingText,
  othersDeed,
  othersText,
  peopleText,
  totalsText,
} from "../../domain/report/month-text.ts";
import { type Month, type MonthTotals, totalsCounter } from "../../domain/report/month-totals.ts";
import type { Names } from "../../domain/report/names.ts";
import {
  isoOf,
  minutesText,
  othersRow,
  type TableOptions,
  tableHead,
  tableRow,
} from "../../domain/report/request-table.ts";
import { headText, monthSpan, type Verification } from "../../domain/report/verification.ts";
import { verifyAudit } from "../../flows/audit/audit-walk.ts";
import { monthParts } from "../../flows/audit/month-walk.ts";
import type { AuditReader } from "../../ports/storage/audit.ts";
import { readOptions } from "../options.ts";
import { type ExitCode, FINDINGS, FINE, WRONG_USE } from "../terminal.ts";

export type ReportAsked = {
  /** `2026-11`. */
  readonly name: string;
  readonly month: Month;
  readonly format: "md" | "csv";
  readonly head: Head | undefined;
  readonly team: string | undefined;
};

/** Answers what is asked, or a sentence about what is wrong. */
export function readReportArguments(args: readonly string[]): ReportAsked | string {
  const known = { month: "text", format: "text", head: "text", team: "text" } as const;
  const read = readOptions(args, known);
  if ("wrong" in read) return read.wrong;
  const { options, words } = read;
  if (words.length > 0) return "report takes options only.";
  const name = options.get("month");
  if (name === undefined) return "Which month? Give --month, such as --month 2026-11.";
  const [, year, nth] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name) ?? [];
  if (year === undefined) return "--month takes a month such as 2026-11.";
  const format = options.get("format") ?? "md";
  if (format !== "md" && format !== "csv") return "--format takes md or csv.";
  const head = headIn(options.get("head"));
  if (head === "wrong") return "--head takes a number and a seal from the log, as <seq>:<seal>.";
  const team = options.get("team");
  if (team !== undefined && !/^[A-Z0-9]{2,64}$/.test(team)) {
    return "--team takes a workspace's ID, such as T0123456789.";
  }
  const month = {
    fromMs: Date.UTC(Number(year), Number(nth) - 1),
    untilMs: Date.UTC(Number(year), Number(nth)),
  };
  return { name, month, format, head, team };
}

function headIn(text: string | undefined): Head | undefined | "wrong" {
  if (text === undefined) return undefined;
  const [, seq, seal] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? [];
  return seq === undefined || seal === undefined ? "wrong" : { seq: Number(seq), seal };
}

export type ReportTools = {
  readonly audit: Pick<AuditReader, "chain" | "page" | "firstFrom" | "firstSince">;
  /** Those that vouch, the present one first. */
  readonly keys: readonly SealKey[];
  readonly portal: string;
  /** Looks people up; who isn't answered goes by their id. */
  readonly namesOf: (ids: readonly string[]) => Promise<Names>;
  readonly write: (text: string) => Promise<void>;
  readonly complain: (line: string) => void;
};

/** So much of what has a list of its own stands in the Markdown; the CSV has all of it. */
const LISTED_MAX = 1_000;

type Gathered = {
  readonly totals: MonthTotals;
  readonly found: Verification;
  readonly breakGlass: readonly AccessRecord[];
  readonly others: readonly AuditEntry[];
  readonly names: Names;
};

/** Answers the exit code: 0 the month verifies and is whole, 1 it isn't, 2 it hasn't begun. */
export async function reportCommand(asked: ReportAsked, tools: ReportTools): Promise<ExitCode> {
  const { audit, keys, portal, write, complain } = tools;
  const { month, name } = asked;
  const { lastSeq, nowMs, tenant, checkpoint } = await audit.chain();
  if (month.fromMs > nowMs) {
    complain(`${name} hasn't begun: name a month that has.`);
    return WRONG_USE;
  }
  const walked = { month, nowMs, lastSeq };
  const gathered = await gather(asked, tools, walked);
  const { found, names } = gathered;
  const oldest = checkpoint === undefined ? undefined : await audit.firstFrom(0);
  const trimmedUntilMs =
    oldest !== undefined && oldest.atMs > month.fromMs ? oldest.atMs : undefined;
  const options: TableOptions = { names, portal, nowMs };
  if (asked.format === "csv") {
    await writeCsv(asked, tools, { walked, options, found });
    complain(verifiedLine(asked, found));
    if (trimmedUntilMs !== undefined) {
      complain(`Entries before ${isoOf(trimmedUntilMs)} were deleted: the month isn't whole.`);
    }
  } else {
    const given = asked.head === undefined ? undefined : headText(asked.head);
    const isUnkeyed = keys[0]?.fingerprint === UNKEYED;
    const heading = { name, month, tenant, nowMs, trimmedUntilMs, isUnkeyed, given };
    await write(headingText(heading, found) + totalsText(gathered.totals) + accessTop());
    for await (const { records } of monthParts(audit, keys, walked)) {
      await write(records.map((record) => accessLine(record, options, month)).join(""));
    }
    await write(listsText(gathered));
  }
  return found.isVerified && trimmedUntilMs === undefined ? FINE : FINDINGS;
}

type Walked = { readonly month: Month; readonly nowMs: number; readonly lastSeq: number };

/** Once through the whole chain to verify it, and once through the month to count it. */
async function gather(
  { head, month }: ReportAsked,
  { audit, keys, namesOf }: ReportTools,
  walked: Walked,
): Promise<Gathered> {
  const report = await verifyAudit(audit, keys, head);
  const totals = totalsCounter(month, walked.nowMs);
  const span = monthSpan();
  const breakGlass: AccessRecord[] = [];
  const others: AuditEntry[] = [];
  for await (const part of monthParts(audit, keys, walked)) {
    span.take(part.entries);
    part.records.forEach(totals.record);
    part.others.forEach(totals.entry);
    const opened = part.records.filter((one) => one.isBreakGlass && wasOpen(one, walked));
    breakGlass.push(...opened.slice(0, LISTED_MAX - breakGlass.length));
    others.push(...part.others.slice(0, LISTED_MAX - others.length));
  }
  const finished = totals.finish();
  const names = await namesOf([...finished.people]);
  return { totals: finished, found: span.judged(report), breakGlass, others, names };
}

const wasOpen = (record: AccessRecord, { month, nowMs }: Walked): boolean =>
  openMs(record, { ...month, nowMs }) > 0;

function listsText({ totals, breakGlass, others, names }: Gathered): string {
  const moreOthers = totals.othersOpened + totals.othersChanged - others.length;
  return (
    breakGlassText(breakGlass, { names }, totals.breakGlass - breakGlass.length) +
    othersText(others, moreOthers) +
    peopleText([...totals.people], names)
  );
}

type Csv = {
  readonly walked: Walked;
  readonly options: TableOptions;
  readonly found: Verification;
};

/** A row a request, and one for each opening by others; each says whether the log behind it is whole. */
async function writeCsv(
  { month }: ReportAsked,
  { audit, keys, write }: ReportTools,
  { walked, options, found }: Csv,
): Promise<void> {
  const verified = found.isVerified ? headText(found.monthHead) : "no";
  const table: TableOptions = {
    ...options,
    more: {
      minutes_in_month: (record) => minutesText(openMs(record, { ...month, nowMs: walked.nowMs })),
      verified: () => verified,
    },
  };
  await write(tableHead(table));
  for await (const { records, others } of monthParts(audit, keys, walked)) {
    const opened = others.map((entry) => othersLine(entry, ["", verified]));
    await write(records.map((record) => tableRow(record, table)).join("") + opened.join(""));
  }
}

function othersLine(entry: AuditEntry, further: readonly string[]): string {
  const { what, vm, ports, source, by, atMs, untilMs } = othersDeed(entry);
  const until = untilMs === undefined ? "" : ` until ${isoOf(untilMs)}`;
  const end = `${what} by others${until}`;
  return othersRow({ who: by, vm, ports, source, opened: isoOf(atMs), end }, entry.seq, further);
}

function verifiedLine({ name, head }: ReportAsked, found: Verification): string {
  const compared = head === undefined ? "" : `, compared with ${headText(head)} from the log`;
  return found.isVerified
    ? `${name} verifies: head ${headText(found.monthHead)}, newest head ${headText(found.newestHead)}${compared}.`
    : `${name} doesn't verify: ${found.findings.join("; ")}.`;
}
