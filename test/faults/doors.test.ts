// Two people on one door: nobody is cut short by the other, and the door is shut when the last one is done.

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Bot } from "../support/world.ts";
import {
  type Asked,
  asked,
  cardTexts,
  click,
  direct,
  doors,
  type FaultWorld,
  fault,
  faultWorld,
  initiates,
  MINUTE,
  notices,
  READ_POLICY,
  SECOND,
  shows,
  soon,
  typed,
  until,
} from "./steps.ts";

let world: FaultWorld;
let first: Bot;
let second: Bot;
beforeAll(async () => {
  world = await faultWorld();
  [first, second] = await Promise.all([world.startBot(), world.startBot()]);
});
afterAll(() => world?.close());
afterEach(() => {
  world.azure.faults.clear();
  Object.assign(world.azure.switches, { supersedes: "vm-port", opensAfterMs: 2_000 });
});

const isWeb01 = ({ id }: { readonly id: string }) =>
  id.endsWith("rg-prod-shop/providers/Microsoft.Compute/virtualMachines/web-01");

const ends = (request: Asked) => world.memory.endsAtMs(request.id);
const stateOf = async ({ id }: Asked) => (await world.memory.request(id)).state;

/** Until when the door is open or about to be, whoever opened it; 0: it is shut. */
const doorEnds = (vm: string) => Math.max(0, ...doors(world, vm).map((door) => door.endMs));

async function openFor(user: string, text: string): Promise<Asked> {
  const request = await asked(world, text, { user });
  await click(world, request);
  await shows(world, request, "Open until");
  return request;
}

/** Moves the clock to just after a request's end, and waits until it says so. */
async function passesEnd(request: Asked): Promise<void> {
  await world.memory.atRest();
  world.advance((await ends(request)) - world.nowMs() + SECOND);
  await shows(world, request, "Ended on time");
  await until(world, "the notice", () => notices(world, request.id).length > 0);
}

/** Long enough for every alarm. */
async function staysQuiet(...requests: readonly Asked[]): Promise<void> {
  for (let look = 0; look < 2; look++) {
    await world.memory.atRest();
    world.advance(2 * MINUTE);
  }
  await world.memory.atRest();
  for (const { id } of requests) {
    expect(notices(world, id).join()).not.toContain("Still open");
    expect(await world.memory.audit(id)).not.toContain("still-open");
  }
}

describe("where the policy allows less by now than somebody else has left", () => {
  it("asks Azure for no more than that, to open and to close", async () => {
    const long = await openFor("U0ERIN", "rg-prod-shop/web-01 22 3h");
    const policy = [...world.azure.world.policies.values()].find(({ vms }) => vms.some(isWeb01));
    for (const vm of (policy?.vms ?? []).filter(isWeb01)) {
      for (const port of vm.ports) port.maxRequestAccessDuration = "PT1H";
    }
    const short = await openFor("U0SAM", "rg-prod-shop/web-01 22 30m");
    const [sent] = initiates(world, short.id);
    const mostMs = world.nowMs() + 60 * MINUTE;
    expect(sent?.endMs).toBeGreaterThan(await ends(short));
    expect(sent?.endMs).toBeLessThan(mostMs);

    await typed(world, "U0SAM", `end ${short.id}`);
    await shows(world, short, "Ended");
    expect(Math.max(...initiates(world, short.id).map(({ endMs }) => endMs))).toBeLessThan(mostMs);
    await typed(world, "U0ERIN", `end ${long.id}`);
  });
});

