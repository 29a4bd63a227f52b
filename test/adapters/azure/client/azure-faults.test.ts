// Every way in which Azure can fail, over the wire, and the one fault that is made of it.

import { inspect } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import type { ArmAzure } from "../../../../src/adapters/azure/arm-azure.ts";
import type { Fault } from "../../../../src/ports/fault.ts";
import { startAzure } from "../../../../src/sandbox/azure/azure-server.ts";
import { buildWorld, findVm, policy, vm } from "../../../../src/sandbox/azure/world/parts.ts";
import { faultOf, HOUR_MS, makeBot, START_MS, simulate } from "../bot.ts";

const simulated = await simulate();
const { azure, clock } = simulated;

const open = (bot: ArmAzure) =>
  bot.open({
    jitPolicyId: [...azure.world.policies.values()][0]?.id ?? "",
    vmId: findVm(azure.world, "web").id,
    ports: [{ number: 22, endsAtMs: START_MS + HOUR_MS, source: "*" }],
    justification: "JIT-ABC123",
    clientRequestId: "one",
  });

const openFault = (options: Parameters<typeof simulated.bot>[0] = {}): Promise<Fault> =>
  faultOf(open(simulated.bot(options).bot));

beforeEach(() => simulated.reset(buildWorld(vm({ name: "web" }), policy({ vms: ["web"] }))));

describe("an answer of Azure's", () => {
  it.each([
    [400, "BadRequest", { retryable: false, ambiguous: false }],
    [401, "Unauthorized", { retryable: true, ambiguous: false }],
    [403, "Forbidden", { retryable: false, ambiguous: false }],
    [404, "NotFound", { retryable: false, ambiguous: false }],
    [408, "RequestTimeout", { retryable: true, ambiguous: true }],
    [409, "Conflict", { retryable: true, ambiguous: false }],
    [429, "TooManyRequests", { retryable: true, ambiguous: false }],
    [500, "InternalServerError", { retryable: true, ambiguous: true }],
    [502, "BadGateway", { retryable: true, ambiguous: true }],
    [503, "ServiceUnavailable", { retryable: true, ambiguous: true }],
    [504, "GatewayTimeout", { retryable: true, ambiguous: true }],
    [599, "Status599", { retryable: true, ambiguous: true }],
  ])("with status %i and no reason is %s", async (status, code, expected) => {
    for (const body of [undefined, "<html>out of order</html>", "{", [], { error: null }]) {
      azure.faults.add({ method: "POST", times: 1, act: { status, body } });
      expect(await openFault()).toMatchObject({
        source: "azure",
        code,
        message: `Azure answered with status ${status} and gave no reason.`,
        retryAfterMs: undefined,
        ...expected,
      });
    }
  });

  it.each([
    ["as ARM writes it", { error: { code: "C", message: "M." } }, "C", "M."],
    ["without the envelope", { code: "C", message: "M." }, "C", "M."],
    ["with capitals", { Code: "C", Message: "M." }, "C", "M."],
    ["without a code", { error: { message: "M." } }, "Conflict", "M."],
    [
      "with the reason in a detail",
      { error: { code: "C", message: "M.", details: [{ code: "D", message: "N." }] } },
      "C",
      "M. (D: N.)",
    ],
    [
      "with the same in a detail",
      { error: { code: "C", message: "M.", details: [{ code: "D", message: "M." }] } },
      "C",
      "M.",
    ],
    [
      "with nothing but a detail",
      { error: { code: "C", message: "", details: [{ code: "D", message: "N." }] } },
      "D",
      "N.",
    ],
    ["with odd details", { error: { code: "C", message: "M.", details: "x" } }, "C", "M."],
  ])("is shown in its own words: %s", async (_, body, code, message) => {
    azure.faults.add({ method: "POST", act: { status: 409, body } });
    expect(await openFault()).toMatchObject({ code, message });
  });

  it.each(["MissingSubscriptionRegistration", "ReadOnlyDisabledSubscription", "ScopeLocked"])(
    "is no passing conflict if it is %s",
    async (code) => {
      const body = { error: { code, message: "M." } };
      azure.faults.add({ method: "POST", act: { status: 409, body } });
      expect(await openFault()).toMatchObject({ code, retryable: false });
    },
  );

  it("is bounded", async () => {
    const error = { code: "c".repeat(5_000), message: "m".repeat(50_000) };
    azure.faults.add({ method: "POST", act: { status: 400, body: { error } } });
    const fault = await openFault();
    expect([fault.code.length, fault.message.length]).toEqual([100, 1_000]);
    expect(inspect(fault.cause).length).toBeLessThan(4_000);
  });

  it("of Resource Graph's has its reason in the details", async () => {
    const { bot } = simulated.bot({ subscriptions: ["00000000-0000-4000-8000-000000000000"] });
    expect(await faultOf(bot.refresh())).toMatchObject({
      code: "NoValidSubscriptionsInQueryRequest",
      message: expect.stringMatching(/^There must be at least one subscription/),
      retryable: false,
    });
  });

  it("of Resource Graph's may be no JSON at all", async () => {
    const headers = { "content-type": "text/html" };
    azure.faults.add({ path: "ResourceGraph", act: { status: 502, headers, body: "<html>" } });
    expect(await faultOf(simulated.bot().bot.refresh())).toMatchObject({
      code: "BadGateway",
      retryable: true,
    });
  });

  it("that is good and no policy is a fault that may pass", async () => {
    const [id = ""] = [...azure.world.policies.values()].map((one) => one.id);
    for (const body of ["<html>", "{", "[]", "7"]) {
      const headers = { "content-type": "application/json" };
      azure.faults.add({ method: "GET", times: 3, act: { status: 200, headers, body } });
      const { bot } = simulated.bot();
      expect(await faultOf(bot.readPolicy(id))).toMatchObject({
        code: "UnreadableAnswer",
        retryable: true,
      });
    }
  });
});

