// A command that opened a form, delivered again: whatever has changed meanwhile, it asks for nothing by itself.
// Of src/flows/conversation.ts.

import { expect, it } from "vitest";
import { production, stagePolicy, startStage } from "../security/stage.ts";
import { ERIN } from "../security/universe.ts";

it("a repeated command asks for nothing while its form is open", async () => {
  const strict = stagePolicy({ rules: [{ ...production, reason: "required" }] });
  const stage = startStage(strict);
  const sender = stage.sender(ERIN);
  const command = () => stage.inbound.command(sender, "request rg-web/web-1 22 1h");
  expect((await command()).answer).toBe("request-form");
  stage.policy.set(stagePolicy({ rules: [{ ...production, reason: "optional" }] }));
  expect((await command()).answer).toBe("nothing");
  expect(stage.store.all()).toEqual([]);
  // Typed anew it is asked for.
  await stage.says(ERIN, "request rg-web/web-1 22 1h");
  expect(stage.store.all()).toHaveLength(1);
});
