// What is lost beside an opening: the retry that led to it, and the key by which the bot knows its own calls.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { typed } from "../support/people.ts";
import { POLICY } from "../support/world.ts";
import {
  asked,
  click,
  direct,
  doors,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  initiates,
  notices,
  opened,
  shows,
  soon,
  until,
} from "./steps.ts";

const TOLD = "the bot's record of it was lost";
/** An inventory every second, so that a test does not take minutes. */
const env = { TEST_REFRESH_EVERY_MS: "1000" };

let world: FaultWorld;
let bots: Awaited<ReturnType<FaultWorld["startBot"]>>[] = [];

/** The Activity Log shows at once what was done; it is looked at every second. */
async function start(): Promise<void> {
  world = await faultWorld({ policy: `${POLICY}\nwatch: { every: 1s }\n` });
  world.azure.switches.activityDelayMs = 0;
  await startBots();
}

async function startBots(): Promise<void> {
  bots = await Promise.all([world.startBot({ env }), world.startBot({ env })]);
}

const callsTo = (path: RegExp) => world.azure.calls.filter((call) => path.test(call.path)).length;

/** Both the inventories and the Activity Log were read this many times more. */
async function looks(count: number): Promise<void> {
  for (const path of [/jitNetworkAccessPolicies$/, /eventtypes\/management\/values$/]) {
    const before = callsTo(path);
    await soon(world, `${path} to be read`, () => callsTo(path) >= before + 4 * count);
  }
}

const foreign = () =>
  world.slack
    .messages("C0NOTICES")
    .map((one) => world.slack.plainText(one))
    .filter((text) => text.includes("not by this bot"));

describe("where all of Redis was lost, and every replica was started again", () => {
  beforeAll(start);
  afterAll(() => world?.close());

  it("an opening of the bot's own is told as found again, and not as others' besides", async () => {
    await looks(1);
    const request = await opened(world);
    await world.memory.atRest();
    await Promise.all(bots.map((bot) => bot.terminate()));
    await world.redis.flush();
    await startBots();
    await soon(world, "the notice", () =>
      notices(world, request.id).some((text) => text.includes(TOLD)),
    );
    await looks(3);
    expect(foreign()).toEqual([]);
    expect(await world.memory.audit(request.id)).toContain("seen-in-log");
  });

  it("a policy that the bot wrote is told as written with its identity, and not as others'", async () => {
    const preview = await typed(world, "U0ADMIN", "enable rg-prod-shop/batch-01 22");
    expect(preview).toContain("Preview");
    const { ts = "", channel = "" } = world.slack.ephemerals("U0ADMIN").at(-1) ?? {};
    const before = callsTo(/jitNetworkAccessPolicies\/\w+$/);
    await world.slack.click({ user: "U0ADMIN", channel, ts, actionId: "jit.apply" });
    await soon(world, "the policy", () => callsTo(/jitNetworkAccessPolicies\/\w+$/) > before + 2);
    await world.memory.atRest();
    await Promise.all(bots.map((bot) => bot.terminate()));
    await world.redis.flush();
    await startBots();
    const changed = () =>
      world.slack
        .messages("C0NOTICES")
        .map((one) => world.slack.plainText(one))
        .filter((text) => text.includes("JIT policy changed"));
    await soon(world, "the notice", () => changed().length > 0);
    expect(changed().join()).toContain("as this bot, which has no record of it");
    expect(foreign().join()).not.toContain("JIT policy changed");
  });

  it("an opening by others under such an id is still told as theirs", async () => {
    const request = await opened(world, "jump-01 22 1h");
    world.azure.elsewhere.open({
      ...{ vm: "jump-01", ports: [22], source: "203.0.113.0/24", minutes: 60 },
      ...{ by: "mallory@contoso.com", justification: `${request.id} requested by U0ERIN` },
    });
    await soon(world, "the notice", () => foreign().length > 0);
    expect(foreign().join()).toContain("by mallory@contoso.com");
  });
});

describe("a retry that was lost", () => {
  beforeAll(start);
  afterAll(() => world?.close());

  it("and opened is open again by its own end: told once, and ended from its card", async () => {
    const request = await asked(world);
    const refusal = { status: 403, body: { error: { code: "AuthorizationFailed" } } };
    const refused = fault(world.azure, { ...INITIATE, act: refusal });
    await click(world, request);
    await shows(world, request, "Failed");
    world.azure.faults.clear(refused.id);
    const { redis, keys } = world.memory;
    await world.memory.atRest();
    const before = (await redis.hget(keys.documents, request.id)) ?? "";
    await click(world, request, { user: "U0ERIN", button: "retry" });
    await shows(world, request, "Open until");
    await world.memory.atRest();
    const endsAtMs = await world.memory.endsAtMs(request.id);
    const { vm, ports, source } = (await world.memory.request(request.id)).ask;
    await redis
      .multi()
      .hset(keys.documents, request.id, before)
      .zrem(keys.due, request.id)
      .del(...ports.map((port) => keys.door({ vm: vm.key, port, source })))
      .exec();

    const told = () => notices(world, request.id).filter((text) => text.includes(TOLD));
    const admin = () => direct(world, request.id, "U0ADMIN").filter((one) => one.includes(TOLD));
    await soon(world, "the notice", () => told().length > 0);
    await soon(world, "the admins to be told", () => admin().length > 0);
    await shows(world, request, "its record was lost, and it had been approved by", { stepMs: 0 });
    await looks(2);
    expect(told()).toHaveLength(1);
    expect(admin()).toHaveLength(1);
    expect(await world.memory.endsAtMs(request.id)).toBe(endsAtMs);
    // Azure is asked for nothing meanwhile.
    expect(initiates(world, request.id).filter(({ handled }) => handled === 202)).toHaveLength(1);
    await click(world, request, { user: "U0ERIN", button: "end", confirmed: true });
    await shows(world, request, "Ended early by");
    await until(world, "Azure to show it shut", () => doors(world, "vm-01").length === 0);
  });
});
