// Plays a case: each step is something that somebody does, or that happens to them, in the world of the case.

import { buildApp } from "../../src/app.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import { vmCode } from "../../src/domain/rules/vm-search.ts";
import type { RequestId, UserId } from "../../src/domain/text/ids.ts";
import type { Answer, Button, Click, Sender } from "../../src/ports/inbound.ts";
import type { RequestForm } from "../../src/ports/screens/request-form.ts";
import type { Case, How, Press, Step, Who } from "./cases.ts";
import { at, happen, oust, SEEN_AFTER_MS } from "./happen.ts";
import { lately, mayAskUnder, mayDecide, momentOf, ruleOf } from "./oracle.ts";
import { settle } from "./settle.ts";
import {
  ADA,
  EVERYBODY,
  INSIDERS,
  KINDS,
  OUTSIDERS,
  TYPED_SOURCES,
  VMS,
  vmPolicyOf,
} from "./universe.ts";
import { startWorld, type World } from "./world.ts";

/** What somebody did, and what they were told. */
export type Done = {
  readonly step: Step;
  readonly actor: UserId;
  readonly on?: AccessRequest | undefined;
  /** A command, which names a request by its id alone. */
  readonly command?: string | undefined;
  readonly answer?: Answer | undefined;
  /** What they knew already: what they typed, or what stands on the card before them. */
  readonly knows: string;
  /** The form, once it was filled in. */
  readonly form?: RequestForm | undefined;
  /** What a search found. */
  readonly found?: readonly string[];
};

export type Player = {
  readonly world: World;
  /** Answers what was done; several things where one came in the middle of the other. */
  take(step: Step): Promise<readonly Done[]>;
};

type Options = {
  readonly build?: typeof buildApp | undefined;
  /** Something is about to happen in the middle of something else. */
  readonly onInterruption?: (world: World) => void;
};

/** A case as far as it was played. */
type Game = {
  readonly world: World;
  readonly onInterruption: Options["onInterruption"];
  asked: number;
  ousted: ReturnType<typeof oust>;
  /** Does once more what was done last. */
  again: (() => Promise<Answer>) | undefined;
};

export function startCase({ policy, groups }: Case, options: Options = {}): Player {
  const world = startWorld({
    ...{ policy, groups, people: KINDS, vms: VMS },
    vmPolicies: VMS.slice(0, 5).map((vm) => vmPolicyOf(vm)),
    build: options.build ?? buildApp,
  });
  const { onInterruption } = options;
  const game: Game = { world, onInterruption, asked: 0, ousted: undefined, again: undefined };
  return { world, take: (step) => take(game, step) };
}

function remembered(game: Game, act: () => Promise<Answer>): Promise<Answer> {
  game.again = act;
  return act();
}

async function command(
  game: Game,
  { step, actor, on }: { step: Step; actor: UserId; on?: AccessRequest | undefined },
  text: string,
) {
  const { world } = game;
  const sender = world.sender(actor);
  const answer = await remembered(game, () => world.inbound.command(sender, text));
  const form = answer.answer === "request-form" ? await answer.later : undefined;
  return { step, actor, on, command: text, knows: text, answer, form };
}

async function ask(game: Game, step: Extract<Step, { does: "ask" | "breakglass" }>): Promise<Done> {
  const { world } = game;
  const { actor, vm, ports } = askOf(world, step);
  const source = step.source % 3 > 0 ? "" : at(TYPED_SOURCES, step.source);
  game.asked += 1;
  const reason = `why-${game.asked}-so`;
  if (step.form && step.does === "ask") {
    const sender = world.sender(actor, { channel: undefined });
    const duration = `${step.minutes}m`;
    const parts = { ports, duration, source, reason };
    const sent = { ...parts, vmCode: vmCode(vm.key), moreCodes: [], isAllOrNone: false };
    // The code is as good as a guess: the form must not show what it stands for.
    const form = await world.inbound.form(sender, { vmCode: sent.vmCode });
    const answer = await remembered(game, () => world.inbound.sendForm(sender, sent));
    return { step, actor, knows: vm.name, answer, form };
  }
  const verb = step.does === "ask" ? "request" : "breakglass";
  const from = source === "" ? "" : `from ${source} `;
  const named = `${vm.resourceGroup}/${vm.name}`;
  return command(
    game,
    { step, actor },
    `${verb} ${named} ${ports} ${step.minutes}m ${from}for ${reason}`,
  );
}

