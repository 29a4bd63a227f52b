// What is started hundreds of times finds its code compiled, and starts where that is of no use, too.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { bundledScript } from "./bundled.ts";

const PROGRAM = `
function said(text: string): string { return "It says " + text; }
setTimeout(() => {
  process.send?.(said("hello"));
  process.once("message", () => process.exit());
}, 10);
`;

async function program(): Promise<URL> {
  const folder = mkdtempSync(join(tmpdir(), "jit-bundled-"));
  const entry = join(folder, "small.ts");
  writeFileSync(entry, PROGRAM);
  const url = await bundledScript(pathToFileURL(entry));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
    rmSync(dirname(fileURLToPath(url)), { recursive: true });
  });
  return url;
}

const keptBy = (url: URL): readonly string[] =>
  globSync("compiled-*", { cwd: dirname(fileURLToPath(url)) });

async function started(url: URL): Promise<ChildProcess> {
  const child = fork(url, { execArgv: [] });
  onTestFinished(() => void child.kill());
  expect(await once(child, "message")).toContain("It says hello");
  return child;
}

it("keeps what a start compiled, starts from it, and keeps it again where it can't be used", async () => {
  const url = await program();
  await started(url);
  await expect.poll(() => keptBy(url)).toHaveLength(1);
  const path = join(dirname(fileURLToPath(url)), String(keptBy(url)[0]));
  const { ino } = statSync(path);
  const whole = readFileSync(path);

  writeFileSync(path, whole.subarray(0, 100));
  await started(url);
  await expect.poll(() => statSync(path).size).toBeGreaterThan(100);
  const { ino: second } = statSync(path);
  expect(second).not.toBe(ino);

  await started(url);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(statSync(path).ino).toBe(second);
});
