// A short campaign with a new seed each time; what it finds is found again by `npm run test:faults -- --seed`.

import { expect, it } from "vitest";
import { runRound } from "./campaign/round.ts";

/** Set to find again what a run of CI has found. */
const { FAULTS_SEED } = process.env;
const SEED =
  FAULTS_SEED === undefined ? Math.floor(Math.random() * 1_000_000) : Number(FAULTS_SEED);
const LIVES = 12;
const STORM_MS = 12_000;
/** It takes about a minute; on a machine that does much else as long as it needs. */
const LIMIT_MS = 8 * 60_000;

it(
  "loses, doubles and misstates nothing under faults from all sides",
  async () => {
    const again = `npm run test:faults -- --seed ${SEED} --lives ${LIVES} --storm ${STORM_MS / 1_000}`;
    process.stdout.write(`campaign of seed ${SEED}: ${again}\n`);
    const round = await runRound({
      seed: SEED,
      lives: LIVES,
      topology: "single",
      perSecond: 4,
      stormMs: STORM_MS,
      limitMs: LIMIT_MS,
    });
    expect({ again, verdicts: round.verdicts, wrong: round.wrong }).toEqual({
      again,
      verdicts: [],
      wrong: [],
    });
    // It was a storm, and it was lived through.
    expect(round.struck.length).toBeGreaterThan(3);
    expect(round.answered).toBeGreaterThan(LIVES / 2);
    expect(round.evidence.ports.length).toBeGreaterThan(LIVES / 4);
    // The judge saw whose ask each card was, and what it showed from beginning to end.
    const { cards, tokens, told } = round.evidence;
    expect(tokens.size).toBeGreaterThanOrEqual(told.length / 2);
    const ofOne = cards.filter(({ lead }) => lead === undefined);
    expect(ofOne.filter(({ states }) => states.length > 1).length).toBeGreaterThan(LIVES / 2);
    expect(ofOne.flatMap(({ states }) => states)).not.toContain("");
  },
  2 * LIMIT_MS,
);
