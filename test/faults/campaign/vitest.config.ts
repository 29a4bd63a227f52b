// How the campaign's own tests run: one after the other, with the machine to themselves.

import { defineConfig } from "vitest/config";
import { CAMPAIGN } from "../../vitest.config.ts";

export default defineConfig({
  test: {
    root: new URL("../../..", import.meta.url).pathname,
    include: CAMPAIGN,
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
