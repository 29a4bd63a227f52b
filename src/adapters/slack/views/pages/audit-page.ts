// A page of what is on record: each request with what became of it, and buttons for the whole as a file. Pure.

import type { AuditEntry } from "../../../../domain/audit/audit-entry.ts";
import type { AuditLife } from "../../../../domain/audit/audit-lives.ts";
import { USUAL_PERIOD_MS } from "../../../../domain/audit/usual-period.ts";
import { ANY_SOURCE } from "../../../../domain/network/source.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import { userId } from "../../../../domain/text/ids.ts";
import { listed, type Part, type Words, words } from "../../../../domain/text/words.ts";
import { activityLogUrl, portalUrl } from "../../../../domain/vm/portal-url.ts";
import type { AuditScreen } from "../../../../ports/screens/screens.ts";
import {
  actions,
  type Button,
  type Message,
  plainTextElement,
  sections,
  textOf,
} from "../blocks.ts";
import { AUDIT_CSV_ACTION, AUDIT_JSONL_ACTION } from "../list-action.ts";
import { inLine } from "../phrases.ts";
import { paging } from "./paging.ts";

/** The whole is in the file. */
const REASON_MAX = 100;
const HAPPENED_MAX = 12;
const NAME_MAX = 160;
const PORTS_MAX = 60;

export function auditMessage(screen: AuditScreen): Message {
  const { fromMs, untilMs, lives, page, count, elsewhere, others, stoppedAtMs, isUsual } = screen;
  const { portal } = screen;
  const period = words`${{ atMs: fromMs }} to ${{ atMs: untilMs }}`;
  const counted = `${count} ${count === 1 ? "request" : "requests"}`;
  const turned = page > 1 ? `, page ${page}` : "";
  const title = words`${{ strong: `Found ${counted}${turned}` }}, ${period}`;
  const notes = [
    ...(page === 1 && elsewhere.length > 0 ? elsewhereWords(elsewhere, portal) : []),
    ...(page === 1 && others.size > 0 ? [othersWords(others)] : []),
    ...(stoppedAtMs === undefined
      ? []
      : [
          words`The search stopped early, ${{ atMs: stoppedAtMs }}; older entries in this period aren't shown. Try a shorter period, or use ${{ code: "jit audit export" }} on the command line.`,
        ]),
    ...(isUsual && page === 1
      ? [
          words`This covers the last ${formatDuration(USUAL_PERIOD_MS)}; ${{ code: "/jit audit 30d" }} goes further back.`,
        ]
      : []),
  ];
  return {
    text: textOf(words`Found ${counted}, ${period}`),
    blocks: [
      ...sections([title]),
      ...lives.flatMap((life) => sections(lifeWords(life, portal))),
      ...(notes.length === 0 ? [] : sections(notes)),
      ...actions([...paging(screen), ...fileButtons(screen)]),
    ],
  };
}

const fileButtons = ({ asked }: AuditScreen): readonly Button[] =>
  [
    {
      action_id: AUDIT_CSV_ACTION,
      name: "CSV",
      label: "Send me the requests of this period, and every entry, as CSV files",
    },
    {
      action_id: AUDIT_JSONL_ACTION,
      name: "JSONL",
      label: "Send me every entry of this period as a JSONL file",
    },
  ].map(({ action_id, name, label }) => ({
    type: "button",
    action_id,
    text: plainTextElement(`${name} file`),
    value: asked,
    accessibility_label: label,
  }));

/** By a name, with the id behind it; by the name alone where the portal's address can't be told. */
function linked(says: string, url: string | undefined): Part {
  return url === undefined ? { code: says } : { link: url, says };
}

function lifeWords(life: AuditLife, portal: string): readonly Words[] {
  const { id, requester, vm, vmId, ports, source, durationMs, reason } = life;
  const { happened, refused, logged } = life;
  const url = vmId && portalUrl(portal, vmId);
  const on = vm === undefined ? "" : words` on ${linked(vm.slice(0, NAME_MAX), url)}`;
  const what = ports === "" ? "" : words`: ${{ code: ports.slice(0, PORTS_MAX) }}`;
  const from =
    source === "" ? "" : words` from ${source === ANY_SOURCE ? "any address" : { code: source }}`;
  const long = durationMs === undefined ? "" : ` for ${formatDuration(durationMs)}`;
  const why = reason.trim() === "" ? "" : `: ${inLine(reason, REASON_MAX)}`;
  const shown = happened.slice(-HAPPENED_MAX).map(happenedWords);
  const clicks = refused === 0 ? "" : `. ${refused} refused`;
  return [
    words`${{ strong: id }}${what}${on}${from}${long}, ${personWords(requester)}${why}`,
    words`${listed(shown)}${clicks}${loggedWords(logged, vmId && activityLogUrl(portal, vmId))}`,
  ];
}

/** A pseudonym stands for somebody who was erased. */
const personWords = (who: string | undefined): Part =>
  who === undefined ? "the bot" : /^[UW][A-Z0-9]+$/.test(who) ? { user: userId(who) } : who;

