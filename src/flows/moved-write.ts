// What is written when a request moved: the one way for clicks, news and workers, so that no entry lacks its rule.

import type { Write } from "../ports/store.ts";
import type { Policy } from "../request/policy.ts";
import type { AccessRequest } from "../request/request.ts";
import type { Moved } from "../request/transition.ts";
import { underRule } from "./audit-notes.ts";
import { noticesOf } from "./notices.ts";

export const movedWrite = (
  policy: Policy,
  before: AccessRequest,
  { request, audit }: Moved,
): Pick<Write, "next" | "audit" | "notices"> => ({
  next: request,
  audit: underRule(policy, before, audit),
  notices: noticesOf(policy, before, request),
});
