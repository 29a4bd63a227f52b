// Somebody who was refused and may since: added to a group, or let back in by Slack a moment ago, is met with
// what is so now. Of src/flows/people/look-afresh.ts, in a world where what may be read old is.

import { describe, expect, it } from "vitest";
import { personLimits } from "../../../src/flows/limits/person-limits.ts";
import { asked, codeOf, production, read, stagePolicy, startStage } from "../../security/stage.ts";
import { GROUPS, OMAR, PIA, SOURCES } from "../../security/universe.ts";
import { aRule, ERIN, SAM } from "../../support/requests.ts";
import { UNHURRIED } from "../../support/unhurried.ts";

const [ONE, TWO] = GROUPS.slice(0, 2) as [(typeof GROUPS)[number], (typeof GROUPS)[number]];
const SECOND = 1_000;

const stageWith = (paces = UNHURRIED) => {
  const admins = { users: [], groups: [TWO] };
  const owners = aRule({
    ...production,
    name: "owners",
    match: { vms: ["app-*"] },
    requesters: { users: [], groups: [ONE] },
    networks: SOURCES.slice(0, 1),
  });
  const policy = stagePolicy({ admins, rules: [production, owners] });
  const stage = startStage(policy, { paces });
  const join = (group: typeof ONE, users = [OMAR, PIA, SAM]) => stage.groups.get(group)?.set(users);
  return { ...stage, join };
};

describe("somebody who was refused and may since", () => {
  it("approves, having been added to the approvers' group two seconds ago", async () => {
    const stage = stageWith();
    const id = await asked(stage);
    expect(codeOf(await stage.click(SAM, "approve", id))).toBe("not-an-approver");
    stage.join(ONE);
    stage.advance(2 * SECOND);
    await stage.click(SAM, "approve", id);
    expect(stage.request(id)).toMatchObject({ state: "pending", approvals: [{ by: SAM }] });
  });

  it("approves by its id, which they couldn't see before", async () => {
    const stage = stageWith();
    const id = await asked(stage);
    expect(codeOf(await stage.says(SAM, `status ${id}`))).toBe("no-such-request");
    expect(codeOf(await stage.says(SAM, `cancel ${id}`))).toBe("no-such-request");
    stage.join(ONE);
    stage.advance(2 * SECOND);
    expect((await stage.says(SAM, `status ${id}`)).answer).toBe("screen");
    expect(codeOf(await stage.says(SAM, `cancel ${id}`))).toBe("not-yours");
  });

  it("freezes, having been made an admin", async () => {
    const stage = stageWith();
    expect(codeOf(await stage.says(SAM, "freeze"))).toBe("not-yours");
    stage.join(TWO);
    stage.advance(2 * SECOND);
    expect(read(await stage.says(SAM, "freeze for a look"))).toContain("frozen");
  });

  it.each([
    ["guest", "not-a-full-member"],
    ["deactivated", "not-a-full-member"],
    ["other-workspace", "other-workspace"],
  ] as const)("asks and clicks, having been a %s before", async (kind, code) => {
    const stage = stageWith();
    const id = await asked(stage);
    stage.people.get(OMAR)?.set(kind);
    stage.advance(10 * 60 * SECOND);
    expect(codeOf(await stage.says(OMAR, "request rg-web/web-1 22 1h for why"))).toBe(code);
    expect(codeOf(await stage.click(OMAR, "approve", id))).toBe(code);
    stage.people.get(OMAR)?.set("full");
    stage.advance(2 * SECOND);
    await stage.click(OMAR, "approve", id);
    expect(stage.request(id)).toMatchObject({ approvals: [{ by: OMAR }] });
    expect(read(await stage.says(OMAR, "request rg-web/web-1 22 1h for why"))).toContain("JIT-");
  });

  it("is still refused where Slack can't tell", async () => {
    const stage = stageWith();
    const id = await asked(stage);
    stage.join(ONE);
    stage.advance(2 * SECOND);
    stage.away.groups = true;
    await stage.click(SAM, "approve", id);
    expect(stage.request(id)).toMatchObject({ state: "pending", approvals: [] });
  });
});

describe("somebody who may not, and tries all the time", () => {
  it("has five looks at once and five a minute; then what is known counts", async () => {
    const stage = stageWith({ ...UNHURRIED, no: { atOnce: 5, everyMs: 12 * SECOND } });
    const id = await asked(stage);
    for (let n = 0; n < 6; n++) await stage.click(SAM, "approve", id);
    stage.join(ONE);
    stage.advance(2 * SECOND);
    expect(codeOf(await stage.click(SAM, "approve", id))).toBe("not-an-approver");
    stage.advance(12 * SECOND);
    await stage.click(SAM, "approve", id);
    expect(stage.request(id)).toMatchObject({ approvals: [{ by: SAM }] });
  });

  it("shares ten a minute with everybody else", () => {
    let nowMs = 0;
    const limits = personLimits({ monotonicMs: () => nowMs });
    const looks = () =>
      [SAM, ERIN, OMAR, PIA].flatMap((user) =>
        Array.from({ length: 5 }, () => limits.take(user, "no")).filter((no) => no === undefined),
      ).length;
    expect(looks()).toBe(10);
    nowMs += 60 * SECOND;
    expect(looks()).toBe(10);
  });
});
