// Where the measured lives take place: a VM, a channel and a person for each, so that they share nothing.

import { buildWorld, policy, vm } from "../../src/sandbox/azure/parts.ts";
import type { World } from "../../src/sandbox/azure/world.ts";
import { channel, person, type Workspace, workspace } from "../../src/sandbox/slack/workspace.ts";

/** As many lives as can go on at the same time. */
export const PLACES = 40;

export const LEAD = "U0LEAD";
export const GENERAL = "C0GENERAL";
export const NOTICES = "C0NOTICES";

/** So long is the reason of every measured request. */
export const REASON = "The print spooler hangs again and has to be restarted by hand before noon. "
  .repeat(2)
  .slice(0, 100);

const padded = (n: number) => String(n).padStart(3, "0");
const places = Array.from({ length: PLACES }, (_, n) => n);

export const vmName = (n: number) => `bench-${padded(n)}`;
export const channelOf = (n: number) => `C0BENCH${padded(n)}`;
export const personOf = (n: number) => `U0BENCH${padded(n)}`;

export function benchWorkspace(): Workspace {
  return workspace({
    people: [
      person(LEAD, "lea", "Lea Moreau"),
      ...places.map((n) => person(personOf(n), `erin${n}`, `Erin Doyle ${n}`)),
    ],
    channels: [
      channel(GENERAL, "general"),
      channel(NOTICES, "notices"),
      ...places.map((n) => channel(channelOf(n), `bench-${padded(n)}`)),
    ],
  });
}

export function benchAzure(): World {
  const place = { subscription: "Bench", resourceGroup: "rg-bench" };
  return buildWorld(
    ...places.map((n) => vm({ ...place, name: vmName(n), os: "linux", publicIp: true })),
    policy({ ...place, vms: places.map(vmName), ports: [22] }),
  );
}

/** The bot's policy file. A channel for each rule, so that Slack's rate for a channel is never met. */
export const POLICY = `
channels: { notices: ${NOTICES} }
admins: { users: [${LEAD}] }
networks: { vpn: 203.0.113.0/24 }
limits: { openPerPerson: 100, pendingPerPerson: 100 }
rules:
${places
  .map(
    (n) => `  - name: ${vmName(n)}
    match: { vms: [${vmName(n)}] }
    requesters: anyone
    approvers: { users: [${LEAD}] }
    channel: ${channelOf(n)}
    networks: [vpn]
`,
  )
  .join("")}`;
