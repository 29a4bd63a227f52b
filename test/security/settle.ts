// What the workers would do, in one go: Azure asked, cards posted, people told, time that is over noticed.

import type { WorldAct } from "../../src/domain/request/acts/world-act.ts";
import type { EffectName } from "../../src/domain/request/document/attempts.ts";
import { cardShown, markTold, putRight } from "../../src/domain/request/effects.ts";
import { outstanding } from "../../src/domain/request/outstanding.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import { type ChannelId, channelId } from "../../src/domain/text/ids.ts";
import type { Deps } from "../../src/flows/deps.ts";
import { absentOf } from "../../src/flows/requests/approver-absences.ts";
import { newsFor } from "../../src/flows/requests/change-request.ts";
import { onDutyOf } from "../../src/flows/requests/on-duty.ts";
import type { World } from "./world.ts";

/** What Azure does when it is asked: opens, refuses, or accepts and does not show it yet. */
export type AzureMood = "opens" | "refuses" | "is slow";

const ROUNDS_MAX = 8;

export async function settle(world: World, mood: AzureMood = "opens"): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    let isDone = true;
    for (const { id } of world.store.all()) {
      const request = world.store.all().find((one) => one.id === id);
      if (request === undefined) continue;
      for (const effect of outstanding(request, world.nowMs())) {
        if (await carryOut(world, { request, effect, mood })) isDone = false;
      }
    }
    if (isDone) return;
  }
}

type Work = {
  readonly request: AccessRequest;
  readonly effect: EffectName;
  readonly mood: AzureMood;
};

/** Answers whether anything changed. */
async function carryOut(world: World, { request, effect, mood }: Work): Promise<boolean> {
  const { deps } = world;
  switch (effect) {
    case "azure":
      return news(deps, request, azureActs(request, mood));
    case "expire":
      return news(deps, request, [{ act: "over", closing: "closed" }]);
    case "check":
      return news(deps, request, [{ act: "checked", closing: "closed", nextAtMs: 0 }]);
    case "warn":
      return news(deps, request, [{ act: "warned" }]);
    case "tell-lead":
    case "look-after":
      return false;
    case "unclaim":
      return news(deps, request, [{ act: "unclaim" }]);
    case "absences":
      return news(deps, request, [
        { act: "absences", absent: await absentOf(deps, deps.policy(), request) },
      ]);
    case "on-call":
      return news(deps, request, [
        { act: "on-call", onDuty: await onDutyOf(deps, deps.policy(), request) },
      ]);
    case "review":
      return news(deps, request, [{ act: "review-reminded" }]);
    case "succeed":
      if (request.ask.extends !== undefined && request.state === "open") {
        const untilMs = request.grant.endsAtMs;
        await newsFor(deps, request.ask.extends, { act: "extended", into: request.id, untilMs });
      }
      return news(deps, request, [{ act: "took-over" }]);
    case "card":
      return change(world, request, (now) =>
        now.cards.reduce(
          (shown, { to, ts }) =>
            cardShown(shown, to, {
              channel: channelFor(to),
              ts: ts ?? `${now.id}.${to}`,
              revision: now.revision,
            }),
          now,
        ),
      );
    case "thread":
    case "requester":
      return change(world, request, (now) => markTold(now, effect, now.toldUpTo.last));
    case "put-right":
      return change(world, request, (now) =>
        (now.endMessages ?? []).reduce((all, one) => putRight(all, one, now.revision), now),
      );
    case "thaw":
      // Nobody freezes access here.
      return false;
    case "lapse":
      return news(deps, request, [{ act: "expire" }]);
    case "remind":
    case "escalate":
    case "remind-ready":
    case "retry-over":
      return news(deps, request, [{ act: effect }]);
  }
}

/** A card to one person stands in their direct messages. */
const channelFor = (to: string): ChannelId =>
  channelId(to.startsWith("U") ? to.replace("U", "D") : to);

function azureActs(request: AccessRequest, mood: AzureMood): readonly WorldAct[] {
  if (request.state === "ending") {
    return [
      { act: "sending", to: "close", closesAtMs: 0 },
      { act: "closed", closing: "closed" },
    ];
  }
  if (request.state !== "opening") return [];
  const sent: WorldAct = { act: "sending", to: "open" };
  const fault = { code: "AuthorizationFailed", message: "The client may not do that." };
  if (mood === "refuses") return [sent, { act: "refused", fault }];
  if (mood === "is slow") return request.grant.azure.sent > 0 ? [] : [sent, { act: "accepted" }];
  const seen: WorldAct = {
    act: "seen",
    openPorts: request.ask.ports,
    wayIn: { address: undefined, mappedPorts: {} },
    absent: false,
    nextAtMs: 0,
  };
  return [sent, { act: "accepted" }, seen];
}

async function news(
  deps: Deps,
  { id }: AccessRequest,
  acts: readonly WorldAct[],
): Promise<boolean> {
  let changed = false;
  for (const act of acts) changed = (await newsFor(deps, id, act)) || changed;
  return changed;
}

async function change(
  { store }: World,
  { id }: AccessRequest,
  how: (request: AccessRequest) => AccessRequest,
): Promise<boolean> {
  const kept = await store.requests.read(id);
  if (kept === undefined) return false;
  const next = how(kept.request);
  if (next === kept.request || JSON.stringify(next) === JSON.stringify(kept.request)) return false;
  return (await store.requests.commit(kept.version, { next, audit: [] })).outcome === "written";
}
