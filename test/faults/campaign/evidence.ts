// Everything that the judge may look at: what went over the wire, what stands in Slack, what Azure holds.

import type { Delivery } from "../../../src/sandbox/slack/out/parcel.ts";
import type { Content, Message } from "../../../src/sandbox/slack/slack-workspace.ts";
import { buttonsOf, linesOf, OVER_UNSEEN, stateOf } from "./cards.ts";
import { APPROVALS, isShy, NOTICES, PLACES } from "./estate.ts";
import type { Kind } from "./fault.ts";
import type { People, Told, Withdrawal } from "./people.ts";
import type { Struck } from "./storm.ts";
import type { RoundWorld } from "./world.ts";

export type CardSeen = {
  readonly id: string;
  /** Of several VMs: the request whose card it is; its buttons are about all of them. */
  readonly lead?: string;
  readonly channel: string;
  /** The states that it showed, one after another. */
  readonly states: readonly string[];
  readonly state: string;
  readonly buttons: readonly string[];
  readonly text: string;
  /** What was typed as the reason, to tell whose ask it is: a card that is over shows it no more. */
  readonly token: string | undefined;
};

/** A call that asked Azure to open ports on account of a request. */
export type Initiate = {
  readonly id: string;
  readonly atMs: number;
  readonly policy: string;
  readonly port: number;
  readonly endMs: number;
  /** When Azure carried it out, whatever the bot heard of that; `undefined`: it did not. */
  readonly doneAtMs: number | undefined;
  /** When the bot's connection was answered that it was accepted. */
  readonly acceptedAtMs: number | undefined;
};

/** Somebody pressed a button or typed a command that is about a request. */
type Act = {
  readonly id: string;
  readonly what: string;
  readonly by: string;
  readonly atMs: number;
};

type OpenedPort = {
  readonly id: string;
  readonly vm: string;
  readonly opensMs: number;
  readonly endMs: number;
  readonly isOpen: boolean;
};

export type Evidence = {
  readonly told: readonly Told[];
  readonly withdrawn: readonly Withdrawal[];
  /** How many approvals a request in that channel needs. */
  readonly needed: ReadonlyMap<string, number>;
  readonly requesters: ReadonlyMap<string, string>;
  readonly tokens: ReadonlyMap<string, string>;
  readonly cards: readonly CardSeen[];
  /** Whether the bot can find a card again of which Slack never told it that it is there. */
  readonly mayReadHistory: boolean;
  readonly initiates: readonly Initiate[];
  /** Policies that were read, and whose readings arrived. */
  readonly reads: readonly { readonly policy: string; readonly atMs: number }[];
  /** When a process or Redis was in trouble: what the bot heard meanwhile it may have forgotten. */
  readonly forgetful: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** When a replica of Redis took over: what the bot knew at that time may be lost, that it had asked included. */
  readonly failovers: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly ports: readonly OpenedPort[];
  readonly acts: readonly Act[];
  /** What the bot told the requester: privately, or where Slack refuses that, in a thread or for their eyes only. */
  readonly direct: ReadonlyMap<string, readonly string[]>;
  readonly notices: readonly string[];
  /** Texts that were posted more than once in a place, the bot having heard that the first was. */
  readonly saidAgain: readonly string[];
};

const ID = /JIT-[0-9A-Z]{6}/;
const REMEMBERED: ReadonlySet<Kind> = new Set(["slack", "azure"]);
const LOSSY: ReadonlySet<Kind> = new Set(["sentinel", "cluster"]);
const NEEDED = new Map(PLACES.map(({ channel, rule }) => [channel, APPROVALS[rule]]));

