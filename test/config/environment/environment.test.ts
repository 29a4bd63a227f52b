// The settings that an environment amounts to, and that no secret comes out of them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyKind } from "../../../src/config/environment/audit-keys.ts";
import {
  describeSettings,
  readEnvironment,
  type Settings,
} from "../../../src/config/environment/environment.ts";

const HTTP = {
  SLACK_BOT_TOKEN: "xoxb-1",
  SLACK_SIGNING_SECRET: "5ec2e7",
  REDIS_URL: "redis://localhost",
};

function settingsOf(env: Record<string, string | undefined>): Settings {
  const read = readEnvironment({ ...HTTP, ...env });
  if ("faults" in read) throw new Error(read.faults.join("\n"));
  return read.settings;
}

function faultsOf(env: Record<string, string | undefined>): readonly string[] {
  const read = readEnvironment({ ...HTTP, ...env });
  return "faults" in read ? read.faults : [];
}

describe("the environment", () => {
  test("needs a bot token, a signing secret and a Redis; the rest has defaults", () => {
    expect(settingsOf({})).toEqual({
      slack: {
        mode: "http",
        botToken: "xoxb-1",
        signingSecret: "5ec2e7",
        apiUrl: "https://slack.com/api/",
      },
      redis: {
        mode: "single",
        nodes: [{ host: "localhost", port: 6379 }],
        tls: false,
        username: undefined,
        password: undefined,
        database: 0,
        sentinelName: undefined,
        auth: "password",
        waitReplicas: 0,
      },
      azureResourceManagerUrl: undefined,
      policyFile: "jit.yaml",
      port: 3000,
      publicUrl: undefined,
      metricsPort: 9464,
      metricsHost: undefined,
      auditKey: undefined,
      auditKeysBefore: [],
      auditStreamKey: undefined,
      rotas: {
        pagerDuty: { url: "https://api.pagerduty.com", token: undefined },
        incidentIo: { url: "https://api.incident.io", token: undefined },
      },
      logLevel: "info",
      traces: { off: "OTEL_EXPORTER_OTLP_ENDPOINT isn't set" },
    } satisfies Settings);
  });

  test("takes empty for not set", () => {
    const names = [
      ...["SLACK_APP_TOKEN", "SLACK_API_URL", "REDIS_MODE", "REDIS_SENTINEL_NAME", "REDIS_AUTH"],
      ...["AZURE_RESOURCE_MANAGER_URL", "JIT_CONFIG", "PORT", "PUBLIC_URL", "METRICS_PORT"],
      ...["METRICS_HOST", "AUDIT_KEY", "AUDIT_KEYS_BEFORE", "AUDIT_STREAM_KEY", "LOG_LEVEL"],
    ];
    expect(settingsOf(Object.fromEntries(names.map((name) => [name, ""])))).toEqual(settingsOf({}));
  });

  test("can set everything", () => {
    expect(
      settingsOf({
        SLACK_API_URL: "http://127.0.0.1:4000/api",
        AZURE_RESOURCE_MANAGER_URL: "https://localhost:4443/",
        JIT_CONFIG: "/etc/jit/rules.yaml",
        PORT: "0",
        PUBLIC_URL: "https://example.com/jit/",
        METRICS_PORT: "0",
        METRICS_HOST: "::1",
        AUDIT_KEY: "k".repeat(32),
        AUDIT_KEYS_BEFORE: "old,older",
        LOG_LEVEL: "Silent",
      }),
    ).toMatchObject({
      slack: { apiUrl: "http://127.0.0.1:4000/api/" },
      azureResourceManagerUrl: "https://localhost:4443",
      policyFile: "/etc/jit/rules.yaml",
      port: 0,
      publicUrl: "https://example.com/jit",
      metricsPort: undefined,
      metricsHost: "::1",
      auditKey: "k".repeat(32),
      auditKeysBefore: ["old", "older"],
      logLevel: "silent",
    });
  });

  test("switches to Socket Mode by an app token, and then needs no signing secret", () => {
    const env = { SLACK_APP_TOKEN: "xapp-1", SLACK_SIGNING_SECRET: undefined };
    expect(settingsOf(env).slack).toEqual({
      mode: "socket",
      botToken: "xoxb-1",
      appToken: "xapp-1",
      apiUrl: "https://slack.com/api/",
    });
  });

  test.each(["xoxe.xoxb-1", "test-token", "gov-xoxb-1"])("takes the bot token %s", (token) => {
    expect(settingsOf({ SLACK_BOT_TOKEN: token }).slack.botToken).toBe(token);
  });

  test("gives frozen settings", () => {
    const settings = settingsOf({});
    const parts = [settings, settings.slack, settings.redis, settings.redis.nodes];
    expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
  });
});

describe("REDIS_URL", () => {
  test.each([
    ["redis://h:7000/3", {}, { nodes: [{ host: "h", port: 7000 }], database: 3, tls: false }],
    ["rediss://u:p%40s%2Fs@h:6380", {}, { username: "u", password: "p@s/s", tls: true }],
    ["redis://:p@[::1]:6379/", {}, { nodes: [{ host: "::1", port: 6379 }], password: "p" }],
    [
      "rediss://:p@a:10000, b:10000,rediss://c",
      { REDIS_MODE: "cluster" },
      {
        mode: "cluster",
        nodes: [
          { host: "a", port: 10_000 },
          { host: "b", port: 10_000 },
          { host: "c", port: 6379 },
        ],
        tls: true,
        password: "p",
      },
    ],
    ["redis://a", { REDIS_MODE: "Cluster" }, { mode: "cluster" }],
    [
      "redis://a,b:1",
      { REDIS_MODE: "sentinel", REDIS_SENTINEL_NAME: "mymaster" },
      {
        mode: "sentinel",
        nodes: [
          { host: "a", port: 26_379 },
          { host: "b", port: 1 },
        ],
        sentinelName: "mymaster",
      },
    ],
    ["rediss://oid@h:10000", { REDIS_AUTH: "entra" }, { auth: "entra", username: "oid" }],
  ])("%s", (url, env, redis) => {
    expect(settingsOf({ REDIS_URL: url, ...env }).redis).toMatchObject(redis);
  });
});

