// What the audit tells of one request as one record, from who asked for what to how it ended. Pure, but for what it
// remembers: entries come one by one, and a record leaves once nothing more is to be heard of it.

import { DAY_MS } from "../text/duration.ts";
import type { RequestId } from "../text/ids.ts";
import type { AuditEntry, Detail } from "./audit-entry.ts";

/** How it ended, or where it stands. `on-time`, `early`, `elsewhere` and `extended` were open. */
export type RecordEnd =
  | "pending"
  | "approved"
  | "open"
  | "on-time"
  | "early"
  | "elsewhere"
  | "extended"
  | "failed"
  | "denied"
  | "cancelled"
  | "expired";

export type Decision = { readonly by: string; readonly atMs: number };

type Review = Decision & { readonly verdict: string; readonly text: string };

export type AccessRecord = {
  readonly id: RequestId;
  readonly requester: string | undefined;
  /** `resource group/name`, in lower case. */
  readonly vm: string | undefined;
  /** Its resource id. */
  readonly vmId: string | undefined;
  readonly ports: readonly number[];
  /** As it was asked for; `undefined`: it was erased, or asked for before the first entry that was read. */
  readonly source: string | undefined;
  /** The network's name, or `my-ip`, where the source was named. */
  readonly network: string | undefined;
  /** As it was approved, where an approver narrowed it. */
  readonly grantedSource: string | undefined;
  readonly durationMs: number | undefined;
  readonly reason: string;
  readonly rule: string | undefined;
  readonly isBreakGlass: boolean;
  /** The access that it carries on, and the end that that one had. */
  readonly extends: { readonly id: RequestId; readonly endsAtMs: number | undefined } | undefined;
  /** Who approved it, and didn't withdraw that. */
  readonly approvers: readonly string[];
  /** Everybody who decided something about it, asked about it or reviewed it, and for whom they stood in. */
  readonly deciders: readonly Decision[];
  readonly reviews: readonly Review[];
  readonly askedAtMs: number | undefined;
  /** When it was to open; `undefined`: at once. */
  readonly opensAtMs: number | undefined;
  readonly openedAtMs: number | undefined;
  readonly endsAtMs: number | undefined;
  readonly closedAtMs: number | undefined;
  readonly end: RecordEnd;
  /** Azure still showed it open after its end, and nothing says that it was closed since. */
  readonly isStillOpen: boolean;
  /** Azure had it open, and the bot's own record of that was lost. */
  readonly isRecovered: boolean;
  /** Some of its texts were erased, altered, or aren't shown to be the bot's. */
  readonly amiss: ReadonlySet<"erased" | "altered" | "unproven">;
  /** The numbers of its first and its last entry. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly lastAtMs: number;
};

export type AccessRecordBuilder = {
  take(entry: AuditEntry): void;
  /** Records that are over, and of which nothing was heard in the day before: each once. */
  settled(nowMs: number): readonly AccessRecord[];
  /** All that are left. */
  rest(): readonly AccessRecord[];
};

/** Once a record is over, an alarm or what Azure's log shows may follow within this. */
const SETTLES_WITHIN_MS = DAY_MS;

type Draft = { -readonly [Key in keyof AccessRecord]: AccessRecord[Key] };

/** Only these begin a record: of what else is said about an unknown request, the beginning wasn't read. */
const BEGINNINGS: ReadonlySet<string> = new Set([
  "asked",
  "broke-glass",
  "granted",
  "recovered",
  "adopted",
]);

export function accessRecordBuilder(): AccessRecordBuilder {
  const drafts = new Map<RequestId, Draft>();
  return {
    take: (entry) => {
      const { request: id } = entry;
      if (id === undefined) return;
      const draft = drafts.get(id) ?? (BEGINNINGS.has(entry.what) ? begun(id, entry) : undefined);
      if (draft === undefined) return;
      drafts.set(id, draft);
      note(draft, entry);
      if (draft.extends?.id !== undefined && draft.extends.endsAtMs === undefined) {
        draft.extends = { ...draft.extends, endsAtMs: drafts.get(draft.extends.id)?.endsAtMs };
      }
      const into = entry.what === "extended" ? textIn(entry.detail, "into") : undefined;
      const next = into === undefined ? undefined : drafts.get(into as RequestId);
      if (next !== undefined) next.extends = { id, endsAtMs: draft.endsAtMs };
    },
    settled: (nowMs) => {
      const over = [...drafts.values()].filter((draft) => isSettled(draft, nowMs));
      for (const { id } of over) drafts.delete(id);
      return over;
    },
    rest: () => {
      const all = [...drafts.values()];
      drafts.clear();
      return all;
    },
  };
}

