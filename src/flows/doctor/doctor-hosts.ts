// What the doctor makes of the hosts that the bot must reach, and of certificates that end.

import type { Finding } from "../../domain/doctor/finding.ts";
import type { HostFacts } from "../../ports/checkup.ts";

/** Time enough to renew one; those that renew themselves do so before. */
const RENEW_WITHIN_DAYS = 14;

const USES: Readonly<Record<HostFacts["use"], string>> = {
  slack: "which the bot uses to talk to people",
  azure: "which opens the ports",
  "sign-in": "which issues its tokens for Azure",
  redis: "which stores everything",
  page: "where people's browsers reach the page for my-ip",
};

export function hostFindings(hosts: readonly HostFacts[]): readonly Finding[] {
  const about = "Hosts";
  const reached = hosts.filter(({ code }) => code === undefined).map(({ host }) => host);
  const fine: readonly Finding[] =
    reached.length === 0
      ? []
      : [{ level: "fine", about, says: `${[...new Set(reached)].join(", ")} can be reached.` }];
  return [...fine, ...hosts.flatMap(unreached), ...hosts.flatMap(ending)];
}

function unreached({ host, use, code }: HostFacts): readonly Finding[] {
  if (code === undefined) return [];
  const says = `${host}, ${USES[use]}, can't be reached by TLS from here (${code}): check DNS, the firewall, and the certificate.`;
  // The page is reached by browsers, perhaps from elsewhere alone.
  return [{ level: use === "page" ? "warning" : "fault", about: "Hosts", says }];
}

function ending({ host, use, daysLeft }: HostFacts): readonly Finding[] {
  // Those of Slack and Azure are theirs to renew.
  const isOwn = use === "redis" || use === "page";
  if (!isOwn || daysLeft === undefined || daysLeft > RENEW_WITHIN_DAYS) return [];
  const days = daysLeft === 1 ? "1 day" : `${Math.max(0, daysLeft)} days`;
  return [
    { level: "warning", about: "Hosts", says: `${host}'s certificate ends in ${days}: renew it.` },
  ];
}
