// What the doctor finds: one line each, fine or not, with the fix in the same line.

export type Level = "fine" | "warning" | "fault";

export type Finding = {
  readonly level: Level;
  /** Whose it is: Settings, Policy file, Slack, Redis, Azure. */
  readonly about: string;
  readonly says: string;
};

const MARKS: Readonly<Record<Level, string>> = { fine: "✓", warning: "!", fault: "✗" };

/** `✗ Azure: …`: the mark and the words, never the mark alone. */
export const findingLine = ({ level, about, says }: Finding): string =>
  `${MARKS[level]} ${about}: ${level === "warning" ? "warning: " : ""}${says}`;

/** What is found of many subscriptions alike is said once, with how many there are. */
export function together(
  findings: readonly (Omit<Finding, "about"> & { readonly subscription: string })[],
): readonly Finding[] {
  const alike = Map.groupBy(findings, ({ level, says }) => `${level} ${says}`);
  return [...alike.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const who =
      same.length === 1
        ? `subscription ${first.subscription}`
        : `${same.length} subscriptions (${first.subscription}, …)`;
    return [{ level: first.level, about: "Azure", says: `${who}: ${first.says}` }];
  });
}
