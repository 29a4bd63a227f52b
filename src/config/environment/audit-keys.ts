// The keys of the audit's seal: the present one, and those that sealed before it; and the one that signs its copies.

import type { Variables } from "./variables.ts";

/** As many characters as 16 random bytes have in hex: its fingerprint is in Redis, where fewer could be guessed by trying. */
const CHARACTERS_MIN = 32;

/** A key that could be guessed still seals, with a warning. */
export function keyKind(auditKey: string | undefined): "good" | "guessable" | "none" {
  if (auditKey === undefined || auditKey === "") return "none";
  return auditKey.length < CHARACTERS_MIN ? "guessable" : "good";
}

/** It can't be tried against anything that is kept. */
const STREAM_KEY_CHARACTERS_MIN = 16;

export type AuditKeys = {
  readonly auditKey: string | undefined;
  readonly auditKeysBefore: readonly string[];
};

export function readAuditKeys(from: Variables): AuditKeys {
  const auditKey = from.secret("AUDIT_KEY");
  const auditKeysBefore = (from.secret("AUDIT_KEYS_BEFORE") ?? "")
    .split(",")
    .filter((key) => key !== "" && key !== auditKey);
  if (!from.isSet("AUDIT_KEY") && auditKeysBefore.length > 0) {
    from.fault("AUDIT_KEYS_BEFORE", "is set without AUDIT_KEY: set that to the current key");
  }
  return { auditKey, auditKeysBefore };
}

/** Signs what is sent to `audit.stream`'s HTTPS receivers, who have it, too: so it isn't the seal's. */
export function readAuditStreamKey(
  from: Variables,
  auditKey: string | undefined,
): string | undefined {
  const key = from.secret("AUDIT_STREAM_KEY");
  if (key !== undefined && key.length < STREAM_KEY_CHARACTERS_MIN) {
    from.fault(
      "AUDIT_STREAM_KEY",
      "is short enough to be guessed: set it to the output of `openssl rand -hex 32`",
    );
  }
  if (key !== undefined && key === auditKey) {
    from.fault(
      "AUDIT_STREAM_KEY",
      "is the same as AUDIT_KEY, with which its receiver could forge the audit log: set it to another one",
    );
  }
  return key;
}
