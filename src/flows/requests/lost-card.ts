// A click on a card whose request the bot has no record of any more, or had to make again from what Azure shows.

import { cardShown } from "../../domain/request/effects.ts";
import { mainCard } from "../../domain/request/outstanding.ts";
import { wasRecovered } from "../../domain/request/recovered.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";
import type { MessageRef } from "../../ports/chat.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { StoredRequest } from "../../ports/storage/requests.ts";
import { sparing } from "../answering/one-act.ts";
import type { Deps } from "../deps.ts";
import { orCannotCheck } from "../people/people.ts";
import { changeRequest } from "./change-request.ts";
import { recover } from "./recover.ts";

type Needs = Pick<
  Deps,
  | "requests"
  | "storeClock"
  | "azure"
  | "chat"
  | "clock"
  | "random"
  | "log"
  | "policy"
  | "limits"
  | "onCommitted"
>;

/** Whichever replica reads the inventory has made the request again by then. */
const OTHERS_LOOK_MS = 2_000;

/**
 * The click proves that the message is one of ours. Azure is looked at; where it shows nothing open, the card
 * says so and offers nothing any more. `undefined`: the request was made again.
 */
export async function afterLookingAtAzure(
  deps: Needs,
  sender: Sender,
  { id, message }: { readonly id: RequestId; readonly message: MessageRef | undefined },
): Promise<Refusal | undefined> {
  const look = await orCannotCheck(() => lookNow(deps, sender));
  if (isRefusal(look)) return look;
  const claimed = look.read.claimed?.filter((one) => one.id === id);
  if (claimed === undefined) await deps.clock.sleep(OTHERS_LOOK_MS);
  else await recover(deps, claimed);
  if ((await deps.requests.read(id)) !== undefined) return undefined;
  // The replica that read it has looked at what is claimed, and restored by now what it found.
  const isClaimed = claimed !== undefined && claimed.length > 0;
  const showsNothing = look.isFresh && !isClaimed && look.read.unread.length === 0;
  if (!showsNothing) {
    return refuse(
      "cannot-check",
    )`The bot no longer has a record of ${{ code: id }}, and couldn't check whether Azure still has it open: try again in a minute, or look in the portal.`;
  }
  if (message !== undefined) await deps.chat.closeLostCard(id, message);
  return refuse(
    "no-such-request",
  )`The bot no longer has a record of ${{ code: id }}, and Azure shows nothing open for it. If you need access, request it again.`;
}

type Look = { readonly read: InventorySnapshot; readonly isFresh: boolean };

/** A reading under way may be older than the loss; and someone who asks too often gets what is known. */
async function lookNow(deps: Needs, { user }: Sender): Promise<Look> {
  const { azure } = sparing(deps, user);
  const beganMs = deps.clock.nowMs();
  const first = await azure.refresh();
  const read = first.atMs < beganMs ? await azure.refresh() : first;
  return { read, isFresh: read.atMs >= beganMs };
}

/** Its buttons are older than the record: the card is put right, and leads to the request again. */
export async function refuseOlderCard(
  deps: Needs,
  { request }: StoredRequest,
  message: MessageRef,
): Promise<Refusal | undefined> {
  const main = mainCard(request);
  if (!wasRecovered(request) || main === undefined) return undefined;
  if (main.to === message.channel || main.channel === message.channel) {
    await changeRequest(deps, request.id, (newest) => ({
      request: cardShown(newest.request, main.to, { ...message, revision: 0 }),
      audit: [],
    }));
  }
  return refuse(
    "stale-card",
  )`The bot's record of ${request.id} was lost and restored from Azure. Use the buttons on its current card.`;
}
