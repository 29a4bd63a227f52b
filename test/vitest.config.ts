// How the tests run: real servers and processes need more time than vitest's default on a busy machine.

import { globSync } from "node:fs";
import { configDefaults, defineConfig } from "vitest/config";
import { LONGEST, LongestFirst } from "./longest-first.ts";
import { startless } from "./startless.ts";

const TOP = new URL("..", import.meta.url).pathname;
export const ALL = ["test/**/*.test.ts"];
const WRONGS = ["test/faults/campaign/wrongs.test.ts"];
export const CAMPAIGN = ["test/faults/campaign.test.ts", ...WRONGS];

/** They promise a few seconds, or a few calls: a busy machine takes longer, and more of them. When the others are done. */
const LAST = [
  "test/e2e/batch-calls.test.ts",
  "test/faults/bystander.test.ts",
  "test/faults/overload.test.ts",
  "test/faults/take-over.test.ts",
  "test/faults/freeze-many.test.ts",
];

/** Each of them needs a process of its own. */
const ALONE = [
  // They take minutes, beside which a process is nothing, and what they load of the bot's many versions is kept.
  "test/faults/campaign.test.ts",
  "test/security/batches.test.ts",
  "test/security/mutants.test.ts",
  "test/security/properties.test.ts",
  // They listen for what their process itself lets slip.
  "test/adapters/slack/odd-socket.test.ts",
  "test/adapters/slack/receive/guard.test.ts",
  // Azure's SDK reads once which hosts need no proxy, and keeps the managed identity's tokens.
  "test/adapters/azure/client/clouds.test.ts",
  "test/adapters/azure/client/credential.test.ts",
];

/** They start nothing, so nothing is left behind for the next: a process for each would cost more than the tests. */
const TOGETHER = startless(ALL).filter((path) => ![...LONGEST, ...ALONE].includes(path));

/** Each puts away what it started, so that one process takes them one after the other: it imports everything once. */
const IN_TURN = globSync(ALL, { cwd: TOP }).filter(
  (path) => ![...TOGETHER, ...ALONE, ...LAST].includes(path),
);

/** Each test file is in one of them. */
export const GROUPS = { apart: ALONE, inTurn: IN_TURN, together: TOGETHER, last: LAST } as const;

export default defineConfig({
  plugins: [
    {
      name: "exclude-everywhere",
      // Vitest itself heeds `--exclude` only where there is one project.
      configureVitest: ({ vitest, project }) => {
        project.config.exclude.push(...(vitest.config.cliExclude ?? []));
      },
    },
  ],
  test: {
    root: TOP,
    // Many minutes long: `npm run test:campaign`, `npm run test:image`.
    exclude: [...configDefaults.exclude, ...WRONGS, "test/image/built.test.ts"],
    // Much of a test is waiting: four at a time keep two cores busy.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second is what a busy machine may take for anything.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      { extends: true, test: { name: "apart", include: GROUPS.apart } },
      { extends: true, test: { name: "in turn", include: GROUPS.inTurn, isolate: false } },
      { extends: true, test: { name: "together", include: GROUPS.together, isolate: false } },
      {
        extends: true,
        test: { name: "last", include: GROUPS.last, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
