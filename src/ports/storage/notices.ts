// Notices: what is announced in a channel, and has no card of its own.

import type { ChannelId, RequestId, UserId, VmKey } from "../../domain/text/ids.ts";
import type { OpeningRef } from "../../domain/vm/activity-log/opening-ref.ts";

type Opened = { readonly id: RequestId; readonly requester: UserId; readonly vm: string };

/** Something for a channel (or, by their id, for a person or group) that has no card of its own; those that fall together are merged. */
export type Notice = {
  readonly what:
    | "ended"
    | "still-open"
    | "closed-late"
    | "failed"
    | "parked"
    | "alarm"
    | "break-glass"
    | "opened"
    | "no-approvers"
    | "unasked"
    | "review"
    | "concern"
    | "left"
    | "opened-elsewhere"
    | "jit-policy-changed-elsewhere"
    | "jit-policy-deleted-elsewhere"
    | "exposed"
    | "glass-wanted"
    | "mended"
    | "jit-changed"
    | "recovered"
    | "frozen"
    | "breaker"
    | "unfrozen"
    | "ended-all";
  readonly id?: RequestId | undefined;
  readonly requester?: UserId | undefined;
  readonly vm?: string | undefined;
  readonly ports?: readonly number[] | undefined;
  readonly durationMs?: number | undefined;
  readonly atMs: number;
  readonly how?: string | undefined;
  readonly text?: string | undefined;
  /** Of what was done at Azure by others: by whom, as Azure names them; through which policy; from where, until when. */
  readonly by?: string | undefined;
  /** It was done with the bot's own identity, and the bot has no record of it. */
  readonly asBot?: boolean | undefined;
  readonly jitPolicy?: string | undefined;
  readonly source?: string | undefined;
  readonly untilMs?: number | undefined;
  /** An opening of others that an admin can close or adopt. */
  readonly opening?: OpeningRef | undefined;
  /** The VM whose JIT policy an admin can have written again. */
  readonly restore?: VmKey | undefined;
  /** What was opened last, and how much in all, within a minute. */
  readonly openings?: readonly Opened[] | undefined;
  readonly count?: number | undefined;
  /** Of what can be ended from the notice itself. */
  readonly nonce?: string | undefined;
  /** Of what was found open: who had approved it, as far as that is on record. */
  readonly approvedBy?: readonly UserId[] | undefined;
};

/** Every method throws a retryable `Fault` from `redis` where Redis can't be reached in time. */
export type Notices = {
  /** Announces something to a channel that belongs to no request. */
  add(channel: ChannelId, notice: Notice): Promise<void>;
  /** The first `count` notices of a channel were posted; 0 with `retryAtMs` where they couldn't be. */
  release(
    worker: string,
    channel: ChannelId,
    done: { count: number; retryAtMs?: number | undefined },
  ): Promise<void>;
};
