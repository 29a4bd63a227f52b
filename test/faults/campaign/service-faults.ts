// What befalls the calls to Slack and Azure: refused, slow, cut, lost on the way there or on the way back.

import type { FaultRule, Faults } from "../../../src/sandbox/faults.ts";
import type { CampaignFault } from "./fault.ts";
import type { Random } from "./random.ts";

type Draw = (random: Random) => Partial<FaultRule>;

const busy = (seconds: number | undefined): Partial<FaultRule> => ({
  act: {
    status: 429,
    ...(seconds !== undefined && { headers: { "retry-after": String(seconds) } }),
    body: { ok: false, error: "ratelimited" },
  },
});

/** Each is drawn anew whenever it strikes. */
const WAYS: Readonly<Record<string, Draw>> = {
  "429 with Retry-After": (random) => busy(random.between(1, 4)),
  "429 without Retry-After": () => busy(undefined),
  "5xx": (random) => ({ act: { status: random.pick([500, 502, 503]), body: "unavailable" } }),
  "reset before": () => ({ act: "reset", when: "before" }),
  "answer lost": () => ({ act: "reset", when: "after" }),
  "time-out before": () => ({ act: "hang", when: "before" }),
  "time-out after": () => ({ act: "hang", when: "after" }),
  "5xx after it was done": () => ({ act: { status: 502, body: "bad gateway" }, when: "after" }),
  slow: (random) => ({
    delayMs: random.between(300, 4_000),
    when: random.pick(["before", "after"] as const),
  }),
  /** Carried out long after the bot has given the call up. */
  late: (random) => ({ delayMs: random.between(8_000, 16_000), when: "before" }),
};

type Target = { readonly name: string; readonly rule: Partial<FaultRule> };

const SLACK: readonly Target[] = [
  { name: "all", rule: { path: "^/(api|response)/" } },
  { name: "posts", rule: { path: "^/api/chat\\.postMessage" } },
  { name: "edits", rule: { path: "^/api/chat\\.update" } },
  { name: "answers", rule: { path: "^/response/" } },
  { name: "people", rule: { path: "^/api/(users|usergroups)\\." } },
];

const AZURE: readonly Target[] = [
  { name: "all", rule: {} },
  { name: "initiate", rule: { method: "POST", path: "/initiate" } },
  { name: "policies", rule: { method: "GET", path: "jitNetworkAccessPolicies" } },
];

function serviceFaults(
  side: "slack" | "azure",
  { faults, targets }: { faults: Faults; targets: readonly Target[] },
): readonly CampaignFault[] {
  return Object.entries(WAYS).flatMap(([way, draw]) =>
    targets.map((target) => ({
      name: `${side} ${target.name}: ${way}`,
      side,
      kind: side,
      weight: target.name === "initiate" || target.name === "posts" ? 2 : 1,
      lastsMs: [1_000, 8_000] as const,
      begin: async (random: Random) => {
        // Either everything for as long as it lasts, or only a few calls among many.
        const times = random.chance(0.5) ? {} : { times: random.between(1, 6) };
        const id = faults.add({ ...target.rule, ...draw(random), ...times });
        return async () => faults.clear(id);
      },
    })),
  );
}

export const slackFaults = (faults: Faults) => serviceFaults("slack", { faults, targets: SLACK });
export const azureFaults = (faults: Faults) => serviceFaults("azure", { faults, targets: AZURE });
