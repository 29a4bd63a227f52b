// What befalls everybody's requests by what people do: access is frozen, the policy file changed, an approver away.

import { renameSync, writeFileSync } from "node:fs";
import { ABSENT, ADMIN, CAMPAIGN_POLICY, CHANGED_POLICY } from "./estate.ts";
import type { CampaignFault } from "./fault.ts";
import type { People } from "./people.ts";

export const adminActs = (people: People): readonly CampaignFault[] => [
  {
    name: "access frozen",
    side: "admin",
    kind: "admin",
    weight: 2,
    lastsMs: [1_000, 10_000],
    begin: async () => {
      await people.type(ADMIN, "freeze for the campaign");
      return () => lifted(people);
    },
  },
  {
    name: "policy file changed",
    side: "admin",
    kind: "admin",
    weight: 1,
    lastsMs: [2_000, 10_000],
    begin: async () => {
      write(people, CHANGED_POLICY);
      return async () => write(people, CAMPAIGN_POLICY);
    },
  },
];

/** Nothing would ever open again: whether it is lifted is asked until the bot says so. */
async function lifted(people: People): Promise<void> {
  for (let n = 0; n < 10; n += 1) {
    if (/isn't frozen/i.test(await people.type(ADMIN, "unfreeze"))) return;
  }
}

/** A reader finds one of the two, whole. */
function write({ world }: People, text: string): void {
  const { policyFile } = world;
  writeFileSync(`${policyFile}.new`, text);
  renameSync(`${policyFile}.new`, policyFile);
}

const DAY_MS = 24 * 60 * 60_000;

/** For longer than any round. */
export async function goAway(people: People): Promise<void> {
  const until = new Date(people.world.nowMs() + 30 * DAY_MS)
    .toISOString()
    .slice(0, "2026-12-01".length);
  const said = await people.type(ABSENT, `away until ${until} to @stand`);
  if (!/you're away/i.test(said)) throw new Error(`Nobody is away: ${said}`);
}
