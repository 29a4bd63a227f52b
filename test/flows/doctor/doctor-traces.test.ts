// What the doctor says of traces, and of what leaves this machine unencrypted.

import { describe, expect, it } from "vitest";
import { findingLine } from "../../../src/domain/doctor/finding.ts";
import { settingsFindings } from "../../../src/flows/doctor/doctor-findings.ts";
import { traceFindings } from "../../../src/flows/doctor/doctor-traces.ts";
import { sentInTheClear } from "../../../src/replica/hosts.ts";

describe("traces", () => {
  it.each([
    [{ off: "OTEL_SDK_DISABLED is true" }, "✓ Traces: off: OTEL_SDK_DISABLED is true."],
    [
      { off: "OTEL_A isn't supported: set B", isUnwilling: true },
      "! Traces: warning: off: OTEL_A isn't supported: set B.",
    ],
    [{ host: "otel:4318" }, "✓ Traces: otel:4318 takes them."],
    [
      { host: "otel:4318", code: "401" },
      "! Traces: warning: otel:4318 doesn't take them (401), and they are dropped: check OTEL_EXPORTER_OTLP_ENDPOINT, its headers and the firewall.",
    ],
  ] as const)("%j are told", (facts, line) => {
    expect(traceFindings(facts).map(findingLine)).toEqual([line]);
  });
});

describe("what is sent in the clear", () => {
  const redis = (host: string, tls: boolean) => ({ tls, nodes: [{ host, port: 6379 }] });
  const traces = (url: string) => ({ url: `${url}/v1/traces` });

  it.each([
    ["a Redis elsewhere", { redis: redis("10.0.0.4", false) }, ["10.0.0.4:6379"]],
    ["one by name", { redis: redis("redis.example.com", false) }, ["redis.example.com:6379"]],
    [
      "one by an address of version 6",
      { redis: redis("2001:db8::1", false) },
      ["[2001:db8::1]:6379"],
    ],
    [
      "a collector elsewhere",
      { traces: traces("http://otel.example.com:4318") },
      ["otel.example.com:4318"],
    ],
    ["a Redis with TLS", { redis: redis("10.0.0.4", true) }, []],
    ["a Redis here", { redis: redis("localhost", false) }, []],
    ["a Redis of a compose file", { redis: redis("redis", false) }, []],
    ["a collector with TLS", { traces: traces("https://otel.example.com") }, []],
    ["a collector here", { traces: traces("http://127.0.0.1:4318") }, []],
    ["traces that are off", { traces: { off: "OTEL_SDK_DISABLED is true" } }, []],
    ["nothing", {}, []],
  ] as const)("is found of %s", (_what, settings, hosts) => {
    expect(sentInTheClear(settings).map(({ host }) => host)).toEqual(hosts);
  });

  it("is told with what would encrypt it", () => {
    const inTheClear = sentInTheClear({
      redis: redis("10.0.0.4", false),
      traces: traces("http://10.0.0.5:4318"),
    });
    expect(settingsFindings({ auditKey: "good", inTheClear }).map(findingLine)).toEqual([
      "! Redis: warning: what goes to 10.0.0.4:6379 isn't encrypted, and anyone on the way can read it: let REDIS_URL begin with rediss://.",
      "! Traces: warning: what goes to 10.0.0.5:4318 isn't encrypted, and anyone on the way can read it: let OTEL_EXPORTER_OTLP_ENDPOINT begin with https://.",
    ]);
    expect(settingsFindings({ auditKey: "good", inTheClear: [] })).toEqual([]);
  });

  it("warns of a key of the audit log that is missing, or may be guessed, with the fix", () => {
    const warned = (auditKey: "none" | "guessable") =>
      settingsFindings({ auditKey, inTheClear: [] }).map(findingLine);
    expect(warned("none")).toEqual([
      expect.stringMatching(/^! Settings: warning: AUDIT_KEY isn't set.*openssl rand -hex 32/),
    ]);
    expect(warned("guessable")).toEqual([
      expect.stringMatching(
        /^! Settings: warning: AUDIT_KEY is shorter than 32.*openssl rand -hex 32/,
      ),
    ]);
  });
});
