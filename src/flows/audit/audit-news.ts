// What the audit and the admins are told of the audit itself: what was refused, what is gone, which key seals.

import type { Era, Head, SealKey } from "../../domain/audit/audit-chain.ts";
import type { AuditNote } from "../../domain/request/moved.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import type { Log } from "../../ports/log.ts";
import type { StoreClock } from "../../ports/storage/store-server.ts";
import { type Announcing, announce } from "../channels/announce.ts";
import { toAdmins } from "../channels/to-admins.ts";
import type { Refused } from "./audit-batch.ts";

export type AuditNews = {
  readonly note: AuditNote;
  /** To the admins. */
  readonly says: string;
  readonly isBad: boolean;
};

export type AuditTell = (news: AuditNews) => Promise<void>;

/** `draw`: something new each time. The log hears of it first: it is out of reach of the person who did it. */
export function auditTell(
  deps: Announcing & { readonly storeClock: StoreClock },
  { policy, log, draw }: { policy: () => Policy; log: Log; draw: () => string },
): AuditTell {
  return async ({ note, says, isBad }) => {
    const facts = { ...note.detail };
    if (isBad) log.error(facts, says);
    else log.warn(facts, says);
    const notice = { what: "alarm" as const, atMs: await deps.storeClock.nowMs(), text: says };
    const notices = toAdmins(policy(), notice);
    await announce(deps, "audit", { value: draw(), note, notices });
  };
}

const LOOK = "Run jit audit verify.";

export function refused({ fromSeq, untilSeq, count, why }: Refused): AuditNews {
  const them =
    count === 1
      ? `Entry ${fromSeq} of the audit log isn't this bot's`
      : `${count} entries of the audit log (${fromSeq} to ${untilSeq}) aren't this bot's`;
  return {
    note: { what: "audit-refused", detail: { fromSeq, untilSeq, count, why } },
    says: `${them} and won't be sealed: ${why}. Somebody else can write to Redis, or a replica has another AUDIT_KEY or an older version. ${LOOK}`,
    isBad: true,
  };
}

export const lost = (last: Head, now: Head): AuditNews => ({
  note: { what: "audit-lost", detail: { sealedUntil: last.seq, nowUntil: now.seq } },
  says: `Sealed entries of the audit log are missing or different: sealed until ${last.seq}, now until ${now.seq}. Redis lost some at a failover, or somebody changed them. ${LOOK}`,
  isBad: true,
});

export const foreign = ({ seq }: Head): AuditNews => ({
  note: { what: "audit-lost", detail: { sealedUntil: seq, nowUntil: seq } },
  says: `The newest seal of the audit log (entry ${seq}) isn't the bot's, or its entry is gone or was changed. ${LOOK}`,
  isBad: true,
});

export function keyChanged(key: SealKey, eras: readonly Era[]): AuditNews {
  const before = eras.at(-1)?.fingerprint ?? "unknown";
  return {
    note: { what: "audit-key", detail: { key: key.fingerprint, before } },
    says: `The audit log is now sealed with another key (fingerprint ${key.fingerprint}, before ${before}). If nobody changed AUDIT_KEY, somebody changed the audit log. ${LOOK}`,
    isBad: false,
  };
}

export function replaced(eras: readonly Era[]): AuditNews {
  const now = eras.at(-1)?.fingerprint ?? "unknown";
  return {
    note: { what: "audit-key-replaced", detail: { before: now } },
    says: `A replica doesn't seal the audit log: another key (fingerprint ${now}) replaced its AUDIT_KEY. Restart it with the new key; a replaced key can't be used again.`,
    isBad: true,
  };
}
