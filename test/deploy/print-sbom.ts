// `npm run sbom`: the CycloneDX bill of materials of what runs in production, on standard output.
//
// npm writes the bill, and this leaves out what is for development only: npm's own `--omit dev` also leaves out
// packages that the bot and one of its development tools share, ioredis among them.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const PROJECT = join(import.meta.dirname, "../..");

const LOCK = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

const BILL = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ "bom-ref": z.string() }) }),
  components: z.array(z.looseObject({ "bom-ref": z.string() })),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

const lock = LOCK.parse(JSON.parse(readFileSync(join(PROJECT, "package-lock.json"), "utf8")));
const inProduction = new Set(
  Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== "" && dev !== true)
    .map(([path, { version }]) => `${path.split("node_modules/").at(-1)}@${version}`),
);

const command = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
const written = execFileSync("npm", command, { cwd: PROJECT, maxBuffer: 64 * 1024 * 1024 });
const bill = BILL.parse(JSON.parse(written.toString()));
const self = bill.metadata.component["bom-ref"];
const kept = {
  ...bill,
  components: bill.components.filter((one) => inProduction.has(one["bom-ref"])),
  dependencies: bill.dependencies
    .filter(({ ref }) => ref === self || inProduction.has(ref))
    .map(({ ref, dependsOn }) => ({
      ref,
      dependsOn: dependsOn.filter((one) => inProduction.has(one)),
    })),
};
process.stdout.write(`${JSON.stringify(kept, undefined, 2)}\n`);
