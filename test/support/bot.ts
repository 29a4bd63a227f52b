// The bot as a process of its own for the tests: as `main.ts` starts it, but with a clock that the test moves.

import { readFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { jsonLog } from "../../src/adapters/pino-log.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { newScopes } from "../../src/adapters/tracing/scopes.ts";
import { addSecretFiles } from "../../src/cli/settings/setting-files.ts";
import { readEnvironment } from "../../src/config/environment/environment.ts";
import { readPolicyFile } from "../../src/config/policy-file/read-policy-file.ts";
import { startReplica } from "../../src/replica/replica.ts";
import { newReplicaName } from "../../src/replica/replica-name.ts";
import { UNHURRIED } from "./unhurried.ts";

const { files, faults } = addSecretFiles();
if (faults.length > 0) throw new Error(faults.join("\n"));
const environment = readEnvironment(process.env);
if (!("settings" in environment)) throw new Error(environment.faults.join("\n"));
const read = readPolicyFile(readFileSync(environment.settings.policyFile, "utf8"));
if (!("policy" in read)) throw new Error(JSON.stringify(read.faults));
const { policy } = read;

let offsetMs = Number(process.env.TEST_CLOCK_OFFSET_MS ?? 0);
const refreshEveryMs = Number(process.env.TEST_REFRESH_EVERY_MS ?? 0);
process.on("message", (message) => {
  if (typeof message === "object" && message !== null && "offsetMs" in message) {
    offsetMs = Number(message.offsetMs);
  }
  if (message === "memory?") {
    // Only where it was started so: then what is garbage is no part of it.
    globalThis.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    process.send?.({
      // The most that was ever resident: what a flood took stays in it when it is over.
      residentMaxBytes: process.resourceUsage().maxRSS * 1_024,
      residentBytes: rss,
      usedBytes: heapUsed + external,
    });
  }
});

const name = newReplicaName();
const scopes = newScopes(systemClock);
// No `await` out here: as a script it couldn't start.
const starting = startReplica({
  settings: environment.settings,
  policy,
  replica: name,
  secretFiles: files,
  log: jsonLog(environment.settings.logLevel, name, scopes.ofLine),
  scopes,
  onLost: (fault) => {
    process.stderr.write(`lost: ${fault.code}\n`);
    process.exit(1);
  },
  clockOffsetMs: () => offsetMs,
  ...(process.env.TEST_PACES !== "usual" && { paces: UNHURRIED }),
  ...(refreshEveryMs > 0 && { refreshEveryMs }),
});
void starting.then((replica) => {
  process.send?.({ port: replica.port });
  // Most are killed, and would leave nothing to those that start after them.
  flushCompileCache();
  // Whoever started it is gone: nobody else would end it.
  process.once("disconnect", () => process.exit(1));
  process.once("SIGTERM", () => void replica.stop(8_000).finally(() => process.exit(0)));
});
