// What the audit is told beside what happened: the rule, and the file in force, under which it was decided.

import type { AuditNote } from "../../domain/request/moved.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { Policy } from "../../domain/rules/policy.ts";

/** The notes with rule and policy; what a note says itself stands. */
export const underRule = (
  policy: Pick<Policy, "hash">,
  request: Pick<AccessRequest, "promised">,
  notes: readonly AuditNote[],
): readonly AuditNote[] =>
  notes.map((note) => ({
    ...note,
    detail: { rule: request.promised.rule, policy: policy.hash, ...note.detail },
  }));

/** Somebody isn't allowed to do what they tried; `about` is what they typed or clicked. */
export const refusedNote = (
  policy: Pick<Policy, "hash">,
  { by, why, about }: { by: string; why: string; about: string },
): AuditNote => ({ what: "refused", by, detail: { why, about, policy: policy.hash } });
