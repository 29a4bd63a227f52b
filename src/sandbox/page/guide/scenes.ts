// Every step of the guided tour, played: each sets its scene and says on whose screen the outcome is told.

import { botReady } from "../../assembly/demo-parts.ts";
import type { WhatIfName } from "../page-state.ts";
import type { FaultId, StepId } from "../steps.ts";
import {
  ADA,
  APPROVERS,
  type Asked,
  doorsOf,
  ERIN,
  GENERAL,
  headOf,
  LEA,
  type Look,
  NOTICES,
  OMAR,
  type Play,
} from "./play.ts";

/** Where the outcome is told, and how it is put right again where something was turned on. */
type Outcome = Omit<Look, "promises"> & { right?: () => Promise<void> };

/** What the tour has requested and not yet ended. `life`: of the steps from request to end. */
export type Requested = { life: Asked | undefined; others: Asked[] };

export type Scene = (play: Play, requested: Requested) => Promise<Outcome>;

const SHOP = ["vm-01", "web-02", "jump-01", "win-02"];
const DATABASES = ["db-01", "db-02"];
/** Port 22 of these can be requested and nobody in the demo begins with them. */
const LINUX = ["web-02", "jump-01"];

type Asking = { vms?: readonly string[]; when?: string; reason: string };

/** Somebody requests one of these VMs for an hour. */
async function ask(play: Play, requested: Requested, asking: Asking): Promise<Asked> {
  const { vms = SHOP, when = "", reason } = asking;
  const { by, vm } = play.free(vms);
  const types = ["request", vm, "1h", when, "for", reason].filter(Boolean).join(" ");
  const asked = await sent(play, { by, vm, types });
  requested.others.push(asked);
  return asked;
}

type Typing = { by: string; vm: string; types: string };

/** Types it, and waits for the card. */
async function sent(play: Play, { by, vm, types }: Typing): Promise<Asked> {
  play.mark();
  await play.command(by, types);
  const look = { ...toLea, promises: /Pending · /, about: vm };
  const card = await play.seen({ ...look, unless: { person: by, channel: GENERAL } });
  return { id: idIn(play.text(card)), ts: card.ts, by, vm };
}

const idIn = (text: string): string => /JIT-\w{6}/.exec(text)?.[0] ?? "";

const approve = (play: Play, { ts }: Asked): Promise<void> => {
  play.mark();
  return play.press(LEA, ts, "jit.approve");
};

async function approved(play: Play, requested: Requested, asking: Asking): Promise<Outcome> {
  const asked = await ask(play, requested, asking);
  await approve(play, asked);
  return onCard(asked);
}

const onCard = ({ id }: Asked): Outcome => ({ person: LEA, channel: APPROVERS, about: id });
/** What Lea alone is told there. */
const toLea = { person: LEA, channel: APPROVERS };
const toAda = { person: ADA, channel: GENERAL };

const GOES_ON = /Pending|Opening|Open/;

/** The request of the first steps: as far as it was played, or from its beginning. */
async function life(play: Play, requested: Requested): Promise<Asked> {
  const { life: known } = requested;
  if (known !== undefined && GOES_ON.test(headOf(play.card(known)))) return known;
  const { by, vm } = play.free(SHOP);
  const types = `request ${vm} 1h for restarting the print spooler`;
  const asked = await sent(play, { by, vm, types });
  requested.life = asked;
  return asked;
}

async function lifeOpen(play: Play, requested: Requested): Promise<Asked> {
  const asked = await life(play, requested);
  if (play.card(asked).includes("Pending")) await approve(play, asked);
  await play.until("the port to open", () => play.card(asked).includes("Open until"));
  return asked;
}

const LIFE = {
  ask: async (play, requested) => {
    const { life: known } = requested;
    if (known !== undefined && !play.card(known).includes("Pending")) {
      requested.others.push(known);
      requested.life = undefined;
    }
    const asked = await life(play, requested);
    return { person: asked.by, channel: GENERAL, about: asked.id, mayBeOld: true };
  },
  approve: async (play, requested) => {
    const asked = await lifeOpen(play, requested);
    return { ...onCard(asked), mayBeOld: true };
  },
  wayIn: async (play, requested) => {
    const { by, id } = await lifeOpen(play, requested);
    return { person: by, channel: play.direct(by), about: id, mayBeOld: true };
  },
  end: async (play, requested) => {
    const asked = await lifeOpen(play, requested);
    await play.press(asked.by, asked.ts, "jit.end");
    // At once where somebody else has the port open, too.
    const ends = () => /It closes by|Ended early/.test(play.card(asked));
    await play.until("Azure to be asked", ends);
    await play.board.perform({ do: "advance", minutes: 3 });
    return onCard(asked);
  },
} satisfies Record<string, Scene>;

