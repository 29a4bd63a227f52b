// What could be wrong with the bot, as a small patch each, and what has to happen for it to show.

import type { Patch } from "../../security/mutants.ts";
import { stateOf } from "./cards.ts";
import type { RuleName } from "./judge.ts";
import { randomFrom } from "./random.ts";
import type { RoundOptions } from "./round.ts";
import type { RoundWorld } from "./world.ts";

export type Wrong = {
  readonly name: string;
  readonly patches: readonly Patch[];
  readonly round: Omit<RoundOptions, "seed" | "root">;
  /** By what the judge has to notice it. */
  readonly noticed: RuleName;
};

const INITIATE = { method: "POST", path: "/initiate" } as const;
const SECOND = 1_000;

const CALM = {
  lives: 4,
  topology: "single",
  perSecond: 4,
  sides: [],
  limitMs: 90 * SECOND,
} as const;

async function until(isSo: () => boolean, withinMs = 60 * SECOND): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!isSo() && Date.now() < endMs) await new Promise((done) => setTimeout(done, 50));
}

/** The bot dies while Azure's yes is on its way. */
async function killedBetween({ azure, replicas }: RoundWorld): Promise<void> {
  const id = azure.faults.add({ ...INITIATE, when: "after", act: "hold" });
  await until(() => azure.faults.list().some(({ befell }) => befell > 0));
  const start = await replicas.crash();
  azure.faults.clear(id);
  await start();
}

/** Slack takes longer than others wait who think that nobody is at it. */
async function slowPosts({ slack }: RoundWorld): Promise<void> {
  slack.faults.add({ path: "chat.postMessage", delayMs: 1_500 });
}

/** Azure refuses to listen for a while. */
async function unheard({ azure }: RoundWorld): Promise<void> {
  azure.faults.add({ ...INITIATE, times: 12, act: { status: 503, body: "unavailable" } });
}

/**
 * Redis takes longer to answer than the bot waits for it, for a minute; what comes due meanwhile is claimed
 * again and again, and hardly any of the answers arrives.
 */
async function brownOut({ redis, cards, replicas }: RoundWorld): Promise<void> {
  const isOpen = (id: string) => stateOf(cards.of(id)[0]) === "Open";
  await until(() => cards.ids().length === CALM.lives && cards.ids().every(isOpen));
  const slow = redis.faults.find(({ name }) => name === "redis slow");
  const putRight = await slow?.begin({ ...randomFrom(1), between: () => BROWN_OUT_PAUSE_MS });
  await new Promise((done) => setTimeout(done, 60 * SECOND));
  await putRight?.();
  await replicas.ready();
}
const BROWN_OUT_PAUSE_MS = 2_200;

/** A planned failover a moment ago: the old primary does not know yet that it is one no more. */
async function failedOver({ redis }: RoundWorld): Promise<void> {
  const failover = redis.faults.find(({ name }) => name === "sentinel failover");
  await failover?.begin(NO_CHANCE);
  await new Promise((done) => setTimeout(done, 3 * SECOND));
}

const NO_CHANCE = undefined as never;

export const WRONGS: readonly Wrong[] = [
  {
    name: "the effect comes before it is stored",
    patches: [
      {
        file: "flows/worker/azure/opening.ts",
        from: "  if (!(await leased.beginOpening(opensOf(deps.policy(), request)))) return heldBack(deps, leased);\n",
        to: "",
      },
    ],
    round: { ...CALM, replicas: 1, azureBehindMs: 0, kinds: ["plain"], meanwhile: killedBetween },
    noticed: "asked again only after a look",
  },
  {
    name: "there is no lease",
    patches: [
      {
        file: "adapters/redis/requests/work-scripts.ts",
        from: "ms = args.leaseMs",
        to: "ms = 100",
      },
    ],
    round: {
      ...CALM,
      azureBehindMs: 0,
      kinds: ["plain", "by rule"],
      isCalm: true,
      meanwhile: slowPosts,
    },
    noticed: "said once",
  },
  {
    name: "the end is computed again",
    patches: [
      {
        file: "flows/worker/azure/opening.ts",
        from: "endsAtMs: ends[index] ?? grant.endsAtMs",
        to: "endsAtMs: leased.nowMs() + grant.endsAtMs - grant.startsAtMs",
      },
    ],
    round: { ...CALM, azureBehindMs: 0, kinds: ["plain"], meanwhile: unheard },
    noticed: "one grant",
  },
  {
    name: "what a card shows changes without a new revision",
    patches: [
      {
        file: "domain/request/transition.ts",
        from: "return after.revision > before.revision ||",
        to: "return true ||",
      },
    ],
    // Azure shows the port open for longer than the bot waits to say so.
    round: { ...CALM, azureBehindMs: 16 * SECOND, kinds: ["plain"], isCalm: false },
    noticed: "the card is true",
  },
  {
    name: "a failover of Redis is not detected",
    patches: [
      {
        file: "adapters/redis/connection/connect.ts",
        from: "failoverDetector: true,",
        to: "failoverDetector: false,",
      },
      {
        file: "adapters/redis/connection/primary.ts",
        from: `if (found === "primary") return;`,
        to: "if (found !== undefined) return;",
      },
    ],
    round: {
      ...CALM,
      lives: 16,
      perSecond: 2,
      topology: "sentinel",
      azureBehindMs: 0,
      waitReplicas: 0,
      kinds: ["plain"],
      isCalm: false,
      before: failedOver,
    },
    noticed: "reaches an end",
  },
  {
    name: "a claim counts whose answer was lost",
    patches: [
      {
        file: "adapters/redis/scripts/script-parts.ts",
        from: "lease.failures + (lease.begun and has_died and 1 or 0)",
        to: "lease.failures + 1",
      },
      {
        file: "adapters/redis/requests/work-scripts.ts",
        from: "give_back(function(owner) return lost[owner] end, function() return true end)",
        to: "give_back(function(owner) return lost[owner] end, function() return false end)",
      },
    ],
    round: {
      ...CALM,
      limitMs: 180 * SECOND,
      azureBehindMs: 0,
      kinds: ["plain"],
      isCalm: false,
      meanwhile: brownOut,
    },
    // What is parked is not gone on with, its notices neither.
    noticed: "reaches an end",
  },
];
