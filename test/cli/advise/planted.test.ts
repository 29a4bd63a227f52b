// Advice on made-up histories with slack planted in them: nearly all of it is found, and nothing that was used is lost.
// Another seed each time; SEED=… plays one again.
// Of src/cli/advise/advised-file.ts.

import { describe, expect, it } from "vitest";
import { advisedFile } from "../../../src/cli/advise/advised-file.ts";
import { unifiedDiff } from "../../../src/cli/advise/unified-diff.ts";
import { readPolicyFile } from "../../../src/config/policy-file/read-policy-file.ts";
import type { Evidence } from "../../../src/domain/advice/finding.ts";
import { jitFindings } from "../../../src/domain/advice/jit-advice.ts";
import { usageCounter } from "../../../src/domain/advice/usage.ts";
import { warningsOf } from "../../../src/domain/check/policy-warnings.ts";
import { checkAsk } from "../../../src/domain/rules/check-ask.ts";
import type { Policy } from "../../../src/domain/rules/policy.ts";
import { ruleOnPort } from "../../../src/domain/rules/rule-match.ts";
import { userId } from "../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { seeded } from "../../support/long-audit.ts";
import { aPort, aVmPolicy, ERIN, HOUR } from "../../support/requests.ts";
import { NOW, plantedWorld, type UsedAccess, type World } from "./planted.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const WORLDS = 40;

function policyIn(text: string): Policy {
  const read = readPolicyFile(text);
  if ("faults" in read) throw new Error(`${JSON.stringify(read.faults)}\n${text}`);
  return read.policy;
}

function advise({ text, vms, vmPolicies, entries }: World) {
  const counter = usageCounter(NOW - 90 * 24 * HOUR);
  entries.forEach(counter.take);
  const evidence: Evidence = {
    policy: policyIn(text),
    usage: counter.finish(),
    vms: new Map(vms.map((vm) => [vm.key, vm])),
    vmPolicies: new Map(vmPolicies.map((vmPolicy) => [vmPolicy.vm, [vmPolicy]])),
    isWhole: true,
    members: new Map(),
  };
  return { evidence, jit: jitFindings(evidence), ...advisedFile({ text, tests: [], evidence }) };
}

type Advised = ReturnType<typeof advise>;

/** By the words of the finding, or of the command. */
function isFound({ findings, jit }: Advised, { kind, about, what }: World["planted"][number]) {
  if (kind === "jit") {
    return jit.some(({ vms, ports, unused }) => {
      return unused === "ports" && vms.includes(about) && ports.includes(Number(what));
    });
  }
  return findings.some(({ finding }) => {
    const isThere = finding.unused.includes(what) || finding.unused.length === 0;
    return finding.kind === kind && finding.about === about && isThere;
  });
}

/** Asked again as it was asked, of a VM whose JIT policy allows all. */
function isLost(advised: Policy, access: UsedAccess): boolean {
  const { vm, ports, durationMs, source, network, approver, rule, neededMs } = access;
  const all = ports.map((port) => aPort(port, { maxDurationMs: 24 * HOUR }));
  const checked = checkAsk({
    policy: advised,
    vm,
    vmPolicies: [aVmPolicy(vm, all)],
    wanted: { ports, durationMs, source: network === "my-ip" ? network : source, reason: "why" },
    requester: ERIN,
    members: new Map(),
    myAddress: { address: source, provable: true },
    nowMs: 0,
  });
  return (
    isRefusal(checked) ||
    checked.rule.name !== rule ||
    checked.rule.maxDurationMs < neededMs ||
    !checked.rule.approvers.users.includes(userId(approver))
  );
}

/** Ports of VMs that another rule decides about than before. */
function movedIn({ vms }: World, before: Policy, after: Policy): readonly string[] {
  return vms.flatMap((vm) =>
    [22, 80, 3389, 5985, 5986, 8443].flatMap((port) => {
      const now = ruleOnPort(after, vm, { port, nowMs: 0 })?.name;
      const was = ruleOnPort(before, vm, { port, nowMs: 0 })?.name;
      return now === undefined || now === was ? [] : [`${vm.name}:${port} ${was} → ${now}`];
    }),
  );
}

/** As `patch` would do it. */
function patched(text: string, diff: string): string {
  const lines = text.split("\n");
  let shift = 0;
  for (const hunk of diff.split(/^@@ /m).slice(1)) {
    const [head = "", ...body] = hunk.replace(/\n$/, "").split("\n");
    const [, from = "1"] = /^-(\d+),/.exec(head) ?? [];
    const old = body.filter((line) => !line.startsWith("+")).map((line) => line.slice(1));
    const fresh = body.filter((line) => !line.startsWith("-")).map((line) => line.slice(1));
    const at = Number(from) - 1 + shift;
    expect(lines.slice(at, at + old.length)).toEqual(old);
    lines.splice(at, old.length, ...fresh);
    shift += fresh.length - old.length;
  }
  return lines.join("\n");
}

describe(`advice on histories of seed ${SEED}`, () => {
  const random = seeded(SEED);
  const worlds = Array.from({ length: WORLDS }, () => plantedWorld(random));
  const advised = worlds.map((world) => ({ world, advice: advise(world) }));

  it("finds at least 95 % of what was planted", () => {
    const planted = advised.flatMap(({ world, advice }) =>
      world.planted.map((slack) => ({ slack, isFound: isFound(advice, slack) })),
    );
    const missed = planted.filter((one) => !one.isFound);
    process.stdout.write(
      `Seed ${SEED}: ${planted.length - missed.length} of ${planted.length} found\n`,
    );
    expect(planted.length).toBeGreaterThan(WORLDS);
    const few = missed.slice(0, 10).map(({ slack }) => slack);
    expect(missed.length / planted.length, JSON.stringify(few)).toBeLessThanOrEqual(0.05);
  });

  it("refuses nothing that was used, and gives nothing to another rule", () => {
    for (const { world, advice } of advised) {
      const lost = world.used.filter((access) => isLost(advice.policy, access));
      expect(lost, world.text).toEqual([]);
      expect(movedIn(world, advice.evidence.policy, advice.policy)).toEqual([]);
    }
  });

  it("leaves a file that checks as well, and of which only lines with slack differ", () => {
    let edited = 0;
    for (const { world, advice } of advised) {
      const { text, policy, findings } = advice;
      expect(policyIn(text)).toEqual(policy);
      const warned = warningsOf(policy).length;
      expect(warned).toBeLessThanOrEqual(warningsOf(advice.evidence.policy).length);
      const diff = unifiedDiff("jit.yaml", world.text, text);
      expect(patched(world.text, diff)).toBe(text);
      const made = findings.filter((one) => one.finding.edits.length > 0 && one.kept === undefined);
      expect(diff === "").toBe(made.length === 0);
      edited += made.length;
      // Comments go only with what they stand beside: no rule that is in use does.
      const comments = (of: string) => of.match(/^\s*# (?:Made up|rule \d).*$/gm) ?? [];
      expect(comments(text)).toEqual(comments(world.text));
    }
    expect(edited).toBeGreaterThan(WORLDS);
  });

  it("has nothing to say about the file that it advised", () => {
    for (const { world, advice } of advised) {
      const again = advise({ ...world, text: advice.text });
      const made = again.findings.filter(({ finding }) => finding.edits.length > 0);
      expect(made.map(({ finding, kept }) => ({ finding, kept }))).toEqual([]);
    }
  });
});
