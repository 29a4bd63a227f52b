// Brings dead letters back to work: for an admin in Slack, or for whoever runs the bot from a terminal.

import type { AuditNote } from "../../domain/request/moved.ts";
import { transition } from "../../domain/request/transition.ts";
import { includes } from "../../domain/rules/rule-match.ts";
import { parseRequestId, type RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { words } from "../../domain/text/words.ts";
import { isFault } from "../../ports/fault.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { Requeued } from "../../ports/storage/dead-letters.ts";
import type { Kept } from "../../ports/storage/kept.ts";
import { said } from "../answering/answering.ts";
import type { Deps } from "../deps.ts";
import { DECIDING_AGE_MS, membersOf, orCannotCheck, refuseOutsiders } from "../people/people.ts";
import { movedWrite } from "./moved-write.ts";

type World = Pick<Deps, "store" | "policy">;

/** `unknown`: nothing is on record under that name. */
export type BroughtBack = Requeued | "unknown";

export type By = { readonly by: string; readonly delivery?: string };

/** More often nobody writes at the same time. */
const CONFLICTS_MAX = 20;

/** Once, however often and from wherever it is asked for; `member` as dead letters are listed. */
export async function requeue(world: World, member: string, by: By): Promise<BroughtBack> {
  const id = parseRequestId(member);
  if (id === undefined) return requeueAside(world, member, by);
  for (let round = 0; round < CONFLICTS_MAX; round++) {
    const kept = await readOrNot(world, id);
    if (kept === undefined || kept === "unreadable") {
      const outcome = await requeueAside(world, id, by);
      return outcome === "not-parked" && kept === undefined ? "unknown" : outcome;
    }
    // One that could not be written when it was set aside: nothing in it says so.
    if (kept.request.deadLetter === undefined) return requeueAside(world, id, by);
    const moved = transition(kept.request, { act: "requeued", operator: by.by }, kept.nowMs);
    if (isRefusal(moved)) throw new Error("news was refused: requeued");
    const write = movedWrite(world.policy(), kept.request, moved);
    const { outcome } = await world.store.commit(kept.version, {
      ...write,
      delivery: by.delivery,
    });
    if (outcome === "written") return "requeued";
    if (outcome === "repeated") return "repeated";
  }
  throw new Error(`${id} was written by others all the time.`);
}

async function readOrNot(
  { store }: World,
  id: RequestId,
): Promise<Kept | "unreadable" | undefined> {
  try {
    return await store.read(id);
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === "Unreadable") return "unreadable";
    throw thrown;
  }
}

function requeueAside(world: World, member: string, { by, delivery }: By): Promise<Requeued> {
  const detail = { policy: world.policy().hash, about: member };
  const note: AuditNote = { what: "requeued", by, detail };
  return world.store.requeue(member, { audit: [note], delivery });
}

/** Pressed beside what has no request to be shown with. Whether that is an admin is asked of Slack now. */
export async function requeueClick(
  deps: Deps,
  sender: Sender,
  member: string,
): Promise<Answer | Refusal> {
  const mayNot = await refuseNonAdmins(deps, sender);
  if (mayNot !== undefined) return mayNot;
  const outcome = await requeue(deps, member, { by: sender.user, delivery: sender.delivery });
  switch (outcome) {
    case "requeued":
      deps.wake();
      deps.log.info({ due: member, user: sender.user }, "requeued");
      return said(words`Trying again.`);
    case "gone":
      return said(words`Nothing is left of it to work on. It isn't listed any more.`);
    case "unknown":
    case "not-parked":
      return refuse("wrong-state")`That isn't parked any more: there's nothing to try again.`;
    case "repeated":
      return { answer: "nothing" };
  }
}

async function refuseNonAdmins(deps: Deps, sender: Sender): Promise<Refusal | undefined> {
  const outsider = await refuseOutsiders(deps.chat, sender, DECIDING_AGE_MS);
  if (outsider !== undefined) return outsider;
  const { admins } = deps.policy();
  const members = await orCannotCheck(() => membersOf(deps.chat, admins.groups, DECIDING_AGE_MS));
  if (isRefusal(members)) return members;
  return includes(admins, sender.user, members)
    ? undefined
    : refuse("not-yours")`Only an admin can bring back what is parked.`;
}
