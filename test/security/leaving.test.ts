// Whoever leaves loses everything, and nobody loses anything because Slack doesn't answer.

import { describe, expect, it } from "vitest";
import { brought, production, stagePolicy, startStage } from "./stage.ts";
import { ERIN, GROUPS, SAM } from "./universe.ts";

describe("leaving", () => {
  it("ends everything that is open, however much and however old", async () => {
    const stage = startStage({
      ...stagePolicy({ rules: [{ ...production, approvals: 0 }] }),
      limits: { openPerPerson: 5_000, pendingPerPerson: 5_000, asksPerMinute: 1_000 },
    });
    for (let i = 0; i < 1_200; i++)
      await stage.says(i % 2 ? SAM : ERIN, "request web-2 22 1h for x");
    stage.people.get(SAM)?.set("deactivated");
    await stage.inbound.peopleChanged({ users: [SAM], groups: [] });
    stage.people.get(ERIN)?.set("guest");
    stage.advance(31_000);
    await stage.inbound.peopleChanged({ users: [], groups: GROUPS });
    expect(stage.store.all().filter(({ state }) => state !== "ending")).toEqual([]);
  });

  it("takes nothing from anybody where Slack can't tell", async () => {
    const stage = startStage();
    const id = await brought(stage, "open");
    stage.away.slack = true;
    await stage.inbound.peopleChanged({ users: [ERIN], groups: GROUPS });
    expect(stage.request(id).state).toBe("open");
  });
});
