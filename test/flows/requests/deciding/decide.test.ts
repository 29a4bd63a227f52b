// A click on what goes on waiting leaves it naming who decides by the rules of that moment.
// Of src/flows/requests/deciding/decide.ts.

import { expect, it } from "vitest";
import { whoDecides } from "../../../../src/domain/request/deciders/who-decides.ts";
import { asked, production, stagePolicy, startStage } from "../../../security/stage.ts";
import { ADA, LEA, PIA } from "../../../security/universe.ts";

it("names in the same change who decides by the policy file in force, and how many", async () => {
  const stage = startStage();
  const id = await asked(stage);
  expect(whoDecides(stage.request(id))).toMatchObject({ needed: 2, approvers: { users: [LEA] } });
  const approvers = { users: [LEA, PIA, ADA], groups: [] };
  const rules = [{ ...production, approvers, approvals: 3 }];
  stage.policy.set(stagePolicy({ hash: "b".repeat(64), rules }));
  await stage.click(LEA, "approve", id);
  const request = stage.request(id);
  expect(request).toMatchObject({ state: "pending", approvals: [{ by: LEA }] });
  expect(whoDecides(request)).toMatchObject({ approvers, needed: 3 });
});
