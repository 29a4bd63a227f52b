// What is written when a request moved: the one way for clicks, news and workers, so that no entry lacks its rule.

import type { Moved } from "../../domain/request/moved.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import type { Write } from "../../ports/storage/store.ts";
import { underRule } from "../answering/audit-notes.ts";
import { noticesOf } from "./notices-of.ts";

export const movedWrite = (
  policy: Policy,
  before: AccessRequest,
  { request, audit }: Moved,
): Pick<Write, "next" | "audit" | "notices"> => ({
  next: request,
  audit: underRule(policy, before, audit),
  notices: noticesOf(policy, before, request),
});
