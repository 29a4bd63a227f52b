// What many rounds of the campaign came to, as the table that the documentation shows.

import type { Kind } from "./fault.ts";
import { RULES } from "./judge.ts";
import { TOPOLOGIES, type TopologyName } from "./redis-topologies.ts";
import type { Round } from "./round.ts";

type Row = {
  readonly rounds: number;
  readonly lives: number;
  readonly answered: number;
  readonly faults: number;
  readonly verdicts: number;
  readonly wrong: number;
};

export type Tally = {
  readonly rows: Readonly<Partial<Record<TopologyName, Row>>>;
  readonly livesUnder: Readonly<Partial<Record<Kind, number>>>;
  readonly broken: Readonly<Partial<Record<string, number>>>;
};

export const EMPTY_TALLY: Tally = { rows: {}, livesUnder: {}, broken: {} };

const NONE: Row = { rounds: 0, lives: 0, answered: 0, faults: 0, verdicts: 0, wrong: 0 };

export function addTo({ rows, livesUnder, broken }: Tally, round: Round): Tally {
  const { topology, lives } = round.options;
  const before = rows[topology] ?? NONE;
  return {
    rows: {
      ...rows,
      [topology]: {
        rounds: before.rounds + 1,
        lives: before.lives + lives,
        answered: before.answered + round.answered,
        faults: before.faults + round.struck.length,
        verdicts: before.verdicts + round.verdicts.length,
        wrong: before.wrong + round.wrong.length,
      },
    },
    livesUnder: added(livesUnder, Object.entries(round.livesUnder)),
    broken: added(
      broken,
      round.verdicts.map(({ rule }) => [rule, 1] as const),
    ),
  };
}

function added<Name extends string>(
  to: Readonly<Partial<Record<Name, number>>>,
  more: readonly (readonly [string, number])[],
): Readonly<Partial<Record<Name, number>>> {
  const sums: Record<string, number | undefined> = { ...to };
  for (const [name, count] of more) sums[name] = (sums[name] ?? 0) + count;
  return sums as Partial<Record<Name, number>>;
}

/** As Markdown. */
export function tallyLines({ rows, livesUnder, broken }: Tally): readonly string[] {
  const shown = TOPOLOGIES.flatMap((name) => {
    const row = rows[name];
    if (row === undefined) return [];
    const { rounds, lives, answered, faults, verdicts, wrong } = row;
    return [
      `| ${name} | ${rounds} | ${lives} | ${answered} | ${faults} | ${verdicts} | ${wrong} |`,
    ];
  });
  const under = Object.entries(livesUnder).map(([kind, count]) => `${kind} ${count}`);
  return [
    "| Redis | rounds | lives | answered | faults | verdicts | other findings |",
    "|---|---|---|---|---|---|---|",
    ...shown,
    "",
    `Lives while a fault of the kind struck: ${under.join(", ")}.`,
    "",
    "| rule | broken |",
    "|---|---|",
    ...RULES.map((rule) => `| ${rule} | ${broken[rule] ?? 0} |`),
  ];
}
