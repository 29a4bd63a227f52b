// Puts one fault after another into the bot and sees whether the properties notice: one that survives fails.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildApp } from "../../src/app.ts";
import type { AuditNotes } from "../../src/ports/storage/audit.ts";
import type { Requests } from "../../src/ports/storage/requests.ts";
import { type Case, cases } from "./cases.ts";
import { DECIDING, GRANTING, NOTICED_IN, PEOPLE_MUTANTS, TELLING } from "./mutants.ts";
import { type Build, patched } from "./patched.ts";
import { runCase } from "./run.ts";

/** The seed is fixed, so that a mutant is killed by the same case each time. */
const SEED = 20_261_101;
const CASES_MAX = 6_000;

type Noticed = { readonly after: number; readonly by: string; readonly in: Case };

/** Answers after how many cases it was noticed, by what and in which; `undefined`: it was not. */
async function noticed(
  build: Build,
  { from, count }: { readonly from: number; readonly count: number },
): Promise<Noticed | undefined> {
  const property = fc.asyncProperty(cases, async (one) => void (await runCase(one, build)));
  const path = from === 1 ? {} : { path: String(from - 1) };
  const how = { seed: SEED, ...path, numRuns: count, endOnFailure: true };
  const found = await fc.check(property, how);
  if (!found.failed || found.counterexample === null) return undefined;
  const thrown = found.errorInstance;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  const after = from - 1 + found.numRuns;
  return { after, by: why.split("): ").at(-1) ?? why, in: found.counterexample[0] };
}

/** Looks where it was noticed before, and only then everywhere. */
async function isNoticed(name: string, build: Build): Promise<boolean> {
  const known = NOTICED_IN[name];
  const how =
    (known === undefined ? undefined : await noticed(build, { from: known, count: 1 })) ??
    (await noticed(build, { from: 1, count: CASES_MAX }));
  const says = how === undefined ? "SURVIVES" : `case ${how.after}: ${how.by.slice(0, 90)}`;
  process.stdout.write(`${name.padEnd(56)} ${says}\n`);
  // What the bot as it is fails in, too, proves nothing.
  if (how !== undefined) await runCase(how.in, buildApp);
  return how !== undefined;
}

/** Faults beneath the rules: what the ports promise is not kept. */
const BENEATH: Readonly<Record<string, Build>> = {
  "the policy file is read once": (ports, { policy }) => {
    const first = policy();
    return buildApp(ports, { policy: () => first });
  },
  "the last to write wins": (ports, config) => {
    const commit: Requests["commit"] = async (_, write) => {
      const now = await ports.requests.read(write.next.id);
      return ports.requests.commit(now?.version ?? 0, write);
    };
    return buildApp({ ...ports, requests: { ...ports.requests, commit } }, config);
  },
  "deliveries are not remembered": (ports, config) => {
    const requests: Requests = {
      ...ports.requests,
      create: ({ delivery: _, ...write }, limits) => ports.requests.create(write, limits),
      commit: (version, { delivery: _, ...write }) => ports.requests.commit(version, write),
    };
    const auditNotes: AuditNotes = {
      record: (id, note) => ports.auditNotes.record(id, note),
    };
    return buildApp({ ...ports, requests, auditNotes }, config);
  },
};

describe("a fault in the rules is noticed", () => {
  const all = [...DECIDING, ...PEOPLE_MUTANTS, ...GRANTING, ...TELLING];

  it("where there is one", async () => {
    const unharmed = await patched({ name: "none", patches: [] });
    const property = fc.asyncProperty(cases, async (one) => void (await runCase(one, unharmed)));
    expect((await fc.check(property, { seed: SEED, numRuns: 200 })).failed).toBe(false);
  });

  it.each(all.map((mutant) => [mutant.name, mutant] as const))(
    "%s",
    async (name, mutant) => {
      expect(await isNoticed(name, await patched(mutant))).toBe(true);
    },
    240_000,
  );

  it.each(Object.entries(BENEATH))(
    "%s",
    async (name, build) => {
      expect(await isNoticed(name, build)).toBe(true);
    },
    240_000,
  );
});
