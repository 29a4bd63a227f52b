// `audit.stream` as it is written: who can get a copy, and one clear sentence for whatever can't be meant.
// Of src/config/policy-file/sink-schema.ts.

import { describe, expect, test } from "vitest";
import { lackingSettings } from "../../../src/config/lacking-settings.ts";
import { readPolicyFile } from "../../../src/config/policy-file/read-policy-file.ts";
import { sinkLabel, sinkName } from "../../../src/domain/audit/stream/sink-name.ts";
import type { AuditSink } from "../../../src/domain/rules/policy.ts";
import { lagNews } from "../../../src/flows/audit/stream/stream-news.ts";
import { policyReading } from "../../../src/replica/policy-reading.ts";
import { aPolicy } from "../../support/requests.ts";
import { MINIMAL } from "../texts.ts";

const file = (stream: string) => `${MINIMAL}audit:\n  stream:\n    - ${stream}\n`;

function sinksOf(text: string): readonly AuditSink[] {
  const read = readPolicyFile(text);
  if ("faults" in read) throw new Error(JSON.stringify(read.faults));
  return read.policy.audit.stream;
}

function faultsOf(text: string): readonly string[] {
  const read = readPolicyFile(text);
  return "faults" in read ? read.faults.map(({ key, message }) => `${key}: ${message}`) : [];
}

const AZURE =
  "endpoint: https://e.ingest.monitor.azure.com, ruleId: dcr-0123, stream: Custom-Jit_CL";

