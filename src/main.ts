#!/usr/bin/env node
// The program: reads the environment and the command line, starts what was asked for, and exits.

import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";
import { FINDINGS, FINE, WRONG_USE } from "./cli/terminal.ts";
import type { SecretFile } from "./config/environment/secret-files.ts";

// Halves the start; where nothing can be written, and nothing is there, nothing is lost. Beside the packages
// and not in a folder for everybody: what is in it is run. All else is imported after this line.
enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compiled", import.meta.url)));

/** What is in flight at SIGTERM has this long; orchestrators kill after ten seconds. */
const STOP_WITHIN_MS = 8_000;

const say = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

/** They work with the bot's settings; others with what they are given. */
const WITH_SETTINGS = [
  "start",
  "explain",
  "enable",
  "change",
  "disable",
  "advise",
  "report",
  "audit",
  "requeue",
  "doctor",
];

const NO_SETTINGS = { files: [], faults: [] };

async function main([command = "", ...rest]: readonly string[]): Promise<number | undefined> {
  const { usageAskedFor } = await import("./cli/usage.ts");
  const usage = usageAskedFor(command, rest);
  if (usage !== undefined) {
    say(usage);
    return FINE;
  }
  const { files, faults } = WITH_SETTINGS.includes(command)
    ? (await import("./cli/settings/setting-files.ts")).addSettingFiles(complain)
    : NO_SETTINGS;
  if (faults.length > 0 && command !== "start" && command !== "doctor") {
    for (const fault of faults) complain(fault);
    return WRONG_USE;
  }
  return command === "start" ? start(rest, files, faults) : run(command, rest, faults);
}

async function run(
  command: string,
  rest: readonly string[],
  faults: readonly string[],
): Promise<number | undefined> {
  switch (command) {
    case "init": {
      const { runInit } = await import("./cli/init/open-init.ts");
      const code = await runInit(rest, process.env, { say, complain });
      return process.exit(code);
    }
    case "check": {
      const { check } = await import("./cli/jit-check.ts");
      return check(rest, { say, complain }, process.env);
    }
    case "explain": {
      const { runExplain } = await import("./cli/open-explain.ts");
      return runExplain(rest, process.env, { say, complain });
    }
    case "enable":
    case "change":
    case "disable": {
      const { runEnable } = await import("./cli/open-enable.ts");
      const terminal = { say, complain };
      process.exitCode = await runEnable(command, rest, { env: process.env, terminal });
      return undefined;
    }
    case "advise": {
      const { runAdvise } = await import("./cli/advise/open-advise.ts");
      return runAdvise(rest, process.env, output());
    }
    case "report": {
      const { runReport } = await import("./cli/report/open-report.ts");
      return runReport(rest, process.env, output());
    }
    case "audit": {
      const { runAudit } = await import("./cli/audit/open-audit.ts");
      return runAudit(rest, process.env, output());
    }
    case "requeue": {
      const { runRequeue } = await import("./cli/open-requeue.ts");
      process.exitCode = await runRequeue(rest, process.env, { say, complain });
      return undefined;
    }
    case "doctor": {
      const { doctor } = await import("./cli/jit-doctor.ts");
      const code = await doctor(rest, process.env, { say, complain }, faults);
      // What didn't answer in time would keep the process.
      return process.exit(code);
    }
    case "demo": {
      const { demo } = await import("./cli/jit-demo.ts");
      return demo(rest, { say, complain });
    }
    case "version":
    case "--version":
    case "-v":
      return version();
    default:
      return noCommand(command);
  }
}

async function noCommand(typed: string): Promise<number> {
  const { unknownCommand, USAGE } = await import("./cli/usage.ts");
  complain(`${typed === "" ? "No command given." : unknownCommand(typed)}\n${USAGE}`);
  return WRONG_USE;
}

async function version(): Promise<number> {
  const { botFacts } = await import("./replica/version.ts");
  const { version: number, from } = botFacts();
  say(`jit-bot ${number}, from ${from}, on Node.js ${process.versions.node}`);
  return FINE;
}

