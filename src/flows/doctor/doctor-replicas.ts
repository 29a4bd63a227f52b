// What the doctor makes of the bot itself: which version asks, and which replicas live with which.

import type { Finding } from "../../domain/doctor/finding.ts";
import type { BotFacts, ReplicaFacts } from "../../ports/checkup.ts";

const ABOUT = "Bot";

export function botFindings({ version, from }: BotFacts): readonly Finding[] {
  return [{ level: "fine", about: ABOUT, says: `version ${version}, from ${from}.` }];
}

/** More are counted. */
const NAMED_MAX = 6;

export function replicaFindings(replicas: readonly ReplicaFacts[] | undefined): readonly Finding[] {
  if (replicas === undefined) return [];
  if (replicas.length === 0) {
    return [{ level: "fine", about: ABOUT, says: "no replica is running." }];
  }
  const named = replicas
    .slice(0, NAMED_MAX)
    .map(({ name, version, hash }) => `${name} (version ${version}, policy file ${short(hash)})`);
  const more = replicas.length - named.length;
  const all = `${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  const count = replicas.length === 1 ? "1 replica is" : `${replicas.length} replicas are`;
  const differ = (of: (one: ReplicaFacts) => string) => new Set(replicas.map(of)).size > 1;
  return [
    { level: "fine", about: ABOUT, says: `${count} running: ${all}.` },
    ...warnedWhere(
      differ(({ version }) => version),
      "versions differ: finish the upgrade.",
    ),
    ...warnedWhere(
      differ(({ hash }) => hash),
      "policy files differ: give all replicas the same.",
    ),
  ];
}

const warnedWhere = (isSo: boolean, says: string): readonly Finding[] =>
  isSo ? [{ level: "warning", about: ABOUT, says }] : [];

/** As the log and the metrics shorten it. */
const short = (hash: string): string => hash.slice(0, 12);
