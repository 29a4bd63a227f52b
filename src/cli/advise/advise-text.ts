// What `jit advise` prints: each finding with its evidence, the commands for JIT policies, and the diff at the end.

import { keyText, visible } from "../../config/config-fault.ts";
import type { Where } from "../../config/policy-file/yaml-positions.ts";
import type { Finding, Seen } from "../../domain/advice/finding.ts";
import type { JitFinding } from "../../domain/advice/jit-advice.ts";
import type { Tally } from "../../domain/advice/usage.ts";
import type { KeyPath } from "../../domain/check/policy-warning.ts";
import { DAY_MS, formatDuration } from "../../domain/text/duration.ts";
import type { Judged } from "./advised-file.ts";

export type Advice = {
  readonly file: string;
  readonly days: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** The first entry that there is; `undefined`: none. */
  readonly firstAtMs: number | undefined;
  readonly requests: number;
  readonly used: number;
  readonly findings: readonly Judged[];
  readonly jit: readonly JitFinding[];
  /** How many policy tests pass with the advised file, of how many. */
  readonly tests: { readonly passed: number; readonly of: number } | undefined;
  readonly diff: string;
};

export type Naming = {
  readonly where: (path: KeyPath) => Where;
  /** `@lea (U0LEAD)` where the name is known. */
  readonly nameOf: (id: string) => string;
};

export function adviceText(advice: Advice, naming: Naming): string {
  const { findings, jit, diff } = advice;
  const jitLines = jit.flatMap((one) => [`  ${one.command}`, `      ${jitEvidence(one)}`]);
  const lines = [
    ...head(advice),
    ...findings.map((one) => findingLine(advice.file, one, naming)),
    ...(jit.length === 0
      ? []
      : ["", "JIT policies that allow more than anybody requested:", ...jitLines]),
    ...(diff === "" ? [] : ["", ...promise(advice), ""]),
  ];
  return `${lines.map((line) => `${visible(line)}\n`).join("")}${diff}`;
}

function head({ file, days, firstAtMs, fromMs, requests, used, findings, jit }: Advice) {
  const period = `in ${days} days`;
  const short =
    firstAtMs !== undefined && firstAtMs > fromMs + DAY_MS
      ? [`The audit log begins on ${day(firstAtMs)}: what was before it isn't counted.`]
      : [];
  const rested = `${counted(requests, "request")} ${period}, ${used} used`;
  const found = counted(findings.length + jit.length, "finding");
  const nothing = findings.length + jit.length === 0;
  return [`${file}: ${nothing ? "nothing to tighten" : found} (${rested}).`, ...short];
}

function promise({ used, tests }: Advice): readonly string[] {
  const passed =
    tests === undefined ? "" : ` ${tests.passed} of ${counted(tests.of, "policy test")} pass.`;
  return [`With this change, none of the ${used} used requests would have been refused.${passed}`];
}

function findingLine(file: string, { finding, kept }: Judged, { where, nameOf }: Naming): string {
  const { line, column } = where(finding.path);
  const key = keyText(finding.path);
  const why =
    kept ?? (finding.heir && `rule "${finding.heir}", further down, could decide instead`);
  const left = why === undefined ? "" : ` Not changed: ${why}.`;
  return `${file}:${line}:${column}: ${key}: ${saying(finding, nameOf)}${left}`;
}

function saying(finding: Finding, nameOf: Naming["nameOf"]): string {
  const { kind, about, unused, used, duration, vms } = finding;
  const gone = unused.map(nameOf).join(", ");
  const inUse = used.map((one) => seenText(one, nameOf)).join(", ");
  switch (kind) {
    case "ports":
      return `Nobody used ${gone} under rule "${about}". In use: ${inUse}.`;
    case "networks":
    case "ranges":
      return `Nobody came from ${gone} ${kind === "ranges" ? "of network" : "under rule"} "${about}". In use: ${inUse}.`;
    case "approvers":
      return `${gone} decided nothing under rule "${about}". Who did: ${inUse}.`;
    case "duration": {
      const { allowedMs = 0, longestMs = 0, advisedMs = 0 } = duration ?? {};
      return `Nobody requested more than ${formatDuration(longestMs)} under rule "${about}" (${tallyText(used[0])}), which allows ${formatDuration(allowedMs)}: ${formatDuration(advisedMs)} is enough.`;
    }
    case "matches-nothing":
      return `Rule "${about}" matches no VM.`;
    case "rule-unused":
      return `Nobody used rule "${about}", which decides about ${counted(vms ?? 0, "VM")}: remove it if nobody needs it.`;
    case "network-unused":
      return `No rule allows network "${about}".`;
  }
}

const seenText = (one: Seen, nameOf: Naming["nameOf"]): string =>
  `${nameOf(one.what)} (${tallyText(one)})`;

const tallyText = (tally: Tally | undefined): string =>
  tally === undefined ? "never" : `${counted(tally.count, "time")}, last ${day(tally.lastAtMs)}`;

function jitEvidence({ unused, asked, longestMs = 0 }: JitFinding): string {
  const tally = tallyText(asked);
  switch (unused) {
    case "ports":
      return `Never requested; other ports of the same VMs were: ${tally}. The port stays closed by JIT, and opens for 5m at most.`;
    case "time":
      return `Requested ${tally}, at most for ${formatDuration(longestMs)}.`;
    case "sources":
      return `Requested ${tally}, always from there.`;
    case "time and sources":
      return `Requested ${tally}, at most for ${formatDuration(longestMs)}, always from there.`;
  }
}

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;

export function adviceJson(advice: Advice, { where, nameOf }: Naming): string {
  const seenOf = ({ what, count, lastAtMs }: Seen) => ({ what, count, last: iso(lastAtMs) });
  const findings = advice.findings.map(({ finding, kept }) => {
    const { kind, about, path, unused, used, duration, vms, heir, edits } = finding;
    return {
      kind,
      about,
      key: keyText(path),
      ...where(path),
      unused,
      used: used.map(seenOf),
      duration,
      vms,
      edited: edits.length > 0 && kept === undefined,
      notChanged: kept ?? (heir && `rule "${heir}" could decide instead`),
      says: saying(finding, nameOf),
    };
  });
  const jit = advice.jit.map(({ asked, ...one }) => ({
    ...one,
    asked: { count: asked.count, last: iso(asked.lastAtMs) },
  }));
  const { file, days, fromMs, untilMs, firstAtMs, requests, used, tests, diff } = advice;
  const period = { days, from: iso(fromMs), until: iso(untilMs) };
  const first = firstAtMs === undefined ? undefined : iso(firstAtMs);
  const rest = { requests, used, refused: 0, tests };
  return `${JSON.stringify({ file, ...period, auditBegins: first, ...rest, findings, jit, diff }, null, 2)}\n`;
}

const iso = (atMs: number): string => new Date(atMs).toISOString();