async function press(game: Game, step: Extract<Step, { does: Press }>): Promise<Done | undefined> {
  const { world } = game;
  const on = requestFor(world, step.does, step.on);
  if (on === undefined) return undefined;
  const actor = personOf(world, step.who, on);
  const verdict = step.on % 2 === 0 ? "ok" : "concern why not";
  const commands: Partial<Record<Press, string>> = {
    cancel: `cancel ${on.id}`,
    end: `end ${on.id}`,
    review: `review ${on.id} ${verdict}`,
  };
  const text = commands[step.does];
  if (step.how === "command" && text !== undefined) return command(game, { step, actor, on }, text);
  const sender = world.sender(actor);
  const click = clickOf(on, step.does, step.how);
  if (step.does === "deny" && step.how !== "forged") {
    const form = { id: on.id, nonce: on.nonce, reason: "not now" };
    const answer = await remembered(game, () => world.inbound.deny(sender, form));
    return { step, actor, on, knows: cardOf(on), answer };
  }
  const answer = await remembered(game, () => world.inbound.click(sender, click));
  return { step, actor, on, knows: cardOf(on), answer };
}

async function extend(
  game: Game,
  step: Extract<Step, { does: "extend" }>,
): Promise<readonly Done[]> {
  const { world } = game;
  const on = requestFor(world, "extend", step.on);
  if (on === undefined) return [];
  const actor = personOf(world, step.who, on);
  if (step.how === "command") {
    return [await command(game, { step, actor, on }, `extend ${on.id} ${step.minutes}m`)];
  }
  const nonce = step.how === "forged" ? "bm9uZQ" : on.nonce;
  const form = { id: on.id, nonce, duration: `${step.minutes}m`, reason: "" };
  const send = async (sender: Sender): Promise<Done> => {
    const answer = await remembered(game, () => world.inbound.extend(sender, form));
    return { step, actor, on, knows: cardOf(on), answer };
  };
  const first = send(world.sender(actor, { channel: undefined }));
  if (!step.twice) return [await first];
  return Promise.all([first, send(world.sender(actor, { channel: undefined }))]);
}

async function look(game: Game, step: Extract<Step, { does: "look" }>): Promise<Done> {
  const { world } = game;
  const on = requestFor(world, "look", step.on);
  const actor = personOf(world, step.who, on);
  const id = on?.id ?? "JIT-ZZZZZZ";
  const wanted = [`status ${id}`, "list", "list open", "list pending", "list vm:web-1"];
  const vms = [
    ...["request web-7 22", "request vault-2 22", "request web-1 22 1h for why-look-so"],
    ...["request rg-vault/vault-1 22", "request rg-web/web-2 443"],
  ];
  const what = step.what % (wanted.length + vms.length + 2);
  if (what >= wanted.length + vms.length) {
    const text = at(["", "v", "web"], step.on);
    const found = await world.inbound.searchVms(world.sender(actor), text);
    return {
      step,
      actor,
      knows: text,
      found: [...found.bundles, ...found.vms].map((one) => one.code),
    };
  }
  const text = at([...wanted, ...vms], what);
  const named = text.startsWith("status") ? on : undefined;
  return command(game, { step, actor, on: named }, text);
}

async function change(
  game: Game,
  step: Extract<Step, { does: "change" }>,
): Promise<Done | undefined> {
  const { world } = game;
  const on = requestFor(world, "approve", step.on);
  if (on === undefined) return undefined;
  const actor = personOf(world, step.who, on);
  const sender = world.sender(actor, { channel: undefined });
  const duration = `${step.minutes}m`;
  const form = { id: on.id, nonce: on.nonce, duration, source: at(TYPED_SOURCES, step.source) };
  const answer = await remembered(game, () => world.inbound.approveChanged(sender, form));
  return { step, actor, on, knows: cardOf(on), answer };
}

