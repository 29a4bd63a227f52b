// What the store keeps of requests and notices, as those read it who work on them.

import type { AccessRequest } from "../../domain/request/request.ts";
import type { RequestId, UserId } from "../../domain/text/ids.ts";

/** A request as it was read, at a time of the store's one clock. */
export type Kept = {
  readonly request: AccessRequest;
  readonly version: number;
  readonly nowMs: number;
};

/** Something for a channel (or, by their id, for a person or group) that has no card of its own; those that fall together are merged. */
export type Notice = {
  readonly what:
    | "ended"
    | "still-open"
    | "closed-late"
    | "failed"
    | "set-aside"
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
    | "mended"
    | "jit-changed"
    | "recovered";
  readonly id?: RequestId | undefined;
  readonly requester?: UserId | undefined;
  readonly vm?: string | undefined;
  readonly ports?: readonly number[] | undefined;
  readonly atMs: number;
  readonly how?: string | undefined;
  readonly text?: string | undefined;
  /** Of what was done at Azure by others: by whom, as Azure names them; through which policy; from where, until when. */
  readonly by?: string | undefined;
  readonly jitPolicy?: string | undefined;
  readonly source?: string | undefined;
  readonly untilMs?: number | undefined;
  /** Of what can be ended from the notice itself. */
  readonly nonce?: string | undefined;
};
