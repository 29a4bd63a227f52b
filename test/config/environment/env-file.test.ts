// What a `.env` may set, and that it sends no secret of somebody else's anywhere.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENV_FILE_SETTINGS, readEnvFile } from "../../../src/config/environment/env-file.ts";

const EVIL = "https://evil.example.com";
const IDENTITY = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" };
const fault = (name: string, owner: string) =>
  `${name} in .env isn't used: ${owner} comes from elsewhere, and this file must not say where it's sent. Set ${name} in the environment.`;

describe("a .env", () => {
  it("sets what is documented and the environment lacks, and nothing that Node or Azure's client reads besides", () => {
    const written = {
      PORT: "1",
      LOG_LEVEL: "debug",
      SLACK_BOT_TOKEN_FILE: "/run/t",
      NODE_OPTIONS: "--require ./evil.js",
      NODE_EXTRA_CA_CERTS: "evil.pem",
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      IDENTITY_ENDPOINT: EVIL,
      LD_PRELOAD: "evil.so",
      __proto__: "x",
    };
    const read = readEnvFile(written, { LOG_LEVEL: "" });
    expect(read.values).toEqual({ PORT: "1", SLACK_BOT_TOKEN_FILE: "/run/t" });
    expect(read.faults).toEqual([]);
    expect(read.unread).toEqual([
      "NODE_OPTIONS",
      "NODE_EXTRA_CA_CERTS",
      "NODE_TLS_REJECT_UNAUTHORIZED",
      "IDENTITY_ENDPOINT",
      "LD_PRELOAD",
    ]);
  });

  it.each([
    ["SLACK_API_URL", "SLACK_BOT_TOKEN"],
    ["SLACK_API_URL", "SLACK_APP_TOKEN"],
    ["PAGERDUTY_API_URL", "PAGERDUTY_TOKEN"],
    ["INCIDENTIO_API_URL", "INCIDENTIO_TOKEN"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"],
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"],
  ])("doesn't set %s where %s comes from the environment or a file", (name, secret) => {
    const file = `${secret}_FILE`;
    const cases = [
      [{ [name]: EVIL }, { [secret]: "s" }],
      [{ [name]: EVIL, [secret]: "other" }, { [secret]: "s" }],
      [{ [name]: EVIL }, { [file]: "/run/s" }],
      [{ [name]: EVIL, [secret]: "other" }, { [file]: "/run/s" }],
      [{ [name]: EVIL, [file]: "/home/you/.token" }, {}],
    ] as const;
    for (const [written, env] of cases) {
      const read = readEnvFile(written, env);
      expect(read.values).not.toHaveProperty(name);
      expect(read.faults).toEqual([fault(name, secret)]);
    }
    expect(readEnvFile({ [name]: EVIL, [secret]: "s" }, {})).toMatchObject({
      values: { [name]: EVIL, [secret]: "s" },
      faults: [],
    });
    expect(readEnvFile({ [name]: EVIL }, { [name]: "https://mine", [secret]: "s" })).toEqual({
      values: {},
      unread: [],
      faults: [],
    });
  });

  it("may name the services' own other addresses", () => {
    const written = { SLACK_API_URL: "https://slack-gov.com/api/" };
    expect(readEnvFile(written, { SLACK_BOT_TOKEN: "s" }).values).toEqual(written);
  });

  it("says where the Azure identity's tokens go only with the whole identity", () => {
    const names = ["AZURE_RESOURCE_MANAGER_URL", "AZURE_AUTHORITY_HOST"];
    for (const name of names) {
      expect(readEnvFile({ [name]: EVIL }, {}).faults).toEqual([fault(name, "the Azure identity")]);
      expect(readEnvFile({ [name]: EVIL, ...IDENTITY }, {}).faults).toEqual([]);
      expect(readEnvFile({ [name]: EVIL, ...IDENTITY }, IDENTITY).faults).toHaveLength(1);
      const part = { [name]: EVIL, AZURE_CLIENT_SECRET: "s" };
      expect(readEnvFile(part, {}).faults).toHaveLength(1);
    }
    const redis = { REDIS_URL: "rediss://evil" };
    expect(readEnvFile(redis, {}).values).toEqual(redis);
    const says = [fault("REDIS_URL", "the Azure identity")];
    expect(readEnvFile(redis, { REDIS_AUTH: "entra" }).faults).toEqual(says);
    expect(readEnvFile({ ...redis, REDIS_AUTH: "entra" }, {}).faults).toEqual(says);
  });

  it("sets nothing that isn't its own or is there, whatever is in it", () => {
    const name = fc.oneof(fc.constantFrom(...ENV_FILE_SETTINGS, "NODE_OPTIONS"), fc.string());
    const some = fc.dictionary(name, fc.string());
    fc.assert(
      fc.property(some, some, (written, env) => {
        for (const [key, value] of Object.entries(readEnvFile(written, env).values)) {
          expect(ENV_FILE_SETTINGS).toContain(key);
          expect(Object.hasOwn(env, key)).toBe(false);
          expect(written[key]).toBe(value);
        }
      }),
    );
  });
});
