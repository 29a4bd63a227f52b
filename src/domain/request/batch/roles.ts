// Which part a request has in a batch: it leads, and has the card, or it follows. Pure.

import type { Batch } from "../document/batch.ts";
import type { AccessRequest } from "../request.ts";

export type Lead = AccessRequest & { readonly batch: Extract<Batch, { role: "lead" }> };
export type Follower = AccessRequest & { readonly batch: Extract<Batch, { role: "member" }> };

export const isLead = (request: AccessRequest): request is Lead => request.batch?.role === "lead";
export const isFollower = (request: AccessRequest): request is Follower =>
  request.batch?.role === "member";
