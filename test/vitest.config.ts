// How the tests run: real servers and processes need more time than vitest's default on a busy machine.

import { configDefaults, defineConfig } from "vitest/config";
import { LONGEST, LongestFirst } from "./longest-first.ts";
import { startless } from "./startless.ts";

const TOP = new URL("..", import.meta.url).pathname;
const ALL = ["test/**/*.test.ts"];
const WRONGS = ["test/faults/campaign/wrongs.test.ts"];
export const CAMPAIGN = ["test/faults/campaign.test.ts", ...WRONGS];

/** They start nothing, so nothing is left behind for the next: a process for each would cost more than the tests. */
const TOGETHER = startless(ALL).filter((path) => !LONGEST.includes(path));

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