const isOver = ({ end }: Draft): boolean => !["pending", "approved", "open"].includes(end);

/** What failed can be retried until its end, and a break-glass waits for its review. */
function isSettled(draft: Draft, nowMs: number): boolean {
  if (!isOver(draft) || draft.isStillOpen) return false;
  if (draft.isBreakGlass && draft.reviews.length === 0) return false;
  return Math.max(draft.lastAtMs, draft.endsAtMs ?? 0) + SETTLES_WITHIN_MS <= nowMs;
}

const begun = (id: RequestId, { seq, atMs }: AuditEntry): Draft => ({
  id,
  requester: undefined,
  vm: undefined,
  vmId: undefined,
  ports: [],
  source: undefined,
  network: undefined,
  grantedSource: undefined,
  durationMs: undefined,
  reason: "",
  rule: undefined,
  isBreakGlass: false,
  extends: undefined,
  approvers: [],
  deciders: [],
  reviews: [],
  askedAtMs: undefined,
  opensAtMs: undefined,
  openedAtMs: undefined,
  endsAtMs: undefined,
  closedAtMs: undefined,
  end: "pending",
  isStillOpen: false,
  isRecovered: false,
  amiss: new Set(),
  firstSeq: seq,
  lastSeq: seq,
  lastAtMs: atMs,
});

function note(draft: Draft, entry: AuditEntry): void {
  const { seq, atMs, requester, vm, detail } = entry;
  draft.lastSeq = seq;
  draft.lastAtMs = atMs;
  draft.requester = requester ?? draft.requester;
  draft.vm = vm ?? draft.vm;
  draft.rule = textIn(detail, "rule") ?? draft.rule;
  const amiss = (["erased", "altered", "unproven"] as const).filter((one) => entry[one] === true);
  if (amiss.length > 0) draft.amiss = new Set([...draft.amiss, ...amiss]);
  HEARD[entry.what]?.(draft, entry);
}

const HEARD: Readonly<Record<string, (draft: Draft, entry: AuditEntry) => void>> = {
  asked,
  "broke-glass": (draft, entry) => {
    asked(draft, entry);
    draft.isBreakGlass = true;
    draft.end = "approved";
  },
  approved: (draft, entry) => {
    decided(draft, entry);
    approvedBy(draft, entry);
  },
  granted: (draft, entry) => {
    decided(draft, entry);
    approvedBy(draft, entry);
    draft.end = "approved";
    draft.endsAtMs = numberIn(entry.detail, "endsAtMs") ?? draft.endsAtMs;
  },
  "taken-back": (draft, { by }) => {
    draft.approvers = draft.approvers.filter((one) => one !== by);
    draft.grantedSource = undefined;
  },
  questioned: decided,
  denied: (draft, entry) => {
    decided(draft, entry);
    draft.end = "denied";
  },
  reviewed: (draft, entry) => {
    decided(draft, entry);
    const { by, atMs, detail } = entry;
    const review = { by: by ?? "", atMs, verdict: textIn(detail, "verdict") ?? "" };
    draft.reviews = [...draft.reviews, { ...review, text: textIn(detail, "text") ?? "" }];
  },
  cancelled: (draft) => {
    draft.end = "cancelled";
  },
  lapsed: (draft) => {
    draft.end = "expired";
  },
  retried: (draft) => {
    draft.end = "approved";
  },
  "waits-again": (draft) => {
    draft.end = "pending";
  },
  "azure-accepted": (draft, { detail }) => {
    draft.endsAtMs = numberIn(detail, "endsAtMs") ?? draft.endsAtMs;
    if (draft.end === "pending") draft.end = "approved";
  },
  opened: (draft, { atMs, detail }) => {
    draft.openedAtMs ??= atMs;
    draft.endsAtMs = numberIn(detail, "endsAtMs") ?? draft.endsAtMs;
    draft.end = "open";
  },
  recovered,
  adopted: recovered,
  failed: (draft) => {
    draft.end = "failed";
  },
  "not-ended": (draft) => {
    draft.end = draft.openedAtMs === undefined ? "approved" : "open";
  },
  ended: (draft, { atMs, detail }) => {
    draft.closedAtMs = numberIn(detail, "endedAtMs") ?? atMs;
    draft.end = ENDS[textIn(detail, "how") ?? ""] ?? "on-time";
    draft.isStillOpen = textIn(detail, "closing") === "still-open";
  },
  extended: (draft, { atMs }) => {
    draft.closedAtMs = atMs;
    draft.end = "extended";
  },
  "still-open": (draft) => {
    draft.isStillOpen = true;
  },
  "closed-late": (draft, { atMs }) => {
    draft.isStillOpen = false;
    draft.closedAtMs = atMs;
  },
};

