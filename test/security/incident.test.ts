// What holds in an incident (a brake, a rota, an approval that waits to be opened), and would be missed: each is tried
// with a fault put into the code that breaks it.

import { describe, expect, it } from "vitest";
import type { buildApp } from "../../src/app.ts";
import type { Shift } from "../../src/domain/on-call/rota.ts";
import type { Rule } from "../../src/domain/rules/policy.ts";
import { rotaName, type UserId } from "../../src/domain/text/ids.ts";
import { HOUR, MINUTE } from "../support/requests.ts";
import { OF_INCIDENTS } from "./incident-mutants.ts";
import { patched } from "./patched.ts";
import { asked, production, type Stage, stagePolicy, startStage } from "./stage.ts";
import { ADA, ERIN, LEA, OMAR, SAM } from "./universe.ts";

const PAYMENTS = rotaName("payments");
const BY_ROTA: Partial<Rule> = { approvers: { users: [], groups: [], onCall: [PAYMENTS] } };
/** LEA approves, and ERIN opens it within two hours. */
const BY_HAND: Partial<Rule> = {
  approvers: { users: [LEA, OMAR], groups: [] },
  keepForMs: 2 * HOUR,
};

const ruled = (rule: Partial<Rule>): Rule => ({
  ...production,
  escalate: undefined,
  approvals: 1,
  ...rule,
});

const stageWith = (build: typeof buildApp | undefined, rule: Partial<Rule>): Stage =>
  startStage(
    stagePolicy({
      rules: [ruled(rule)],
      onCall: { [PAYMENTS]: { kind: "pagerduty", schedules: ["PABC123"] } },
    }),
    { ...(build && { build }) },
  );

const onCall = (stage: Stage, who: UserId): Shift => ({
  address: `${who.toLowerCase()}@example.com`,
  fromMs: stage.nowMs() - HOUR,
  untilMs: stage.nowMs() + HOUR,
});

/** Approved by LEA, and Ready for ERIN. */
async function ready(stage: Stage, text?: string) {
  const id = await asked(stage, text);
  await stage.click(LEA, "approve", id);
  expect(stage.request(id).state).toBe("ready");
  return id;
}

type Scenario = (build?: typeof buildApp) => Promise<void>;

const SCENARIOS: Readonly<Record<keyof typeof OF_INCIDENTS, Scenario>> = {
  "an approver by rota decides by who is on call at the click": async (build) => {
    const stage = stageWith(build, BY_ROTA);
    stage.shifts.set([onCall(stage, OMAR)]);
    const id = await asked(stage);
    stage.shifts.set([onCall(stage, SAM)]);
    await stage.click(OMAR, "approve", id);
    expect(stage.request(id).state).toBe("pending");
    await stage.click(SAM, "approve", id);
    expect(stage.request(id).state).toBe("opening");
  },
  "a rota that can't be read has nobody on call": async (build) => {
    const stage = stageWith(build, BY_ROTA);
    stage.shifts.set([onCall(stage, OMAR)]);
    const id = await asked(stage);
    stage.away.rotas = true;
    stage.advance(MINUTE);
    await stage.click(OMAR, "approve", id);
    expect(stage.request(id).state).toBe("pending");
  },
  "what is approved while access is frozen waits": async (build) => {
    const stage = stageWith(build, { approvers: { users: [LEA], groups: [] } });
    const id = await asked(stage);
    await stage.says(ADA, "freeze for a drill");
    await stage.click(LEA, "approve", id);
    expect(stage.request(id).state).toBe("ready");
  },
  "what needs no approval waits while access is frozen": async (build) => {
    const stage = stageWith(build, { approvals: 0, approvers: { users: [], groups: [] } });
    await stage.says(ADA, "freeze for a drill");
    await stage.says(ERIN, "request rg-web/web-1 22 1h for why");
    expect(stage.store.all().map(({ state }) => state)).toEqual(["ready"]);
  },
  "Open does nothing while access is frozen": async (build) => {
    const stage = stageWith(build, BY_HAND);
    const id = await ready(stage);
    await stage.says(ADA, "freeze for a drill");
    await stage.click(ERIN, "open", id);
    expect(stage.request(id).state).toBe("ready");
  },
  "Open waits for approvals again where an approver is gone": async (build) => {
    const stage = stageWith(build, BY_HAND);
    const id = await ready(stage);
    const approvers = { users: [OMAR], groups: [] };
    stage.policy.set(stagePolicy({ rules: [ruled({ ...BY_HAND, approvers })] }));
    await stage.click(ERIN, "open", id);
    expect(stage.request(id).state).toBe("pending");
  },
  "Open does nothing for whom the rule lets ask no more": async (build) => {
    const stage = stageWith(build, BY_HAND);
    const id = await ready(stage);
    const requesters = { users: [SAM], groups: [] };
    stage.policy.set(stagePolicy({ rules: [ruled({ ...BY_HAND, requesters })] }));
    await stage.click(ERIN, "open", id);
    expect(stage.request(id).state).toBe("ready");
  },
  "Open does nothing before its time": async (build) => {
    const stage = stageWith(build, BY_HAND);
    const id = await ready(stage, "request rg-web/web-1 22 1h at 23:00 for why");
    await stage.click(ERIN, "open", id);
    expect(stage.request(id).state).toBe("ready");
  },
  "Open does nothing once the approval has expired": async (build) => {
    const stage = stageWith(build, BY_HAND);
    const id = await ready(stage);
    stage.advance(2 * HOUR);
    await stage.click(ERIN, "open", id);
    expect(stage.request(id).state).toBe("ready");
  },
};

describe.each(Object.entries(SCENARIOS))("%s", (name, scenario) => {
  it("holds", () => scenario());

  it.each(
    OF_INCIDENTS[name as keyof typeof OF_INCIDENTS].map((fault) => [fault.name, fault] as const),
  )("and a fault is noticed: %s", async (_, fault) => {
    const build = await patched(fault);
    await expect(scenario(build)).rejects.toMatchObject({ name: "AssertionError" });
  });
});
