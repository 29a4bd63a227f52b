// `jit audit`: exports the audit, verifies its chain or a copy of it, erases a person from it.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { AuditKeys } from "../../config/environment/audit-keys.ts";
import { type Head, type SealKey, sealKey, UNKEYED } from "../../domain/audit/audit-chain.ts";
import type { AuditEntry } from "../../domain/audit/audit-entry.ts";
import { formatEntry, headOf } from "../../domain/audit/audit-export.ts";
import { type CopyReport, walkCopy } from "../../domain/audit/stream/verify-copy.ts";
import type { Report } from "../../domain/audit/verify-audit.ts";
import { capital } from "../../domain/text/plain-text.ts";
import { entriesOf, erasePerson, sealedHead, verifyAudit } from "../../flows/audit/audit-walk.ts";
import type { AuditRepository } from "../../ports/storage/audit.ts";
import { type ExitCode, FINDINGS, FINE, WRONG_USE } from "../terminal.ts";
import { USAGES } from "../usage.ts";
import { type AuditArguments, readAuditArguments } from "./audit-arguments.ts";

export type AuditTools = AuditKeys & {
  /** Opens the audit of a workspace; without a team, of the one whose bot token is set. */
  readonly open: (team: string | undefined) => Promise<{ audit: AuditRepository; close(): void }>;
  /** Resolves when there is room for more; rejects where nobody reads any more. */
  readonly write: (text: string) => Promise<void>;
  readonly complain: (line: string) => void;
};

/** Answers the exit code. Throws a `Fault` where Redis or Slack doesn't answer. */
export async function auditCommand(args: readonly string[], tools: AuditTools): Promise<ExitCode> {
  const command = readAuditArguments(args);
  if ("wrong" in command) {
    tools.complain(`${command.wrong}\n${USAGES.audit}`);
    return WRONG_USE;
  }
  if (command.verb === "verify" && command.copy !== undefined && command.head !== undefined) {
    return verifyCopy(undefined, command, tools);
  }
  const { audit, close } = await tools.open(command.team);
  try {
    switch (command.verb) {
      case "export":
        return await exportEntries(audit, command, tools);
      case "verify":
        return await (command.copy === undefined ? verify : verifyCopy)(audit, command, tools);
      case "erase":
        return await erase(audit, command, tools);
    }
  } finally {
    close();
  }
}

type Export = Extract<AuditArguments, { verb: "export" }>;

async function exportEntries(
  audit: AuditRepository,
  command: Export,
  { write, ...tools }: AuditTools,
): Promise<ExitCode> {
  const keys = keysOf(tools);
  const { format, fromMs = 0, untilMs = Number.POSITIVE_INFINITY } = command;
  await write(headOf(format));
  for await (const entries of entriesOf(audit, keys, { fromMs, untilMs })) {
    const wanted = entries.filter((entry) => isWanted(entry, command));
    await write(wanted.map((entry) => formatEntry(entry, format)).join(""));
  }
  return FINE;
}

const isWanted = (entry: AuditEntry, { request, user }: Export): boolean =>
  (request === undefined || entry.request === request) &&
  (user === undefined || entry.by === user || entry.requester === user);

type Verify = Extract<AuditArguments, { verb: "verify" }>;

async function verify(
  audit: AuditRepository,
  { head }: Verify,
  { auditKey, auditKeysBefore, write, complain }: AuditTools,
): Promise<ExitCode> {
  const { eras } = await audit.chain();
  if (auditKey === undefined && eras.some(({ fingerprint }) => fingerprint !== UNKEYED)) {
    complain(NO_KEY);
    return WRONG_USE;
  }
  // Where there is a key, only keys vouch: what needs none, anybody could have made.
  const keys = keysOf({ auditKey, auditKeysBefore });
  const report = await verifyAudit(audit, keys, head);
  await writeFindings(report, write);
  await write(`${summary(report, keys[0]?.fingerprint === UNKEYED)}\n`);
  return report.findingsCount > 0 ? FINDINGS : FINE;
}

const NO_KEY = "The audit log is sealed with a key: set AUDIT_KEY to the bot's.";

async function writeFindings(
  { findings, findingsCount }: Pick<Report, "findings" | "findingsCount">,
  write: AuditTools["write"],
): Promise<void> {
  for (const { say } of findings) await write(`${capital(say)}.\n`);
  const unsaid = findingsCount - findings.length;
  if (unsaid > 0) await write(`… and ${unsaid} more findings.\n`);
}

