// `npm run test:quick`: rules, configuration, commands and screens, in half a minute, without a process or server.

import { defineConfig } from "vitest/config";
import { startless } from "./startless.ts";

/** They try thousands of cases each, which takes longer than all of the others: `npm test` runs them. */
export const LONG = [
  "test/adapters/slack/views/request/revision.test.ts",
  "test/adapters/slack/views/request/screens.test.ts",
  "test/config/policy-faults.test.ts",
  "test/config/policy-file/json-schema.test.ts",
  "test/config/policy-file/policy-properties.test.ts",
  "test/domain/check/unreachable-rules.test.ts",
  "test/domain/hours/hours.test.ts",
  "test/domain/explain/explanation.test.ts",
  "test/domain/text/moments.test.ts",
  "test/domain/vm/exposure/judge-property.test.ts",
];

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: startless([
      "test/{domain,config,flows}/**/*.test.ts",
      "test/adapters/slack/views/**/*.test.ts",
    ]),
    exclude: LONG,
    // They share nothing that one could leave behind for the next.
    isolate: false,
    maxWorkers: 2,
    // What takes seconds may take long on a busy machine.
    testTimeout: 60_000,
  },
});
