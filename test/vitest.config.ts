// How the tests run: real servers and processes need more time than vitest's default on a busy machine.

import { globSync } from "node:fs";
import { configDefaults, defineConfig } from "vitest/config";
import { LONGEST, LongestFirst } from "./longest-first.ts";
import { startless } from "./startless.ts";

const TOP = new URL("..", import.meta.url).pathname;
const ALL = ["test/**/*.test.ts"];
const WRONGS = ["test/faults/campaign/wrongs.test.ts"];
export const CAMPAIGN = ["test/faults/campaign.test.ts", ...WRONGS];

/** They start servers, but end them, and leave nothing behind in their process. */
const TIDY = [
  "test/{adapters,domain,flows}/**/*.test.ts",
  "test/sandbox/{azure,slack}/**/*.test.ts",
];
/** Azure's client remembers for its process how it is signed in. */
const ALONE = [
  "test/adapters/azure/client/clouds.test.ts",
  "test/adapters/azure/client/credential.test.ts",
];
/** A process for each would cost more than most of them. */
const TOGETHER = [...startless(ALL), ...globSync(TIDY, { cwd: TOP })].filter(
  (path) => ![...LONGEST, ...ALONE].includes(path),
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
      { extends: true, test: { name: "apart", include: ALL, exclude: TOGETHER } },
      { extends: true, test: { name: "together", include: TOGETHER, isolate: false } },
    ],
  },
});
