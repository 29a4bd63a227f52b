// In which order the tests run: those that take minutes first, so that none of them is alone at the end.

import { posix, relative, sep } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const TOP = new URL("..", import.meta.url).pathname;

/** As measured; a file that is missing here is only a little late. */
export const LONGEST: readonly string[] = [
  "test/security/mutants.test.ts",
  "test/faults/campaign.test.ts",
  "test/security/properties.test.ts",
  "test/security/batches.test.ts",
  "test/cli/report/jit-report.test.ts",
  "test/faults/upgrade.test.ts",
  "test/e2e/ready.test.ts",
  "test/e2e/batch.test.ts",
  "test/faults/freeze-many.test.ts",
  "test/adapters/redis/connection/failover.test.ts",
];

/** What waits comes before what computes. */
const FOLDERS = ["test/faults", "test/e2e", "test/sandbox/page", "test/cli"];

function rankOf(path: string): number {
  const at = LONGEST.indexOf(path);
  if (at >= 0) return at - LONGEST.length;
  const folder = FOLDERS.findIndex((one) => path.startsWith(`${one}/`));
  return folder >= 0 ? folder : FOLDERS.length;
}

/** What shares a process comes later, one after the other: a process that runs out of it ends. */
const SHARING = ["in turn", "together"];

function rank({ moduleId, project }: TestSpecification): number {
  const own = rankOf(relative(TOP, moduleId).split(sep).join(posix.sep));
  if (own < 0) return own;
  return (SHARING.indexOf(project.name) + 1) * (FOLDERS.length + 1) + own;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}
