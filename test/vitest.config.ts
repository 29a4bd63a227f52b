// How the tests run: real servers and processes need more time than vitest's default on a busy machine.

import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./longest-first.ts";

const WRONGS = ["test/faults/campaign/wrongs.test.ts"];
export const CAMPAIGN = ["test/faults/campaign.test.ts", ...WRONGS];

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    // Many minutes long: `npm run test:campaign`, `npm run test:image`.
    exclude: [...configDefaults.exclude, ...WRONGS, "test/image/built.test.ts"],
    // Much of a test is waiting: three at a time keep two cores busy.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A second is what a busy machine may take for anything.
    expect: { poll: { timeout: 20_000 } },
  },
});
