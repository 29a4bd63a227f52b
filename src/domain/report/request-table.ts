// Requests as a table for a spreadsheet: one row each, from who asked to how it ended. Pure.

import { type AccessRecord, openMs } from "../audit/access-record.ts";
import { csvCell } from "../audit/audit-export.ts";
import { ANY_SOURCE } from "../network/source.ts";
import { MINUTE_MS } from "../text/duration.ts";
import { portalUrl } from "../vm/portal-url.ts";
import { type Names, withId } from "./names.ts";

const COLUMNS = [
  "request",
  "who",
  "who_id",
  "address",
  "vm",
  "ports",
  "source",
  "approvers",
  "asked",
  "opened",
  "closed",
  "minutes",
  "reason",
  "end",
  "rule",
  "break_glass",
  "review",
  "extends",
  "azure",
  "first_entry",
  "last_entry",
  "amiss",
  "opens_at",
] as const;

type Cells = Readonly<Record<(typeof COLUMNS)[number], string>>;

/** What a table is about. `nowMs`: when it is written; what is open is open until then. */
export type TableOptions = {
  readonly names: Names;
  /** The cloud's portal, for links to VMs. */
  readonly portal: string;
  readonly nowMs: number;
  /** Columns of one table more, by their names. */
  readonly more?: Readonly<Record<string, (record: AccessRecord) => string>>;
};

export const tableHead = ({ more = {} }: TableOptions): string =>
  `${[...COLUMNS, ...Object.keys(more)].join(",")}\r\n`;

export function tableRow(record: AccessRecord, options: TableOptions): string {
  const cells = cellsOf(record, options);
  const further = Object.values(options.more ?? {}).map((cell) => cell(record));
  return csvRow([...COLUMNS.map((column) => cells[column]), ...further]);
}

const csvRow = (cells: readonly string[]): string => `${cells.map(csvCell).join(",")}\r\n`;

/** A row of what somebody opened at Azure themselves: in the same columns, without a request. `further`: those of `more`. */
export function othersRow(
  opened: { readonly [Column in "who" | "vm" | "ports" | "source" | "opened" | "end"]: string },
  seq: number,
  further: readonly string[],
): string {
  const cells: Partial<Cells> = { ...opened, first_entry: String(seq), last_entry: String(seq) };
  return csvRow([...COLUMNS.map((column) => cells[column] ?? ""), ...further]);
}

function cellsOf(record: AccessRecord, { names, portal, nowMs }: TableOptions): Cells {
  const { id, requester = "", vm = "", vmId, ports, openedAtMs, reason, rule = "" } = record;
  const person = names.get(requester);
  return {
    request: id,
    who: person?.name ?? requester,
    who_id: requester,
    address: person?.address ?? "",
    vm,
    ports: ports.join(" "),
    source: sourceText(record),
    approvers: record.approvers.map((one) => withId(names, one)).join("; "),
    asked: isoOf(record.askedAtMs),
    opened: isoOf(openedAtMs),
    closed: isoOf(record.closedAtMs),
    minutes: openedAtMs === undefined ? "" : minutesText(openMs(record, { nowMs })),
    reason,
    end: endText(record),
    rule,
    break_glass: record.isBreakGlass ? "yes" : "",
    review: reviewText(record, names),
    extends: record.extends?.id ?? "",
    azure: (vmId === undefined ? undefined : portalUrl(portal, vmId)) ?? "",
    first_entry: String(record.firstSeq),
    last_entry: String(record.lastSeq),
    amiss: [...record.amiss].join(" "),
    opens_at: isoOf(record.opensAtMs),
  };
}

/** As it was approved; by its name, where nobody narrowed it. */
export function sourceText({ source, network, grantedSource }: AccessRecord): string {
  const known = grantedSource ?? source ?? "";
  const text = known === ANY_SOURCE ? "any" : known;
  return network === undefined || (grantedSource ?? source) !== source
    ? text
    : `${text} (${network})`;
}

export const endText = ({ end, isStillOpen, closedAtMs }: AccessRecord): string => {
  const said = end.replace("-", " ");
  return isStillOpen && closedAtMs !== undefined ? `${said}, still open in Azure` : said;
};

export function reviewText({ isBreakGlass, reviews }: AccessRecord, names: Names): string {
  if (!isBreakGlass) return "";
  const said = reviews.map(({ by, atMs, verdict, text }) => {
    const why = text === "" ? "" : `: ${text}`;
    return `${verdict} by ${withId(names, by)} ${isoOf(atMs)}${why}`;
  });
  return said.length === 0 ? "not reviewed" : said.join("; ");
}

export const minutesText = (ms: number): string => String(Math.round(ms / MINUTE_MS));

/** In UTC; empty where there is none. */
export function isoOf(atMs: number | undefined): string {
  const date = new Date(atMs ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
