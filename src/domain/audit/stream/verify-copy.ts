// Walks a copy of the audit, line by line as it was received, and says what is wrong with it and where. Pure.
//
// Each line has its own seal and the one before: so each is verified by itself, and that nothing is missing between
// two of them by their seals. A seal covers the text and not what stands around it, so a number counts only where the
// text holds it, or where the seal before leaves no other. What was sent twice may stand there twice, as long as it is
// the same.

import { genesisSeal, type Head, type SealKey, sealKey, UNKEYED } from "../audit-chain.ts";
import { createEras } from "../eras.ts";
import { FINDINGS_MAX, type Find, type Finding, range } from "../links.ts";
import { readCopiedLine } from "./copied-line.ts";
import { numberIn, type StreamEntry } from "./stream-line.ts";

export type CopyReport = {
  /** The first findings, in order; there may be more. */
  readonly findings: readonly Finding[];
  readonly findingsCount: number;
  /** Different ones. */
  readonly entries: number;
  readonly repeated: number;
  /** Of how many numbers the seals show that they were given and never sealed. */
  readonly neverSealed: number;
  readonly last: Head | undefined;
};

export type CopyWalk = {
  take(line: string): void;
  finish(): CopyReport;
};

export type CopyOptions = {
  /** Those that vouch, the present one first. */
  readonly keys: readonly SealKey[];
  /** As far as the copy has to go: from the log, or from Redis. */
  readonly head: Head | undefined;
  /** Whose copy it is; `undefined`: as the first line says. */
  readonly team: string | undefined;
  /** The number that the copy has to begin with; left out: the first of all. */
  readonly since: number | undefined;
};

/** What was verified last, in order. */
type Last = {
  readonly seq: number;
  /** `undefined`: whatever the next one says. */
  readonly seal: string | undefined;
};

type State = {
  readonly options: CopyOptions;
  readonly find: Find;
  readonly gaps: Gaps;
  /** Number → seal of every entry that was read. */
  readonly seen: Map<number, string>;
  line: number;
  team: string | undefined;
  last: Last | undefined;
  repeated: number;
  neverSealed: number;
};

export function walkCopy(options: CopyOptions): CopyWalk {
  const { keys } = options;
  const findings: Finding[] = [];
  let findingsCount = 0;
  const find = (seq: number, say: string) => {
    findingsCount++;
    // What is found at the end may belong to the front.
    if (findings.length < 2 * FINDINGS_MAX) findings.push({ seq, say });
  };
  const plain = keys.find(({ fingerprint }) => fingerprint === UNKEYED) ?? sealKey(undefined);
  const eras = createEras(keys, plain, find);
  const state: State = {
    options,
    find,
    gaps: createGaps(),
    seen: new Map(),
    line: 0,
    team: options.team,
    last: undefined,
    repeated: 0,
    neverSealed: 0,
  };
  const takeEntry = (entry: StreamEntry) => {
    state.last ??= beginning(options, entry.team);
    const key = eras.keyOf(entry.before, entry.text, entry.seal);
    if (key === undefined) return takeAltered(state, entry);
    const numbered = asNumbered(state, entry);
    if (takeGenuine(state, numbered) === "new") eras.sealedBy(numbered.seq, key);
  };
  return {
    take: (text) => {
      state.line++;
      if (text.trim() === "") return;
      const entry = readCopiedLine(text);
      const expected = (state.last?.seq ?? (options.since ?? 1) - 1) + 1;
      if (entry === undefined) {
        find(expected, `line ${state.line} isn't an entry of the audit log, or was altered`);
        return;
      }
      state.team ??= entry.team;
      if (entry.team === state.team) takeEntry(entry);
      else find(expected, `line ${state.line} is of another workspace, ${entry.team}`);
    },
    finish: () => {
      for (const [from, until] of state.gaps.left()) find(from, `${range(from, until)} missing`);
      eras.finish(endFaults(state));
      return {
        findings: findings.toSorted((a, b) => a.seq - b.seq).slice(0, FINDINGS_MAX),
        findingsCount,
        entries: state.seen.size,
        repeated: state.repeated,
        neverSealed: state.neverSealed,
        last: headIn(state),
      };
    },
  };
}

function beginning({ since = 1, head }: CopyOptions, team: string): Last {
  if (since === 1) return { seq: 0, seal: genesisSeal(team) };
  return { seq: since - 1, seal: head?.seq === since - 1 ? head.seal : undefined };
}

