// Slack is down for a minute, at every stage of a request: Azure's part goes on, and all is told later, once.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/sandbox/faults.ts";
import {
  type Asked,
  asked,
  cardTexts,
  click,
  direct,
  doors,
  ends,
  type FaultWorld,
  fault,
  faultWorld,
  history,
  initiates,
  lives,
  MINUTE,
  notices,
  opened,
  refused,
  SECOND,
  SLACK_API,
  shows,
  soon,
  typed,
  until,
  warnings,
} from "./steps.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld();
  await world.startBot();
});
afterAll(() => world?.close());
afterEach(() => {
  world.slack.faults.clear();
  world.azure.faults.clear();
});

/** Slack's API is away, for the whole bot, until the answer is called. */
function away(rule: FaultRule = { act: "reset" }): () => void {
  const { id } = fault(world.slack, { ...SLACK_API, ...rule });
  return () => world.slack.faults.clear(id);
}

/** A minute passes. What came due in it is tried, and put off. */
async function minutePasses(): Promise<void> {
  for (let passed = 0; passed < 2; passed++) {
    await world.memory.atRest();
    world.advance(30 * SECOND);
  }
  await world.memory.atRest();
}

const stateOf = async ({ id }: Asked) => (await world.memory.request(id)).state;

async function allTold(request: Asked): Promise<void> {
  await until(world, "all to be told and shown", async () => {
    const { toldUpTo: told, cards, revision } = await world.memory.request(request.id);
    const isTold = told.requester === told.last;
    return isTold && cards.every((card) => card.shown === revision);
  });
  await world.memory.atRest();
}

const AWAY: readonly (readonly [string, string, FaultRule])[] = [
  ["resets every call", "web-02", { act: "reset" }],
  ["answers 500 to every call", "vm-01", { act: { status: 500, body: "oops" } }],
  ["answers 503 with a page", "db-02", { act: { status: 503, body: "<html>Sorry</html>" } }],
];

describe.each(AWAY)("a Slack that %s", (_how, vm, rule) => {
  it("while the door is being opened: it is open all the same, and told later", async () => {
    const request = await asked(world, `${vm} 22 1h`);
    // Away from the moment at which the click has been checked: Azure's answer is waited for until then.
    const { id: held } = fault(world.azure, { path: "/initiate", act: "hold", times: 1 });
    await click(world, request);
    await soon(world, "Azure to be asked", () => initiates(world, request.id).length > 0);
    await soon(world, "the approval to be shown", () =>
      cardTexts(world, request)[0]?.includes("Approved by"),
    );
    const back = away(rule);
    world.azure.faults.clear(held);
    await until(world, "it to be open", async () => (await stateOf(request)) === "open");
    await minutePasses();
    expect(doors(world, vm)).toHaveLength(1);
    expect(cardTexts(world, request)[0]).not.toContain("Open until");
    back();
    await shows(world, request, "Open until");
    await allTold(request);
    expect(direct(world, request.id).filter((text) => text.includes("ssh"))).toHaveLength(1);
    expect(initiates(world, request.id)).toHaveLength(1);
    expect(cardTexts(world, request)).toHaveLength(1);
  });
});

