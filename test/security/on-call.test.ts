// Rules that name whoever is on call: who may decide, break the glass and go without an approval, at each moment.

import { describe, expect, it } from "vitest";
import type { Shift } from "../../src/domain/on-call/rota.ts";
import type { People, Rule } from "../../src/domain/rules/policy.ts";
import { type RequestId, rotaName, type UserId } from "../../src/domain/text/ids.ts";
import { HOUR, MINUTE } from "../support/requests.ts";
import { asked, codeOf, production, read, type Stage, stagePolicy, startStage } from "./stage.ts";
import { ERIN, GUEST, LEA, OMAR, SAM } from "./universe.ts";

const PAYMENTS = rotaName("payments");
const ON_CALL: People = { users: [], groups: [], onCall: [PAYMENTS] };
const NOBODY: People = { users: [], groups: [] };

function stageWith(rule: Partial<Rule>): Stage {
  const { escalate: _, ...rest } = production;
  return startStage(
    stagePolicy({
      rules: [{ ...rest, escalate: undefined, approvals: 1, ...rule }],
      onCall: { [PAYMENTS]: { kind: "pagerduty", schedules: ["PABC123"] } },
    }),
  );
}

const shift = (stage: Stage, who: UserId, fromMs = -HOUR, forMs = 2 * HOUR): Shift => ({
  address: `${who.toLowerCase()}@example.com`,
  fromMs: stage.nowMs() + fromMs,
  untilMs: stage.nowMs() + fromMs + forMs,
});

const approvedBy = (stage: Stage, id: RequestId): readonly UserId[] =>
  stage.request(id).approvals.map(({ by }) => by);

/** As `asked`, before any worker has looked at it. */
async function justAsked(stage: Stage): Promise<RequestId> {
  await stage.says(ERIN, "request rg-web/web-1 22 1h for why");
  const [made] = stage.store.all();
  if (made === undefined) throw new Error("nothing was asked");
  return made.id;
}

describe("an approver by rota", () => {
  it("approves while they are on call, and at no other moment", async () => {
    const stage = stageWith({ approvers: ON_CALL });
    stage.shifts.set([shift(stage, OMAR)]);
    const id = await asked(stage);
    expect(codeOf(await stage.click(SAM, "approve", id))).toBe("not-an-approver");
    stage.shifts.set([shift(stage, SAM)]);
    expect(codeOf(await stage.click(OMAR, "approve", id))).toBe("not-an-approver");
    expect(codeOf(await stage.click(SAM, "approve", id))).toBeUndefined();
    expect(approvedBy(stage, id)).toEqual([SAM]);
  });

  it("never approves for themselves", async () => {
    const stage = stageWith({ approvers: ON_CALL });
    stage.shifts.set([shift(stage, ERIN)]);
    const id = await asked(stage);
    expect(codeOf(await stage.click(ERIN, "approve", id))).toBe("own-request");
  });

  it("doesn't count any more where their shift is over before the last approval", async () => {
    const stage = stageWith({ approvers: { ...ON_CALL, users: [LEA] }, approvals: 2 });
    stage.shifts.set([shift(stage, OMAR, 0, 10 * MINUTE)]);
    const id = await asked(stage);
    await stage.click(OMAR, "approve", id);
    stage.advance(11 * MINUTE);
    expect(codeOf(await stage.click(LEA, "approve", id))).toBeUndefined();
    expect(stage.request(id).state).toBe("pending");
    expect(approvedBy(stage, id)).toEqual([LEA]);
  });

  it("isn't one where the rota can't be read, hears why, and those who are named go on", async () => {
    const stage = stageWith({ approvers: { ...ON_CALL, users: [LEA] } });
    stage.shifts.set([shift(stage, OMAR)]);
    const id = await asked(stage);
    stage.away.rotas = true;
    stage.advance(MINUTE);
    const answer = await stage.click(OMAR, "approve", id);
    expect(codeOf(answer)).toBe("not-an-approver");
    expect(read(answer)).toContain(
      "PagerDuty didn't answer in time, so nobody counts as on call for payments.",
    );
    expect(codeOf(await stage.click(LEA, "approve", id))).toBeUndefined();
    expect(stage.request(id).state).toBe("opening");
  });

  it("isn't one as a guest or once deactivated", async () => {
    const stage = stageWith({ approvers: ON_CALL });
    stage.shifts.set([shift(stage, GUEST)]);
    const id = await asked(stage);
    expect(codeOf(await stage.click(GUEST, "approve", id))).toBe("not-a-full-member");
  });

  it("isn't one after the rule stopped naming the rota", async () => {
    const stage = stageWith({ approvers: ON_CALL });
    stage.shifts.set([shift(stage, OMAR)]);
    const id = await asked(stage);
    const [rule] = stage.policy.now().rules;
    if (rule === undefined) throw new Error("there is no rule");
    stage.policy.set({
      ...stage.policy.now(),
      rules: [{ ...rule, approvers: { ...NOBODY, users: [LEA] } }],
    });
    expect(codeOf(await stage.click(OMAR, "approve", id))).toBe("not-an-approver");
  });
});