describe.each([
  ["vm-port", "vm-01", "web-02"],
  ["vm-port-source", "jump-01", "win-02"],
  ["nothing", "db-01", "db-02"],
] as const)("where a later opening supersedes %s", (supersedes, one, other) => {
  it("nobody is cut short by the other, whoever comes first", async () => {
    world.azure.switches.supersedes = supersedes;
    const short = await openFor("U0ERIN", `${one} 22 1h`);
    const long = await openFor("U0SAM", `${one} 22 90m`);
    const longFirst = await openFor("U0SAM", `${other} 22 90m`);
    const shortSecond = await openFor("U0ERIN", `${other} 22 1h`);
    const longEnds = await ends(long);
    const longFirstEnds = await ends(longFirst);
    expect(doorEnds(one)).toBe(longEnds);
    expect(doorEnds(other)).toBe(longFirstEnds);
    expect(initiates(world, shortSecond.id).map((sent) => sent.endMs)).toEqual([longFirstEnds]);
    expect(await ends(shortSecond)).toBeLessThan(longFirstEnds);

    await passesEnd(shortSecond);
    await shows(world, short, "Ended on time");
    await staysQuiet(short, shortSecond);
    expect(doorEnds(one)).toBe(longEnds);
    expect(doorEnds(other)).toBe(longFirstEnds);
    expect(await stateOf(long)).toBe("open");
    expect(await stateOf(longFirst)).toBe("open");

    await passesEnd(longFirst);
    await shows(world, long, "Ended on time");
    await staysQuiet(short, shortSecond, long, longFirst);
    expect(doors(world, one)).toEqual([]);
    expect(doors(world, other)).toEqual([]);
    for (const { id } of [short, long, longFirst, shortSecond]) {
      expect(initiates(world, id)).toHaveLength(1);
      expect(notices(world, id)).toHaveLength(1);
    }
  });
});

it("the warning and the end say of each port what becomes of it, and who needs it", async () => {
  const short = await openFor("U0ERIN", "vm-01 22,3389 1h");
  const long = await openFor("U0SAM", "vm-01 22 90m");
  await world.memory.atRest();
  world.advance((await ends(short)) - world.nowMs() - 9 * MINUTE);
  const warning = await until(world, "the warning", () =>
    direct(world, short.id).find((text) => text.includes("left:")),
  );
  expect(warning).toContain("no new connections to 3389 (RDP)");
  expect(warning).toMatch(/22 \(SSH\) stays open until .* for JIT-\w{6} of @sam/);
  expect(warning).toContain(long.id);
  await passesEnd(short);
  const card = await shows(world, short, "3389 (RDP): Azure shows it closed");
  expect(card).toMatch(/22 \(SSH\) stays open until .* for JIT-\w{6} of @sam/);
  await passesEnd(long);
  await shows(world, long, "Azure shows it closed");
});

describe("ending early", () => {
  it("the longer one leaves the door open for as long as the other needs it", async () => {
    const short = await openFor("U0ERIN", "vm-01 3389 1h");
    const long = await openFor("U0SAM", "vm-01 3389 90m");
    await typed(world, "U0SAM", `end ${long.id}`);
    await shows(world, long, "Ended early");
    expect(doorEnds("vm-01")).toBe(await ends(short));
    expect(await stateOf(short)).toBe("open");
    await passesEnd(short);
    await staysQuiet(short, long);
    expect(doors(world, "vm-01")).toEqual([]);
  });

  it("the shorter one asks nothing of Azure", async () => {
    const short = await openFor("U0ERIN", "web-02 3389 1h");
    const long = await openFor("U0SAM", "web-02 3389 90m");
    await typed(world, "U0ERIN", `end ${short.id}`);
    await shows(world, short, "Ended early");
    expect(initiates(world, short.id)).toHaveLength(1);
    expect(doorEnds("web-02")).toBe(await ends(long));
    await typed(world, "U0SAM", `end ${long.id}`);
    await shows(world, long, "Ended early", { stepMs: 4 * SECOND });
    expect(doors(world, "web-02")).toEqual([]);
    await staysQuiet(short, long);
  });

  it("both at the same moment shuts the door", async () => {
    const short = await openFor("U0ERIN", "jump-01 3389 1h");
    const long = await openFor("U0SAM", "jump-01 3389 90m");
    await world.memory.atRest();
    world.slack.setEventsUrl(`${first.url}/slack/events`);
    const one = typed(world, "U0ERIN", `end ${short.id}`);
    world.slack.setEventsUrl(`${second.url}/slack/events`);
    await Promise.all([one, typed(world, "U0SAM", `end ${long.id}`)]);
    const sinceMs = world.nowMs();
    await shows(world, short, "Ended early", { stepMs: 4 * SECOND });
    await shows(world, long, "Ended early", { stepMs: 4 * SECOND });
    expect(doors(world, "jump-01")).toEqual([]);
    expect(world.nowMs() - sinceMs).toBeLessThan(6 * MINUTE);
  });

  it("does not cut short whom Azure opened for while it was looked who needs the door", async () => {
    const before = await openFor("U0ERIN", "win-02 22 1h");
    const after = await asked(world, "win-02 22 90m", { user: "U0SAM" });
    await world.memory.atRest();
    const look = fault(world.azure, { ...READ_POLICY, when: "after", act: "hold", times: 1 });
    await typed(world, "U0ERIN", `end ${before.id}`);
    await soon(world, "it to be looked", () => look.struck() > 0);
    await click(world, after);
    await soon(world, "the other to be opened", () => initiates(world, after.id).length > 0);
    world.azure.faults.clear();
    await shows(world, before, "Ended early");
    await shows(world, after, "Open until");
    expect(doorEnds("win-02")).toBe(await ends(after));
    expect(initiates(world, before.id)).toHaveLength(1);
  });

  it("what another one still waits for is seen open all the same", async () => {
    const before = await openFor("U0ERIN", "db-01 5432 90m");
    world.azure.switches.opensAfterMs = MINUTE;
    const after = await asked(world, "db-01 5432 1h", { user: "U0SAM" });
    await click(world, after);
    await soon(world, "it to be asked", () => initiates(world, after.id).length > 0);
    await typed(world, "U0ERIN", `end ${before.id}`);
    await shows(world, before, "Ended early", { stepMs: 2 * SECOND });
    await shows(world, after, "Open until", { stepMs: 2 * SECOND });
    expect(doorEnds("db-01")).toBe(await ends(after));
    await until(world, "the way in", () =>
      direct(world, after.id, "U0SAM").join().includes("5432"),
    );
  });
});

