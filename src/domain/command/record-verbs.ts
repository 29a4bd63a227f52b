// The commands about requests and records: status, list, cancel, end, extend, review, vms, audit.

import { parseRequestId, type RequestId, type UserId, userId } from "../text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import { typed } from "../text/typed.ts";
import { askedDuration, askedReason, askedVm } from "./answer-fields.ts";
import { durationAt, misspelledDurationAt, withoutPunctuation } from "./duration-at.ts";
import { exampleOf, usageOf } from "./help.ts";
import { type Period, periodAt } from "./period.ts";
import type { VmRef } from "./vm-ref.ts";
import { keyword, type Word, wordAt } from "./word-reader.ts";

export type IdCommand = { readonly verb: "status" | "cancel" | "end"; readonly id: RequestId };

export type ListCommand = {
  readonly verb: "list";
  readonly filter: "mine" | "open" | "pending" | { readonly vm: VmRef } | undefined;
};

export type ExtendCommand = {
  readonly verb: "extend";
  readonly id: RequestId;
  readonly durationMs: number;
  readonly reason: string | undefined;
};

export type ReviewCommand = {
  readonly verb: "review";
  readonly id: RequestId;
  readonly verdict: "ok" | "concern";
  readonly text: string | undefined;
};

export type VmsCommand = { readonly verb: "vms"; readonly text: string | undefined };

/** What is given narrows; a command with nothing means everything that the person may see. */
export type AuditCommand = {
  readonly verb: "audit";
  readonly vm: VmRef | undefined;
  readonly user: UserId | undefined;
  readonly period: Period | undefined;
};

const SEARCH_CHARACTERS_MAX = 200;

/** Refuses what stands at `at` or after, where a command is complete. */
export function nothingAfter(text: string, at: number, verb: string): Refusal | undefined {
  const word = wordAt(text, at);
  return word === undefined ? undefined : stray(word, verb);
}

export function readIdOnly(verb: IdCommand["verb"], text: string, at: number): IdCommand | Refusal {
  const found = idAt(text, at, verb);
  if (isRefusal(found)) return found;
  return nothingAfter(text, found.end, verb) ?? { verb, id: found.id };
}

export function readList(text: string, at: number): ListCommand | Refusal {
  const word = wordAt(text, at);
  if (word === undefined) return { verb: "list", filter: undefined };
  const said = keyword(word);
  const filter = said === "mine" || said === "open" || said === "pending" ? said : vmOf(word);
  if (filter === undefined) return stray(word, "list");
  if (isRefusal(filter)) return filter;
  return (
    nothingAfter(text, word.end, "list") ?? {
      verb: "list",
      filter: typeof filter === "string" ? filter : { vm: filter },
    }
  );
}

/** A duration is needed here, so `extend JIT-4K7QWD for 2h` can only mean one. */
export function readExtend(text: string, at: number): ExtendCommand | Refusal {
  const found = idAt(text, at, "extend");
  if (isRefusal(found)) return found;
  const lead = wordAt(text, found.end);
  const led = keyword(lead) === "for" || keyword(lead) === "by";
  const start = led && lead !== undefined ? lead.end : found.end;
  const duration = durationAt(text, start);
  const spelled = duration?.spelled ?? misspelledDurationAt(text, start, true);
  const example = { code: exampleOf("extend") };
  if (spelled === undefined) {
    return refuse("incomplete")`Say how much longer, for example ${example}.`;
  }
  const durationMs = askedDuration(spelled);
  if (isRefusal(durationMs)) return durationMs;
  const after = wordAt(text, duration?.end ?? start);
  if (after === undefined) return { verb: "extend", id: found.id, durationMs, reason: undefined };
  if (keyword(after) !== "for") return stray(after, "extend");
  const reason = askedReason(text.slice(after.end));
  return isRefusal(reason) ? reason : { verb: "extend", id: found.id, durationMs, reason };
}