export function gather(world: RoundWorld, people: People, struck: readonly Struck[]): Evidence {
  const { slack, cards } = world;
  const seen = cards
    .ids()
    .flatMap((id) => cards.of(id).flatMap((message) => cardsSeen(world, id, message)));
  return {
    told: people.told,
    withdrawn: people.withdrawn,
    needed: NEEDED,
    requesters: requesters(slack.deliveries),
    tokens: tokens(seen),
    cards: seen,
    mayReadHistory: world.mayReadHistory,
    initiates: initiates(world),
    reads: reads(world),
    forgetful: struck.filter(({ kind }) => !REMEMBERED.has(kind)),
    failovers: struck.filter(({ kind }) => LOSSY.has(kind)),
    ports: ports(world),
    acts: slack.deliveries.flatMap(actOf).flatMap((act) => ofEach(act, seen)),
    direct: direct(world),
    notices: slack.messages(NOTICES).flatMap((one) => slack.plainText(one).split("\n")),
    saidAgain: saidAgain(world),
  };
}

/** A card of several VMs counts as one for each of them. */
function cardsSeen({ slack }: RoundWorld, id: string, message: Message): readonly CardSeen[] {
  const versions: readonly Content[] = [...message.earlier, message];
  const cards = versions.map((version) => ({ ...message, ...version }));
  const text = slack.plainText(message);
  const token = TOKEN.exec(JSON.stringify(cards.map(({ blocks }) => blocks)))?.[0];
  const shared = { channel: message.channel, buttons: buttonsOf(message), text, token };
  const seen = (states: readonly string[]) => ({
    states: states.filter((state, n) => state !== states[n - 1]),
    state: states.at(-1) ?? "",
  });
  const lines = linesOf(text);
  if (lines.length === 0) return [{ id, ...shared, ...seen(cards.map(stateOf)) }];
  const shown = cards.map((card) => linesOf(slack.plainText(card)));
  return lines.map((line) => ({
    id: line.id,
    lead: id,
    ...shared,
    ...seen(shown.map((all) => all.find((one) => one.id === line.id)?.state ?? "")),
  }));
}

const TOKEN = /life-\d+-\w+/;

/** By token: the request whose card carries it. A second request with the same one is joined on. */
function tokens(cards: readonly CardSeen[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { id, lead = id, token } of cards) {
    if (lead !== id || token === undefined) continue;
    const known = found.get(token);
    found.set(token, known === undefined || known.includes(id) ? (known ?? id) : `${known} ${id}`);
  }
  return found;
}

type Sent = {
  justification?: string;
  virtualMachines: { ports: { number: number; endTimeUtc: string }[] }[];
};

const isDone = (status: unknown): boolean => typeof status === "number" && status < 300;

/** By the clock of the bot, and not by Azure's. */
function initiates({ azure, azureBehindMs }: RoundWorld): readonly Initiate[] {
  const at = (azureMs: number | undefined) =>
    azureMs === undefined ? undefined : azureMs + azureBehindMs;
  return azure.calls.flatMap((call) => {
    if (call.method !== "POST" || !call.path.endsWith("/initiate")) return [];
    const { justification = "", virtualMachines } = call.body as Sent;
    const isAccepted = isDone(call.handled) && isDone(call.answered);
    return virtualMachines.flatMap(({ ports: sent }) =>
      sent.map(({ number, endTimeUtc }) => ({
        id: ID.exec(justification)?.[0] ?? "",
        atMs: call.atMs + azureBehindMs,
        policy: call.path.slice(0, -"/initiate".length).toLowerCase(),
        port: number,
        endMs: Date.parse(endTimeUtc),
        doneAtMs: isDone(call.handled) ? at(call.handledAtMs) : undefined,
        acceptedAtMs: isAccepted ? at(call.answeredAtMs) : undefined,
      })),
    );
  });
}

const ONE_POLICY = /jitNetworkAccessPolicies\/[^/]+$/i;

const reads = ({ azure, azureBehindMs }: RoundWorld) =>
  azure.calls.flatMap(({ method, path, handled, answered, atMs }) =>
    method === "GET" && ONE_POLICY.test(path) && isDone(handled) && isDone(answered)
      ? [{ policy: path.toLowerCase(), atMs: atMs + azureBehindMs }]
      : [],
  );

