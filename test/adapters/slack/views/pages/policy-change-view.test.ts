// A change of JIT policies as a message: within Slack's sizes for the longest names, and with what was typed as data.

import { describe, expect, it } from "vitest";
import { changeMessage } from "../../../../../src/adapters/slack/views/pages/policy-change-view.ts";
import type { Change, Outcome } from "../../../../../src/domain/policies/policy-change.ts";
import { userId } from "../../../../../src/domain/text/ids.ts";

const LONG = "W".repeat(64);
const policyId = (n: number) =>
  `/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/${`${n}-`.padEnd(90, "G")}/providers/Microsoft.Security/locations/germanywestcentral/jitNetworkAccessPolicies/${"P".repeat(40)}`;

const desired = {
  ...{ verb: "enable" as const, ports: undefined, protocol: undefined },
  ...{ maxDurationMs: undefined, sources: undefined },
};

function changeOf(state: Change["state"], outcome?: Outcome): Change {
  return {
    ...{ id: "ab".repeat(12), verb: "enable", by: userId("U0ADMIN"), atMs: 0, state },
    asked: `enable rg:<!channel> ${LONG.repeat(8)}`,
    meant: 1_000,
    policies: Array.from({ length: 200 }, (_, n) => ({
      policyId: policyId(n),
      edits: Array.from({ length: 8 }, (_vm, index) => ({
        vmId: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/${index}${LONG.slice(2)}`,
        changes: [desired],
      })),
      ...{ existed: n % 2 === 0, vmsBefore: 5, vmsAfter: 13 },
      ...{ fingerprint: "f", whole: "w", open: 3 },
      ...(outcome && { outcome }),
    })),
    left: (
      ["unsupported", "name-too-long", "not-configured", "already", "unreadable"] as const
    ).flatMap((why) =>
      Array.from({ length: 40 }, (_, n) => ({ vm: `${"G".repeat(90)}/${n}${LONG.slice(2)}`, why })),
    ),
    unread: Array.from({ length: 50 }, () => "11111111-1111-1111-1111-111111111111"),
  };
}

const failed: Outcome = { how: "failed", code: "C".repeat(100), says: `<${"x".repeat(999)}>` };

describe("a change with the longest names", () => {
  it.each([
    ["as a preview", changeOf("preview")],
    ["while it goes on", changeOf("applying")],
    ["when all of it failed", changeOf("over", failed)],
    ["when all is done", changeOf("over", { how: "done", kept: true })],
  ])("fits one message %s, and nothing in it is markup", (_, change) => {
    const { blocks, text } = changeMessage(change);
    expect(blocks.length).toBeLessThanOrEqual(50);
    expect(text.length).toBeLessThanOrEqual(1_000);
    for (const block of blocks) {
      if (block.type === "section") expect(block.text.text.length).toBeLessThanOrEqual(3_000);
    }
    expect(JSON.stringify(blocks).length).toBeLessThan(12_500);
    expect(JSON.stringify({ blocks, text })).not.toContain("<!channel>");
  });
});

describe("the buttons of a change", () => {
  it("are there as long as it can be applied, and only then", () => {
    const buttons = (change: Change) =>
      JSON.stringify(changeMessage(change).blocks).match(/"jit\.(?:apply|drop)"/g)?.length ?? 0;
    expect(buttons(changeOf("preview"))).toBe(2);
    expect(buttons({ ...changeOf("preview"), policies: [] })).toBe(0);
    for (const state of ["applying", "over", "dropped"] as const) {
      expect(buttons(changeOf(state))).toBe(0);
    }
  });
});
