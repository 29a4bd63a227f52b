// Who is on call while a request waits: the cards name them, and until when. Who may decide is read at each click.

import type { OnDuty } from "../../on-call/rota.ts";
import type { Moved } from "../moved.ts";
import { quietly, same } from "../moves.ts";
import type { AccessRequest } from "../request.ts";

export function onCallChanged(request: AccessRequest, now: readonly OnDuty[]): Moved {
  if (request.state !== "pending") return same(request);
  const { onDuty: before = [], ...rest } = request;
  if (isSame(before, now)) return same(request);
  // Everybody sees it on the cards, and nobody has to be told.
  const revision = request.revision + 1;
  return quietly({ ...rest, revision, ...(now.length > 0 && { onDuty: now }) });
}

/** Both are plain data, made in the same way. */
const isSame = (some: readonly OnDuty[], other: readonly OnDuty[]): boolean =>
  JSON.stringify(some.map(inOrder)) === JSON.stringify(other.map(inOrder));

const inOrder = ({ rota, people, strangers, trouble }: OnDuty) => [
  rota,
  people.map(({ user, untilMs }) => [user, untilMs ?? null]),
  strangers,
  trouble === undefined ? null : [trouble.who, trouble.code, trouble.kind],
];
