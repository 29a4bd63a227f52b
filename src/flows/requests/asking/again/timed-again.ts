// A request for a time, to be asked for again: the person chooses the time, so they get the command to type.

import { formatCommand } from "../../../../domain/command/command.ts";
import type { RequestCommand } from "../../../../domain/command/verbs/request-verb.ts";
import { sameTimeOfDay } from "../../../../domain/text/moments.ts";
import { isRefusal, type Refusal, refuse } from "../../../../domain/text/refusal.ts";
import type { Sender } from "../../../../ports/inbound.ts";
import type { Deps } from "../../../deps.ts";
import { zoneOf } from "../moment-of.ts";

/** Its time may be over, and would be left out silently; the same time of day is what is meant most likely. */
export async function refuseTimed(
  deps: Pick<Deps, "chat">,
  { user }: Pick<Sender, "user">,
  { command, opensAtMs }: { readonly command: RequestCommand; readonly opensAtMs: number },
): Promise<Refusal> {
  const zone = await zoneOf(deps, user);
  if (isRefusal(zone)) return zone;
  const again = formatCommand({ ...command, at: sameTimeOfDay(opensAtMs, zone) });
  return refuse(
    "bad-time",
  )`Nothing is requested yet: that one was for a set time (${{ atMs: opensAtMs }}). Write ${{ code: `/jit ${again}` }}, with the time you want now.`;
}
