// What nobody hides from the watch: ids that callers choose, shared by a session or taken from the log.

import { afterAll, beforeAll, expect, it } from "vitest";
import type { OpenElsewhere } from "../../src/sandbox/azure/elsewhere.ts";
import { type FaultWorld, faultWorld, granted, notices, shows, soon } from "../faults/steps.ts";
import { POLICY } from "../support/world.ts";

const BARBARA = "barbara@contoso.com";
const LOG = "/eventtypes/management/values";

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld({ policy: `${POLICY}\nwatch: { every: 1s }\n` });
  world.azure.switches.activityDelayMs = 0;
  await world.startBot();
  // From the first turn on nothing is history any more.
  await turns(1);
});
afterAll(() => world?.close());

const readings = () => world.azure.calls.filter(({ path }) => path.endsWith(LOG)).length;

/** Waits until every log was read this many times more, from beginning to end. */
async function turns(count: number): Promise<void> {
  const before = readings();
  await soon(world, `${count} turns of the watch`, () => readings() >= before + 2 * count + 2);
}

const openElsewhere = (vm: string, port: number, more: Partial<OpenElsewhere>) =>
  world.azure.elsewhere.open({
    ...{ vm, ports: [port], source: "203.0.113.77", minutes: 60, by: BARBARA, ...more },
  });

/** Without the heading that counts what fell together, and the buttons. */
const told = (text: string) => notices(world, text).filter((line) => !/^[\d[]/.test(line));

const audited = async (what: string) =>
  (await world.memory.redis.xrange(world.memory.keys.audit, "-", "+"))
    .map(([, fields]) => JSON.parse(fields[1] ?? "{}"))
    .filter((entry) => entry.what === what);

it("tells each opening of a session that gives all its calls one correlation id", async () => {
  const session = { correlationId: "0e1d2c3b-0000-4000-8000-000000000001" };
  openElsewhere("web-02", 22, session);
  await soon(world, "the first", () => told("web-02").length > 0);
  await turns(1);
  expect(told("web-02")).toEqual([expect.stringContaining("22 (SSH)")]);
  openElsewhere("web-02", 3389, session);
  openElsewhere("web-02", 22, session);
  await soon(world, "both", () => told("web-02").length >= 3);
  await turns(1);
  expect(told("web-02")).toHaveLength(3);
});

it("tells whoever opens with an id of the bot's own that the log showed", async () => {
  const request = await granted(world, "jump-01 22 1h");
  await shows(world, request, "Open until");
  const own = async () => (await audited("seen-in-log")).filter(({ id }) => id === request.id);
  await soon(world, "the log's own entry", async () => (await own()).length > 0);
  const initiated = world.azure.calls.filter(
    ({ path, body }) => path.endsWith("/initiate") && JSON.stringify(body).includes(request.id),
  );
  const clientRequestId = initiated[0]?.clientRequestId ?? "";
  expect(clientRequestId).toMatch(/^[0-9a-f-]{36}$/);
  openElsewhere("jump-01", 22, { clientRequestId, justification: request.id });
  await soon(world, "the notice", () => told("jump-01").length > 0);
  await turns(1);
  expect(told("jump-01")).toEqual([expect.stringContaining("⚠️ Opened in Azure, not by this bot")]);
  expect(await own()).toHaveLength(1);
});