/** Its seal doesn't fit: where it stands says which number it had, should that be what was altered. */
function takeAltered(state: State, { seq, before, seal }: StreamEntry): void {
  const { find, last, line } = state;
  if (last === undefined) return;
  const next = last.seq + 1;
  const isNext = seq === next || before === last.seal;
  if (!isNext && seq <= last.seq) {
    find(seq, `a copy of entry ${seq} (line ${line}) was altered: its seal doesn't fit`);
    return;
  }
  const its = isNext ? next : seq;
  if (its > next) state.gaps.add(next, its - 1);
  find(its, `entry ${its} (line ${line}) was altered: its seal doesn't fit`);
  state.seen.set(its, seal);
  state.last = { seq: its, seal: undefined };
}

/** Its seal fits, but that is so whatever number stands around its text. */
function asNumbered({ find, last, line, seen }: State, entry: StreamEntry): StreamEntry {
  const { seq, text, before, seal } = entry;
  const its = numberIn(text);
  if (its === seq) return entry;
  if (its !== undefined) {
    find(its, `entry ${its} (line ${line}) was renumbered: it says that it is entry ${seq}`);
    return { ...entry, seq: its };
  }
  // What was planted before there was a key is sealed as it is, and each number then.
  const isNext = seq === (last?.seq ?? 0) + 1 && before === last?.seal;
  if (!isNext && seen.get(seq) !== seal) {
    find(seq, `line ${line} says that it is entry ${seq}, and nothing in it shows that it is`);
  }
  return entry;
}

/** Answers whether it is the first with its number, and in order. */
function takeGenuine(state: State, entry: StreamEntry): "new" | "not new" {
  const { seq, before, seal } = entry;
  const { find, last, line, seen, gaps } = state;
  if (last === undefined) return "not new";
  if (seq <= last.seq) {
    takeEarlier(state, entry);
    return "not new";
  }
  const follows = before === last.seal;
  if (seq > last.seq + 1) {
    if (follows) state.neverSealed += seq - last.seq - 1;
    else gaps.add(last.seq + 1, seq - 1);
  } else if (!follows && last.seal !== undefined) {
    find(
      seq,
      `entry ${seq} (line ${line}) doesn't follow on the one before: its seal is of another chain`,
    );
  }
  seen.set(seq, seal);
  state.last = { seq, seal };
  return "new";
}

function takeEarlier(state: State, { seq, seal }: StreamEntry): void {
  const { find, last, line, seen, gaps } = state;
  const known = seen.get(seq);
  if (known === seal) {
    state.repeated++;
  } else if (known !== undefined) {
    find(seq, `entry ${seq} stands there twice, and the second (line ${line}) is another one`);
  } else {
    gaps.fill(seq);
    seen.set(seq, seal);
    find(seq, `entry ${seq} (line ${line}) is out of order: it stands after entry ${last?.seq}`);
  }
}

function headIn({ seen, last }: State): Head | undefined {
  const seal = last && seen.get(last.seq);
  return last === undefined || seal === undefined ? undefined : { seq: last.seq, seal };
}

/** Answers as far as the head vouches. */
function endFaults({ options: { head, since = 1 }, seen, last, gaps, find }: State): number {
  if (last === undefined) find(since, "there is no entry in it");
  if (head === undefined) return 0;
  const end = last?.seq ?? since - 1;
  if (head.seq > end) {
    find(end + 1, `${range(end + 1, head.seq)} missing at the end: they were sealed`);
    return 0;
  }
  if (head.seq === since - 1) return 0;
  if (head.seq < since) {
    find(
      since,
      `the head is of entry ${head.seq}, before the copy begins: it vouches for nothing in it`,
    );
    return 0;
  }
  const its = seen.get(head.seq);
  if (its === head.seal) return head.seq;
  if (its !== undefined) {
    find(head.seq, `entry ${head.seq} isn't what the head says`);
  } else if (!gaps.has(head.seq)) {
    find(head.seq, `entry ${head.seq} is missing: the head says that it was sealed`);
  }
  return 0;
}

type Gaps = {
  add(from: number, until: number): void;
  fill(seq: number): void;
  has(seq: number): boolean;
  left(): readonly (readonly [number, number])[];
};

/** Numbers that were left out so far: they may come later, out of order. */
function createGaps(): Gaps {
  let gaps: (readonly [number, number])[] = [];
  return {
    add: (from, until) => void gaps.push([from, until]),
    fill: (seq) => {
      gaps = gaps.flatMap(([from, until]) => {
        if (seq < from || seq > until) return [[from, until] as const];
        const parts = [[from, seq - 1] as const, [seq + 1, until] as const];
        return parts.filter(([first, last]) => first <= last);
      });
    },
    has: (seq) => gaps.some(([from, until]) => from <= seq && seq <= until),
    left: () => gaps,
  };
}
