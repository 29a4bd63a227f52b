// `jit demo`: the demo of a clone, as `npm run demo` starts it, in a process of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Terminal, WRONG_USE } from "./terminal.ts";

/** Without these the process would end before the demo has put away what it started. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Answers the demo's own exit code. It installs what is missing first. */
export async function demo(args: readonly string[], { complain }: Terminal): Promise<number> {
  const setUp = path("../sandbox/setup.sh");
  const program = path("../sandbox/demo.ts");
  if (!existsSync(program)) {
    complain("The demo isn't part of this installation: run `npm run demo` in a clone.");
    return WRONG_USE;
  }
  let child: ChildProcess | undefined;
  const passOn = (signal: NodeJS.Signals): void => void child?.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  const run = (command: string, ...its: readonly string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      child = spawn(command, its, { stdio: "inherit" });
      child.once("error", reject);
      child.once("exit", (code) => resolve(code ?? WRONG_USE));
    });
  try {
    const code = await run("sh", setUp, "demo");
    return code === 0 ? await run(process.execPath, program, ...args) : code;
  } finally {
    for (const signal of SIGNALS) process.off(signal, passOn);
  }
}
