// What the doctor makes of traces: whether any are sent, and whether their receiver takes them.

import type { Finding } from "../../domain/doctor/finding.ts";
import type { TraceFacts } from "../../ports/checkup.ts";

const about = "Traces";

export function traceFindings(facts: TraceFacts): readonly Finding[] {
  if ("off" in facts) {
    const level = facts.isUnwilling ? "warning" : "fine";
    return [{ level, about, says: `off: ${facts.off}.` }];
  }
  const { host, code } = facts;
  if (code === undefined) return [{ level: "fine", about, says: `${host} takes them.` }];
  const says = `${host} doesn't take them (${code}), and they are dropped: check OTEL_EXPORTER_OTLP_ENDPOINT, its headers and the firewall.`;
  return [{ level: "warning", about, says }];
}
