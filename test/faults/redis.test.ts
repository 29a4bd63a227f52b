// Redis is restarted, or away for a while, at every stage: nothing is lost or doubled, and answers are true.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Bot } from "../support/world.ts";
import {
  asked,
  cardTexts,
  click,
  direct,
  doors,
  ends,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  initiates,
  livesToItsEnd,
  MINUTE,
  notices,
  opened,
  refused,
  SECOND,
  shows,
  soon,
  typed,
  until,
  warnings,
} from "./steps.ts";

let world: FaultWorld;
let bot: Bot;
beforeAll(async () => {
  world = await faultWorld({ appendOnly: true });
  bot = await world.startBot();
});
afterAll(() => world?.close());
afterEach(() => {
  world.azure.faults.clear();
  world.slack.faults.clear();
});

const idOf = (text: string): string => /JIT-[0-9A-Z]{6}/.exec(text)?.[0] ?? "";

async function restarted(): Promise<void> {
  await world.redis.kill();
  await world.redis.restart();
  await world.memory.ready();
}

const readyz = async (): Promise<number> =>
  (await fetch(`${bot.url}/readyz`).catch(() => undefined))?.status ?? 0;

describe("Redis restarted", () => {
  it("while it waits for a decision", async () => {
    const request = await asked(world, "vm-01 22 1h");
    await world.memory.atRest();
    await restarted();
    await soon(world, "the bot to be ready again", async () => (await readyz()) === 200);
    await click(world, request);
    await shows(world, request, "Open until");
    expect(initiates(world, request.id)).toHaveLength(1);
    expect(cardTexts(world, request)).toHaveLength(1);
  });

  it.each([
    ["before Azure got to see it", "before", "web-02"],
    ["while its answer is on the way", "after", "jump-01"],
  ] as const)("while Azure is asked, %s", async (_when, when, vm) => {
    const request = await asked(world, `${vm} 22 1h`);
    const { id: held } = fault(world.azure, { ...INITIATE, when, act: "hold", times: 1 });
    await click(world, request);
    await soon(world, "Azure to be asked", () => initiates(world, request.id).length > 0);
    const endMs = await world.memory.endsAtMs(request.id);
    await world.redis.kill();
    world.azure.faults.clear(held);
    await soon(world, "Azure to be done", () => initiates(world, request.id)[0]?.handled === 202);
    await world.redis.restart();
    await world.memory.ready();
    await shows(world, request, "Open until");
    await world.memory.atRest();
    expect(initiates(world, request.id)).toMatchObject([{ endMs }]);
    expect(doors(world, vm)).toEqual([{ port: 22, endMs, source: "203.0.113.0/24" }]);
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(direct(world, request.id).filter((text) => text.includes("ssh"))).toHaveLength(1);
  });

  it("while the card is being posted: its place is not forgotten", async () => {
    const posting = fault(world.slack, {
      path: "chat.postMessage",
      bodyIncludes: "channel=C0PROD",
      when: "after",
      act: "hold",
      times: 1,
    });
    const id = idOf(await typed(world, "U0ERIN", "request win-02 22 1h"));
    await soon(world, "the card to be posted", () => posting.struck() > 0);
    await world.redis.kill();
    world.slack.faults.clear();
    await world.redis.restart();
    await world.memory.ready();
    const request = { id, channel: "C0PROD", ts: "" };
    await until(world, "its place to be stored", async () => {
      return (await world.memory.request(id)).cards[0]?.ts !== undefined;
    });
    await world.memory.atRest();
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(direct(world, id)).toHaveLength(1);
    await typed(world, "U0ERIN", `cancel ${id}`);
  });

  it("while it is open, and while it has ended: every warning and notice is given, once", async () => {
    const request = await opened(world, "db-01 22 1h");
    await world.memory.atRest();
    await restarted();
    const endMs = await world.memory.endsAtMs(request.id);
    world.advance(endMs - world.nowMs() - 9 * MINUTE);
    await until(world, "the warning", () => warnings(world, request.id).length > 0);
    await world.memory.atRest();
    const { id: held } = fault(world.slack, {
      path: "chat.postMessage",
      bodyIncludes: "channel=C0NOTICES",
      act: "hold",
    });
    world.advance(endMs - world.nowMs() + SECOND);
    await shows(world, request, "Ended");
    await restarted();
    world.slack.faults.clear(held);
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await world.memory.atRest();
    expect(warnings(world, request.id)).toHaveLength(1);
    expect(ends(world, request.id)).toHaveLength(1);
    expect(notices(world, request.id).length).toBeGreaterThanOrEqual(1);
    expect(doors(world, "db-01")).toEqual([]);
  });

  it("while it is ended early", async () => {
    const request = await opened(world, "db-02 22 1h");
    await world.memory.atRest();
    const { id: held } = fault(world.azure, { ...INITIATE, act: "hold", times: 1 });
    await typed(world, "U0ERIN", `end ${request.id}`);
    await soon(world, "Azure to be asked", () => initiates(world, request.id).length === 2);
    await world.redis.kill();
    world.azure.faults.clear(held);
    await world.redis.restart();
    await world.memory.ready();
    await shows(world, request, "Ended early", { stepMs: 4 * SECOND });
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await world.memory.atRest();
    expect(doors(world, "db-02")).toEqual([]);
    expect(notices(world, request.id)).toHaveLength(1);
  });
});

describe("Redis away", () => {
  it("answers are true, readiness says so, and all goes on when it is back", async () => {
    const request = await asked(world, "vm-01 3389 1h");
    const open = await opened(world, "jump-01 3389 1h");
    await world.memory.atRest();
    await world.redis.kill();
    await soon(world, "the bot to be unready", async () => (await readyz()) === 503);
    expect((await fetch(`${bot.url}/healthz`)).status).toBe(200);
    expect(await typed(world, "U0ERIN", "request vm-01 3389 1h")).toContain("nothing was saved");
    expect(await refused(world, request)).toContain("nothing was saved or changed");
    expect(await typed(world, "U0ERIN", `end ${open.id}`)).toContain("nothing was saved");
    // The warning comes due in the meantime.
    world.advance(51 * MINUTE);
    await world.redis.restart();
    await world.memory.ready();
    await soon(world, "the bot to be ready again", async () => (await readyz()) === 200);
    await until(world, "the warning", () => warnings(world, open.id).length > 0);
    expect((await world.memory.request(request.id)).state).toBe("pending");
    expect(initiates(world, request.id)).toEqual([]);
    await click(world, request);
    await shows(world, request, "Open until");
    await livesToItsEnd(world, request);
    expect(initiates(world, request.id)).toHaveLength(1);
    expect(notices(world, request.id)).toHaveLength(1);
    expect(notices(world, open.id)).toHaveLength(1);
  });
});
