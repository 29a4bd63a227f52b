// Files that others open: no cell is a formula, and every text comes back to the letter.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../../src/domain/audit/audit-entry.ts";
import { csvCell, formatEntry, headOf } from "../../../src/domain/audit/audit-export.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import { T0 } from "../../support/requests.ts";

const ENTRY: AuditEntry = {
  seq: 7,
  atMs: T0,
  what: "asked",
  by: "U0ERIN",
  requester: "U0ERIN",
  request: "JIT-4K7QWD" as RequestId,
  vm: "rg-web/vm-01",
  detail: {
    ports: "3389",
    reason: "=1+1",
    rule: "production",
    policy: "abc",
    durationMs: 60_000,
    endsAtMs: T0,
  },
  erased: false,
  seal: "s",
};

/** Reads CSV as RFC 4180 has it. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/gy;
  for (let match = cell.exec(csv); match !== null && match[0] !== ""; match = cell.exec(csv)) {
    const [, raw = "", end] = match;
    rows.at(-1)?.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

const NASTY = [
  ..."=1+1|+1|-1|@SUM(A1)|\t=1|\r=1|\n=1|＝1|＋1|－1|＠x|=cmd|' /C calc'!A0".split("|"),
  ...['"', '","', "a,b", "a\nb", "a\r\nb", "'", "", " =1", '=HYPERLINK("https://x")', '🚪,"="'],
];

describe("a cell", () => {
  it.each(NASTY)("of %j is no formula, and can be read back", (text) => {
    const line = `${csvCell(text)},${csvCell("next")}\r\n`;
    const [[cell = "", next] = []] = cellsOf(line);
    expect(next).toBe("next");
    expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
    expect(cell === text || cell === `'${text}`).toBe(true);
  });

  it("is so whatever the text", () => {
    const text = fc.array(fc.constantFrom(..."=+-@\t\r\n\",'a🚪＝ "), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (texts) => {
        const given = texts.map((one) => one.join(""));
        const [read = []] = cellsOf(`${given.map(csvCell).join(",")}\r\n`);
        expect(read.map((one) => one.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ""))).toEqual(
          given.map((one) => one.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, "")),
        );
        for (const one of read) expect(one).not.toMatch(/^[=+\-@\t\r\n＝]/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("CSV", () => {
  it("has one line for an entry, as many cells as the head, and times in UTC", () => {
    const [head = [], cells = []] = cellsOf(headOf("csv") + formatEntry(ENTRY, "csv"));
    expect(Object.fromEntries(head.map((name, n) => [name, cells[n]]))).toEqual({
      seq: "7",
      at: "2026-11-01T12:00:00.000Z",
      what: "asked",
      by: "U0ERIN",
      requester: "U0ERIN",
      request: "JIT-4K7QWD",
      vm: "rg-web/vm-01",
      ports: "3389",
      source: "",
      reason: "'=1+1",
      rule: "production",
      policy: "abc",
      detail: '{"durationMs":60000,"endsAt":"2026-11-01T12:00:00.000Z"}',
      seal: "s",
      opensAt: "",
    });
    const timed = { ...ENTRY, detail: { ...ENTRY.detail, opensAtMs: ENTRY.atMs } };
    expect(cellsOf(formatEntry(timed, "csv"))[0]?.at(-1)).toBe("2026-11-01T12:00:00.000Z");
    expect(cells).toHaveLength(head.length);
  });

  it("says that texts were erased, and shows what has no time", () => {
    const line = formatEntry({ ...ENTRY, atMs: Number.NaN, erased: true }, "csv");
    expect(line).toContain('""erased"":""yes""');
    expect(line).toContain("NaN");
  });
});

describe("JSON lines", () => {
  it("hold an entry each, texts to the letter", () => {
    const line = formatEntry(ENTRY, "jsonl");
    expect(headOf("jsonl")).toBe("");
    expect(line).toMatch(/^[^\n]*\n$/);
    const { endsAtMs: _, ...detail } = ENTRY.detail;
    expect(JSON.parse(line)).toEqual({
      ...{
        seq: 7,
        at: "2026-11-01T12:00:00.000Z",
        what: "asked",
        by: "U0ERIN",
        requester: "U0ERIN",
      },
      ...{
        request: "JIT-4K7QWD",
        vm: "rg-web/vm-01",
        detail: { ...detail, endsAt: "2026-11-01T12:00:00.000Z" },
        seal: "s",
      },
    });
  });
});

it("has Azure's own entry of a request, in either format, by its correlation id", () => {
  const detail = { status: "Succeeded", correlation: "c1", caller: "the bot", loggedAtMs: T0 };
  const seen: AuditEntry = { ...ENTRY, what: "seen-in-log", by: undefined, detail };
  const shown = {
    status: "Succeeded",
    correlation: "c1",
    caller: "the bot",
    loggedAt: new Date(T0),
  };
  const expected = JSON.parse(JSON.stringify(shown));
  expect(JSON.parse(formatEntry(seen, "jsonl"))).toMatchObject({
    ...{ what: "seen-in-log", request: ENTRY.request, vm: ENTRY.vm },
    detail: expected,
  });
  const [names = [], cells = []] = cellsOf(headOf("csv") + formatEntry(seen, "csv"));
  expect(cells[names.indexOf("request")]).toBe(ENTRY.request);
  expect(JSON.parse(cells[names.indexOf("detail")] ?? "")).toEqual(expected);
});