/** Standard output for what may be long: it waits for its reader, who may have stopped reading, as `head` does. */
function output() {
  process.stdout.on("error", () => process.exit(FINE));
  const write = (text: string) =>
    new Promise<void>((done) => void process.stdout.write(text, () => done()));
  return { write, complain };
}

/** What a start needs, read; or one sentence for each fault. */
async function readyToStart(unread: readonly string[]) {
  const { readEnvironment } = await import("./config/environment/environment.ts");
  const { lackingSettings } = await import("./config/lacking-settings.ts");
  const { policyAt } = await import("./cli/policy-at.ts");
  const environment = readEnvironment(process.env);
  const path = process.env.JIT_CONFIG || "jit.yaml";
  const policy = await policyAt("settings" in environment ? environment.settings.policyFile : path);
  const isRead = "settings" in environment && "rules" in policy;
  const faults = [
    ...unread,
    ...("faults" in environment ? environment.faults : []),
    ...("rules" in policy ? [] : policy),
    // What a file should hold isn't lacking: that the file can't be used was told.
    ...(isRead && unread.length === 0 ? lackingSettings(policy, environment.settings) : []),
  ];
  return isRead && faults.length === 0 ? { settings: environment.settings, policy } : { faults };
}

/** Runs until a signal comes; answers an exit code at once only where it can't start. */
async function start(
  args: readonly string[],
  secretFiles: readonly SecretFile[],
  unread: readonly string[],
): Promise<number | undefined> {
  if (args.length > 0) {
    const { USAGES } = await import("./cli/usage.ts");
    complain(`start takes no arguments.\n${USAGES.start}`);
    return WRONG_USE;
  }
  const read = await readyToStart(unread);
  if ("faults" in read) {
    for (const fault of read.faults) complain(fault);
    return WRONG_USE;
  }
  const { settings, policy } = read;
  const { jsonLog } = await import("./adapters/pino-log.ts");
  const { survive } = await import("./adapters/slack/receive/bolt-log.ts");
  const { startReplica } = await import("./replica/replica.ts");
  const { newReplicaName } = await import("./replica/replica-name.ts");
  const { newScopes } = await import("./adapters/tracing/scopes.ts");
  const { systemClock } = await import("./adapters/system-clock.ts");
  const name = newReplicaName();
  const scopes = newScopes(systemClock);
  const log = jsonLog(settings.logLevel, name, scopes.ofLine);
  process.on("unhandledRejection", survive(log));
  let lost = false;
  const replica = await startReplica({
    settings,
    policy,
    replica: name,
    secretFiles,
    log,
    scopes,
    onLost: (fault) => {
      if (lost) return;
      lost = true;
      complain(`${fault.message} (${fault.code}): the bot can't continue.`);
      // The orchestrator starts it again; a bad token needs somebody to set another.
      process.exit(fault.retryable ? FINDINGS : WRONG_USE);
    },
  }).catch((thrown: unknown) => {
    const code = (thrown as NodeJS.ErrnoException).code;
    if (code === "EADDRNOTAVAIL") {
      complain("METRICS_HOST isn't an address of this machine: set it to one, or leave it out.");
      return undefined;
    }
    if (code !== "EADDRINUSE" && code !== "EACCES") throw thrown;
    complain(`The port can't be used (${code}): set PORT and METRICS_PORT to free ones.`);
    return undefined;
  });
  // What has been opened by now, the connection to Redis for one, would keep the process.
  if (replica === undefined) return process.exit(WRONG_USE);
  const stop = (signal: string) => {
    log.info({ signal }, "stopping");
    void replica.stop(STOP_WITHIN_MS).finally(() => process.exit(FINE));
    // Whatever hangs: orchestrators kill without asking again.
    setTimeout(() => process.exit(FINE), STOP_WITHIN_MS).unref();
  };
  process.once("SIGTERM", () => stop("SIGTERM"));
  process.once("SIGINT", () => stop("SIGINT"));
  return undefined;
}

const code = await main(process.argv.slice(2));
if (code !== undefined) process.exitCode = code;
