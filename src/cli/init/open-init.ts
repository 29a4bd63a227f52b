// `jit init` with the real files, a person at the terminal, and the doctor at the end.

import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { readEnvFile } from "../../config/environment/env-file.ts";
import { doctor } from "../jit-doctor.ts";
import type { ExitCode, Terminal } from "../terminal.ts";
import { type InitNeeds, init } from "./jit-init.ts";

const beside = (path: string) => readFile(fileURLToPath(new URL(path, import.meta.url)), "utf8");

export async function runInit(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<ExitCode> {
  const [manifest, role] = await Promise.all([
    beside("../../../manifest.yml"),
    beside("../../../docs/azure-role.json"),
  ]);
  const person = process.stdin.isTTY ? atTerminal() : undefined;
  return init(args, {
    terminal,
    ask: person?.ask,
    templates: { manifest, role },
    auditKey: randomBytes(32).toString("hex"),
    create,
    doctor: async () => {
      const written = await readFile(".env", "utf8").catch(() => "");
      const { values, faults } = readEnvFile(parseEnv(written), env);
      return doctor([], { ...values, ...env }, terminal, faults);
    },
  }).finally(() => person?.leave());
}

const create: InitNeeds["create"] = async (name, text, isSecret) => {
  try {
    await writeFile(name, text, { flag: "wx", mode: isSecret ? 0o600 : 0o644 });
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST") return false;
    throw thrown;
  }
};

function atTerminal() {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const left = new AbortController();
  lines.once("close", () => left.abort());
  return {
    // Aborted, it rejects: nobody is there.
    ask: (question: string) =>
      lines.question(question, { signal: left.signal }).catch(() => undefined),
    leave: () => lines.close(),
  };
}
