// The adapter under test: real SDKs, real TLS, a simulated Azure, and a clock that sleeps in no time.

import { afterAll } from "vitest";
import {
  type ArmAzure,
  type ArmAzureOptions,
  armAzure,
  type CallNote,
} from "../../../src/adapters/azure/arm-azure.ts";
import { azureCredential } from "../../../src/adapters/azure/client/credential.ts";
import { azureEndpoint } from "../../../src/config/clouds.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { type Fault, isFault } from "../../../src/ports/fault.ts";
import type { Log } from "../../../src/ports/log.ts";
import {
  type AzureOptions,
  type SimulatedAzure,
  startAzure,
} from "../../../src/sandbox/azure/azure-server.ts";
import { type AzureEstate, emptyWorld } from "../../../src/sandbox/azure/world/azure-estate.ts";
import { createSwitches } from "../../../src/sandbox/azure/world/switches.ts";
import { trustInProcess } from "../../../src/sandbox/tls.ts";

export const START_MS = Date.parse("2026-11-22T10:00:00Z");
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** Sleeping moves it on by as much, at once; what was slept is written down. */
type FastClock = Clock & { setMs: (ms: number) => void; slept: number[] };

function fastClock(): FastClock {
  let ms = START_MS;
  const slept: number[] = [];
  return {
    slept,
    setMs: (to) => {
      ms = to;
    },
    nowMs: () => ms,
    monotonicMs: () => ms,
    sleep: async (by) => {
      slept.push(by);
      ms += by;
    },
  };
}

export type Line = { level: string; facts: Record<string, unknown>; text: string };

export function keptLog(): Log & { lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (facts: object, text: string) => {
    lines.push({ level, facts: { ...facts }, text });
  };
  const [debug, info, warn, error] = ["debug", "info", "warn", "error"].map(at);
  if (!debug || !info || !warn || !error) throw new Error("a level is missing");
  return { lines, debug, info, warn, error };
}

export type Bot = {
  bot: ArmAzure;
  lines: Line[];
  notes: CallNote[];
};

export type Simulated = {
  azure: SimulatedAzure;
  clock: FastClock;
  /** Puts another world, fresh switches and no faults in place, and forgets all calls. */
  reset: (world: AzureEstate) => void;
  bot: (options?: Partial<ArmAzureOptions>) => Bot;
  /** Requests to Resource Manager whose path contains the text. */
  sent: (path: string) => SimulatedAzure["calls"];
};

/** Starts once for a test file, and stops after its last test. */
export async function simulate(options: Partial<AzureOptions> = {}): Promise<Simulated> {
  // Now and not within the first test's time-outs.
  await import("@azure/identity");
  const clock = fastClock();
  const azure = await startAzure({ world: emptyWorld(), nowMs: clock.nowMs, ...options });
  afterAll(() => azure.close());
  trustInProcess(azure.caPem);
  useIdentityOf(azure);
  return {
    azure,
    clock,
    reset(world) {
      clock.setMs(START_MS);
      clock.slept.length = 0;
      azure.faults.clear();
      Object.assign(azure.world, emptyWorld(), world);
      Object.assign(azure.switches, createSwitches());
      (azure.calls as unknown[]).length = 0;
    },
    bot: (more) => makeBot(azure, clock, more),
    sent: (path) => azure.calls.filter((call) => call.server === "arm" && call.path.includes(path)),
  };
}

export function makeBot(
  azure: SimulatedAzure,
  clock: Clock,
  options: Partial<ArmAzureOptions> = {},
): Bot {
  const log = keptLog();
  const notes: CallNote[] = [];
  const { endpoint, scope, authorityHost } = azureEndpoint("public", azure.url);
  const bot = armAzure({
    credential: azureCredential(authorityHost),
    endpoint,
    scope,
    subscriptions: [],
    managementGroups: [],
    clock,
    log,
    onCall: (note) => notes.push(note),
    ...options,
  });
  return { bot, lines: log.lines, notes };
}

/** The environment of a machine with a managed identity, and of no developer. */
function useIdentityOf(azure: SimulatedAzure): void {
  process.env.IDENTITY_ENDPOINT = azure.identityEndpoint;
  process.env.IDENTITY_HEADER = azure.identityHeader;
  process.env.AZURE_TOKEN_CREDENTIALS = "ManagedIdentityCredential";
}

/** The fault that a promise rejects with. Throws if it does anything else. */
export async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  try {
    await promise;
  } catch (thrown) {
    if (isFault(thrown)) return thrown;
    throw thrown;
  }
  throw new Error("there was no fault");
}