const MORE = {
  own: async (play, requested) => {
    const { by, ts } = await ask(play, requested, { reason: "a look at the queue" });
    play.mark();
    await play.press(by, ts, "jit.approve");
    return { person: by, channel: APPROVERS };
  },
  several: async (play, requested) => {
    const { by, vm } = play.free(SHOP, true);
    const types = "request bundle:shop 1h for the outage of the shop";
    const asked = await sent(play, { by, vm, types });
    requested.others.push(asked);
    await approve(play, asked);
    return onCard(asked);
  },
  tomorrow: (play, requested) =>
    approved(play, requested, { when: "at tomorrow 9:00", reason: "the monthly updates" }),
  ready: async (play, requested) => {
    const asked = await ask(play, requested, { vms: DATABASES, reason: "the nightly import" });
    await approve(play, asked);
    return { person: asked.by, channel: play.direct(asked.by), about: asked.id };
  },
  again: async (play, requested) => {
    const first = await ask(play, requested, { reason: "a look at the logs" });
    await play.press(first.by, first.ts, "jit.cancel");
    await play.until("the request to be cancelled", () => play.card(first).includes("Cancelled"));
    const asked = await sent(play, { ...first, types: `again ${first.id}` });
    requested.others.push(asked);
    return { person: asked.by, channel: GENERAL, about: asked.id };
  },
  breakGlass: async (play, requested) => {
    const vm = LINUX.find((one) => play.isFree(one, OMAR)) ?? "web-02";
    play.mark();
    await play.command(OMAR, `breakglass ${vm} 22 1h for the outage of the shop`);
    const look = { ...toLea, promises: /Break-glass, Open/, about: vm };
    const card = await play.seen(look);
    const id = idIn(play.text(card));
    requested.others.push({ id, ts: card.ts, by: OMAR, vm });
    return { ...toLea, about: id };
  },
  freeze: async (play, requested) => {
    await play.command(ADA, "freeze for a leaked key");
    const outcome = await approved(play, requested, { reason: "a look at the disk" });
    return { ...outcome, right: () => play.command(ADA, "unfreeze") };
  },
  endAll: async (play, requested) => {
    await lifeOpen(play, requested);
    play.mark();
    await play.command(ADA, "end all");
    return toAda;
  },
} satisfies Record<string, Scene>;

/** Turns a fault on; the answer turns it off. */
async function turnOn(play: Play, name: WhatIfName): Promise<Pick<Outcome, "right">> {
  const turn = (on: boolean) => play.board.perform({ do: "switch", name, on });
  await turn(true);
  return { right: () => turn(false) };
}

/** Lea approves while something is wrong, and the card tells it, or she alone is told. */
const approving =
  (name: WhatIfName, isPrivate = false): Scene =>
  async (play, requested) => {
    const asked = await ask(play, requested, { reason: "a look at the full disk" });
    const on = await turnOn(play, name);
    await approve(play, asked);
    return { ...(isPrivate ? toLea : onCard(asked)), ...on };
  };

const FAULTS = {
  azureRefuses: approving("azureRefuses"),
  azureSlow: approving("azureSlow"),
  azureThrottles: approving("azureThrottles", true),
  azureNeverOpens: approving("azureNeverOpens"),
  slackAway: approving("slackAway", true),
  graphThrottles: async (play) => {
    const on = await turnOn(play, "graphThrottles");
    return { ...(await doctor(play)), ...on };
  },
  botDown: async (play) => {
    const on = await turnOn(play, "botDown");
    await play.until("the bot to go", () => play.demo.bot.state() === "down");
    play.mark();
    await play.command(ERIN, "request vm-01 3389 1h for restarting the print spooler");
    return { person: ERIN, channel: GENERAL, ...on };
  },
  kill: async (play, requested) => {
    const asked = await ask(play, requested, { reason: "a look at the full disk" });
    await approve(play, asked);
    await play.until("Azure to be asked", () => doorsOf(play.demo, asked.vm).length > 0);
    await play.board.perform({ do: "kill" });
    await play.until("the bot to go", () => play.demo.bot.state() !== "ready");
    await botReady(play.demo);
    return onCard(asked);
  },
  portalOpen: async (play) => {
    const vm = [...DATABASES, ...LINUX].find((one) => doorsOf(play.demo, one).length === 0);
    if (vm === undefined) throw new Error("Every port that the tour could open is open already.");
    play.mark();
    await play.board.perform({ do: "open-in-portal", vm, port: 22 });
    const right = () => play.board.perform({ do: "shut-in-portal", vm, port: 22 });
    return { person: ADA, channel: NOTICES, about: vm, right };
  },
  portalClose: async (play, requested) => {
    const asked = await ask(play, requested, { reason: "a look at the full disk" });
    await approve(play, asked);
    await play.until("the port to open", () => play.card(asked).includes("Open until"));
    // The bot leaves it half a minute to settle before it looks again.
    await play.board.perform({ do: "advance", minutes: 1 });
    for (const { vm, port } of doorsOf(play.demo, asked.vm)) {
      await play.board.perform({ do: "shut-in-portal", vm, port });
    }
    return onCard(asked);
  },
  right: async (play) => {
    const scope = `/subscriptions/${subscription(play, "Shop")}`;
    const give = (isGiven: boolean) =>
      play.board.perform({ do: "right", scope, action: "Microsoft.Security/*", isGiven });
    await give(false);
    return { ...(await doctor(play)), right: () => give(true) };
  },
  plan: async (play) => {
    const change = (plan: "P1" | "P2") =>
      play.board.perform({ do: "plan", subscription: subscription(play, "Lab"), plan });
    await change("P1");
    return { ...(await doctor(play)), right: () => change("P2") };
  },
} satisfies Record<FaultId, Scene>;

async function doctor(play: Play): Promise<Outcome> {
  play.mark();
  await play.command(ADA, "doctor");
  return toAda;
}

function subscription({ demo }: Play, name: string): string {
  const all = [...demo.azure.world.subscriptions.values()];
  return all.find((one) => one.name === name)?.id ?? "";
}

export const SCENES: Record<StepId, Scene> = { ...LIFE, ...MORE, ...FAULTS };
