// A fault of the policy file: where it stands, which key it is about, a sentence with the fix.

export type ConfigFault = {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 units. */
  readonly column: number;
  /** As `rules[0].maxDuration`; empty for the file as a whole. */
  readonly key: string;
  /** One sentence that names the fault and the fix. */
  readonly message: string;
};

export type Path = readonly (string | number)[];

/** `rules[0].match.tags.env`; names that aren't plain words stand in quotes: `networks["a b"]`. */
export function keyText(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${shown(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

const SHOWN_MAX = 60;

/** A value as it can stand in a sentence: quoted, on one line, and not too long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (text.length <= SHOWN_MAX) return visible(text);
  return typeof value === "string"
    ? `${visible(JSON.stringify(value.slice(0, SHOWN_MAX - 10)).slice(0, -1))}…"`
    : `${visible(text.slice(0, SHOWN_MAX))}…`;
}

/** With what a terminal would act upon, or nobody would see, written as `\u…`. */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });

/** One line for a terminal or a log: `jit.yaml:12:5: rules[0].maxDuration: …`. */
export function configFaultLine(file: string, fault: ConfigFault): string {
  const key = fault.key === "" ? "" : `${fault.key}: `;
  return `${file}:${fault.line}:${fault.column}: ${key}${fault.message}`;
}

/** A file with more is wrong in one place that spoils the rest; it bounds the work. */
export const FAULTS_MAX = 1000;

/** By place, each once. */
export function inOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  const once = new Map(faults.map((fault) => [JSON.stringify(fault), fault]));
  return [...once.values()]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, FAULTS_MAX);
}
