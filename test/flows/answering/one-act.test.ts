// Redis goes away after a command or click has saved something: nobody is told that nothing was saved or changed.

import { describe, expect, it } from "vitest";
import { buildApp, type Ports } from "../../../src/app.ts";
import { isLead } from "../../../src/domain/request/batch/roles.ts";
import { Fault } from "../../../src/ports/fault.ts";
import type { Answer } from "../../../src/ports/inbound.ts";
import { production, read, type Stage, stagePolicy, startStage } from "../../security/stage.ts";
import { ADA, ERIN, LEA } from "../../security/universe.ts";
import { aRule } from "../../support/requests.ts";

type Act = (stage: Stage) => Promise<Answer>;

const RULES = [
  { ...production, approvals: 1, match: { vms: ["web-*"] } },
  aRule({ ...production, name: "data", match: { vms: ["db-*"] } }),
];

const WORLDS = ["azure", "chat", "rotas", "clock", "random", "log"];

/** The store, which from some moment on can't be reached. */
function leaving(ports: Ports, isGone: () => boolean): Ports {
  const refuse = async () => {
    throw new Fault({ source: "redis", code: "Disconnected", message: "gone", retryable: true });
  };
  const unreachable = (methods: object) =>
    new Proxy(methods, {
      get: (target, name) => (isGone() ? refuse : Reflect.get(target, name)),
    });
  const parts = Object.entries(ports).map(([name, part]) => [
    name,
    WORLDS.includes(name) || typeof part !== "object" ? part : unreachable(part),
  ]);
  return Object.fromEntries(parts) as Ports;
}

/** What is answered where Redis goes away with the first commit of the act, or before it. */
async function answered(act: Act, { before = async () => {}, goes = "after" }: Partial<Case>) {
  let isArmed = false;
  let isGone = false;
  let commits = 0;
  const stage = startStage(stagePolicy({ rules: RULES }), {
    build: (ports, config) =>
      buildApp(
        leaving(ports, () => isGone),
        {
          ...config,
          onCommitted: () => {
            if (!isArmed) return;
            commits++;
            isGone = true;
          },
        },
      ),
  });
  await before(stage);
  isArmed = true;
  isGone = goes === "before";
  return { said: read(await act(stage)), commits };
}

type Case = {
  readonly before: (stage: Stage) => Promise<unknown>;
  readonly goes: "before" | "after";
};

const says =
  (user: typeof ADA, text: string): Act =>
  (stage) =>
    stage.says(user, text);

async function batch(stage: Stage): Promise<void> {
  await stage.says(ERIN, "request rg-web/web-1,rg-web/web-2 22 1h for why");
  await stage.settle();
}

const press =
  (button: "approve" | "end"): Act =>
  (stage) => {
    const lead = stage.store.all().find(isLead);
    if (lead === undefined) throw new Error("no batch was made");
    return stage.click(button === "end" ? ERIN : LEA, button, lead.id, {
      nonce: lead.batch.nonce,
    });
  };

const CASES: readonly [string, Act, Partial<Case>][] = [
  ["freeze", says(ADA, "freeze"), {}],
  ["unfreeze", says(ADA, "unfreeze"), { before: says(ADA, "freeze") }],
  ["away", says(LEA, "away until tomorrow"), {}],
  ["back", says(LEA, "back"), { before: says(LEA, "away until tomorrow") }],
  ["approval of several VMs", press("approve"), { before: batch }],
  [
    "end of several VMs",
    press("end"),
    {
      before: async (stage) => {
        await batch(stage);
        await press("approve")(stage);
        await stage.settle();
      },
    },
  ],
  ["request of several VMs", says(ERIN, "request rg-web/web-1,db-1 22 1h for why"), {}],
  ["break-glass of several VMs", says(ERIN, "breakglass rg-web/web-1,db-1 22 1h for why"), {}],
];

describe("where Redis goes away with the first thing that is saved", () => {
  it.each(CASES)("%s isn't said to have changed nothing", async (_, act, how) => {
    const { said, commits } = await answered(act, how);
    expect(commits).toBeGreaterThan(0);
    expect(said).not.toContain("nothing was");
    expect(said).toContain("I can't tell whether all of this was saved: check /jit list");
  });

  it.each(CASES)(
    "%s is said to have changed nothing where it was away before",
    async (_, act, how) => {
      const { said, commits } = await answered(act, { ...how, goes: "before" });
      expect(commits).toBe(0);
      expect(said).toContain("so nothing was saved or changed: try again in a minute.");
    },
  );
});