/** The audit calls `expired` what came to its end. */
const ENDS: Readonly<Record<string, RecordEnd>> = {
  expired: "on-time",
  early: "early",
  elsewhere: "elsewhere",
  extended: "extended",
};

function asked(draft: Draft, { atMs, detail }: AuditEntry): void {
  draft.askedAtMs ??= atMs;
  draft.vmId = textIn(detail, "vm") ?? draft.vmId;
  draft.ports = portsIn(detail);
  draft.source = textIn(detail, "source");
  draft.network = textIn(detail, "network");
  draft.durationMs = numberIn(detail, "durationMs");
  draft.opensAtMs = numberIn(detail, "opensAtMs");
  draft.reason = textIn(detail, "reason") ?? "";
  const first = textIn(detail, "extends");
  if (first !== undefined) draft.extends = { id: first as RequestId, endsAtMs: undefined };
}

/** What was asked for, where its entry is lost as well, is what Azure has open. */
function recovered(draft: Draft, { atMs, detail }: AuditEntry): void {
  draft.isRecovered = true;
  if (draft.ports.length === 0) draft.ports = portsIn(detail);
  draft.source ??= textIn(detail, "source");
  draft.openedAtMs ??= atMs;
  draft.endsAtMs = numberIn(detail, "endsAtMs") ?? draft.endsAtMs;
  draft.end = "open";
}

function decided(draft: Draft, { by, atMs, detail }: AuditEntry): void {
  const seat = textIn(detail, "for");
  const who = [by, seat].flatMap((one) => (one === undefined ? [] : [{ by: one, atMs }]));
  draft.deciders = [...draft.deciders, ...who];
}

function approvedBy(draft: Draft, { by, detail }: AuditEntry): void {
  if (by !== undefined && !draft.approvers.includes(by)) draft.approvers = [...draft.approvers, by];
  draft.grantedSource = textIn(detail, "source") ?? draft.grantedSource;
}

function textIn(detail: Detail, name: string): string | undefined {
  const value = detail[name];
  return typeof value === "string" ? value : undefined;
}

function numberIn(detail: Detail, name: string): number | undefined {
  const value = detail[name];
  return typeof value === "number" ? value : undefined;
}

export const portsIn = (detail: Detail): readonly number[] =>
  (textIn(detail, "ports") ?? "").split(",").flatMap((text) => {
    const port = Number(text);
    return text !== "" && Number.isInteger(port) ? [port] : [];
  });

/** Whether it counts as used: it was opened or is to be, and not refused by anybody. */
export const wasUsed = ({ end, openedAtMs }: AccessRecord): boolean =>
  openedAtMs !== undefined || !["denied", "cancelled", "expired"].includes(end);

/** For how long it was open, within a period; `nowMs`: what isn't closed is open until then, or until its end. */
export function openMs(
  { openedAtMs, closedAtMs, endsAtMs, isStillOpen }: AccessRecord,
  { nowMs, fromMs = 0, untilMs = nowMs }: { nowMs: number; fromMs?: number; untilMs?: number },
): number {
  if (openedAtMs === undefined) return 0;
  const untilEndMs = isStillOpen ? nowMs : Math.min(nowMs, endsAtMs ?? nowMs);
  const lastMs = isStillOpen ? nowMs : (closedAtMs ?? untilEndMs);
  return Math.max(0, Math.min(lastMs, untilMs) - Math.max(openedAtMs, fromMs));
}
