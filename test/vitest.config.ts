// How the tests run: real servers and processes need more time than vitest's default on a busy machine.

import { globSync } from "node:fs";
import { configDefaults, defineConfig } from "vitest/config";
import { LONGEST, LongestFirst } from "./longest-first.ts";
import { startless } from "./startless.ts";

const TOP = new URL("..", import.meta.url).pathname;
const ALL = ["test/**/*.test.ts"];
const WRONGS = ["test/faults/campaign/wrongs.test.ts"];
export const CAMPAIGN = ["test/faults/campaign.test.ts", ...WRONGS];

/** They start nothing, so nothing is left behind for the next: a process for each would cost more than the tests. */
const TOGETHER = startless(ALL).filter((path) => !LONGEST.includes(path));

/** Each puts away what it started, so that one process takes them one after the other: it imports everything once. */
const TAKING_TURNS = ["test/adapters/slack/**/*.test.ts"];
/** They listen for what their process itself lets slip. */
const ALONE = [
  "test/adapters/slack/odd-socket.test.ts",
  "test/adapters/slack/receive/guard.test.ts",
];
const IN_TURN = globSync(TAKING_TURNS, { cwd: TOP }).filter(
  (path) => ![...TOGETHER, ...LONGEST, ...ALONE].includes(path),
);

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
      { extends: true, test: { name: "apart", include: ALL, exclude: [...TOGETHER, ...IN_TURN] } },
      { extends: true, test: { name: "in turn", include: IN_TURN, isolate: false } },
      { extends: true, test: { name: "together", include: TOGETHER, isolate: false } },
    ],
  },
});
