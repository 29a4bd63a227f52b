// Whoever types a command gets an answer, whatever fails in the middle of it: a refusal is recorded by its delivery,
// which nothing before it may have taken.

import { describe, expect, it } from "vitest";
import { buildApp } from "../../../src/app.ts";
import type { UserId } from "../../../src/domain/text/ids.ts";
import { production, read, stagePolicy, startStage } from "../../security/stage.ts";
import { ADA, ERIN } from "../../security/universe.ts";

const page = {
  publicUrl: "https://jit.example.com",
  proofs: { addressOf: async () => undefined, keepDraft: async () => undefined },
} as never;

const rules = [{ ...production, networks: [{ kind: "my-ip" }] as const }];

const stageOf = () =>
  startStage(stagePolicy({ rules }), {
    build: (ports, config) => buildApp(ports, { ...config, page }),
  });

/** More than are made for any of the commands. */
const CALLS_MAX = 40;

describe("a command", () => {
  it.each<[UserId, string]>([
    [ERIN, "request rg-web/web-1 22 1h at 23:00 for why"],
    [ERIN, "request vm:rg-web/web-1,db-1 22 1h at 23:00 for why"],
    [ERIN, "breakglass rg-web/web-1,db-1 22 1h for why"],
    [ERIN, "explain rg-web/web-1 22"],
    [ADA, "end all"],
    [ADA, "end all rule:production"],
  ])("of %s is answered whenever Slack is gone: %s", async (user, text) => {
    const answers = new Set<string>();
    for (let calls = 1; calls <= CALLS_MAX; calls++) {
      const stage = stageOf();
      stage.interrupt(calls, async () => {
        stage.away.slack = true;
        stage.away.groups = true;
      });
      answers.add(read(await stage.says(user, text)));
    }
    expect(answers).not.toContain("nothing");
    expect(answers.size).toBeGreaterThan(1);
  });

  it.each([
    ["end all rule:prod", "There's no rule prod in the policy file: use production."],
    ["end all vm:web-9", "I can't find a VM named web-9: did you mean web-"],
  ])("with a target that isn't there is told so: %s", async (text, says) => {
    expect(read(await stageOf().says(ADA, text))).toContain(says);
  });
});
