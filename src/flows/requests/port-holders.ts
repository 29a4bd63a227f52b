// Who else needs the ports of a request, beyond its own end: named for the people who are told of the end.

import { type Door, doorsAsked, type Holder, living } from "../../domain/request/doors/doors.ts";
import type { PortHolder } from "../../domain/request/grant.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "requests">;

/** The one that needs a port longest, for each port that somebody else needs after `afterMs`. */
export async function holdersOf(
  deps: Needs,
  request: AccessRequest,
  afterMs: number,
): Promise<ReadonlyMap<number, PortHolder>> {
  return namedHolders(deps, request, {
    holders: await deps.requests.holders(doorsAsked(request)),
    afterMs,
  });
}

/** As `holdersOf`, of those who were read just now, door by door. */
export async function namedHolders(
  deps: Needs,
  request: AccessRequest,
  read: { readonly holders: readonly (readonly Holder[])[]; readonly afterMs: number },
): Promise<ReadonlyMap<number, PortHolder>> {
  const { holders, afterMs } = read;
  const doors = doorsAsked(request);
  const longest = doors.flatMap((door, index) => {
    const one = longestOf(living(holders[index], afterMs), request.id);
    return one === undefined ? [] : [{ door, one }];
  });
  return named(deps, longest);
}

const longestOf = (holders: readonly Holder[], but: RequestId): Holder | undefined =>
  holders
    .filter((holder) => holder.id !== but)
    .reduce<Holder | undefined>(
      (found, one) => (found === undefined || one.untilMs > found.untilMs ? one : found),
      undefined,
    );

/** Each with who asked for it; one that isn't there any more needs nothing. */
async function named(
  deps: Needs,
  held: readonly { readonly door: Door; readonly one: Holder }[],
): Promise<ReadonlyMap<number, PortHolder>> {
  const found = await Promise.all(
    held.map(async ({ door, one }) => {
      const requester = (await deps.requests.read(one.id))?.request.ask.requester;
      return requester === undefined ? [] : [[door.port, { ...one, requester }] as const];
    }),
  );
  return new Map(found.flat());
}