const NAMES = [
  ...["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN", "SLACK_API_URL", "REDIS_URL"],
  ...["REDIS_MODE", "REDIS_SENTINEL_NAME", "REDIS_AUTH", "AZURE_RESOURCE_MANAGER_URL", "PORT"],
  ...[
    "PUBLIC_URL",
    "METRICS_PORT",
    "METRICS_HOST",
    "AUDIT_KEY",
    "AUDIT_KEYS_BEFORE",
    "AUDIT_STREAM_KEY",
    "LOG_LEVEL",
  ],
];
const SECRET = "s3cr3tValue";

describe("the key that signs copies of the audit", () => {
  test("is a fault where it can be guessed, or is the seal's", () => {
    expect(faultsOf({ AUDIT_STREAM_KEY: "changeme" })).toEqual([
      "AUDIT_STREAM_KEY is short enough to be guessed: set it to the output of `openssl rand -hex 32`.",
    ]);
    const key = "k".repeat(32);
    expect(faultsOf({ AUDIT_KEY: key, AUDIT_STREAM_KEY: key })).toEqual([
      expect.stringMatching(/^AUDIT_STREAM_KEY is the same as AUDIT_KEY, with which its receiver/),
    ]);
    expect(settingsOf({ AUDIT_STREAM_KEY: key }).auditStreamKey).toBe(key);
  });
});

describe("the key of the audit seal", () => {
  test.each(["x", "changeme", "k".repeat(31)])("is taken where it can be guessed: %s", (key) => {
    expect(settingsOf({ AUDIT_KEY: key }).auditKey).toBe(key);
    expect(keyKind(key)).toBe("guessable");
  });

  test("is good from 32 characters on, and isn't set where it's empty", () => {
    expect(keyKind(settingsOf({ AUDIT_KEY: "k".repeat(32) }).auditKey)).toBe("good");
    expect(keyKind(settingsOf({ AUDIT_KEY: "" }).auditKey)).toBe("none");
    expect(keyKind(settingsOf({}).auditKey)).toBe("none");
  });

  test("is there where keys of before are, and is none of them", () => {
    expect(faultsOf({ AUDIT_KEYS_BEFORE: "old" })).toEqual([
      "AUDIT_KEYS_BEFORE is set without AUDIT_KEY: set that to the current key.",
    ]);
    const key = "k".repeat(32);
    const settings = settingsOf({ AUDIT_KEY: key, AUDIT_KEYS_BEFORE: `old,,${key}` });
    expect(settings.auditKeysBefore).toEqual(["old"]);
  });
});

describe("a secret", () => {
  test("is in no fault, whichever variable it was put into", () => {
    const value = fc
      .tuple(
        fc.constantFrom("", "xoxb-", "xapp-", "xoxp-", "redis://", "rediss://u:", "https://", '"'),
        fc.constantFrom("", "@host:1", " ", "%", "/", "?x", "#", ":x@h,redis://b", '"', "\n"),
      )
      .map(([before, after]) => `${before}${SECRET}${after}`);
    const env = fc.dictionary(fc.constantFrom(...NAMES), value);
    fc.assert(
      fc.property(env, (values) => {
        expect(faultsOf(values).join("\n").toLowerCase()).not.toContain(SECRET.toLowerCase());
      }),
      { numRuns: 500 },
    );
  });

  test("is not in what the log is told", () => {
    const settings = settingsOf({
      SLACK_BOT_TOKEN: `xoxb-${SECRET}`,
      SLACK_SIGNING_SECRET: SECRET,
      REDIS_URL: `rediss://user:${SECRET}@cache:6380/2`,
      AUDIT_KEY: SECRET.repeat(3),
      AZURE_RESOURCE_MANAGER_URL: "https://localhost:4443",
    });
    expect(describeSettings(settings)).toEqual({
      slack: { mode: "http", apiUrl: "https://slack.com/api/" },
      redis: { mode: "single", nodes: ["cache:6380"], tls: true, database: 2, auth: "password" },
      policyFile: "jit.yaml",
      port: 3000,
      publicUrl: "not set",
      metricsPort: 9464,
      auditSeal: "keyed",
      logLevel: "info",
      traces: "off",
      azureResourceManagerUrl: "https://localhost:4443",
    });
    const socket = settingsOf({ SLACK_APP_TOKEN: `xapp-${SECRET}` });
    expect(JSON.stringify(describeSettings(socket))).not.toContain(SECRET);
  });
});

test("any environment gives settings or faults, each one sentence", () => {
  const env = fc.dictionary(
    fc.constantFrom(...NAMES),
    fc.string({ unit: "binary", maxLength: 30 }),
  );
  fc.assert(
    fc.property(env, (values) => {
      const read = readEnvironment(values);
      const faults = "faults" in read ? read.faults : ["There is none."];
      expect(faults.length).toBeGreaterThan(0);
      for (const fault of faults) expect(fault).toMatch(/^[^\p{Cc}]+\.$/u);
    }),
  );
});
