// What the audit and the admins are told of its copies: a receiver that is behind, one that has caught up, and a gap.

import { sinkIdentity, sinkLabel } from "../../../domain/audit/stream/sink-name.ts";
import type { AuditSink, Policy } from "../../../domain/rules/policy.ts";
import { formatDuration } from "../../../domain/text/duration.ts";
import type { StoreClock } from "../../../ports/storage/store-server.ts";
import { type Announcing, announce } from "../../channels/announce.ts";
import { toAdmins } from "../../channels/to-admins.ts";
import type { AuditNews } from "../audit-news.ts";

export type Lag = {
  readonly sink: AuditSink;
  /** How long the first entry that it hasn't got has waited. */
  readonly lagMs: number;
  readonly waiting: number;
};

type LagNews = (
  lag: Lag,
  /** Why the last attempt failed; `undefined`: none did since. */
  fault: { readonly code: string; readonly message: string } | undefined,
) => Promise<void>;

type Needs = Announcing & { readonly storeClock: StoreClock };

/** Said once over all replicas, until it is said that it has recovered. */
export function lagNews(deps: Needs, policy: () => Policy) {
  const nameOf = (sink: AuditSink) => sinkLabel(sink, policy().audit.stream);
  const tell = async (
    sink: AuditSink,
    what: "behind" | "recovered",
    detail: object,
    text: string,
  ) => {
    const notice = {
      what: what === "behind" ? ("alarm" as const) : ("mended" as const),
      atMs: await deps.storeClock.nowMs(),
      text,
    };
    await announce(deps, `stream:${sinkIdentity(sink)}`, {
      value: what === "behind" ? what : "",
      note: { what: `audit-stream-${what}`, detail: { sink: nameOf(sink), ...detail } },
      notices: toAdmins(policy(), notice),
    });
  };
  return {
    isBehind: async (sink: AuditSink) =>
      (await deps.announcements.last(`stream:${sinkIdentity(sink)}`)) !== "",
    behind: (({ sink, lagMs, waiting }, fault) =>
      tell(
        sink,
        "behind",
        { waiting, lagMs, ...(fault && { code: fault.code }) },
        `The copy of the audit log to ${nameOf(sink)} is ${wholeSeconds(lagMs)} behind: ${counted(waiting)} waiting. ${fault?.message ?? "It's catching up."} Nothing is lost: they're sent in order once it takes them.`,
      )) satisfies LagNews,
    recovered: (sink: AuditSink) =>
      tell(
        sink,
        "recovered",
        {},
        `The copy of the audit log to ${nameOf(sink)} is up to date again.`,
      ),
  };
}

const counted = (waiting: number): string =>
  waiting === 1 ? "1 entry is" : `${waiting} entries are`;

const wholeSeconds = (ms: number): string => formatDuration(Math.floor(ms / 1_000) * 1_000);

/** Numbers that a receiver never gets. */
export function streamGap(sink: string, fromSeq: number, untilSeq: number): AuditNews {
  const them =
    fromSeq === untilSeq
      ? `Entry ${fromSeq} of the audit log was`
      : `Entries ${fromSeq} to ${untilSeq} of the audit log were`;
  return {
    note: { what: "audit-stream-gap", detail: { sink, fromSeq, untilSeq } },
    says: `${them} deleted before ${sink} got a copy: the copy has a gap there, and jit audit verify --from names it.`,
    isBad: true,
  };
}
