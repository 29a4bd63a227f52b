// A backup of Redis is brought back, taken at a random moment of what people do: only what came after it is lost,
// and what Azure has open and the record doesn't is told, all of it and nothing else.
// RESTORE_MOMENTS=50 tries 50 moments of each kind, RESTORE_SEED=… the same ones again.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import { DEFAULT_SCOPES } from "../../src/sandbox/slack/slack-workspace.ts";
import { startRedis } from "../support/redis.ts";
import { HOUR } from "../support/requests.ts";
import { type Random, randomFrom } from "./campaign/random.ts";
import { type Memory, memoryOf } from "./memory.ts";
import {
  type Asked,
  asked,
  click,
  doors,
  type FaultWorld,
  faultWorld,
  shows,
  soon,
  until,
} from "./steps.ts";

const { RESTORE_SEED, RESTORE_MOMENTS } = process.env;
const SEED = Number(RESTORE_SEED ?? Math.floor(Math.random() * 2 ** 32));
const MOMENTS = Number(RESTORE_MOMENTS ?? 2);

const TOLD = "the bot's record of it was lost";
const SCOPES = [...DEFAULT_SCOPES, "channels:history", "groups:history", "im:history"];
/**
 * Azure is read every second, and not every minute, so that a test doesn't take minutes. `soon` waits no longer
 * than half a minute: with the minute until the next reading that is less than the two minutes promised.
 */
const env = { TEST_REFRESH_EVERY_MS: "1000", AUDIT_KEY: "k".repeat(64) };
/** What Redis keeps beside itself, as one copies it while it runs. */
const KEPT = { RDB: "dump.rdb", AOF: "appendonlydir" } as const;
type Kind = keyof typeof KEPT;

const VMS = ["vm-01 3389 1h", "win-02 3389 1h", "jump-01 22 1h"] as const;
type Life = { readonly text: string; request?: Asked };

type Act = (world: FaultWorld, life: Life) => Promise<void>;
const cardOf = ({ request }: Life): Asked => {
  if (request === undefined) throw new Error("not asked yet");
  return request;
};
const ASK: Act = async (world, life) => {
  life.request = await asked(world, life.text);
};
const APPROVE: Act = (world, life) => click(world, cardOf(life));
const SEE_OPEN: Act = async (world, life) => void (await shows(world, cardOf(life), "Open until"));
const CANCEL: Act = (world, life) =>
  click(world, cardOf(life), { user: "U0ERIN", button: "cancel", confirmed: true });
const END: Act = async (world, life) => {
  await click(world, cardOf(life), { user: "U0ERIN", button: "end", confirmed: true });
  await shows(world, cardOf(life), "Ended early by");
};
const COURSES: readonly (readonly Act[])[] = [
  [ASK, APPROVE, SEE_OPEN],
  [ASK, APPROVE, SEE_OPEN, END],
  [ASK, APPROVE, SEE_OPEN],
  [ASK, CANCEL],
  [ASK],
];

/** No request goes back in this. */
const RANK: Readonly<Record<string, number>> = {
  ...{ pending: 0, opening: 1, failed: 1, open: 2, ending: 3 },
  ...{ ended: 4, denied: 4, cancelled: 4, lapsed: 4 },
};

/** Some lives, each act of them in its order, and mixed with the others'. */
function mixed(random: Random): readonly { life: Life; act: Act }[] {
  const lives = VMS.map((text) => {
    const life: Life = { text };
    return { life, acts: [...random.pick(COURSES)] };
  });
  const order: { life: Life; act: Act }[] = [];
  for (;;) {
    const left = lives.filter(({ acts }) => acts.length > 0);
    if (left.length === 0) return order;
    const { life, acts } = random.pick(left);
    const act = acts.shift();
    if (act !== undefined) order.push({ life, act });
  }
}

/** Each reading of the inventory lists this once. */
const LISTS = /jitNetworkAccessPolicies$/;
function inventories({ azure }: FaultWorld): number {
  const lists = azure.calls.filter(({ path }) => LISTS.test(path));
  return lists.filter(({ path }) => path === lists[0]?.path).length;
}

type Kept = {
  readonly requests: ReadonlyMap<string, AccessRequest>;
  readonly lastSeq: number;
  /** The newest entry with a seal. */
  readonly sealedSeq: number;
  /** How often the audit says that seals are missing. */
  readonly losses: number;
};

async function keptIn({ redis, keys, request }: Memory): Promise<Kept> {
  const ids = await redis.hkeys(keys.documents);
  const requests = await Promise.all(ids.map(request));
  const newest = async (stream: string) => {
    const [last] = await redis.xrevrange(stream, "+", "-", "COUNT", 1);
    return Number(last?.[0].split("-")[0] ?? 0);
  };
  const entries = await redis.xrange(keys.audit, "-", "+");
  return {
    requests: new Map(requests.map((one) => [one.id, one])),
    lastSeq: await newest(keys.audit),
    sealedSeq: await newest(keys.seals),
    losses: entries.filter(([, fields]) => (fields[1] ?? "").includes('"audit-lost"')).length,
  };
}