export function readReview(text: string, at: number): ReviewCommand | Refusal {
  const found = idAt(text, at, "review");
  if (isRefusal(found)) return found;
  const word = wordAt(text, found.end);
  const verdict = withoutPunctuation(keyword(word));
  if (word === undefined || (verdict !== "ok" && verdict !== "concern")) {
    const [ok, concern] = [{ code: "ok" }, { code: "concern" }];
    return refuse(
      "incomplete",
    )`Say ${ok} or ${concern} after the id, for example ${{ code: exampleOf("review") }}.`;
  }
  const remark = askedReason(text.slice(word.end));
  return isRefusal(remark) ? remark : { verb: "review", id: found.id, verdict, text: remark };
}

export function readVms(text: string, at: number): VmsCommand | Refusal {
  const search = text.slice(at).replace(/\s+/g, " ").trim();
  if (search.length > SEARCH_CHARACTERS_MAX) {
    return refuse(
      "unknown-command",
    )`That is too much to search for: write a part of a name, as in ${{ code: exampleOf("vms") }}.`;
  }
  return { verb: "vms", text: search === "" ? undefined : search };
}

export function readAudit(text: string, at: number): AuditCommand | Refusal {
  let audit: AuditCommand = { verb: "audit", vm: undefined, user: undefined, period: undefined };
  let end = at;
  for (let word = wordAt(text, at); word !== undefined; word = wordAt(text, end)) {
    const step = auditStep(text, word);
    if (isRefusal(step)) return step;
    if (Object.keys(step.change).some((key) => audit[key as keyof AuditCommand] !== undefined)) {
      return refuse(
        "ambiguous",
      )`${typed(word.text)} is one too many: name one VM, one person, one period.`;
    }
    audit = { ...audit, ...step.change };
    end = step.end;
  }
  return audit;
}

type AuditStep = {
  readonly change: Partial<Omit<AuditCommand, "verb">>;
  readonly end: number;
};

function auditStep(text: string, word: Word): AuditStep | Refusal {
  const vm = vmOf(word);
  if (isRefusal(vm)) return vm;
  if (vm !== undefined) return { change: { vm }, end: word.end };
  if (word.text.startsWith("@")) {
    const user = userOf(withoutPunctuation(word.text));
    return isRefusal(user) ? user : { change: { user }, end: word.end };
  }
  const found = periodAt(text, word);
  if (isRefusal(found)) return found;
  if (found !== undefined) return { change: { period: found.period }, end: found.end };
  return stray(word, "audit");
}

/** Slack tells ids only of people picked from its list; a bare name could be anybody's. */
function userOf(mention: string): UserId | Refusal {
  if (/^@[UW][A-Z0-9]{1,20}$/.test(mention)) return userId(mention.slice(1));
  const lead = { code: "@" };
  return refuse(
    "ambiguous",
  )`I cannot tell who ${typed(mention)} is: choose from the list that Slack shows after ${lead}.`;
}

const vmOf = (word: Word): VmRef | Refusal | undefined =>
  /^vm:/i.test(word.text) ? askedVm(word.text.slice(3)) : undefined;

function idAt(
  text: string,
  at: number,
  verb: string,
): { readonly id: RequestId; readonly end: number } | Refusal {
  const word = wordAt(text, at);
  const example = { code: exampleOf(verb) };
  if (word === undefined) {
    return refuse("incomplete")`Say which request, for example ${example}.`;
  }
  const id = parseRequestId(withoutPunctuation(word.text).replace(/^#/, ""));
  return id === undefined
    ? refuse("bad-id")`${typed(word.text)} is no id of a request: write for example ${example}.`
    : { id, end: word.end };
}

const stray = (word: Word, verb: string): Refusal =>
  refuse(
    "unknown-command",
  )`I do not know what ${typed(word.text)} means here: write ${{ code: usageOf(verb) }}.`;
