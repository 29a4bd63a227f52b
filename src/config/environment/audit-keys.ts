// The keys of the audit's seal: the present one, and those that sealed before it.

import type { Variables } from "./variables.ts";

/** As many characters as 16 random bytes have in hex: its fingerprint is in Redis, where fewer could be guessed by trying. */
const CHARACTERS_MIN = 32;

export type AuditKeys = {
  readonly auditKey: string | undefined;
  readonly auditKeysBefore: readonly string[];
};

export function readAuditKeys(from: Variables): AuditKeys {
  const auditKey = from.secret("AUDIT_KEY");
  const auditKeysBefore = (from.secret("AUDIT_KEYS_BEFORE") ?? "")
    .split(",")
    .filter((key) => key !== "" && key !== auditKey);
  if (auditKey !== undefined && auditKey.length < CHARACTERS_MIN) {
    from.fault(
      "AUDIT_KEY",
      `is short enough to be guessed: set it to the output of \`openssl rand -hex 32\`, and AUDIT_KEYS_BEFORE to this one if it has already sealed entries`,
    );
  }
  if (auditKey === undefined && auditKeysBefore.length > 0) {
    from.fault("AUDIT_KEYS_BEFORE", "is set without AUDIT_KEY: set that to the current key");
  }
  return { auditKey, auditKeysBefore };
}
