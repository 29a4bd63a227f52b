// The launcher `src/cli/launcher/jit`: which Node it goes on in, what it says where there is none, and what it passes on.

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { describe, expect, it, onTestFinished } from "vitest";

const PROJECT = join(import.meta.dirname, "../..");

/** Says where it runs and with what; `wait` waits for a signal, and a number is its exit code. */
const PROGRAM = `
const [act] = process.argv.slice(2);
if (act === "wait") {
  const stay = setInterval(() => undefined, 1_000);
  process.once("SIGTERM", () => { console.log("stopping"); clearInterval(stay); process.exitCode = 5; });
}
console.log(JSON.stringify({ by: process.argv0, file: import.meta.filename, args: process.argv.slice(2) }));
if (act === "wait") { /* until the signal */ } else if (act === "die") process.kill(process.pid, "SIGKILL");
else process.exitCode = Number(act ?? 0);
`;

const INSTALLED = `node_modules/node-${process.platform}-${process.arch}`;

/** A copy of the launcher beside a made-up program. */
function installation({ files = ["src/main.ts"], withNode = true } = {}): string {
  const top = mkdtempSync(join(tmpdir(), "jit-launcher-"));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  cpSync(join(PROJECT, "src/cli/launcher"), join(top, "src/cli/launcher"), { recursive: true });
  cpSync(join(PROJECT, "package.json"), join(top, "package.json"));
  for (const file of files) {
    mkdirSync(dirname(join(top, file)), { recursive: true });
    writeFileSync(join(top, file), PROGRAM);
  }
  if (withNode) {
    mkdirSync(join(top, INSTALLED, "bin"), { recursive: true });
    writeFileSync(join(top, INSTALLED, "package.json"), "{}");
    symlinkSync(process.execPath, join(top, INSTALLED, "bin/node"));
  }
  return top;
}

/** Starts the launcher in a Node that says it is of `version`. */
function launch(top: string, args: readonly string[], version?: string): ChildProcess {
  const older = join(top, "older.cjs");
  const claimed = JSON.stringify({ ...process.versions, node: version });
  writeFileSync(older, `Object.defineProperty(process, "versions", { value: ${claimed} });`);
  const preload = version === undefined ? [] : ["--require", older];
  return spawn(process.execPath, [...preload, join(top, "src/cli/launcher/jit"), ...args]);
}

async function ended(child: ChildProcess) {
  const said = { out: "", err: "" };
  child.stdout?.on("data", (data) => {
    said.out += String(data);
  });
  child.stderr?.on("data", (data) => {
    said.err += String(data);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...said };
}

const OLD = ["12.22.0", "20.20.2", "22.17.1"];
const NEW = ["22.18.0", "24.0.0", "100.0.0"];

describe("the launcher", () => {
  it.each(NEW)("stays in a Node %s", async (version) => {
    const top = installation({ withNode: false });
    const { code, out, err } = await ended(launch(top, ["3", "a b", "--c"], version));
    expect(err).toBe("");
    expect(JSON.parse(out)).toMatchObject({
      file: join(top, "src/main.ts"),
      args: ["3", "a b", "--c"],
    });
    expect(code).toBe(3);
  });

  it.each(OLD)("goes on from a Node %s in the installed one", async (version) => {
    const top = installation();
    const { code, out, err } = await ended(launch(top, ["3", "a b", "--c"], version));
    expect(err).toBe("");
    expect(JSON.parse(out)).toMatchObject({
      by: join(top, INSTALLED, "bin/node"),
      args: ["3", "a b", "--c"],
    });
    expect(code).toBe(3);
  });

  it.each(OLD)("says in one sentence which Node it needs, where there is only %s", async (old) => {
    const { code, out, err } = await ended(launch(installation({ withNode: false }), [], old));
    expect(err).toBe(`jit needs Node 22.18 or newer, and this is ${old}: install it.\n`);
    expect(out).toBe("");
    expect(code).toBe(2);
  });

  it("says so where the installed Node can't be run", async () => {
    const top = installation();
    rmSync(join(top, INSTALLED, "bin/node"));
    const { code, err } = await ended(launch(top, [], "20.0.0"));
    expect(err).toMatch(/can't be run \(ENOENT\): install Node 22\.18 or newer\.\n$/);
    expect(code).toBe(2);
  });

  it("takes the sources where they are, and else what was compiled of them", async () => {
    const both = installation({ files: ["src/main.ts", "dist/main.js"] });
    const packed = installation({ files: ["dist/main.js"] });
    expect(JSON.parse((await ended(launch(both, []))).out).file).toBe(join(both, "src/main.ts"));
    expect(JSON.parse((await ended(launch(packed, []))).out).file).toBe(
      join(packed, "dist/main.js"),
    );
  });

  it.each([undefined, "20.0.0"])(
    "passes a signal on and waits for the end (Node %s)",
    async (v) => {
      const child = launch(installation(), ["wait"], v);
      const end = ended(child);
      await new Promise((resolve) => child.stdout?.once("data", resolve));
      child.kill("SIGTERM");
      const { code, out } = await end;
      expect(out).toMatch(/stopping\n$/);
      expect(code).toBe(5);
    },
  );

  it("ends as its program ended, by a signal too", async () => {
    expect((await ended(launch(installation(), ["die"], "20.0.0"))).code).toBe(128 + 9);
  });
});
