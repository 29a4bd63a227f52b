// `npm run test:quick`: rules, configuration, commands and screens, in half a minute, without a process of its own.

import { configDefaults, defineConfig } from "vitest/config";

/** They try thousands of cases each, which takes as long as all of the others: `npm test` runs them. */
const LONG = [
  "test/domain/vm/exposure/judge-property.test.ts",
  "test/config/policy-file/json-schema.test.ts",
  "test/config/policy-file/policy-properties.test.ts",
  "test/adapters/slack/views/request/screens.test.ts",
];

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/{domain,config,flows}/**/*.test.ts", "test/adapters/slack/views/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...LONG],
    // They share nothing that one could leave behind for the next.
    isolate: false,
    maxWorkers: 2,
    // What takes seconds may take long on a busy machine.
    testTimeout: 60_000,
  },
});