function ports({ azure, nowMs, azureBehindMs }: RoundWorld): readonly OpenedPort[] {
  const atMs = nowMs() - azureBehindMs;
  return [...azure.world.policies.values()].flatMap(({ requests }) =>
    requests.flatMap(({ justification = "", vms }) =>
      vms.flatMap(({ id: vm, ports: doors }) =>
        doors.map(({ opensMs, endMs, revoked }) => {
          const shutMs = Math.min(endMs, revoked?.atMs ?? Number.POSITIVE_INFINITY);
          const id = ID.exec(justification)?.[0] ?? "";
          return { id, vm, opensMs, endMs, isOpen: opensMs <= atMs && atMs < shutMs };
        }),
      ),
    ),
  );
}

type Clicked = { actions?: { action_id: string; value?: string }[]; user?: { id: string } };
type Typed = { text?: string; user_id?: string };

function actOf({ kind, payload, atMs }: Delivery): readonly Act[] {
  if (kind === "command") {
    const { text = "", user_id: by = "" } = payload as Typed;
    const id = ID.exec(text)?.[0];
    return id === undefined ? [] : [{ id, what: text.split(" ")[0] ?? "", by, atMs }];
  }
  const { actions = [], user } = payload as Clicked;
  return actions.flatMap(({ action_id: what, value = "" }) => {
    const id = ID.exec(value)?.[0];
    return id === undefined ? [] : [{ id, what, by: user?.id ?? "", atMs }];
  });
}

/** What was done with a card of several VMs was done about each of them. */
const ofEach = (act: Act, cards: readonly CardSeen[]): readonly Act[] => {
  const ids = cards.filter(({ lead }) => lead === act.id).map(({ id }) => id);
  return ids.length === 0 ? [act] : [...new Set(ids)].map((id) => ({ ...act, id }));
};

/** By token: who typed it. */
function requesters(deliveries: readonly Delivery[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { kind, payload } of deliveries) {
    if (kind !== "command") continue;
    const { text = "", user_id: by = "" } = payload as Typed;
    const token = TOKEN.exec(text)?.[0];
    if (token !== undefined) found.set(token, by);
  }
  return found;
}

function direct({ slack }: RoundWorld): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const add = (id: string, said: string) => found.set(id, [...(found.get(id) ?? []), said]);
  for (const [channel, messages] of slack.world.messages) {
    for (const message of messages) {
      const text = slack.plainText(message);
      if (channel.startsWith("D")) {
        for (const [id, said] of saidOfEach(text)) add(id, said);
        continue;
      }
      // Who takes none of these is called in the thread of the card.
      const id = message.metadata?.event_payload.id;
      for (const reply of message.replies) {
        if (/<@U0SHY/.test(JSON.stringify(reply))) add(String(id), slack.plainText(reply));
      }
    }
  }
  for (const message of slack.world.ephemerals) {
    if (!isShy(message.user)) continue;
    const text = slack.plainText(message);
    for (const [id, said] of saidOfEach(text)) add(id, said);
  }
  return found;
}

/** By request, what a message says of it: of several VMs, its first line and theirs. */
function saidOfEach(text: string): readonly (readonly [string, string])[] {
  const [first = "", ...rest] = text.split("\n");
  const lines = linesOf(text);
  const unseen = rest.find((line) => OVER_UNSEEN.test(line)) ?? "";
  if (lines.length > 0) return lines.map((line) => [line.id, `${first}\n${unseen}\n${line.text}`]);
  const id = ID.exec(text)?.[0];
  return id === undefined ? [] : [[id, text]];
}

/** The very same text in the same place, although Slack had answered the first time. */
function saidAgain({ slack }: RoundWorld): readonly string[] {
  const answered = slack.callsTo("chat.postMessage").filter(({ status, answer }) => {
    return status === 200 && answer?.ok === true;
  });
  const counts = new Map<string, number>();
  for (const { args } of answered) {
    const { channel, thread_ts: thread = "", text, blocks } = args;
    const said = `${channel} ${thread} ${text} ${JSON.stringify(blocks)}`;
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].flatMap(([said, count]) =>
    count > 1 ? [`${count} × ${said.slice(0, 160)}`] : [],
  );
}