describe("audit.stream", () => {
  test.each([
    [
      `{ syslog: "tls://siem:6514", format: rfc5424 }`,
      "tls://siem:6514",
      { host: "siem", port: 6514, isTls: true, format: "rfc5424" },
    ],
    [`syslog: tls://siem.example.com`, "tls://siem.example.com:6514", { format: "rfc5424" }],
    [
      `{ syslog: "tcp://10.0.0.9:601", format: cef }`,
      "tcp://10.0.0.9:601",
      { isTls: false, format: "cef" },
    ],
    [`syslog: "tcp://[2001:db8::9]:601"`, "tcp://[2001:db8::9]:601", { host: "2001:db8::9" }],
    [`https: https://siem/ingest`, "https://siem", { kind: "https" }],
    [
      `https: HTTPS://siem:8443/a/s3cret/`,
      "https://siem:8443",
      { url: "https://siem:8443/a/s3cret" },
    ],
    [
      `azureMonitor: { ${AZURE} }`,
      "https://e.ingest.monitor.azure.com/Custom-Jit_CL",
      { kind: "azure-monitor", ruleId: "dcr-0123" },
    ],
  ])("takes %s", (written, name, sink) => {
    const [read] = sinksOf(file(written));
    expect(read).toMatchObject(sink);
    expect(read && sinkName(read)).toBe(name);
  });

  test("tells those of one host apart by their places", () => {
    const urls = ["https://siem/a", "https://siem/b", "https://other/c"];
    const sinks = sinksOf(file(urls.map((url) => `https: ${url}`).join("\n    - ")));
    expect(sinks.map((sink) => sinkLabel(sink, sinks))).toEqual([
      "https://siem",
      "https://siem (2)",
      "https://other",
    ]);
  });

  test("names each of one host by its place to the admins, who couldn't tell which is behind", async () => {
    const urls = ["https://siem/a", "https://siem/b"];
    const sinks = sinksOf(file(urls.map((url) => `https: ${url}`).join("\n    - ")));
    const told: string[] = [];
    const world = {
      storeClock: { nowMs: async () => 0 },
      announcements: {
        announce: async (
          _topic: string,
          { notices }: { notices: { notice: { text: string } }[] },
        ) => {
          told.push(...notices.map(({ notice }) => notice.text));
          return true;
        },
      },
      onCommitted: () => undefined,
    } as unknown as Parameters<typeof lagNews>[0];
    const policy = () => aPolicy({ audit: { keepForMs: 1, stream: sinks } });
    for (const sink of sinks) {
      await lagNews(world, policy).behind({ sink, lagMs: 5_000, waiting: 1 }, undefined);
    }
    expect(told.join("\n")).toContain("The copy of the audit log to https://siem is 5s behind");
    expect(told.join("\n")).toContain("The copy of the audit log to https://siem (2) is 5s behind");
  });

  test("is empty where nothing is said, and takes several", () => {
    expect(sinksOf(MINIMAL)).toEqual([]);
    expect(sinksOf(file("https: https://a\n    - https: https://b"))).toHaveLength(2);
  });

  test.each([
    [
      "syslog: udp://siem:514",
      /^audit\.stream\[0\]\.syslog: "udp:\/\/siem:514" isn't an address that begins with tls:\/\/ or tcp:\/\/: write it like tls:\/\/siem\.example\.com:6514 \(over UDP/,
    ],
    ["syslog: siem:6514", /isn't an address that begins with tls/],
    ["syslog: tcp://siem", /has no port: write it like tcp:/],
    ["syslog: tcp://siem:0", /has no port/],
    ["syslog: tls://siem:6514/path", /has a path/],
    ["syslog: tls://bot:s3cret@siem:6514", /has a user name or password in it/],
    ["syslog: 6514", /is read as the number 6514/],
    ["https: http://siem/ingest", /isn't an address that begins with https:\/\/: .*in the clear/],
    ["https: https://bot:s3cret@siem/ingest", /has a user name or password in it/],
    ["https: http://siem/s3cret", /: This isn't an address that begins with https/],
    ["https: https://siem/ingest?token=s3cret", /has a part after \? or #/],
    ["{ https: https://siem, format: cef }", /format goes with syslog only/],
    [
      "{ https: https://siem, syslog: tls://siem }",
      /has syslog and https: write each as an entry of its own/,
    ],
    ["{}", /nowhere to send entries: give syslog, https or azureMonitor/],
    ["{ syslog: tls://siem, format: json }", /write "?rfc5424"? or "?cef"?/],
    ["{ splunk: https://siem }", /There is no key "splunk" here/],
    [
      "azureMonitor: { endpoint: https://e.ingest.monitor.azure.com, stream: Custom-J }",
      /ruleId: This key is required: give it a value such as dcr-/,
    ],
    [
      `azureMonitor: { endpoint: https://e.ingest.monitor.azure.com, ruleId: /subscriptions/1, stream: Custom-J }`,
      /isn't a data collection rule's immutable ID/,
    ],
    ...[
      "https://e",
      "https://ingest.monitor.azure.com.evil.example",
      "https://x-monitor.azure.com",
    ].map((endpoint): [string, RegExp] => [
      `azureMonitor: { endpoint: "${endpoint}", ruleId: dcr-1, stream: Custom-J }`,
      /isn't Azure's: the bot's token goes there, so write it like https:\/\/jit-a1b2/,
    ]),
    [`azureMonitor: { endpoint: http://e, ruleId: dcr-1, stream: Custom-J }`, /begins with https/],
    [
      `azureMonitor: { endpoint: https://e.ingest.monitor.azure.com, ruleId: dcr-1, stream: "a b" }`,
      /isn't a stream's name/,
    ],
    [
      "https: https://a/b\n    - https: https://a/b/",
      /stream\[1\]: This is the same receiver as audit\.stream\[0\]/,
    ],
    ["{ syslog: tls://a, format: cef }\n    - syslog: tls://a:6514", /same receiver/],
  ])("refuses %s", (written, says) => {
    const faults = faultsOf(file(written));
    expect(faults).toContainEqual(expect.stringMatching(says));
    expect(faults.join()).not.toContain("s3cret");
  });
});

describe("the key that signs copies", () => {
  const read = readPolicyFile(file("https: https://siem/ingest"));
  if (!("policy" in read)) throw new Error("the file is faulty");
  const says = [
    expect.stringMatching(/^AUDIT_STREAM_KEY isn't set, and audit\.stream has an https/),
  ];

  test("is needed where there is an https receiver", () => {
    expect(lackingSettings(read.policy, { auditStreamKey: undefined })).toEqual(says);
    expect(lackingSettings(read.policy, { auditStreamKey: "k" })).toEqual([]);
    const { policy } = readPolicyFile(file("syslog: tls://siem")) as typeof read;
    expect(lackingSettings(policy, { auditStreamKey: undefined })).toEqual([]);
  });

  test("is looked for in a changed file, too, which isn't taken without it", () => {
    const changed = { text: file("https: https://siem/ingest"), hash: "h" };
    const settings = { policyFile: "jit.yaml", auditStreamKey: undefined };
    expect(policyReading(settings, changed)).toEqual({ hash: "h", faults: says });
    expect(policyReading({ ...settings, auditStreamKey: "k" }, changed)).toHaveProperty("policy");
  });
});