describe("where Azure keeps what was opened before", () => {
  it("ending early is given up after a few attempts, said, and the access stays open", async () => {
    world.azure.switches.supersedes = "nothing";
    const request = await openFor("U0ERIN", "vm-01 22 1h");
    const endMs = await ends(request);
    await typed(world, "U0ERIN", `end ${request.id}`);
    await until(world, "the requester to be told", () =>
      direct(world, request.id).some((text) => text.includes("Couldn't end it early")),
    );
    expect(initiates(world, request.id).length).toBeLessThanOrEqual(4);
    await shows(world, request, "Open until");
    expect(doorEnds("vm-01")).toBe(endMs);
    await passesEnd(request);
    expect(doors(world, "vm-01")).toEqual([]);
  });
});

it("says which newer request took the port over for another source, and doesn't blame others for it", async () => {
  const vpn = await openFor("U0ERIN", "web-02 3389 1h from vpn");
  const office = await openFor("U0SAM", "web-02 3389 1h from 192.0.2.7");
  await shows(world, vpn, "Azure closed it early");
  expect(cardTexts(world, vpn).join()).toContain(`when ${office.id} opened the same port`);
  await until(world, "the notice", () => notices(world, vpn.id).length > 0);
  expect(notices(world, vpn.id).join()).toContain("early, when a newer request opened its port");
  expect(cardTexts(world, vpn).join()).not.toContain("outside this bot");
  expect(await stateOf(office)).toBe("open");
});

it("doesn't say of a newer request what somebody closed in Azure before", async () => {
  const closed = await openFor("U0ERIN", "db-02 22 1h");
  world.azure.elsewhere.close({ vm: "db-02", port: 22 });
  const newer = await openFor("U0SAM", "db-02 5432 1h");
  await shows(world, closed, "Closed early outside this bot");
  expect(cardTexts(world, closed).join()).not.toContain(newer.id);
});

describe("asked at the same moment on two replicas", () => {
  it("the door is open until the later end, and both are open", async () => {
    const short = await asked(world, "db-02 5432 1h", { user: "U0ERIN" });
    const long = await asked(world, "db-02 5432 90m", { user: "U0SAM" });
    world.slack.setEventsUrl(`${first.url}/slack/events`);
    const one = click(world, short);
    world.slack.setEventsUrl(`${second.url}/slack/events`);
    await Promise.all([one, click(world, long, { user: "U0OMAR" })]);
    await shows(world, short, "Open until");
    await shows(world, long, "Open until");
    expect(doorEnds("db-02")).toBe(await ends(long));
    expect(initiates(world, short.id)).toHaveLength(1);
    expect(initiates(world, long.id)).toHaveLength(1);
    expect(cardTexts(world, short)).toHaveLength(1);
  });
});