describe("an auto-approval by rota", () => {
  const auto = { approvers: { ...NOBODY, users: [LEA] }, autoApprove: ON_CALL };

  it("opens what somebody on call asks, and tells and records why", async () => {
    const stage = stageWith(auto);
    stage.shifts.set([shift(stage, ERIN)]);
    const id = await justAsked(stage);
    const request = stage.request(id);
    expect(request.state).toBe("opening");
    expect(request.ask).toMatchObject({ autoApproved: true, onCall: { rota: PAYMENTS } });
    expect(
      stage.store.recorded.find(({ note }) => note.what === "asked")?.note.detail,
    ).toMatchObject({
      onCall: "payments",
      onCallUntilMs: stage.nowMs() + HOUR,
      approvedBy: "rule",
    });
  });

  it.each<[string, (stage: Stage) => void]>([
    ["nobody is on call", (stage) => stage.shifts.set([])],
    ["somebody else is", (stage) => stage.shifts.set([shift(stage, OMAR)])],
    ["their shift is over", (stage) => stage.shifts.set([shift(stage, ERIN, -2 * HOUR)])],
    ["their shift hasn't begun", (stage) => stage.shifts.set([shift(stage, ERIN, 1)])],
    [
      "the rota can't be read",
      (stage) => {
        stage.shifts.set([shift(stage, ERIN)]);
        stage.away.rotas = true;
      },
    ],
  ])("waits for an approval where %s", async (_, given) => {
    const stage = stageWith(auto);
    given(stage);
    const id = await asked(stage);
    expect(stage.request(id).state).toBe("pending");
    expect(stage.request(id).ask.autoApproved).toBeUndefined();
  });

  it("says why it waits where the rota can't be read", async () => {
    const stage = stageWith(auto);
    stage.away.rotas = true;
    expect(read(await stage.says(ERIN, "request rg-web/web-1 22 1h for x"))).toContain(
      "so nobody counts as on call for payments",
    );
  });

  it("isn't given by what was known before a shift was handed over", async () => {
    const stage = stageWith(auto);
    stage.shifts.set([shift(stage, ERIN)]);
    await stage.says(ERIN, "explain rg-web/web-1 22");
    stage.shifts.set([shift(stage, OMAR)]);
    const id = await asked(stage);
    expect(stage.request(id).state).toBe("pending");
  });

  it("isn't one any more at a Retry after the shift: somebody has to approve", async () => {
    const stage = stageWith(auto);
    stage.shifts.set([shift(stage, ERIN, -HOUR, HOUR + 5 * MINUTE)]);
    const id = await justAsked(stage);
    await stage.settle("refuses");
    expect(stage.request(id).state).toBe("failed");
    stage.advance(6 * MINUTE);
    await stage.click(ERIN, "retry", id);
    expect(stage.request(id).state).toBe("pending");
  });

  it("is one still at a Retry within the shift", async () => {
    const stage = stageWith(auto);
    stage.shifts.set([shift(stage, ERIN)]);
    const id = await justAsked(stage);
    await stage.settle("refuses");
    await stage.click(ERIN, "retry", id);
    expect(stage.request(id).state).toBe("opening");
  });
});

describe("break-glass by rota", () => {
  it("opens at once for whoever is on call, and for nobody else", async () => {
    const stage = stageWith({ breakGlass: ON_CALL });
    stage.shifts.set([shift(stage, OMAR)]);
    const refused = await stage.says(ERIN, "breakglass rg-web/web-1 22 1h for x");
    expect(codeOf(refused)).toBe("not-a-requester");
    stage.shifts.set([shift(stage, ERIN)]);
    stage.advance(MINUTE);
    await stage.says(ERIN, "breakglass rg-web/web-1 22 1h for x");
    expect(stage.store.all().map(({ state }) => state)).toEqual(["opening"]);
  });
});
