// What the properties are tried with still fits the code: noticing it takes a moment here, and minutes there.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OF_SEVERAL } from "./batch-mutants.ts";
import { OF_INCIDENTS } from "./incident-mutants.ts";
import { DECIDING, GRANTING, PEOPLE_MUTANTS, TELLING } from "./mutants.ts";

const SRC = new URL("../../src", import.meta.url).pathname;
const ALL = [
  ...DECIDING,
  ...PEOPLE_MUTANTS,
  ...GRANTING,
  ...TELLING,
  ...OF_SEVERAL,
  ...Object.values(OF_INCIDENTS).flat(),
];

it.each(
  ALL.flatMap(({ name, patches }) => patches.map(({ file, from }) => [name, file, from] as const)),
)("%s: %s", (_name, file, from) => {
  expect(readFileSync(join(SRC, file), "utf8").split(from)).toHaveLength(2);
});
