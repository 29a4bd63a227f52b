// What is taken out of texts that others wrote, and what has to stay for people to understand them.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redacted } from "../../../src/domain/text/redacted.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { growth } from "../../support/growth.ts";

const JWT =
  "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQifQ.c2lnbmF0dXJl";

const SECRETS: readonly (readonly [what: string, text: string, secret: string])[] = [
  ["a token", `The token ${JWT} has expired.`, JWT],
  ["a token that is cut off", `Got ${JWT.slice(0, 60)}`, JWT.slice(0, 60)],
  ["a header", `Authorization: Bearer ${JWT}`, JWT],
  ["a header with a token of another kind", "authorization: Bearer abc123.def456-ghi", "abc123"],
  ["a bot token", "xoxb-1234-5678-abcdef is not allowed", "xoxb-1234-5678-abcdef"],
  ["an app token", "token xapp-1-A0JIT-000-abc", "xapp-1-A0JIT-000-abc"],
  ["a password in an address", "connect rediss://:hunter2@cache:6380 failed", "hunter2"],
  ["user and password in an address", "https://me:hunter2@example.com/x", "hunter2"],
  ["an account key", "AccountName=x;AccountKey=c2VjcmV0a2V5MTIz==;Endpoint=y", "c2VjcmV0a2V5MTIz"],
  ["a shared access signature", "GET https://x.blob/y?sv=2024&sig=aBc%2Fdef%3D&se=1", "aBc%2Fdef"],
  ["a secret in JSON", '{"client_secret": "s3cr3t v4lue", "a": 1}', "s3cr3t v4lue"],
  ["a secret in a form", "grant_type=x&client_secret=s3cr3t&scope=y", "s3cr3t"],
  ["a password", "Login failed: password=hunter2.", "hunter2"],
  ["a client secret of Entra's", "key abc8Q~aB1aB1aB1aB1aB1aB1aB1aB1aB1aB1 bad", "8Q~aB1"],
  ["a private key", "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"],
  ["a private key that is cut off", "x -----BEGIN RSA PRIVATE KEY-----\nMIIEvQ", "MIIEvQ"],
];

const HARMLESS = [
  "The client 'app' with object id 'x' does not have authorization to perform action 'initiate'.",
  "The access token is invalid.",
  "The access token expiry UTC time '11/29/2026 4:00:00 PM' is earlier than current UTC time.",
  "Basic tier isn't supported, and bearer authentication is required.",
  "The given access request is not a subset of policy 'default'. Please make sure that …",
  "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000001/vm-01:22",
  "Port 22 of vm-01: 203.0.113.0/24, from 10:30 to 11:30",
  "The keys of the tag env must be unique; monkey: yes",
  "",
];

describe("a text", () => {
  it.each(SECRETS)("loses %s", (_, text, secret) => {
    expect(redacted(text)).not.toContain(secret);
    expect(redacted(text)).toContain("[redacted]");
  });

  it.each(SECRETS)("loses %s, whatever stands around it", (_, text, secret) => {
    const around = fc.string({ maxLength: 40 });
    fc.assert(
      fc.property(around, around, (before, after) => {
        expect(redacted(`${before} ${text} ${after}`)).not.toContain(secret);
      }),
    );
  });

  it.each(HARMLESS)("keeps what tells no secret: %s", (text) => {
    expect(redacted(text)).toBe(text);
  });

  it("is bounded, and looked through in proportionate time", () => {
    expect(redacted("x".repeat(1_000_000)).length).toBeLessThan(30_000);
    for (const part of ["a:", "eyJa", "bearer ", "://", "token='", "-----BEGIN PRIVATE KEY-----"]) {
      expect(growth((size) => redacted(part.repeat(size / part.length)), 4_000)).toBeLessThan(12);
    }
  });
});

describe("a fault", () => {
  it.each(["azure", "slack", "redis"] as const)("of %s shows no secret", (source) => {
    const message = `Refused: Bearer ${JWT}`;
    expect(new Fault({ source, code: "x", message, retryable: false }).message).toBe(
      "Refused: Bearer [redacted]",
    );
  });
});
