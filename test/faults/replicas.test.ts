// Two replicas at once: one decision, one grant, and what one of them leaves the other one takes up.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bot } from "../support/world.ts";
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
  INITIATE,
  initiates,
  leaseRunsOut,
  lives,
  livesToItsEnd,
  notices,
  READ_POLICY,
  shows,
  soon,
  typed,
  until,
  warnings,
} from "./steps.ts";

let world: FaultWorld;
let first: Bot;
let second: Bot;
beforeAll(async () => {
  world = await faultWorld();
});
afterAll(() => world?.close());

const through = (bot: Bot) => world.slack.setEventsUrl(`${bot.url}/slack/events`);

/** Granted once, asked of Azure once, told once. */
async function decidedOnce(request: Asked): Promise<void> {
  await shows(world, request, "Open until");
  await world.memory.atRest();
  const endMs = await world.memory.endsAtMs(request.id);
  expect(initiates(world, request.id)).toMatchObject([{ endMs, handled: 202 }]);
  const audit = await world.memory.audit(request.id);
  expect(audit.filter((what) => what === "granted" || what === "opened")).toEqual([
    "granted",
    "opened",
  ]);
  // The card says it, once; the thread has nothing to add.
  expect(cardTexts(world, request)).toHaveLength(1);
  expect(cardTexts(world, request)[0]?.match(/Approved by/g)).toHaveLength(1);
  expect(history(world, request)).toBe("");
  expect(lives(world, request.id)).toHaveLength(1);
  expect(direct(world, request.id).filter((text) => text.includes("mstsc"))).toHaveLength(1);
}

describe("with both at work", () => {
  beforeAll(async () => {
    [first, second] = await Promise.all([world.startBot(), world.startBot()]);
  });
  beforeEach(() => through(first));

  it("two approvers at the same moment decide once, and the later one is told", async () => {
    const request = await asked(world);
    const before = ["U0LEAD", "U0OMAR"].map((user) => world.slack.ephemerals(user).length);
    through(first);
    const one = click(world, request, { user: "U0LEAD" });
    through(second);
    await Promise.all([one, click(world, request, { user: "U0OMAR" })]);
    await decidedOnce(request);
    const answers = ["U0LEAD", "U0OMAR"].flatMap((user, index) =>
      world.slack.ephemerals(user).slice(before[index]),
    );
    expect(answers).toHaveLength(1);
    expect(answers.map((answer) => world.slack.plainText(answer)).join()).toMatch(
      /is Open(ing)?, so you can't approve it/,
    );
    expect(doors(world, "vm-01")).toHaveLength(1);
  });

  it("a double click decides once", async () => {
    const request = await asked(world, "web-02 22 1h");
    through(first);
    const one = click(world, request);
    through(second);
    await Promise.all([one, click(world, request), click(world, request)]);
    await shows(world, request, "Open until");
    await world.memory.atRest();
    expect(initiates(world, request.id)).toHaveLength(1);
    expect((await world.memory.audit(request.id)).filter((one) => one === "granted")).toHaveLength(
      1,
    );
  });

  it("a click that hangs in one of them doesn't bring back an approval that was withdrawn since", async () => {
    const request = await asked(world, "build-01 22 1h", { channel: "C0DEV" });
    through(first);
    fault(world.azure, { ...READ_POLICY, times: 1, act: "hold" });
    await click(world, request);
    through(second);
    await click(world, request);
    await shows(world, request, "1 of 2");
    await click(world, request, { button: "take-back" });
    await shows(world, request, "0 of 2");
    const before = world.slack.ephemerals("U0LEAD").length;
    world.azure.faults.clear();
    const told = await world.slack.waitFor(() => world.slack.ephemerals("U0LEAD")[before], {
      what: "the answer to the click that hung",
      timeoutMs: 20_000,
    });
    expect(world.slack.plainText(told)).toContain("after that click, so it doesn't count");
    await click(world, request, { user: "U0OMAR" });
    await shows(world, request, "1 of 2");
    await click(world, request, { user: "U0LEAD" });
    await shows(world, request, "Open until");
  });

  it("a delivery that is repeated decides once and is answered once", async () => {
    const request = await asked(world, "jump-01 3389 1h");
    const before = world.slack.ephemerals("U0LEAD").length;
    await click(world, request, { duplicate: 4 });
    await decidedOnce(request);
    expect(world.slack.ephemerals("U0LEAD")).toHaveLength(before);
  });

  it("the same delivery at both replicas counts once, a command's as well as a click's", async () => {
    const mirror = await mirrorTo([first, second]);
    world.slack.setEventsUrl(mirror.url);
    const before = world.slack.ephemerals("U0SAM").length;
    const request = await asked(world, "win-02 3389 1h", { user: "U0SAM" });
    await click(world, request);
    await shows(world, request, "Open until");
    await world.memory.atRest();
    expect(world.slack.ephemerals("U0SAM")).toHaveLength(before + 1);
    expect(initiates(world, request.id)).toHaveLength(1);
    expect(cardTexts(world, request)).toHaveLength(1);
    const mine = await world.memory.redis.zrange(world.memory.keys.pending, 0, "-1");
    expect(mine).toEqual([]);
    await mirror.close();
  });

  it("an access lives to its end: one warning, one message, one notice", async () => {
    const request = await asked(world, "db-01 22 1h");
    await click(world, request);
    await shows(world, request, "Open until");
    await livesToItsEnd(world, request);
    expect(warnings(world, request.id)).toHaveLength(1);
    expect(ends(world, request.id)).toHaveLength(1);
    expect(notices(world, request.id)).toHaveLength(1);
  });

  afterAll(() => Promise.all([first.kill(), second.kill()]));
});

