// A unified diff of two texts, as `git apply` and `patch` take it.

/** Lines around a change that say where it belongs. */
const CONTEXT = 3;

type Line = { readonly kind: " " | "-" | "+"; readonly text: string };

/** Empty where nothing differs. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = linesOf(before, after);
  const changed = lines.flatMap(({ kind }, at) => (kind === " " ? [] : [at]));
  const hunks: { from: number; until: number }[] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    const from = Math.max(0, at - CONTEXT);
    if (last !== undefined && from <= last.until) last.until = at + CONTEXT + 1;
    else hunks.push({ from, until: at + CONTEXT + 1 });
  }
  const name = path.replace(/^(?:\.?\/)+/, "");
  return `--- a/${name}\n+++ b/${name}\n${hunks.map((hunk) => hunkText(lines, hunk)).join("")}`;
}

function hunkText(
  lines: readonly Line[],
  { from, until }: { readonly from: number; readonly until: number },
): string {
  const span = (without: Line["kind"]): string => {
    const count = (some: readonly Line[]) => some.filter(({ kind }) => kind !== without).length;
    const begins = count(lines.slice(0, from));
    const length = count(lines.slice(from, until));
    return `${length === 0 ? begins : begins + 1},${length}`;
  };
  const text = lines.slice(from, until).map(({ kind, text: line }) => `${kind}${ended(line)}`);
  return `@@ -${span("+")} +${span("-")} @@\n${text.join("")}`;
}

const ended = (line: string): string =>
  line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`;

const split = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/**
 * The shortest way from one text to the other, line by line.
 * Myers, "An O(ND) Difference Algorithm and Its Variations", 1986.
 */
function linesOf(before: string, after: string): readonly Line[] {
  const old = split(before);
  const fresh = split(after);
  const rounds: ReadonlyMap<number, number>[] = [];
  const reach = new Map<number, number>([[1, 0]]);
  for (let edits = 0; ; edits++) {
    rounds.push(new Map(reach));
    for (let k = -edits; k <= edits; k += 2) {
      let x = isDown(reach, k, edits) ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < old.length && x - k < fresh.length && old[x] === fresh[x - k]) x++;
      reach.set(k, x);
      if (x >= old.length && x - k >= fresh.length) return walkedBack(old, fresh, rounds);
    }
  }
}

const isDown = (reach: ReadonlyMap<number, number>, k: number, edits: number): boolean =>
  k === -edits || (k !== edits && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));

function walkedBack(
  old: readonly string[],
  fresh: readonly string[],
  rounds: readonly ReadonlyMap<number, number>[],
): readonly Line[] {
  const lines: Line[] = [];
  let x = old.length;
  let y = fresh.length;
  for (let edits = rounds.length - 1; edits >= 0; edits--) {
    const reach = rounds[edits] ?? new Map();
    const k = x - y;
    const down = isDown(reach, k, edits);
    const fromX = reach.get(down ? k + 1 : k - 1) ?? 0;
    const fromY = fromX - (down ? k + 1 : k - 1);
    while (x > Math.max(0, fromX) && y > Math.max(0, fromY)) {
      lines.push({ kind: " ", text: old[--x] ?? "" });
      y--;
    }
    if (edits > 0) {
      if (down) lines.push({ kind: "+", text: fresh[--y] ?? "" });
      else lines.push({ kind: "-", text: old[--x] ?? "" });
    }
  }
  return lines.reverse();
}