/** What a server would know that is started with the copy. */
async function keptInCopy(kind: Kind, copy: string, folder: string): Promise<Kept> {
  const directory = mkdtempSync(join(folder, "look-"));
  cpSync(copy, join(directory, KEPT[kind]), { recursive: true });
  const server = await startRedis({
    appendOnly: kind === "AOF",
    args: ["--dir", directory],
  });
  const memory = memoryOf({ redis: server, nowMs: Date.now, advance: () => undefined });
  try {
    return await keptIn(memory);
  } finally {
    memory.close();
    await server.stop();
  }
}

const isToldOf = ({ slack }: FaultWorld, id: string): boolean =>
  slack
    .messages("C0NOTICES")
    .flatMap((one) => slack.plainText(one).split("\n"))
    .some((line) => line.includes(id) && line.includes(TOLD));

/** The requests that Azure has open and of whose decision the copy knows nothing. */
const unknownIn = (world: FaultWorld, copied: Kept, before: Kept): readonly string[] =>
  [...before.requests.values()]
    .filter(({ state, ask }) => state === "open" && doors(world, ask.vm.name).length > 0)
    .filter(({ id }) => (copied.requests.get(id)?.state ?? "pending") === "pending")
    .map(({ id }) => id)
    .sort();

describe.each(Object.keys(KEPT) as Kind[])("a copy of the %s is brought back", (kind) => {
  const random = randomFrom(SEED).fork(kind);
  let world: FaultWorld;
  let folder: string;
  let directory: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "jit-backup-"));
    world = await faultWorld({ scopes: SCOPES, appendOnly: kind === "AOF" });
    await Promise.all([world.startBot({ env }), world.startBot({ env })]);
    const config = await world.memory.redis.config("GET", "dir");
    directory = String(Array.isArray(config) ? config[1] : Object.values(Object(config))[0]);
  });
  afterAll(async () => {
    await world?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const backUp = async (to: string): Promise<void> => {
    if (kind === "RDB") await world.memory.redis.save();
    cpSync(join(directory, KEPT[kind]), to, { recursive: true });
  };
  const restore = async (from: string): Promise<void> => {
    await world.redis.kill();
    rmSync(join(directory, KEPT[kind]), { recursive: true, force: true });
    cpSync(from, join(directory, KEPT[kind]), { recursive: true });
    await world.redis.restart();
  };

  /** Everything that happened until then is sealed, and nothing is under way. */
  const settled = async (): Promise<Kept> => {
    await world.memory.atRest();
    return until(world, "the audit to be sealed", async () => {
      const kept = await keptIn(world.memory);
      return kept.sealedSeq >= kept.lastSeq ? kept : undefined;
    });
  };

  it.each(Array.from({ length: MOMENTS }, (_, n) => n + 1))(
    `taken at random moment %i (RESTORE_SEED=${SEED})`,
    async (n) => {
      const acts = mixed(random);
      const takenAfter = random.between(0, acts.length - 1);
      const copy = join(folder, `${kind}-${n}`);
      for (const [index, { life, act }] of acts.entries()) {
        await act(world, life);
        // What is under way then is in it as far as it has come.
        if (index === takenAfter) await backUp(copy);
      }
      const before = await settled();
      const copied = await keptInCopy(kind, copy, folder);
      const expected = unknownIn(world, copied, before);

      await restore(copy);
      const told = () => [...before.requests.keys()].filter((id) => isToldOf(world, id)).sort();
      const all = [...new Set([...told(), ...expected])].sort();
      await soon(world, "what is open to be told", () =>
        expected.every((id) => told().includes(id)),
      );
      const later = inventories(world);
      await soon(world, "two more inventories", () => inventories(world) > later + 2);
      const after = await settled();
      expect(told()).toEqual(all);
      for (const [id, { state }] of copied.requests) {
        expect([id, RANK[after.requests.get(id)?.state ?? "gone"]]).toEqual([
          id,
          expect.any(Number),
        ]);
        expect(RANK[after.requests.get(id)?.state ?? "gone"]).toBeGreaterThanOrEqual(
          RANK[state] ?? 0,
        );
      }
      for (const id of expected) expect(after.requests.get(id)).toMatchObject({ state: "open" });
      // Sealed entries that are gone are missed, and told in the audit itself. Those that were only not sealed
      // yet get the same seals again.
      const isLossTold = after.losses > copied.losses;
      if (before.sealedSeq > copied.lastSeq) expect(isLossTold).toBe(true);
      if (before.sealedSeq === copied.sealedSeq) expect(isLossTold).toBe(false);

      world.advance(3 * HOUR);
      await world.memory.atRest();
    },
    120_000,
  );
});
