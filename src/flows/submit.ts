// Somebody asks for access: from the command to a stored request, or a refusal that leaves nothing behind.

import type { RequestCommand } from "../request/command/asks.ts";
import { isRefusal, type Refusal } from "../request/refusal.ts";
import type { Deps } from "./deps.ts";
import type { Sender } from "./desk.ts";
import { keep, type Submitted } from "./keep.ts";
import { refuseOutsiders, refuseSharedChannel } from "./people.ts";
import { tryAsk } from "./try-ask.ts";

/**
 * Makes a request, or refuses. After `Submitted` the request is kept and its card is on the way;
 * "repeated" means that this very delivery was handled before.
 */
export async function submit(
  deps: Deps,
  sender: Sender,
  command: RequestCommand,
): Promise<Submitted | Refusal | "repeated"> {
  const outsider =
    (await refuseOutsiders(deps.chat, sender)) ??
    (await refuseSharedChannel(deps.chat, sender.channel));
  if (outsider !== undefined) return outsider;
  const tried = await tryAsk(deps, sender.user, command);
  if (isRefusal(tried)) return tried;
  const { outcome, input } = tried;
  return isRefusal(outcome) ? outcome : keep(deps, sender, { ...outcome, policy: input.policy });
}
