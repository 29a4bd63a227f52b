// The package as people get it: packed, installed globally from the tarball, and run by the machine's own Node.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const PROJECT = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** What npm puts before the PATH of its scripts would hide the machine's own Node. */
const PATH = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((folder) => !folder.includes("node_modules"))
  .join(delimiter);

const PACKED = z.object({
  filename: z.string(),
  unpackedSize: z.number(),
  files: z.array(z.object({ path: z.string() })),
});

let folder: string;
let packed: z.infer<typeof PACKED>;
let prefix: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "jit-package-"));
  const env = { ...process.env, PATH };
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: PROJECT,
    env,
  });
  [packed] = z.tuple([PACKED]).parse(JSON.parse(stdout.slice(stdout.indexOf("[\n"))));
  prefix = join(folder, "prefix");
  mkdirSync(join(prefix, "lib"), { recursive: true });
  const tarball = join(folder, packed.filename);
  const quietly = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", "--global", "--prefix", prefix, ...quietly, tarball], {
    cwd: folder,
    env,
  });
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As typed in a shell that finds it, with nothing of this project around. */
async function jit(...args: readonly string[]) {
  const env = { PATH: `${join(prefix, "bin")}${delimiter}${PATH}` };
  const { code, stdout, stderr } = await run("jit", args, { cwd: folder, env }).then(
    (said) => ({ code: 0, ...said }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  );
  return { code, stdout, stderr };
}

describe("the package", () => {
  it("holds the compiled program, and neither sources, tests nor servers for trying", () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toContain("dist/main.js");
    const forbidden =
      /^src\/(?!cli\/launcher\/(?:jit|package\.json)$)|(?:^|\/)(?:test|sandbox)\/|\.env|\.ts$/;
    expect(paths.filter((path) => forbidden.test(path))).toEqual([]);
    expect(packed.unpackedSize).toBeLessThan(3_000_000);
  });

  it("leaves nothing in the clone that could be out of date", () => {
    expect(existsSync(join(PROJECT, "dist"))).toBe(false);
    expect(readdirSync(PROJECT).filter((name) => name.endsWith(".tgz"))).toEqual([]);
  });

  it("is a command that says how it is used", async () => {
    expect(await jit("--help")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: jit init /),
      stderr: "",
    });
  });

  it("checks a policy file", async () => {
    const policy = join(prefix, "lib/node_modules/jit-bot/docs/jit.example.yaml");
    const { code, stdout, stderr } = await jit("check", policy);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/2 rules, no errors, no warnings\.\n$/);
    expect(code).toBe(0);
  });

  it("says which settings are missing, and ends with 2", async () => {
    const { code, stderr } = await jit("start");
    expect(stderr).toMatch(/^SLACK_BOT_TOKEN isn't set: .*\n/);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(2);
  });

  it("says that the demo needs a clone", async () => {
    const { code, stderr } = await jit("demo");
    expect(stderr).toMatch(/^The demo isn't part of this installation: /);
    expect(code).toBe(2);
  });
});
