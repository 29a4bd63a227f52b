// `jit advise`: a tighter policy file as a diff, from what was asked for and used, and what is in Azure.

import { readFile } from "node:fs/promises";
import { configFaultLine } from "../../config/config-fault.ts";
import { readPolicyFile } from "../../config/policy-file/read-policy-file.ts";
import { type PlacedTest, readPolicyTests } from "../../config/policy-tests.ts";
import type { Evidence } from "../../domain/advice/finding.ts";
import { jitFindings } from "../../domain/advice/jit-advice.ts";
import { READ_BEFORE_MS, usageCounter } from "../../domain/advice/usage.ts";
import type { SealKey } from "../../domain/audit/audit-chain.ts";
import { differences } from "../../domain/check/policy-test.ts";
import { DAY_MS } from "../../domain/text/duration.ts";
import type { GroupId, UserId } from "../../domain/text/ids.ts";
import { entriesOf } from "../../flows/audit/audit-walk.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";
import type { AuditReader } from "../../ports/storage/audit.ts";
import { readOptions } from "../options.ts";
import { type ExitCode, FINDINGS, FINE } from "../terminal.ts";
import { type Advice, adviceJson, adviceText } from "./advise-text.ts";
import { advisedFile } from "./advised-file.ts";
import { unifiedDiff } from "./unified-diff.ts";

export type AdviseAsked = {
  readonly file: string | undefined;
  readonly days: number;
  readonly tests: string | undefined;
  readonly json: boolean;
  readonly team: string | undefined;
};

const DAYS = 90;
const DAYS_MAX = 3_660;

/** Answers what is asked, or a sentence about what is wrong. */
export function readAdviseArguments(args: readonly string[]): AdviseAsked | string {
  const known = { days: "text", tests: "text", json: "nothing", team: "text" } as const;
  const read = readOptions(args, known);
  if ("wrong" in read) return read.wrong;
  const { options, words } = read;
  const [file, ...more] = words;
  if (more.length > 0) return "advise takes one file.";
  const days = Number(options.get("days") ?? DAYS);
  if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) {
    return `--days takes a number from 1 to ${DAYS_MAX}.`;
  }
  const team = options.get("team");
  if (team !== undefined && !/^[A-Z0-9]{2,64}$/.test(team)) {
    return "--team takes a workspace's ID, such as T0123456789.";
  }
  return { file, days, tests: options.get("tests"), json: options.has("json"), team };
}

export type AdviseTools = {
  readonly audit: Pick<AuditReader, "chain" | "page" | "firstFrom" | "firstSince">;
  /** Those that vouch for entries. */
  readonly keys: readonly SealKey[];
  readonly inventory: Pick<InventorySnapshot, "vms" | "vmPolicies" | "unread">;
  /** The members of the groups that Slack told; of the others nothing is advised. */
  readonly members: ReadonlyMap<GroupId, readonly UserId[]>;
  /** `@lea (U0LEAD)` where the name is known. */
  readonly nameOf: (id: string) => string;
  readonly nowMs: number;
  readonly write: (text: string) => Promise<void>;
};

export type PolicyText = {
  readonly file: string;
  readonly text: string;
  readonly read: Extract<ReturnType<typeof readPolicyFile>, { policy: object }>;
  readonly tests: readonly PlacedTest[] | undefined;
};

/** Answers the exit code: 0 nothing to tighten, 1 findings. */
export async function adviseCommand(
  { days, json }: AdviseAsked,
  { file, text, read, tests }: PolicyText,
  tools: AdviseTools,
): Promise<ExitCode> {
  const { audit, keys, inventory, members, nameOf, nowMs, write } = tools;
  const fromMs = nowMs - days * DAY_MS;
  const counter = usageCounter(fromMs);
  const period = { fromMs: fromMs - READ_BEFORE_MS, untilMs: Number.POSITIVE_INFINITY };
  for await (const entries of entriesOf(audit, keys, period)) entries.forEach(counter.take);
  const usage = counter.finish();
  const { policy, where } = read;
  const isWhole = inventory.unread.length === 0;
  const evidence: Evidence = { policy, usage, ...inventory, isWhole, members };
  const advised = advisedFile({ text, tests: tests ?? [], evidence });
  const passed = tests?.filter((test) => differences(advised.policy, test).length === 0).length;
  const sum = (some: typeof usage.uses) => some.reduce((all, { count }) => all + count, 0);
  const advice: Advice = {
    file,
    days,
    fromMs,
    untilMs: nowMs,
    firstAtMs: usage.firstAtMs,
    requests: usage.requests,
    used: sum(usage.uses.filter(({ wasUsed }) => wasUsed)),
    findings: advised.findings,
    jit: jitFindings(evidence),
    tests: passed === undefined ? undefined : { passed, of: tests?.length ?? 0 },
    diff: unifiedDiff(file, text, advised.text),
  };
  await write((json ? adviceJson : adviceText)(advice, { where, nameOf }));
  return advice.findings.length + advice.jit.length > 0 ? FINDINGS : FINE;
}

/** The policy file and the tests beside it, or sentences that say what is wrong with them. */
export async function policyTextAt(
  file: string,
  testsFile: string | undefined,
): Promise<PolicyText | readonly string[]> {
  const text = await textAt(file);
  if (typeof text !== "string") return [`${file} can't be read (${text.code}).`];
  const read = readPolicyFile(text);
  if ("faults" in read) return read.faults.map((fault) => configFaultLine(file, fault));
  const beside = testsFile ?? file.replace(/(\.ya?ml)?$/i, ".test$1");
  const written = await textAt(beside);
  if (typeof written !== "string") {
    return testsFile === undefined && written.code === "ENOENT"
      ? { file, text, read, tests: undefined }
      : [`${beside} can't be read (${written.code}).`];
  }
  const tests = readPolicyTests(written);
  return "faults" in tests
    ? tests.faults.map((fault) => configFaultLine(beside, fault))
    : { file, text, read, tests: tests.tests };
}

const textAt = (file: string): Promise<string | { readonly code: string }> =>
  readFile(file, "utf8").catch((thrown: NodeJS.ErrnoException) => ({
    code: thrown.code ?? "unreadable",
  }));
