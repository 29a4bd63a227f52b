// The verified addresses of the people of a request, for what Azure keeps: Azure's readers know no Slack ids.

import type { Grant } from "../../domain/request/grant.ts";
import type { Addresses } from "../../domain/request/messages/justification.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { UserId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import { within } from "../../ports/within.ts";
import type { Deps } from "../deps.ts";
import { SHOWING_AGE_MS } from "./people.ts";

/** Mostly they were read for the decision just now. Slack never keeps a port waiting for longer. */
const WITHIN_MS = 500;

/** As many as Slack tells in time; a fault of Slack is no fault of the opening. */
export async function addressesOf(
  { chat, clock }: Pick<Deps, "chat" | "clock">,
  { ask }: AccessRequest,
  { approvedBy }: Grant,
): Promise<Addresses> {
  const found = new Map<UserId, string>();
  const read = async (user: UserId): Promise<void> => {
    try {
      const person = await chat.person(user, SHOWING_AGE_MS, "reserved");
      if (person?.email !== undefined) found.set(user, person.email);
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
    }
  };
  await within(Promise.all([ask.requester, ...approvedBy].map(read)), WITHIN_MS, clock);
  // What comes later changes nothing that was sent.
  return new Map(found);
}
