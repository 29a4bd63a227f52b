// The Activity Log over the wire: what of it is read, and what the bot's own calls look like there.

import { beforeEach, describe, expect, it } from "vitest";
import {
  buildWorld,
  policy,
  subscriptionId,
  vm,
} from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, HOUR_MS, MINUTE_MS, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock } = simulated;
const SUB = subscriptionId("Demo");
const LOG = "/eventtypes/management/values";
const CLIENT_ID = "11111111-2222-4333-8444-555555555555";
const BARBARA = "barbara@contoso.com";

beforeEach(() =>
  simulated.reset(buildWorld(vm({ name: "web" }), policy({ vms: ["web"], ports: [22, 3389] }))),
);

const policyId = () => [...azure.world.policies.values()][0]?.id ?? "";
const vmId = () => [...azure.world.vms.values()][0]?.id ?? "";

const read = (fromMs = START_MS) => {
  clock.setMs(START_MS + 5 * MINUTE_MS);
  return simulated.bot().bot.activity(SUB, { fromMs, untilMs: START_MS + 5 * MINUTE_MS });
};

const openElsewhere = (port = 22) =>
  azure.elsewhere.open({
    ...{ vm: "web", ports: [port], source: "198.51.100.7", minutes: 30, by: BARBARA },
  });

describe("the Activity Log", () => {
  it("shows the bot's own opening by its id, and others' by their name", async () => {
    await simulated.bot().bot.open({
      jitPolicyId: policyId(),
      vmId: vmId(),
      ports: [{ number: 22, endsAtMs: START_MS + HOUR_MS, source: "203.0.113.7" }],
      justification: "JIT-ABC123",
      clientRequestId: CLIENT_ID,
    });
    openElsewhere(3389);
    const events = await read();
    const common = { atMs: START_MS, kind: "opened", policyId: policyId() };
    const own = events.filter((one) => one.clientRequestId === CLIENT_ID);
    const theirs = events.filter((one) => one.caller === BARBARA);
    expect(own.map(({ status }) => status).sort()).toEqual(["Accepted", "Started", "Succeeded"]);
    expect(own[0]).toMatchObject({ ...common, caller: azure.world.bot.objectId });
    expect(theirs).toHaveLength(3);
    expect(theirs[0]).toMatchObject(common);
    expect(new Set(events.map((one) => one.correlationId)).size).toBe(2);
  });

  it("is asked of one provider and one period, in the words that Azure knows", async () => {
    await read(START_MS + MINUTE_MS);
    const [call] = simulated.sent(LOG);
    expect(call?.path).toBe(`/subscriptions/${SUB}/providers/Microsoft.Insights${LOG}`);
    expect(call?.query.$filter).toBe(
      "eventTimestamp ge '2026-11-22T10:01:00.000Z' and eventTimestamp le '2026-11-22T10:05:00.000Z' and resourceProvider eq 'Microsoft.Security'",
    );
  });

  it("shows policies that were changed and deleted", async () => {
    azure.elsewhere.act(BARBARA, { method: "DELETE", path: policyId() });
    expect((await read()).map(({ kind, status }) => [kind, status])).toEqual([
      ["deleted", "Succeeded"],
      ["deleted", "Started"],
    ]);
  });

  it("is read to its last page", async () => {
    azure.switches.activityPageSize = 4;
    for (let n = 0; n < 5; n++) openElsewhere();
    expect(await read()).toHaveLength(15);
    expect(simulated.sent(LOG)).toHaveLength(4);
  });

  it.each(["", null, undefined])("ends where the next link is %j", async (nextLink) => {
    azure.faults.add({
      ...{ method: "GET", path: LOG, times: 9 },
      act: { status: 200, body: { value: [], nextLink } },
    });
    expect(await read()).toEqual([]);
    expect(simulated.sent(LOG)).toHaveLength(1);
  });

  it("is read behind empty pages, and not for ever where a page comes again and again", async () => {
    openElsewhere();
    const nextLink = `${azure.url}/subscriptions/${SUB}/providers/Microsoft.Insights${LOG}?api-version=2015-04-01&$filter=eventTimestamp ge '2026-11-22T10:00:00Z'`;
    azure.faults.add({
      ...{ method: "GET", path: LOG, times: 3 },
      act: { status: 200, body: { value: [], nextLink } },
    });
    expect(await read()).toHaveLength(3);
    const value = [{ eventDataId: "e1", operationName: "Microsoft.Storage/write" }];
    azure.faults.add({
      ...{ method: "GET", path: LOG, times: 999 },
      act: { status: 200, body: { value, nextLink } },
    });
    const before = simulated.sent(LOG).length;
    expect(await read()).toEqual([]);
    expect(simulated.sent(LOG).length - before).toBe(11);
  });

  it("says why it refuses, in its own flat words", async () => {
    const act = { status: 400, body: { code: "BadFilter", message: "Not this one." } };
    azure.faults.add({ method: "GET", path: LOG, act });
    expect(await faultOf(read())).toMatchObject({ code: "BadFilter", message: "Not this one." });
  });

  it("is understood for what it is worth: odd events are left out and counted, others' ignored", async () => {
    const operation = "MICROSOFT.SECURITY/locations/JITNETWORKACCESSPOLICIES/Initiate/Action";
    const good = {
      eventTimestamp: "2026-11-22T10:00:00.1234567Z",
      operationName: { value: operation },
      resourceId: `${policyId()}/initiate`,
      correlationId: "c1",
      status: { value: "Accepted" },
    };
    const other = { ...good, operationName: { value: "Microsoft.Security/pricings/write" } };
    const odd = [null, 7, {}, other, { ...good, eventTimestamp: "soon" }];
    const value = [
      ...odd,
      { ...good, correlationId: undefined },
      { ...good, resourceId: 5 },
      good,
      { ...good, eventDataId: "e1" },
    ];
    azure.faults.add({ method: "GET", path: LOG, act: { status: 200, body: { value } } });
    const { bot, lines } = simulated.bot();
    const events = await bot.activity(SUB, { fromMs: START_MS, untilMs: START_MS });
    const unsaid = { caller: "", clientRequestId: "" };
    const at = { atMs: START_MS + 123, policyId: policyId(), correlationId: "c1" };
    const whole = { ...at, ...unsaid, kind: "opened", status: "Accepted" };
    expect(events).toMatchObject([{ ...whole, correlationId: "" }, whole, whole]);
    // Those that have no id are told apart by what they say.
    const [id, sameId, given] = events.map(({ eventId }) => eventId);
    expect([sameId === id, given]).toEqual([false, "e1"]);
    expect(lines.map(({ facts }) => facts.said)).toEqual(["2 events couldn't be understood"]);
  });

  it.each([
    ["403", { status: 403, body: { error: { code: "AuthorizationFailed", message: "no" } } }],
    ["404", { status: 404, body: { error: { code: "NotFound", message: "no" } } }],
    ["what is no list", { status: 200, body: { value: "all" } }],
  ])("that answers %s is a fault with its code", async (_, act) => {
    azure.faults.add({ method: "GET", path: LOG, times: 3, act });
    const { bot } = simulated.bot();
    const fault = await faultOf(bot.activity(SUB, { fromMs: START_MS, untilMs: START_MS }));
    expect(fault.code).toBe(
      { 403: "AuthorizationFailed", 404: "NotFound", 200: "UnreadableAnswer" }[act.status],
    );
  });
});
