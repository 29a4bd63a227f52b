// The bot of the demo: as `main.ts` starts it, but with a clock that can be moved ahead.

import { readFileSync } from "node:fs";
import { jsonLog } from "../../adapters/pino-log.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { newScopes } from "../../adapters/tracing/scopes.ts";
import { readEnvironment } from "../../config/environment/environment.ts";
import { readPolicyFile } from "../../config/policy-file/read-policy-file.ts";
import { startReplica } from "../../replica/replica.ts";
import { newReplicaName } from "../../replica/replica-name.ts";

const STOP_WITHIN_MS = 8_000;

const environment = readEnvironment(process.env);
if (!("settings" in environment)) throw new Error(environment.faults.join("\n"));
const { settings } = environment;
const read = readPolicyFile(readFileSync(settings.policyFile, "utf8"));
if (!("policy" in read)) throw new Error(JSON.stringify(read.faults));
const { policy } = read;

let offsetMs = Number(process.env.DEMO_CLOCK_OFFSET_MS ?? 0);
const refreshEveryMs = Number(process.env.DEMO_REFRESH_EVERY_MS ?? 0);
process.on("message", (message) => {
  if (typeof message === "object" && message !== null && "offsetMs" in message) {
    offsetMs = Number(message.offsetMs);
  }
});
// The process that started the demo is gone, by a signal that couldn't be caught: the demo ends, too.
process.on("disconnect", () => process.exit(1));

const name = newReplicaName();
const scopes = newScopes(systemClock);
// No `await` out here: the tests start it as a script.
const starting = startReplica({
  settings,
  policy,
  replica: name,
  log: jsonLog(settings.logLevel, name, scopes.ofLine),
  scopes,
  onLost: (fault) => {
    process.stderr.write(`${fault.message} (${fault.code})\n`);
    process.exit(1);
  },
  clockOffsetMs: () => offsetMs,
  ...(refreshEveryMs > 0 && { refreshEveryMs }),
});
void starting.then((replica) => {
  process.send?.({ port: replica.port });
  const stop = () => void replica.stop(STOP_WITHIN_MS).finally(() => process.exit(0));
  process.once("SIGTERM", stop);
  // Ctrl-C reaches the whole group; the demo itself says when its bot is to stop.
  process.on("SIGINT", () => undefined);
});
