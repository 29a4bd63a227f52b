// The policy file as advised: every finding's edits made, unless the file that comes of it is worse than the present one.

import { editPolicyFile } from "../../config/policy-file/edit-policy.ts";
import { readPolicyFile } from "../../config/policy-file/read-policy-file.ts";
import type { PlacedTest } from "../../config/policy-tests.ts";
import type { Edit, Evidence, Finding } from "../../domain/advice/finding.ts";
import { rangeFindings, uselessNetworks } from "../../domain/advice/network-advice.ts";
import { lostBy } from "../../domain/advice/replay.ts";
import { ruleFindings } from "../../domain/advice/rule-advice.ts";
import { differences } from "../../domain/check/policy-test.ts";
import { warningsOf } from "../../domain/check/policy-warnings.ts";
import type { Policy } from "../../domain/rules/policy.ts";

export type Judged = {
  readonly finding: Finding;
  /** Why the file stays as it is there; `undefined`: it was edited, or there is nothing to edit. */
  readonly kept: string | undefined;
};

export type AdvisedFile = {
  readonly text: string;
  readonly policy: Policy;
  readonly findings: readonly Judged[];
};

type Present = {
  readonly text: string;
  readonly tests: readonly PlacedTest[];
  readonly evidence: Evidence;
};

/**
 * No request that was used would be refused by it, nor decided by another rule; it has no error, no warning that
 * the present one hasn't, and every policy test that passes now passes.
 */
export function advisedFile(present: Present): AdvisedFile {
  const { text, evidence } = present;
  const found = ruleFindings(evidence);
  const rules = withMost(present, text, found);
  // What the rules still let in: those that go, or let a network go, don't need its ranges.
  const ranges = rangeFindings({ ...evidence, policy: rules.policy });
  const all = withMost(present, rules.text, ranges);
  const kept = new Map([...rules.kept, ...all.kept]);
  const findings = [...found, ...ranges, ...rules.cleared, ...all.cleared];
  return {
    text: all.text,
    policy: all.policy,
    findings: findings.map((finding) => ({ finding, kept: kept.get(finding) })),
  };
}

type Better = {
  readonly text: string;
  readonly policy: Policy;
  /** Networks that no rule is left for. */
  readonly cleared: readonly Finding[];
};
type Tried = Better | { readonly worse: string };

/** All edits at once; where that makes the file worse, one finding after the other, without those that do. */
function withMost(
  present: Present,
  text: string,
  found: readonly Finding[],
): Better & { readonly kept: ReadonlyMap<Finding, string> } {
  const editing = found.filter(({ edits }) => edits.length > 0);
  const kept = new Map<Finding, string>();
  const all = tried(present, text, editing);
  if (!("worse" in all)) return { ...all, kept };
  const good: Finding[] = [];
  let best: Tried = tried(present, text, []);
  for (const finding of editing) {
    const next = tried(present, text, [...good, finding]);
    if ("worse" in next) kept.set(finding, next.worse);
    else {
      good.push(finding);
      best = next;
    }
  }
  // Not even the networks that no rule allows can go.
  if (!("worse" in best)) return { ...best, kept };
  const unchanged = read(text, []);
  if ("worse" in unchanged) throw new Error("the present file can't be read again");
  return { ...unchanged, cleared: [], kept };
}

function tried(present: Present, text: string, findings: readonly Finding[]): Tried {
  const edited = read(
    text,
    findings.flatMap(({ edits }) => edits),
  );
  if ("worse" in edited) return edited;
  const cleared = uselessNetworks(edited.policy);
  const final = read(
    edited.text,
    cleared.flatMap(({ edits }) => edits),
  );
  if ("worse" in final) return final;
  const worse = worseIn(present, final.policy);
  return worse === undefined ? { ...final, cleared } : { worse };
}

function read(
  text: string,
  edits: readonly Edit[],
): { readonly text: string; readonly policy: Policy } | { readonly worse: string } {
  const edited = editPolicyFile(text, edits);
  const after = readPolicyFile(edited);
  return "policy" in after
    ? { text: edited, policy: after.policy }
    : { worse: `the file would have an error: ${after.faults[0]?.message}` };
}

function worseIn({ tests, evidence }: Present, advised: Policy): string | undefined {
  const { policy } = evidence;
  const [lost] = lostBy(evidence, advised);
  if (lost !== undefined) return `it would refuse what was used (${lost.why})`;
  const failing = tests.find(
    (test) => differences(policy, test).length === 0 && differences(advised, test).length > 0,
  );
  if (failing !== undefined) return `the policy test "${failing.name}" would fail`;
  const before = new Set(placedWarnings(policy).map(({ place }) => place));
  const added = placedWarnings(advised).find(({ place }) => !before.has(place));
  return added && `jit check would warn: ${added.message}`;
}

/** By the rule's name, which stays where rules before it go. */
const placedWarnings = (policy: Policy) =>
  warningsOf(policy).map(({ path: [first, at, ...rest], message }) => {
    const named = first === "rules" && typeof at === "number" ? policy.rules[at]?.name : at;
    return { place: JSON.stringify([first, named, ...rest]), message };
  });
