// Whether an address that was proven when access was requested is still its requester's when it is opened or extended.

import { type AccessRequest, inForce } from "../../domain/request/request.ts";
import { formatDuration } from "../../domain/text/duration.ts";
import { isRefusal, type Refusal, refuse, saying } from "../../domain/text/refusal.ts";
import { words } from "../../domain/text/words.ts";
import type { Deps } from "../deps.ts";
import { myAddressOf, proofLink } from "./my-address.ts";
import { orCannotCheck } from "./people.ts";

/** Refuses unless its requester was seen there lately: by now it may be somebody else's. Everybody may read why. */
export async function refuseUnproven(
  deps: Pick<Deps, "page" | "policy">,
  request: AccessRequest,
): Promise<Refusal | undefined> {
  const { id, ask } = request;
  const { source } = inForce(request);
  // An approver may have chosen a network instead.
  if (ask.proven !== true || source !== ask.source) return undefined;
  if (deps.page === undefined) {
    return refuse(
      "source-not-allowed",
    )`The address of ${id} can no longer be confirmed: it has to be requested again from another source.`;
  }
  const mine = await orCannotCheck(() => myAddressOf(deps, ask.requester));
  if (isRefusal(mine)) return mine;
  if (mine.address === source) return undefined;
  return mine.address === undefined
    ? refuse(
        "address-unproven",
      )`The address of ${id} has to be confirmed again: the requester was last seen there more than ${formatDuration(deps.policy().myIp.rememberForMs)} ago.`
    : refuse(
        "address-unproven",
      )`The address of ${id} has to be confirmed again: the requester was last seen at another one.`;
}

/** With the page on which its requester puts it right, and what they do then. */
export async function withPage(
  deps: Pick<Deps, "page" | "policy" | "random">,
  { ask }: AccessRequest,
  { refusal, next }: { readonly refusal: Refusal; readonly next: string },
): Promise<Refusal> {
  const { page } = deps;
  if (page === undefined || refusal.refused !== "address-unproven") return refusal;
  const link = await orCannotCheck(() => proofLink(deps, page, ask.requester));
  if (isRefusal(link)) return link;
  return saying(refusal, [
    words`Open ${{ link, says: "this page" }} on the machine you connect from and press its button, then ${next} again.`,
    words`If you connect from another address now, request access again.`,
  ]);
}
