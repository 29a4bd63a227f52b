// The same again: a request of one's own as the command that asks for it, with every check of today.

import type { RequestCommand } from "../../../../domain/command/verbs/request-verb.ts";
import type { VmRef } from "../../../../domain/command/vm-ref.ts";
import { isFollower, isLead } from "../../../../domain/request/batch/roles.ts";
import type { AccessRequest } from "../../../../domain/request/request.ts";
import { type Ask, nameAmong, typedSource } from "../../../../domain/rules/ask.ts";
import { MY_IP } from "../../../../domain/rules/requested-source.ts";
import { formatDuration } from "../../../../domain/text/duration.ts";
import type { RequestId, UserId } from "../../../../domain/text/ids.ts";
import { formatPorts } from "../../../../domain/text/ports-list.ts";
import { isRefusal, type Refusal, refuse } from "../../../../domain/text/refusal.ts";
import type { Sender } from "../../../../ports/inbound.ts";
import type { Deps } from "../../../deps.ts";
import { noSuchRequest } from "../../deciding/decide.ts";
import { foundIn } from "../../visibility.ts";
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
  if (request?.ask.requester === user) {
    const all = await togetherWith(deps, request, id);
    return sameAgain(deps, user, all);
  }
  return id === undefined
    ? refuse(
        "no-such-request",
      )`You haven't requested anything in the last 30 days: write for example ${{ code: "/jit request vm-01 22 2h" }}.`
    : noSuchRequest(id);
}

/**
 * Of several VMs, all of them, also where they fell under several rules: the last request is that of the last VM.
 * Naming one that follows another on its card means that one.
 */
export async function togetherWith(
  deps: Pick<Needs, "requests">,
  request: AccessRequest,
  id: RequestId | undefined,
): Promise<readonly [Ask, ...Ask[]]> {
  if (isFollower(request) && id !== undefined) return [request.ask];
  return (await ofOneCommand(deps, request)) ?? ofOneCard(deps, request, id);
}

/** How many of the person's requests are looked through: far more than one command makes. */
const OWN_MAX = 500;

/** In the order in which they were asked for; `undefined`: it fell under one rule, or lies too far back. */
async function ofOneCommand(
  deps: Pick<Needs, "requests">,
  { id, ask: { requester, askedWith } }: AccessRequest,
): Promise<readonly [Ask, ...Ask[]] | undefined> {
  if (askedWith === undefined) return undefined;
  const own = await deps.requests.list({ of: requester }, OWN_MAX);
  const all = own.filter(({ ask }) => ask.askedWith === askedWith).toReversed();
  const [first, ...others] = all.map(({ ask }) => ask);
  return first === undefined || all.every((one) => one.id !== id) ? undefined : [first, ...others];
}

async function ofOneCard(
  deps: Pick<Needs, "requests">,
  request: AccessRequest,
  id: RequestId | undefined,
): Promise<readonly [Ask, ...Ask[]]> {
  const lead = isFollower(request) && id === undefined ? request.batch.lead : undefined;
  const led = lead === undefined ? request : (await deps.requests.read(lead))?.request;
  if (led === undefined || !isLead(led)) return [request.ask];
  const others = await Promise.all(led.batch.members.map((one) => deps.requests.read(one.id)));
  return [led.ask, ...others.flatMap((one) => one?.request.ask ?? [])];
}

async function sameAgain(
  deps: Needs,
  user: UserId,
  asks: readonly [Ask, ...Ask[]],
): Promise<RequestCommand | Refusal> {
  const command = commandFor(asks);
  const [{ opensAtMs }] = asks;
  if (isRefusal(command) || opensAtMs === undefined) return command;
  return refuseTimed(deps, { user }, { command, opensAtMs });
}

function commandFor(asks: readonly [Ask, ...Ask[]]): RequestCommand | Refusal {
  const [ask, ...more] = asks;
  const { ports, durationMs, reason } = ask;
  const refs = refsOf(asks);
  const [first = refOf(ask), ...also] = refs;
  if (ask.breakGlass === true) {
    const names = refs.map((ref) => ref.typed).join(",");
    const typed = `/jit breakglass ${names} ${formatPorts(ports)} ${formatDuration(durationMs)} for …`;
    return refuse(
      "reason-required",
    )`That was a break-glass, which needs a reason each time: write ${{ code: typed }}.`;
  }
  return {
    verb: "request",
    ...(more.length === 0
      ? { vm: first, ports, durationMs }
      : {
          vm: undefined,
          several: { selector: { ...NO_SELECTOR, vm: first, also } },
          // Where they differ, nothing was typed, and each gets its own again.
          ports: isSame(asks.map((one) => formatPorts(one.ports))) ? ports : undefined,
          durationMs: isSame(asks.map((one) => one.durationMs)) ? durationMs : undefined,
        }),
    // Under several rules, each had its own where none was named.
    source: isSame(asks.map(sourceOf)) ? sourceOf(ask) : undefined,
    reason: reason === "" ? undefined : reason,
    unclear: undefined,
  };
}

const NO_SELECTOR = { resourceGroup: undefined, tags: [] } as const;

/** The name may have several by now; the id is the one. */
const refOf = ({ vm }: Ask): VmRef => ({ typed: vm.name, name: vm.name, id: vm.id });

/** Each as it can be typed: with its group, or by its id, where another has the same name. */
function refsOf(asks: readonly Ask[]): readonly VmRef[] {
  const vms = asks.map(({ vm }) => vm);
  const names = vms.map((vm) => nameAmong(vm, vms));
  const isSole = (name: string) => names.filter((one) => sameName(one, name)).length === 1;
  return asks.map((ask, n) => {
    const name = names[n] ?? ask.vm.name;
    return { ...refOf(ask), typed: isSole(name) ? name : ask.vm.id };
  });
}

const sameName = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const isSame = (all: readonly unknown[]): boolean => new Set(all).size === 1;

/** A network by its name, which may have other addresses by now; a proven address is proven again. */
const sourceOf = (ask: Ask): string => (ask.proven === true ? MY_IP : typedSource(ask));