describe("one after the other", () => {
  beforeEach(async () => {
    first = await world.startBot();
  });
  afterEach(async () => {
    world.azure.faults.clear();
    world.slack.faults.clear();
    await Promise.all([first.kill(), second.kill()]);
  });

  it("what one decides, the other, which holds the request, goes on with at once", async () => {
    // The first one holds the request: Slack doesn't answer it.
    const told = { path: "chat.postMessage", bodyIncludes: "channel=D0ERIN" } as const;
    const slow = fault(world.slack, { ...told, act: "hold", times: 1 });
    const request = await asked(world, "db-02 22 1h");
    await soon(world, "Slack to be slow", () => slow.struck() > 0);
    second = await world.startBot();
    through(second);
    expect(await world.memory.held()).toEqual([request.id]);
    await click(world, request);
    await soon(world, "Azure to be asked", () => initiates(world, request.id).length > 0);
    world.slack.faults.clear();
    await shows(world, request, "Open until");
    await until(world, "the way in", () => direct(world, request.id).join().includes("ssh"));
    expect(initiates(world, request.id)).toHaveLength(1);
  });

  it("what one was about when it was killed, the other takes over", async () => {
    second = await world.startBot();
    through(first);
    const request = await asked(world, "vm-01 22 1h");
    // Either of them may have taken it: the one that asks Azure is killed.
    const asking = fault(world.azure, { ...INITIATE, act: "hang", times: 1 });
    await second.kill();
    await click(world, request);
    await soon(world, "Azure to be asked", () => asking.struck() > 0);
    second = await world.startBot();
    await first.kill();
    leaseRunsOut(world);
    await shows(world, request, "Open until");
    const sent = initiates(world, request.id);
    expect(sent.filter((one) => one.handled === 202)).toHaveLength(1);
    expect(new Set(sent.map((one) => one.endMs)).size).toBe(1);
  });

  it("one that slept through its lease does nothing a second time", async () => {
    const request = await asked(world, "web-02 3389 1h");
    const answer = fault(world.azure, { ...INITIATE, when: "after", act: "hold", times: 1 });
    await click(world, request);
    await soon(world, "Azure to be asked", () => answer.struck() > 0);
    first.process.kill("SIGSTOP");
    second = await world.startBot();
    leaseRunsOut(world);
    await shows(world, request, "Open until");
    world.azure.faults.clear();
    first.process.kill("SIGCONT");
    await typed(world, "U0ERIN", `status ${request.id}`);
    await world.memory.atRest();
    expect(initiates(world, request.id)).toHaveLength(1);
    expect(cardTexts(world, request)).toHaveLength(1);
    expect((await world.memory.audit(request.id)).filter((what) => what === "opened")).toHaveLength(
      1,
    );
    expect((await world.memory.request(request.id)).state).toBe("open");
  });
});

type Mirror = { readonly url: string; close(): Promise<void> };

/** Passes every delivery, to the byte, to several bots at once; Slack gets the first one's answer. */
async function mirrorTo(bots: readonly Bot[]): Promise<Mirror> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, connection: __, ...headers } = request.headers as Record<string, string>;
    const body = Buffer.concat(chunks);
    const answers = await Promise.all(
      bots.map(({ url }) => fetch(`${url}/slack/events`, { method: "POST", headers, body })),
    );
    response.writeHead(answers[0]?.status ?? 500).end(await answers[0]?.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/slack/events`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
