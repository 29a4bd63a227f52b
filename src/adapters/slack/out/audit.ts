// A page of what is on record: each request with what became of it, and buttons for the whole as a file. Pure.

import type { AuditScreen } from "../../../ports/screens.ts";
import type { AuditEntry } from "../../../request/audit/entry.ts";
import type { AuditLife } from "../../../request/audit/lives.ts";
import { formatDuration } from "../../../request/duration.ts";
import { userId } from "../../../request/ids.ts";
import { ANY_SOURCE } from "../../../request/source.ts";
import { listed, type Part, type Words, words } from "../../../request/words.ts";
import { AUDIT_CSV_ACTION, AUDIT_JSONL_ACTION } from "../list-action.ts";
import { actions, type Button, type Message, plainText, sections, textOf } from "./blocks.ts";
import { inLine } from "./phrases.ts";
import { turning } from "./turning.ts";

/** The whole is in the file. */
const REASON_MAX = 100;
const HAPPENED_MAX = 12;
const NAME_MAX = 160;
const PORTS_MAX = 60;

export function auditMessage(screen: AuditScreen): Message {
  const { fromMs, untilMs, lives, page, count, others, isCut } = screen;
  const period = words`${{ atMs: fromMs }} to ${{ atMs: untilMs }}`;
  const counted = `${count} ${count === 1 ? "request" : "requests"}`;
  const turned = page > 1 ? `, page ${page}` : "";
  const title = words`${{ strong: `On record: ${counted}${turned}` }}, ${period}`;
  const notes = [
    ...(page === 1 && others.size > 0 ? [othersWords(others)] : []),
    ...(isCut
      ? [
          words`There is more than is looked through here: narrow it, or use ${{ code: "jit audit export" }} on the command line.`,
        ]
      : []),
  ];
  return {
    text: textOf(words`On record: ${counted}, ${period}`),
    blocks: [
      ...sections([title]),
      ...lives.flatMap((life) => sections(lifeWords(life))),
      ...(notes.length === 0 ? [] : sections(notes)),
      ...actions([...turning(screen), ...fileButtons(screen)]),
    ],
  };
}

const fileButtons = ({ asked }: AuditScreen): readonly Button[] =>
  [
    { action_id: AUDIT_CSV_ACTION, name: "CSV" },
    { action_id: AUDIT_JSONL_ACTION, name: "JSONL" },
  ].map(({ action_id, name }) => ({
    type: "button",
    action_id,
    text: plainText(`${name} file`),
    value: asked,
    accessibility_label: `Send me every entry of this period as a ${name} file`,
  }));

function lifeWords(life: AuditLife): readonly Words[] {
  const { id, requester, vm, ports, source, durationMs, reason, happened, refused } = life;
  const on = vm === undefined ? "" : words` on ${{ code: vm.slice(0, NAME_MAX) }}`;
  const what = ports === "" ? "" : words`: ${{ code: ports.slice(0, PORTS_MAX) }}`;
  const from =
    source === "" ? "" : words` from ${source === ANY_SOURCE ? "any address" : { code: source }}`;
  const long = durationMs === undefined ? "" : ` for ${formatDuration(durationMs)}`;
  const why = reason.trim() === "" ? "" : `: ${inLine(reason, REASON_MAX)}`;
  const shown = happened.slice(-HAPPENED_MAX).map(happenedWords);
  const clicks = refused === 0 ? "" : `. ${refused} refused`;
  return [
    words`${{ strong: id }}${what}${on}${from}${long}, ${personWords(requester)}${why}`,
    words`${listed(shown)}${clicks}`,
  ];
}

/** A pseudonym stands for somebody who was erased. */
const personWords = (who: string | undefined): Part =>
  who === undefined ? "the bot" : /^[UW][A-Z0-9]+$/.test(who) ? { user: userId(who) } : who;

const SAID: Readonly<Record<string, string>> = {
  "broke-glass": "opened by break-glass",
  granted: "approved and granted",
  "opened-by-rule": "granted by the rule",
};

/** `approved by @lea at 14:03`. */
function happenedWords({ what, by, atMs, detail }: AuditEntry): Words {
  const said = SAID[what] ?? what.replaceAll("-", " ").slice(0, 60);
  const more = detail.how ?? detail.verdict ?? detail.code;
  const how = typeof more === "string" ? ` (${more.slice(0, 60)})` : "";
  const who = by === undefined ? "" : words` by ${personWords(by)}`;
  return words`${said}${how}${who} ${{ atMs }}`;
}

/** What is about no request: files that were loaded, refused commands, who looked at the audit. */
const othersWords = (others: ReadonlyMap<string, number>): Words => {
  const counts = [...others].map(
    ([what, count]) => `${count} × ${what.replaceAll("-", " ").slice(0, 60)}`,
  );
  return words`Beside these: ${listed(counts.slice(0, 20))}.`;
};
