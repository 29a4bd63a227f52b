// The same again: a request of one's own as the command that asks for it, with every check of today.

import type { RequestCommand } from "../../../domain/command/verbs/request-verb.ts";
import type { Ask } from "../../../domain/rules/ask.ts";
import { MY_IP } from "../../../domain/rules/requested-source.ts";
import { formatDuration } from "../../../domain/text/duration.ts";
import type { RequestId, UserId } from "../../../domain/text/ids.ts";
import { formatPorts } from "../../../domain/text/ports-list.ts";
import { isRefusal, type Refusal, refuse } from "../../../domain/text/refusal.ts";
import type { Sender } from "../../../ports/inbound.ts";
import type { Deps } from "../../deps.ts";
import { noSuchRequest } from "../deciding/decide.ts";
import { foundIn } from "../visibility.ts";
import { refuseTimed } from "./timed-again.ts";

type Needs = Pick<Deps, "requests" | "absences" | "storeClock" | "chat" | "onCall" | "policy">;

/** The command for the request with this id, or for the last one. Extensions belong to what they extend. */
export async function againCommand(
  deps: Needs,
  { user }: Pick<Sender, "user">,
  id: RequestId | undefined,
): Promise<RequestCommand | Refusal> {
  const wanted = ({ ask }: { readonly ask: Ask }) => ask.extends === undefined;
  const { requests } =
    id === undefined
      ? await foundIn(deps, { of: user }, { wanted, most: 1 })
      : { requests: [(await deps.requests.read(id))?.request] };
  const [request] = requests;
  // What belongs to others is answered as what isn't there.
  if (request?.ask.requester === user) return sameAgain(deps, user, request.ask);
  return id === undefined
    ? refuse(
        "no-such-request",
      )`You haven't requested anything in the last 30 days: write for example ${{ code: "/jit request vm-01 22 2h" }}.`
    : noSuchRequest(id);
}

async function sameAgain(deps: Needs, user: UserId, ask: Ask): Promise<RequestCommand | Refusal> {
  const command = commandFor(ask);
  const { opensAtMs } = ask;
  if (isRefusal(command) || opensAtMs === undefined) return command;
  return refuseTimed(deps, { user }, { command, opensAtMs });
}

function commandFor(ask: Ask): RequestCommand | Refusal {
  const { vm, ports, durationMs, reason } = ask;
  if (ask.breakGlass === true) {
    const typed = `/jit breakglass ${vm.name} ${formatPorts(ports)} ${formatDuration(durationMs)} for …`;
    return refuse(
      "reason-required",
    )`That was a break-glass, which needs a reason each time: write ${{ code: typed }}.`;
  }
  return {
    verb: "request",
    // The name may have several by now; the id is the one.
    vm: { typed: vm.name, name: vm.name, id: vm.id },
    ports,
    durationMs,
    source: sourceOf(ask),
    reason: reason === "" ? undefined : reason,
    unclear: undefined,
  };
}

/** A network by its name, which may have other addresses by now; a proven address is proven again. */
function sourceOf({ source, sourceName, proven }: Ask): string {
  if (proven === true) return MY_IP;
  return sourceName ?? (source === "*" ? "any" : source);
}