async function take(game: Game, step: Step): Promise<readonly Done[]> {
  const { world } = game;
  const one = (done: Done | undefined) => (done === undefined ? [] : [done]);
  switch (step.does) {
    case "ask":
    case "breakglass":
      return [await ask(game, step)];
    case "ousted":
      game.ousted = oust(world, step.one);
      return [];
    case "stays": {
      if (game.ousted === undefined) return [];
      const done = await command(game, { step, actor: game.ousted.actor }, game.ousted.text);
      game.ousted = undefined;
      world.advance(SEEN_AFTER_MS);
      return [done];
    }
    case "extend":
      return extend(game, step);
    case "look":
      return [await look(game, step)];
    case "change":
      return one(await change(game, step));
    case "during": {
      let meanwhile: Promise<readonly Done[]> | undefined;
      world.interrupt(step.calls, () => {
        game.onInterruption?.(world);
        meanwhile = take(game, step.meanwhile);
        return meanwhile;
      });
      const first = await take(game, step.first);
      world.interrupt(Number.POSITIVE_INFINITY, async () => undefined);
      // It may have come in the middle of a look-up whose answer nobody waited for any more.
      return [...first, ...((await meanwhile) ?? [])];
    }
    case "replay": {
      const answer = await game.again?.();
      return answer === undefined ? [] : [{ step, actor: ADA, knows: "", answer }];
    }
    case "settle":
      await settle(world, at(["opens", "opens", "opens", "refuses", "is slow"], step.mood));
      return [];
    case "members":
    case "person":
    case "edit":
    case "azure":
    case "time":
    case "away":
      await happen(world, step);
      return [];
    default:
      return one(await press(game, step));
  }
}

const ASKED_PORTS: readonly (readonly number[])[] = [
  [22],
  [3389],
  [443],
  [22, 443],
  [22, 3389],
  [],
];

/** Mostly what some rule lets somebody ask; now and then anything by anybody. */
function askOf(world: World, step: Extract<Step, { does: "ask" | "breakglass" }>) {
  const { vm: index, ports, who } = step;
  // Now and then somebody who might have asked a moment ago.
  const moment = who.one % 5 === 1 ? lately(world) : momentOf(world);
  const breakGlass = step.does === "breakglass";
  const any = {
    actor: personOf(world, who, undefined),
    vm: at(VMS, index),
    ports: at(ASKED_PORTS, ports),
  };
  const isAnything = who.role === "outsider" || who.one % 5 === 0;
  const may = isAnything
    ? []
    : VMS.flatMap((vm) =>
        ASKED_PORTS.flatMap((asked) => {
          const rule = asked.length === 0 ? undefined : ruleOf(moment, vm, asked);
          return INSIDERS.filter(
            (user) => rule !== undefined && mayAskUnder(moment, rule, user, breakGlass),
          ).map((actor) => ({ actor, vm, ports: asked }));
        }),
      );
  const chosen = may.length === 0 ? any : at(may, who.one * 256 + index);
  return { ...chosen, ports: chosen.ports.join(",") };
}

const cardOf = ({ id, ask }: AccessRequest): string =>
  `${id} ${ask.vm.name} ${ask.reason} ${ask.extends ?? ""}`;

const BUTTONS: Readonly<Record<Press, Button>> = {
  ...{ approve: "approve", deny: "deny", "take-back": "take-back", cancel: "cancel" },
  ...{ end: "end", retry: "retry", review: "review-ok" },
};

function clickOf(on: AccessRequest, press: Press, how: How): Click {
  const card = on.cards.find((one) => one.ts !== undefined);
  const message =
    card?.channel === undefined || card.ts === undefined
      ? undefined
      : { channel: card.channel, ts: how === "elsewhere" ? "1.1" : card.ts };
  return {
    button: BUTTONS[press],
    id: on.id,
    nonce: how === "forged" ? "Zm9yZ2Vk" : on.nonce,
    message: how === "form" ? undefined : message,
  };
}

/** Mostly one that the act is about; now and then any. */
function requestFor(world: World, act: Press | "extend" | "look", index: number) {
  const all = world.store.all();
  const fitting = all.filter((one) => {
    if (act === "extend" || act === "end") return one.state === "open" || one.state === "opening";
    if (act === "retry") return one.state === "failed";
    if (act === "review") return one.review !== undefined;
    return act === "look" || one.state === "pending";
  });
  const some = index % 5 === 0 || fitting.length === 0 ? all : fitting;
  return some.length === 0 ? undefined : at(some, index);
}

function personOf(world: World, { role, one }: Who, on: AccessRequest | undefined): UserId {
  switch (role) {
    case "requester":
      return on?.ask.requester ?? at(INSIDERS, one);
    case "approver": {
      const moment = momentOf(world);
      const deciding = EVERYBODY.filter((user) => on !== undefined && mayDecide(moment, on, user));
      return deciding.length === 0 ? at(INSIDERS, one) : at(deciding, one);
    }
    case "admin":
      return ADA;
    case "outsider":
      return at(OUTSIDERS, one);
    case "any":
      return at(INSIDERS, one);
  }
}

/** An id that no request has. */
export const NO_ID = "JIT-ZZZZZZ" as RequestId;
