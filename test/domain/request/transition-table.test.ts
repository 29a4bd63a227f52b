// The comment above the transition is a table: it has every act, and says of each where it leads.
// Of src/domain/request/transition.ts.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Act } from "../../../src/domain/request/transition.ts";
import { PEOPLE_TABLE, WORLD_TABLE_LATE } from "./transition-table.ts";

/** All that there are: the compiler names what is missing. */
const NAMES: Readonly<Record<Act["act"], "people" | "world">> = {
  approve: "people",
  deny: "people",
  "take-back": "people",
  ask: "people",
  answer: "people",
  claim: "people",
  cancel: "people",
  end: "people",
  requeue: "people",
  retry: "people",
  open: "people",
  review: "people",
  remind: "world",
  escalate: "world",
  "remind-ready": "world",
  absences: "world",
  "on-call": "world",
  "rule-now": "world",
  unclaim: "world",
  left: "world",
  member: "world",
  unmade: "world",
  extended: "world",
  "took-over": "world",
  "review-reminded": "world",
  frozen: "world",
  "still-frozen": "world",
  thawing: "world",
  thawed: "world",
  "thawed-short": "world",
  "held-up": "world",
  "not-checked": "world",
  "not-opened": "world",
  expire: "world",
  recovered: "world",
  sending: "world",
  accepted: "world",
  unanswered: "world",
  refused: "world",
  seen: "world",
  closed: "world",
  closing: "world",
  "not-closed": "world",
  gone: "world",
  over: "world",
  checked: "world",
  park: "world",
  requeued: "world",
  "retry-over": "world",
  warned: "world",
};

describe("the table that is written above the code", () => {
  const file = new URL("../../../src/domain/request/transition.ts", import.meta.url);
  const [comment = ""] = readFileSync(file, "utf8").split("\nimport ");
  const lines = comment.split("\n").map((line) => line.replace(/^\/\/ */, "").trim());
  const line = lines.findIndex((one) => one.startsWith("-----"));
  const [head, ...rows] = lines
    .slice(
      lines.findIndex((one) => one.startsWith("pending ")),
      lines.indexOf("", line),
    )
    .map((one) => one.replaceAll(/[⁰¹²³⁴-⁹]/g, "").split(/ {2,}/));
  const columns = (head ?? []).flatMap((name) =>
    name === "denied…lapsed" ? [["denied", "cancelled", "lapsed"]] : [[name]],
  );
  const nameOf = (row: readonly string[]): string => row[0] ?? "";
  const isLine = (row: readonly string[]): boolean => nameOf(row).startsWith("-----");
  const at = rows.findIndex(isLine);

  it("has every act, people's above the line", () => {
    const inTable = (who: "people" | "world") =>
      (who === "people" ? rows.slice(0, at) : rows.slice(at + 1)).map(nameOf);
    const lost = Object.entries(NAMES).filter(
      ([act, who]) => !inTable(who).includes(act) && !comment.includes(`"${act}"`),
    );
    expect(lost).toEqual([]);
    expect(rows.filter((row) => !isLine(row) && !(nameOf(row) in NAMES))).toEqual([]);
  });

  it("leads from every state to where the act does", () => {
    const moves = [
      ...Object.entries(PEOPLE_TABLE).map(
        ([key, to]) => [key.split(" ")[0] ?? "", to ?? {}] as const,
      ),
      ...Object.entries(WORLD_TABLE_LATE).map(([act, to]) => [act, to ?? {}] as const),
    ].flatMap(([act, to]) => Object.entries(to).map(([from, into]) => ({ act, from, into })));
    const isWritten = ({ act, from, into }: (typeof moves)[number]): boolean => {
      const column = columns.findIndex((states) => states.includes(from));
      const row = rows.find((one) => nameOf(one) === act);
      // What is ready has no column, and what only concerns that no row: the notes tell of it.
      if (column < 0 || row === undefined) return from === "ready";
      return (row[column + 1] ?? "").split(", ").includes(into);
    };
    expect(moves.length).toBeGreaterThan(40);
    expect(moves.filter((move) => !isWritten(move))).toEqual([]);
  });
});
