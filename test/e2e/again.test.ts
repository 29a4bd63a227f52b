// Asking again: the same in two words, checked as today; and what one has already isn't asked for twice.
// Of src/flows/requests/asking/again/again.ts.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blockIn, formOn, offered, opens, sends, standing, toldNext } from "../support/form.ts";
import { ask, cardSays, idIn, initiates, typed } from "../support/people.ts";
import { startWorld, type TestWorld } from "../support/world.ts";

const MINUTE = 60_000;

const POLICY = `
channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24 }
rules:
  - name: windows
    match: { vms: [vm-01, win-*] }
    requesters: anyone
    approvers: { users: [U0LEAD] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn, office]
    reason: optional
    breakGlass: { users: [U0ERIN], groups: [] }
`;

let world: TestWorld;
let bot: Awaited<ReturnType<TestWorld["startBot"]>>;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  bot = await world.startBot();
});
afterAll(() => world?.close());

const cards = () => world.slack.messages("C0PROD").filter((one) => one.metadata !== undefined);
const shownTo = (user: string) => JSON.stringify(world.slack.ephemerals(user).at(-1)?.blocks);
const told = (text: string) => typed(world, "U0ERIN", text);

async function decided(act: "approve" | "cancel", id: string, ts: string, state: string) {
  if (act === "cancel") await told(`cancel ${id}`);
  else await world.slack.click({ user: "U0LEAD", channel: "C0PROD", ts, actionId: "jit.approve" });
  await cardSays(world, { id }, state);
}

/** Asks to end it, and lets the minute go by that Azure takes to close a port. */
async function ended(id: string): Promise<void> {
  const sent = initiates(world).length;
  await told(`end ${id}`);
  await expect.poll(() => initiates(world).length, { timeout: 20_000 }).toBe(sent + 1);
  world.advance(3 * MINUTE);
  await cardSays(world, { id }, "Ended");
}

describe("/jit again", () => {
  it("says what to write where nothing was requested", async () => {
    expect(await typed(world, "U0OMAR", "again")).toMatch(
      /haven't requested anything.*\/jit request/,
    );
  });

  it("requests the last one again, with its ports, time, source and reason", async () => {
    const first = await ask(world, "vm-01 3389 90m from office for the print spooler");
    await decided("cancel", first.id, first.card.ts, "Cancelled");
    const second = idIn(await told("again"));
    expect(second).not.toBe(first.id);
    const card = await cardSays(world, { id: second }, "Pending");
    for (const part of ["vm-01", "3389", "1h30m", "office", "the print spooler"]) {
      expect(card).toContain(part);
    }
    await told(`cancel ${second}`);
    await cardSays(world, { id: second }, "Cancelled");
  });

  it("requests an older one by its ID, and nobody else's", async () => {
    const older = await ask(world, "win-02 3389 1h for the older one");
    await told(`cancel ${older.id}`);
    const newer = await ask(world, "vm-01 3389 1h for the newer one");
    await told(`cancel ${newer.id}`);
    const same = idIn(await told(`again ${older.id.toLowerCase()}`));
    expect(await cardSays(world, { id: same }, "Pending")).toContain("the older one");
    const notTheirs = await typed(world, "U0OMAR", `again ${older.id}`);
    expect(notTheirs).toContain("I can't find a request");
    expect(notTheirs).not.toContain("win-02");
    await told(`cancel ${same}`);
  });

  it("says what to write where that was for a time, and its button opens the form with it", async () => {
    const inTwoHours = new Date(world.nowMs() + 120 * MINUTE);
    const zone = world.slack.world.users.get("U0ERIN")?.tz ?? "UTC";
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "short" });
    const [hour = "", minute] = clock.format(inTwoHours).split(":");
    const at = `at ${Number(hour)}:${minute}`;
    const { id, card } = await ask(world, `win-02 3389 1h from office ${at} for the night shift`);
    const { slack } = world;
    await slack.click({ user: "U0LEAD", channel: "C0PROD", ts: card.ts, actionId: "jit.deny" });
    await slack.waitFor(() => slack.modal("U0LEAD"), { what: "the form" });
    await slack.submitView({ user: "U0LEAD", values: { reason: "not tonight" } });
    await cardSays(world, { id }, "Denied");
    const before = cards().length;
    const write = `/jit request win-02 3389 1h from office ${at} for the night shift`;
    expect(await told("again")).toContain(write);
    expect(await told(`again ${id}`)).toContain(write);
    const own = await slack.waitFor(
      () =>
        slack
          .direct("U0ERIN")
          .filter((one) => one.metadata?.event_payload.request === id)
          .find((one) => JSON.stringify(one.blocks).includes("jit.again")),
      { what: "the button" },
    );
    const { channel, ts } = own;
    await slack.click({ user: "U0ERIN", channel, ts, actionId: "jit.again" });
    const form = await slack.waitFor(
      () => {
        const shown = JSON.stringify(slack.modal("U0ERIN")?.view ?? {});
        return shown.includes("datetimepicker") ? shown : undefined;
      },
      { what: "the form, with the same time of day", timeoutMs: 20_000 },
    );
    const [seconds = ""] = /(?<="initial_date_time":)\d+/.exec(form) ?? [];
    expect(clock.format(Number(seconds) * 1_000)).toBe(`${hour}:${minute}`);
    expect(Number(seconds) * 1_000).toBeGreaterThan(world.nowMs());
    await slack.closeView({ user: "U0ERIN" });
    expect(cards()).toHaveLength(before);
  });

  it("never breaks the glass again by itself", async () => {
    const before = initiates(world).length;
    const id = idIn(await told("breakglass vm-01 3389 1h for an outage"));
    await cardSays(world, { id }, "Open until");
    await ended(id);
    const after = initiates(world).length;
    expect(after).toBeGreaterThan(before);
    expect(await told("again")).toContain("/jit breakglass vm-01 3389 1h for …");
    expect(initiates(world)).toHaveLength(after);
  });
});

