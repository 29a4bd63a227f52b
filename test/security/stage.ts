// One fixed workspace, and a request in it brought to any state by what people do: for tables and for attacks.

import type { AccessRequest } from "../../src/domain/request/request.ts";
import type { Policy, Rule } from "../../src/domain/rules/policy.ts";
import type { RequestId, UserId } from "../../src/domain/text/ids.ts";
import { plain } from "../../src/domain/text/words.ts";
import type { Answer, Button, Click } from "../../src/ports/inbound.ts";
import { aPolicy, aRule, HOUR, MINUTE } from "../support/requests.ts";
import { settle } from "./settle.ts";
import {
  ADA,
  AUDREY,
  ERIN,
  GROUPS,
  KINDS,
  LEA,
  NETWORKS,
  OMAR,
  PIA,
  SOURCES,
  VMS,
  vmPolicyOf,
} from "./universe.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

const [ONE, TWO] = GROUPS.slice(0, 2) as [(typeof GROUPS)[number], (typeof GROUPS)[number]];

/** Two approvals of LEA (by name), OMAR (by group) and, once escalated, PIA. */
export const production: Rule = aRule({
  name: "production",
  match: { vms: ["web-*", "db-*"] },
  approvers: { users: [LEA], groups: [ONE] },
  approvals: 2,
  networks: SOURCES.slice(0, 1),
  escalate: { afterMs: 30 * MINUTE, to: { users: [], groups: [TWO] } },
  extend: { max: 1, approvals: 1 },
  breakGlass: { users: [ERIN], groups: [] },
  expireAfterMs: 4 * HOUR,
});

export const stagePolicy = (change: Partial<Policy> = {}): Policy =>
  aPolicy({
    networks: NETWORKS,
    admins: { users: [ADA], groups: [] },
    auditors: { users: [AUDREY], groups: [] },
    rules: [production],
    ...change,
  });

export type Stage = World & {
  says(user: UserId, text: string): Promise<Answer>;
  click(user: UserId, button: Button, id: RequestId, change?: Partial<Click>): Promise<Answer>;
  request(id: RequestId): AccessRequest;
  settle: (mood?: Parameters<typeof settle>[1]) => Promise<void>;
};

export function startStage(
  policy: Policy = stagePolicy(),
  options: Partial<WorldOptions> = {},
): Stage {
  const world = startWorld({
    policy,
    people: KINDS,
    groups: new Map([
      [ONE, [OMAR]],
      [TWO, [PIA]],
    ]),
    vms: VMS,
    vmPolicies: VMS.map((vm) => vmPolicyOf(vm)),
    ...options,
  });
  const request = (id: RequestId): AccessRequest => {
    const found = world.store.all().find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    return found;
  };
  return {
    ...world,
    request,
    says: (user, text) => world.inbound.command(world.sender(user), text),
    click: (user, button, id, change = {}) =>
      world.inbound.click(world.sender(user), { ...clickOn(request(id), button), ...change }),
    settle: (mood) => settle(world, mood),
  };
}

/** A click on the card as it stands in the rule's channel. */
export function clickOn(on: AccessRequest, button: Button): Click {
  const card = on.cards.find(({ ts }) => ts !== undefined);
  const message =
    card?.channel === undefined || card.ts === undefined
      ? undefined
      : { channel: card.channel, ts: card.ts };
  return { button, id: on.id, nonce: on.nonce, message };
}

/** What a person reads, or which form opens. */
export const read = (answer: Answer): string =>
  answer.answer === "said" ? answer.lines.map(plain).join("\n") : answer.answer;

export const codeOf = (answer: Answer): string | undefined =>
  answer.answer === "said" ? answer.refused : undefined;

export async function asked(
  stage: Stage,
  text = "request rg-web/web-1 22 1h for why",
  user: UserId = ERIN,
): Promise<RequestId> {
  const before = stage.store.all().length;
  const answer = await stage.says(user, text);
  const made = stage.store.all()[before];
  if (made === undefined) throw new Error(`nothing was asked: ${read(answer)}`);
  await stage.settle();
  return made.id;
}

export const STATES = [
  ...(["pending", "half", "escalated", "opening", "open", "ending", "ended", "failed"] as const),
  ...(["denied", "cancelled", "lapsed", "glass", "reviewed"] as const),
];
export type StageState = (typeof STATES)[number];

/** `half`: LEA has approved. `glass`: opened by breaking the glass; `reviewed`: and looked at since. */
export async function brought(stage: Stage, state: StageState): Promise<RequestId> {
  if (state === "glass" || state === "reviewed") {
    const id = await asked(stage, "breakglass rg-web/web-1 22 1h for the outage");
    await stage.settle();
    if (state === "reviewed") await stage.click(LEA, "review-ok", id);
    return id;
  }
  const id = await asked(stage);
  const approved = async (): Promise<void> => {
    await stage.click(LEA, "approve", id);
    await stage.click(OMAR, "approve", id);
  };
  switch (state) {
    case "half":
      await stage.click(LEA, "approve", id);
      break;
    case "escalated":
      stage.advance(31 * MINUTE);
      await stage.settle();
      break;
    case "opening":
      await approved();
      break;
    case "failed":
      await approved();
      await stage.settle("refuses");
      break;
    case "open":
    case "ending":
    case "ended":
      await approved();
      await stage.settle();
      if (state !== "open") await stage.click(ERIN, "end", id);
      if (state === "ended") await stage.settle();
      break;
    case "denied":
      await stage.inbound.deny(stage.sender(LEA), {
        ...{ id, nonce: stage.request(id).nonce, reason: "not now" },
      });
      break;
    case "cancelled":
      await stage.click(ERIN, "cancel", id);
      break;
    case "lapsed":
      stage.advance(5 * HOUR);
      await stage.settle();
  }
  return id;
}