const SAID: Readonly<Record<string, string>> = {
  asked: "requested",
  "broke-glass": "break-glass",
  granted: "approved",
  "opened-by-rule": "auto-approved by rule",
  "taken-back": "approval withdrawn",
  "approval-void": "voided: approval",
  questioned: "question asked",
  answered: "question answered",
  claimed: "taken on",
  lapsed: "expired",
  ending: "closing early",
  "not-ended": "couldn't end early",
  "waits-again": "waiting for approval again",
  "waits-frozen": "waiting for the freeze to be lifted",
  "azure-accepted": "accepted by Azure",
  "azure-refused": "refused by Azure",
  "azure-delayed": "delayed by Azure",
  left: "no longer allowed access",
  watched: "refused by Azure, and may still open",
  "glass-wanted": "break-glass requested",
  "end-all": "everything ended",
  "end-all-over": "everything ended: done",
  "end-all-left": "left open after ending everything",
  "jit-change-asked": "change of JIT policies requested",
  "jit-changed": "JIT policy changed",
  "jit-not-changed": "JIT policy not changed",
  "jit-policy-changed-elsewhere": "JIT policy changed outside this bot",
  "jit-policy-deleted-elsewhere": "JIT policy deleted outside this bot",
  "opened-elsewhere": "opened outside this bot",
  "policy-loaded": "policy file loaded",
  "policy-refused": "policy file rejected",
  "audit-read": "audit log viewed",
};

const saidOf = (what: string): string => SAID[what] ?? what.replaceAll("-", " ").slice(0, 60);

/** `approved by @lea at 14:03`. */
function happenedWords({ what, by, atMs, detail }: AuditEntry): Words {
  const said = saidOf(what);
  const more = detail.how ?? detail.verdict ?? detail.code;
  const how = typeof more === "string" ? ` (${more.slice(0, 60)})` : "";
  const who = by === undefined ? "" : words` by ${personWords(by)}`;
  return words`${said}${how}${who} ${{ atMs }}`;
}

const textIn = ({ detail }: AuditEntry, name: string, most = IN_LOG_MAX): string => {
  const value = detail[name];
  return typeof value === "string" ? inLine(value, most) : "";
};

/** A resource id, whole or not at all: a part of one leads elsewhere. */
const idIn = ({ detail }: AuditEntry, name: string): string => {
  const value = detail[name];
  return typeof value === "string" && value.startsWith("/") ? value : "";
};

const timeIn = ({ detail, atMs }: AuditEntry): number =>
  typeof detail.loggedAtMs === "number" ? detail.loggedAtMs : atMs;

const IN_LOG_MAX = 60;

/** Ids by which Azure's entries are found are in the files. What went wrong at Azure is said. */
function loggedWords(logged: readonly AuditEntry[], url: string | undefined): Words {
  const last = logged.at(-1);
  if (last === undefined) return [];
  const failed = logged.filter((entry) => /^fail/i.test(textIn(entry, "status")));
  const notes = failed.slice(-1).map((entry) => words` (failed ${{ atMs: timeIn(entry) }})`);
  const log: Part =
    url === undefined ? "Azure's Activity Log" : { link: url, says: "Azure's Activity Log" };
  return words`. In ${log}${notes.flat()}`;
}

const ELSEWHERE_MAX = 5;

/** What others did at Azure: on which VM or policy, and by whom. */
function elsewhereWords(entries: readonly AuditEntry[], portal: string): readonly Words[] {
  const shown = entries.slice(0, ELSEWHERE_MAX).map((entry) => {
    const ports = textIn(entry, "ports");
    const from = textIn(entry, "source");
    const caller = textIn(entry, "caller");
    const what = saidOf(entry.what);
    const policy = idIn(entry, "jitPolicy");
    const about = entry.vm === undefined ? policy : idIn(entry, "vm");
    const name = entry.vm ?? policy.slice(policy.lastIndexOf("/") + 1);
    const url = about === "" ? undefined : portalUrl(portal, about);
    const on = linked(name.slice(0, NAME_MAX), url);
    const detail =
      ports === "" ? "" : words`: ${{ code: ports ?? "" }} from ${{ code: from ?? "" }}`;
    const by = caller === "" ? "" : words` by ${{ code: caller ?? "" }}`;
    return words`• ${what}, ${on}${detail}${by} ${{ atMs: timeIn(entry) }}`;
  });
  const more = entries.length - shown.length;
  const rest = more > 0 ? [words`• and ${more} more, included in the files.`] : [];
  return [words`${{ strong: "Not by this bot" }}`, ...shown, ...rest];
}

/** What is about no request: files that were loaded, refused commands, who looked at the audit. */
const othersWords = (others: ReadonlyMap<string, number>): Words => {
  const counts = [...others].map(([what, count]) => `${count} × ${saidOf(what)}`);
  return words`Also recorded: ${listed(counts.slice(0, 20))}.`;
};