describe("how long to wait", () => {
  it.each([
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": new Date(START_MS + 90_000).toUTCString() }, 90_000],
    [{ "retry-after": new Date(START_MS - 90_000).toUTCString() }, 0],
    [{ "retry-after-ms": "250" }, 250],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("is read from %j", async (headers, retryAfterMs) => {
    azure.faults.add({ method: "POST", act: { status: 429, headers, body: {} } });
    expect((await openFault()).retryAfterMs).toBe(retryAfterMs);
  });

  it("of a date is reckoned by Azure's clock and not by ours", async () => {
    const headers = { "retry-after": new Date(START_MS + 30_000).toUTCString() };
    azure.faults.add({ method: "POST", act: { status: 429, headers, body: {} } });
    const wrong = { ...clock, nowMs: () => START_MS - HOUR_MS };
    expect((await openFault({ clock: wrong })).retryAfterMs).toBe(30_000);
  });
});

describe("no answer", () => {
  it("by a reset may have had its effect", async () => {
    azure.faults.add({ method: "POST", act: "reset" });
    expect(await openFault()).toMatchObject({
      code: "ECONNRESET",
      message: "Azure couldn't be reached (ECONNRESET).",
      retryable: true,
      ambiguous: true,
    });
  });

  it("by a time-out may have had its effect", async () => {
    azure.faults.add({ method: "POST", act: "hang" });
    expect(await openFault({ timeouts: { openMs: 250 } })).toMatchObject({
      code: "ETIMEDOUT",
      message: "Azure didn't answer within 1 s.",
      retryable: true,
      ambiguous: true,
    });
  });

  it.each([
    ["a refused connection", "https://127.0.0.1:1", /^ECONNREFUSED$/],
    ["a name that doesn't exist", "https://azure.invalid", /^(ENOTFOUND|EAI_AGAIN)$/],
  ])("by %s had none", async (_, endpoint, code) => {
    const fault = await openFault({ endpoint });
    expect(fault).toMatchObject({ retryable: true, ambiguous: false });
    expect(fault.code).toMatch(code);
  });

  it("by a certificate that nobody vouches for had none", async () => {
    const stranger = await startAzure({ world: buildWorld(), nowMs: clock.nowMs });
    const fault = await openFault({ endpoint: stranger.url });
    expect(fault).toMatchObject({ retryable: true, ambiguous: false });
    expect(fault.message).toMatch(/^The certificate of Azure's address isn't trusted \(\w+\)\.$/);
    expect(stranger.calls).toEqual([]);
    await stranger.close();
  });

  it("is given up after one page's time, and nobody asks again at once", async () => {
    azure.faults.add({
      path: "ResourceGraph",
      bodyIncludes: "microsoft.compute/virtualmachines",
      act: "hang",
    });
    const { bot } = simulated.bot({ timeouts: { pageMs: 250 } });
    expect(await faultOf(bot.refresh())).toMatchObject({ code: "ETIMEDOUT" });
    expect(clock.slept).toEqual([]);
  });
});

describe("what is told", () => {
  it("to the metrics is every request, by what it was for", async () => {
    // Past the five seconds whose quota the tests before this one have used.
    clock.setMs(START_MS + HOUR_MS / 2);
    azure.faults.add({ path: "/default\\?", times: 1, act: "reset" });
    azure.faults.add({ bodyIncludes: "networkinterfaces", times: 1, act: { status: 429 } });
    const { bot, notes } = simulated.bot();
    await bot.refresh();
    await bot.readPolicy([...azure.world.policies.values()][0]?.id ?? "");
    await open(bot);
    const said = notes.map(({ operation, status }) => `${operation} ${status}`);
    expect(said.sort()).toEqual([
      "jit-list 200",
      "jit-open 202",
      "jit-read 200",
      "jit-read undefined",
      ...Array.from({ length: 7 }, () => "resource-graph 200"),
      "resource-graph 429",
    ]);
    expect(notes.every(({ ms }) => ms >= 0)).toBe(true);
  });

  it("is never a token", async () => {
    const { bot, lines } = simulated.bot();
    const faults: Fault[] = [];
    for (const act of ["reset", { status: 403, body: {} }, { status: 200, body: "{" }] as const) {
      azure.faults.add({ times: 1, path: "/default/initiate", act });
      azure.faults.add({ times: 1, path: "ResourceGraph", act: { status: 403, body: {} } });
      faults.push(...(await Promise.all([open(bot), bot.refresh()].map(faultOrNone))).flat());
    }
    expect(faults.length).toBeGreaterThan(3);
    const everything = inspect([faults, lines], { depth: 20, showHidden: true, getters: true });
    expect(everything).not.toMatch(/bearer|authorization:|eyJ/i);
  });

  it("is never a secret that Azure's own words quote", async () => {
    const { bot, lines } = simulated.bot();
    const said =
      "Invalid header 'Authorization: Bearer eyJhbGciOiJI.eyJhdWQiOiJo.c2lnbg', key sig=abc";
    const body = { error: { code: "BadRequest", message: said } };
    azure.faults.add({ times: 1, path: "/default/initiate", act: { status: 400, body } });
    azure.faults.add({ times: 1, path: "ResourceGraph", act: { status: 400, body } });
    const faults = (await Promise.all([open(bot), bot.refresh()].map(faultOrNone))).flat();
    expect(faults.map(({ message }) => message)).toContain(
      "Invalid header 'Authorization: Bearer [redacted]', key sig=[redacted]",
    );
    const everything = inspect([faults, lines], { depth: 20, showHidden: true, getters: true });
    expect(everything).not.toMatch(/eyJ|sig=abc/);
  });

  it("of the clocks is Azure's less ours", async () => {
    const { bot } = makeBot(azure, { ...clock, nowMs: () => clock.nowMs() - 90_000 });
    expect(bot.skewMs()).toBeUndefined();
    azure.faults.add({ method: "POST", act: { status: 500, body: {} } });
    await faultOf(open(bot));
    expect(Math.abs((bot.skewMs() ?? 0) - 90_000)).toBeLessThanOrEqual(1_000);
  });
});

async function faultOrNone(promise: Promise<unknown>): Promise<Fault[]> {
  return promise.then(
    () => [],
    async () => [await faultOf(promise)],
  );
}
