// What a receiver of the audit's copy is called, and what tells it from another. Pure.

import type { AuditSink } from "../../rules/policy.ts";

/** As people know it, in messages and metrics. Paths of HTTPS receivers are left out: they may be secret. */
export function sinkName(sink: AuditSink): string {
  switch (sink.kind) {
    case "syslog": {
      const host = sink.host.includes(":") ? `[${sink.host}]` : sink.host;
      return `${sink.isTls ? "tls" : "tcp"}://${host}:${sink.port}`;
    }
    case "https":
      return new URL(sink.url).origin;
    case "azure-monitor":
      return `${sink.endpoint}/${sink.stream}`;
  }
}

/** The same, told apart from others of this name, by its place among them: for metrics, which mustn't merge two. */
export function sinkLabel(sink: AuditSink, all: readonly AuditSink[]): string {
  const name = sinkName(sink);
  const alike = [...new Set(all.filter((one) => sinkName(one) === name).map(sinkIdentity))];
  const at = alike.indexOf(sinkIdentity(sink));
  return at > 0 ? `${name} (${at + 1})` : name;
}

/** Who has got how much is kept under this: another format begins nothing again. */
export function sinkIdentity(sink: AuditSink): string {
  switch (sink.kind) {
    case "syslog":
      return sinkName(sink);
    case "https":
      return sink.url;
    case "azure-monitor":
      return `${sinkName(sink)} ${sink.ruleId}`;
  }
}