describe("a Slack that is away", () => {
  it("when it is asked: nobody can be checked, so nothing is kept, and it says so", async () => {
    const back = away();
    const answer = await typed(world, "U0ERIN", "request vm-01 3389 1h");
    back();
    expect(answer).toContain("Slack doesn't answer");
    expect(await world.memory.redis.zcard(world.memory.keys.pending)).toBe(0);
  });

  it("when somebody clicks: nothing is decided, and it says so", async () => {
    const request = await asked(world);
    await world.memory.atRest();
    const back = away();
    expect(await refused(world, request)).toContain("couldn't be checked");
    back();
    expect(await stateOf(request)).toBe("pending");
    expect(initiates(world, request.id)).toEqual([]);
    await typed(world, "U0ERIN", `cancel ${request.id}`);
    await shows(world, request, "Cancelled");
  });

  it("when the card is posted: it is posted once Slack is back", async () => {
    const back = away({ path: "chat\\.postMessage|conversations\\.open", act: "reset" });
    const answer = await typed(world, "U0ERIN", "request vm-01 3389 1h");
    const id = /JIT-[0-9A-Z]{6}/.exec(answer)?.[0] ?? "";
    const request = { id, channel: "C0PROD", ts: "" };
    await minutePasses();
    expect(cardTexts(world, request)).toEqual([]);
    back();
    await shows(world, request, "Pending");
    await allTold(request);
    expect(cardTexts(world, request)).toHaveLength(1);
    expect(direct(world, id)).toHaveLength(1);
    await typed(world, "U0ERIN", `cancel ${id}`);
    await shows(world, request, "Cancelled");
  });

  it("at the warning: it is given once Slack is back, in time", async () => {
    const request = await opened(world, "jump-01 22 1h");
    const endMs = await world.memory.endsAtMs(request.id);
    await world.memory.atRest();
    const back = away();
    world.advance(endMs - world.nowMs() - 10 * MINUTE);
    await minutePasses();
    expect(warnings(world, request.id)).toEqual([]);
    back();
    await until(world, "the warning", () => warnings(world, request.id).length > 0);
    await allTold(request);
    expect(warnings(world, request.id)).toHaveLength(1);
  });

  it("from the warning to the end: that it was not given is said with the end", async () => {
    const request = await opened(world, "jump-01 3389 1h");
    const endMs = await world.memory.endsAtMs(request.id);
    await world.memory.atRest();
    const back = away();
    world.advance(endMs - world.nowMs() - 10 * MINUTE);
    await minutePasses();
    world.advance(9 * MINUTE);
    await minutePasses();
    expect(await stateOf(request)).toBe("ended");
    expect(doors(world, "jump-01")).toEqual([]);
    back();
    await shows(world, request, "Ended on time");
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await allTold(request);
    expect(notices(world, request.id)).toHaveLength(1);
    expect(warnings(world, request.id)).toEqual([]);
    // The live message, and once beside it: who wasn't warned is called.
    expect(lives(world, request.id)).toHaveLength(1);
    expect(ends(world, request.id)).toHaveLength(2);
    for (const told of ends(world, request.id)) expect(told).toContain("couldn't be sent");
    expect(cardTexts(world, request)[0]?.match(/Ended on time/g)).toHaveLength(1);
    expect(history(world, request)).toBe("");
    expect(cardTexts(world, request)).toHaveLength(1);
  });

  it("while it is ended early: the door is shut, and told later", async () => {
    const request = await opened(world, "win-02 22 1h");
    await world.memory.atRest();
    const { id: held } = fault(world.azure, { path: "/initiate", act: "hold", times: 1 });
    await typed(world, "U0ERIN", `end ${request.id}`);
    await soon(world, "Azure to be asked", () => initiates(world, request.id).length === 2);
    const back = away();
    world.azure.faults.clear(held);
    await until(world, "it to be ended", async () => (await stateOf(request)) === "ended", {
      stepMs: 4 * SECOND,
    });
    expect(doors(world, "win-02")).toEqual([]);
    back();
    await shows(world, request, "Ended early");
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await allTold(request);
    expect(ends(world, request.id)).toHaveLength(1);
    expect(notices(world, request.id)).toHaveLength(1);
  });

  it("whose calls hang delays nothing of Azure's", async () => {
    const request = await asked(world, "db-01 22 1h");
    await world.memory.atRest();
    const hanging = fault(world.slack, { path: "chat\\.|conversations", act: "hold" });
    await click(world, request);
    await soon(world, "Slack to hang", () => hanging.struck() > 0);
    // By the wall clock: a call of Slack's is given up after eight seconds.
    await until(world, "it to be open", async () => (await stateOf(request)) === "open", {
      stepMs: 200,
      timeoutMs: 7_000,
    });
    world.slack.faults.clear();
    await shows(world, request, "Open until");
    await allTold(request);
  });
});