describe("what was requested before", () => {
  const sam = (text: string) => typed(world, "U0SAM", text);
  const ids = (text: string) => [...new Set(text.match(/JIT-[0-9A-Z]{6}/g))];
  const cancelAll = async (all: readonly string[]) => {
    for (const id of all) await sam(`cancel ${id}`);
  };
  const home = (user: string) => {
    const shown = world.slack.home(user);
    return shown === undefined ? "" : world.slack.plainText(shown);
  };
  const direct = () => world.slack.direct("U0SAM").map((one) => world.slack.plainText(one));
  let printer: readonly string[];
  let outage: readonly string[];

  it("is offered on the home tab of that person alone, and requested again in one press", async () => {
    printer = ids(await sam("request vm-01 3389 1h from office for the printer"));
    await cancelAll(printer);
    outage = ids(await sam("request vm-01,win-02 3389 30m for the outage"));
    expect(outage).toHaveLength(2);
    await cancelAll(outage);
    const { slack } = world;
    await slack.openHome({ user: "U0SAM" });
    await slack.waitFor(() => home("U0SAM").includes("the printer"), { what: "the offers" });
    expect(home("U0SAM")).toMatch(
      /Request again.*vm-01.*win-02.*30m.*the outage.*vm-01.*1h.*office.*the printer/s,
    );
    await slack.openHome({ user: "U0OMAR" });
    await slack.waitFor(() => home("U0OMAR").includes("Updated"), { what: "the other tab" });
    expect(home("U0OMAR")).not.toMatch(/the outage|the printer|Request again/);

    await slack.click({ user: "U0SAM", home: true, actionId: "jit.same", value: printer[0] });
    const told = await slack.waitFor(
      () =>
        direct().find(
          (one) => /Requested JIT-.*vm-01/.test(one) && !one.includes(printer[0] ?? ""),
        ),
      { what: "it to be requested again", timeoutMs: 20_000 },
    );
    const again = ids(told);
    const card = await cardSays(world, { id: again[0] ?? "" }, "Pending");
    for (const part of ["vm-01", "1h", "office", "the printer"]) expect(card).toContain(part);
    // It is pending: that has buttons of its own.
    await slack.waitFor(() => home("U0SAM").includes("Your pending and ready requests"), {
      what: "the tab",
    });
    expect(home("U0SAM").split("Request again")[1]).not.toContain("the printer");
    await cancelAll(again);
  });

  it("fills in the form, with all of its VMs", async () => {
    const { slack } = world;
    const form = await opens(world, "", {
      user: "U0SAM",
      ready: (modal) => blockIn(modal, "recent") !== undefined,
    });
    expect(offered(form, "recent")).toContain(outage[0]);
    expect(slack.world.warnings).toEqual([]);
    const value = outage[0] ?? "";
    await slack.select({ user: "U0SAM", actionId: "jit.form.recent", value });
    const filled = await formOn(world, "U0SAM", (modal) => blockIn(modal, "more") !== undefined);
    expect(blockIn(filled, "recent")).toBe(undefined);
    expect(standing(filled, "duration")).toBe("30m");
    expect(standing(filled, "reason")).toBe("the outage");
    expect(standing(filled, "more")?.split(",")).toHaveLength(1);
    const before = slack.ephemerals("U0SAM").length;
    const sent = await sends(world, {}, { user: "U0SAM" });
    expect(sent.outcome).toBe("closed");
    const told = await toldNext(world, before, "U0SAM");
    expect(told).toContain("Requested 2 VMs");
    for (const name of ["vm-01", "win-02"]) expect(told).toContain(name);
    await cancelAll(ids(told));
  });
});

describe("what one has already", () => {
  it("is shown while it waits, with its buttons, instead of a second card", async () => {
    const { id } = await ask(world, "win-02 3389 1h for one reason");
    const before = cards().length;
    const answer = await told("again");
    expect(answer).toContain("already requested this");
    expect(answer).toContain(id);
    expect(shownTo("U0ERIN")).toContain("jit.cancel");
    const other = await ask(world, "win-02 3389 1h for another reason");
    expect(other.id).not.toBe(id);
    expect(cards()).toHaveLength(before + 1);
    await told(`cancel ${id}`);
    await told(`cancel ${other.id}`);
  });

  it("is shown while it is open, but for a longer time", async () => {
    const { id, card } = await ask(world, "win-02 3389 1h for the patch");
    await decided("approve", id, card.ts, "Open until");
    expect(await told("again")).toMatch(new RegExp(`already have this access.*${id}`, "s"));
    expect(shownTo("U0ERIN")).toContain("jit.end");
    const longer = await ask(world, "win-02 3389 3h for the patch");
    expect(longer.id).not.toBe(id);
    await told(`cancel ${longer.id}`);
    await ended(id);
  });
});

describe("/jit again under a stricter rule", () => {
  it("is refused as the request itself would be", async () => {
    const asked = await ask(world, "win-02 3389 4h for a long night");
    await told(`cancel ${asked.id}`);
    await bot.terminate();
    await world.startBot({ policy: POLICY.replace("maxDuration: 4h", "maxDuration: 2h") });
    const before = cards().length;
    expect(await told("again")).toMatch(/2h/);
    expect(cards()).toHaveLength(before);
  });
});
