// Where the measured lives take place: a VM, a channel and a person for each, so that they share nothing.

import type { AzureEstate } from "../../src/sandbox/azure/world/azure-estate.ts";
import { buildWorld, policy, vm } from "../../src/sandbox/azure/world/parts.ts";
import {
  channel,
  person,
  type Workspace,
  workspace,
} from "../../src/sandbox/slack/workspace-builder.ts";

/** As many lives as can go on at the same time. */
export const PLACES = 100;

/** VMs of one rule, which are requested together and one by one: as many as a request may have. */
export const MANY = 20;
export const MANY_CHANNEL = "C0MANY";
export const MANY_LEAD = "U0MANYLEAD";
export const MANY_PERSON = "U0MANY";
export const manyName = (n: number) => `many-${padded(n)}`;

/** Those who send bursts of commands: enough that none of them is too fast. */
const CROWD = 100;

/** The only admin. */
const CHIEF = "U0CHIEF";
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
/** Each place has an approver of its own: one person's clicks are limited. */
export const leadOf = (n: number) => `U0LEAD${padded(n)}`;
export const personOf = (n: number) => `U0BENCH${padded(n)}`;
export const crowdOf = (n: number) => `U0CROWD${padded(n % CROWD)}`;

export function benchWorkspace(): Workspace {
  return workspace({
    people: [
      person(CHIEF, "ada", "Ada Novak"),
      person(MANY_LEAD, "omar", "Omar Haddad"),
      person(MANY_PERSON, "pia", "Pia Lang"),
      ...places.map((n) => person(leadOf(n), `lea${n}`, `Lea Moreau ${n}`)),
      ...places.map((n) => person(personOf(n), `erin${n}`, `Erin Doyle ${n}`)),
      ...Array.from({ length: CROWD }, (_, n) => person(crowdOf(n), `sam${n}`, `Sam Ito ${n}`)),
    ],
    channels: [
      channel(GENERAL, "general"),
      channel(NOTICES, "notices"),
      channel(MANY_CHANNEL, "many"),
      ...places.map((n) => channel(channelOf(n), `bench-${padded(n)}`)),
    ],
  });
}

export function benchAzure(): AzureEstate {
  const place = { subscription: "Bench", resourceGroup: "rg-bench" };
  const together = { subscription: "Bench", resourceGroup: "rg-many" };
  const many = Array.from({ length: MANY }, (_, n) => manyName(n));
  return buildWorld(
    ...places.map((n) => vm({ ...place, name: vmName(n), os: "linux", publicIp: true })),
    policy({ ...place, vms: places.map(vmName), ports: [22] }),
    ...many.map((name) => vm({ ...together, name, os: "linux", publicIp: true })),
    policy({ ...together, vms: many, ports: [22] }),
  );
}

/** The bot's policy file. A channel for each rule, so that Slack's rate for a channel is never met. */
export const POLICY = `
channels: { notices: ${NOTICES} }
admins: { users: [${CHIEF}] }
networks: { vpn: 203.0.113.0/24 }
limits: { openPerPerson: 1000, pendingPerPerson: 1000, asksPerMinute: 1000 }
rules:
  - name: many
    match: { vms: [many-*] }
    requesters: anyone
    approvers: { users: [${MANY_LEAD}] }
    channel: ${MANY_CHANNEL}
    networks: [vpn]
${places
  .map(
    (n) => `  - name: ${vmName(n)}
    match: { vms: [${vmName(n)}] }
    requesters: anyone
    approvers: { users: [${leadOf(n)}] }
    channel: ${channelOf(n)}
    networks: [vpn]
`,
  )
  .join("")}`;