/** Without a head from the log, the copy has to go as far as Redis is sealed. */
async function verifyCopy(
  audit: AuditRepository | undefined,
  { copy, head: given, team }: Verify,
  { auditKey, auditKeysBefore, write, complain }: AuditTools,
): Promise<ExitCode> {
  const { file = "", since } = copy ?? {};
  const head = given ?? (audit && (await sealedHead(audit)));
  const keys = keysOf({ auditKey, auditKeysBefore });
  const walk = walkCopy({ keys, head, team: (await audit?.chain())?.tenant ?? team, since });
  let needsKey = false;
  try {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      // Only what was written with a key has a nonce.
      needsKey ||= auditKey === undefined && /"nonce\\*":/.test(line);
      walk.take(line);
    }
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : "unreadable";
    complain(`${file} can't be read (${code}).`);
    return WRONG_USE;
  }
  if (needsKey) {
    complain(NO_KEY);
    return WRONG_USE;
  }
  const report = walk.finish();
  await writeFindings(report, write);
  await write(`${copySummary(report, head)}\n`);
  if (auditKey === undefined) await write(`${UNKEYED_COPY}\n`);
  return report.findingsCount > 0 ? FINDINGS : FINE;
}

const UNKEYED_COPY =
  "Sealed without a key: this detects accidents, not tampering by somebody who can change the copy.";

function copySummary(report: CopyReport, head: Head | undefined): string {
  const { entries, repeated, neverSealed, last, findingsCount } = report;
  const until = last === undefined ? "" : `, up to ${last.seq}`;
  const is = findingsCount > 0 ? "not whole, see above" : "whole";
  const twice = repeated === 0 ? "" : `; ${repeated} sent again`;
  const never =
    neverSealed === 0 ? "" : `; ${neverSealed} numbers that were never sealed aren't in it`;
  const further = head === undefined ? "" : `\nHead: ${head.seq}:${head.seal}`;
  return `The copy has ${entries} entries${until}: ${is}${twice}${never}.${further}`;
}

function summary(report: Report, isUnkeyed: boolean): string {
  const { sealed, unsealed, checkpoint, findingsCount } = report;
  if (sealed === undefined && unsealed === undefined && findingsCount === 0) {
    return "There are no entries yet.";
  }
  const upTo = sealed === undefined ? "Nothing is sealed yet" : `Sealed up to ${sealed.seq}`;
  const since =
    checkpoint === undefined
      ? "since the first entry"
      : `since ${checkpoint.seq} (checkpoint of ${new Date(checkpoint.atMs).toISOString()})`;
  const chain = findingsCount > 0 ? "chain broken, see above" : `chain intact ${since}`;
  const waiting =
    unsealed === undefined
      ? ""
      : `; ${unsealed.count} not sealed yet, since ${new Date(unsealed.sinceMs).toISOString()}`;
  const unkeyed = isUnkeyed
    ? "\nSealed without a key: this detects accidents, not tampering by somebody who can write to Redis."
    : "";
  const head = sealed === undefined ? "" : `\nHead: ${sealed.seq}:${sealed.seal}`;
  return `${upTo}, ${chain}${waiting}.${head}${unkeyed}`;
}

const keysOf = ({ auditKey, auditKeysBefore }: AuditKeys): readonly SealKey[] => [
  sealKey(auditKey),
  ...auditKeysBefore.map(sealKey),
];

async function erase(
  audit: AuditRepository,
  { user, label }: Extract<AuditArguments, { verb: "erase" }>,
  { auditKey, write, complain }: AuditTools,
): Promise<ExitCode> {
  const key = sealKey(auditKey);
  const newest = (await audit.chain()).eras.at(-1)?.fingerprint;
  if (newest !== undefined && newest !== key.fingerprint) {
    complain(
      "AUDIT_KEY isn't the key that seals the audit log: without it, erasing would look like tampering.",
    );
    return WRONG_USE;
  }
  const { pseudonym, texts, live } = await erasePerson(audit, key, { user, label });
  if (pseudonym === undefined) await write(`${user} isn't in any entry of the audit log.\n`);
  else {
    const shown = label === "" ? pseudonym : `${label} (${pseudonym})`;
    await write(`${user} is ${shown} in the audit log from now on.\n`);
  }
  await write(`Texts beside entries erased: ${texts}.\n`);
  if (live > 0) {
    await write(
      `Their requests that aren't over yet: ${live}. Erase again when they're over: they still name them.\n`,
    );
  }
  return live > 0 ? FINDINGS : FINE;
}
