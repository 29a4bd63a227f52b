// In an Enterprise Grid one person has several ids: they neither approve for themselves nor twice.

import { describe, expect, it } from "vitest";
import type { Rule } from "../../src/domain/rules/policy.ts";
import type { UserId } from "../../src/domain/text/ids.ts";
import {
  asked,
  brought,
  codeOf,
  production,
  type Stage,
  stagePolicy,
  startStage,
} from "./stage.ts";
import { ERIN, LEA, OMAR, SAM } from "./universe.ts";

/** SAM is LEA or ERIN under another id, and an approver by that. */
function startAs(same: UserId, change: Partial<Rule> = {}): Stage {
  const approvers = { users: [LEA, SAM, OMAR], groups: [] };
  const stage = startStage(stagePolicy({ rules: [{ ...production, approvers, ...change }] }));
  stage.identities.set(SAM, same);
  return stage;
}

describe("the requester under another id", () => {
  it("neither approves, denies nor changes what they asked for", async () => {
    const stage = startAs(ERIN, { approvals: 1 });
    const id = await asked(stage);
    const { nonce } = stage.request(id);
    const form = { id, nonce };
    const answers = [
      await stage.click(SAM, "approve", id),
      await stage.inbound.deny(stage.sender(SAM), { ...form, reason: "no" }),
      await stage.inbound.approveChanged(stage.sender(SAM), {
        ...form,
        duration: "10m",
        source: "vpn",
      }),
    ];
    expect(answers.map(codeOf)).toEqual(["own-request", "own-request", "own-request"]);
    expect(stage.request(id)).toMatchObject({ state: "pending", approvals: [] });
    await stage.click(LEA, "approve", id);
    expect(stage.request(id).state).toBe("opening");
  });

  it("does not review what they opened without an approval", async () => {
    const stage = startAs(ERIN);
    const id = await brought(stage, "glass");
    expect(codeOf(await stage.click(SAM, "review-ok", id))).toBe("own-request");
  });

  it("may cancel it, and retry it", async () => {
    const stage = startAs(ERIN, { approvers: { users: [LEA, OMAR], groups: [] } });
    const id = await brought(stage, "failed");
    expect(codeOf(await stage.click(SAM, "retry", id))).toBeUndefined();
    const other = await asked(stage, "request rg-web/web-2 22 1h for why");
    expect(codeOf(await stage.click(SAM, "cancel", other))).toBeUndefined();
  });
});

describe("an approver under another id", () => {
  it("does not approve twice, whichever id comes first", async () => {
    for (const [first, second] of [
      [LEA, SAM],
      [SAM, LEA],
    ] as const) {
      const stage = startAs(LEA);
      const id = await asked(stage);
      await stage.click(first, "approve", id);
      expect(codeOf(await stage.click(second, "approve", id))).toBe("already-approved");
      expect(stage.request(id)).toMatchObject({ state: "pending", approvals: [{ by: first }] });
      await stage.click(OMAR, "approve", id);
      expect(stage.request(id).state).toBe("opening");
    }
  });

  it("does not approve twice in the same moment", async () => {
    const stage = startAs(LEA);
    const id = await asked(stage);
    await Promise.all([LEA, SAM].map((user) => stage.click(user, "approve", id)));
    expect(stage.request(id)).toMatchObject({ state: "pending" });
    expect(stage.request(id).approvals).toHaveLength(1);
  });

  it("takes back what they approved", async () => {
    const stage = startAs(LEA);
    const id = await asked(stage);
    await stage.click(LEA, "approve", id);
    await stage.click(SAM, "take-back", id);
    expect(stage.request(id).approvals).toEqual([]);
  });
});

describe("while Slack doesn't tell who somebody is", () => {
  it("nothing is decided; what was asked for can still be ended", async () => {
    const stage = startAs(LEA);
    const id = await brought(stage, "open");
    const other = await asked(stage, "request rg-web/web-2 22 1h for why");
    stage.away.slack = true;
    expect(codeOf(await stage.click(LEA, "approve", other))).toBe("cannot-check");
    stage.away.slack = false;
    expect(codeOf(await stage.click(ERIN, "end", id))).toBeUndefined();
  });
});
