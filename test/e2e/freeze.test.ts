// The brake, over the wire: what is decided while access is frozen waits and says so, and goes on when it's lifted.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, askedToClose, cardOf, cardSays, idIn, initiates, typed } from "../support/people.ts";
import { POLICY, startWorld, type TestWorld } from "../support/world.ts";

const REASON = "a *leaked* key <!channel> & more";

/** Auto-approved, break-glass and extensions beside what the usual policy has. */
const policy = POLICY.replace(
  "maxDuration: 4h\n",
  "maxDuration: 4h\n    breakGlass: { users: [U0OMAR] }\n    extend: { max: 1, approvals: 0 }\n",
).replace(
  "rules:\n",
  `rules:
  - name: automatic
    match: { vms: [web-02], ports: [3389] }
    requesters: anyone
    approvals: 0
    networks: [vpn]
    reason: optional
`,
);

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy });
  await world.startBot();
  await world.startBot();
});
afterAll(() => world?.close());

const approve = async (id: string, channel = "C0PROD") => {
  const { ts } = await cardOf(world, id, channel);
  await world.slack.click({ user: "U0LEAD", channel, ts, actionId: "jit.approve" });
};

const isSent = (id: string) =>
  initiates(world).some(({ body }) => JSON.stringify(body).includes(id));

const waitsFor = (what: string, isSo: () => boolean) =>
  world.slack.waitFor(isSo, { what, timeoutMs: 20_000 });

const saysTo = (user: string, text: string) =>
  waitsFor(`${user} to be told: ${text}`, () =>
    world.slack.direct(user).some((one) => world.slack.plainText(one).includes(text)),
  );

describe("a freeze", () => {
  it("is for admins alone, and lifted only where there is one", async () => {
    expect(await typed(world, "U0LEAD", "freeze")).toContain("Only admins can freeze access");
    expect(await typed(world, "U0LEAD", "unfreeze")).toContain("Only admins can lift a freeze");
    expect(await typed(world, "U0ADMIN", "unfreeze")).toContain("Access isn't frozen");
  });

  const waiting: string[] = [];

  it("keeps everything but break-glass from opening, and everybody reads it", async () => {
    const before = await ask(world, "vm-01 3389 1h");
    await approve(before.id);
    await cardSays(world, before, "Open until");

    const said = await typed(world, "U0ADMIN", `freeze for ${REASON}`);
    expect(said).toContain("Access is frozen: nothing new opens, except break-glass.");
    expect(await typed(world, "U0ADMIN", "freeze")).toContain("Access is already frozen by @ada");
    await waitsFor("the notice of the freeze", () =>
      world.slack
        .messages("C0NOTICES")
        .some((one) => world.slack.plainText(one).includes("Access is frozen")),
    );
    expect(JSON.stringify(world.slack.messages("C0NOTICES"))).not.toContain("<!channel>");

    const asked = await ask(world, "win-02 3389 1h");
    expect(asked.answer).toContain("Access is frozen by @ada");
    await approve(asked.id);
    const card = await cardSays(world, asked, "It waits:");
    expect(card).toContain("Ready");
    expect(card).toContain("Approved by @lea.");
    expect(card).toContain("access is frozen by @ada: “a ");
    await saysTo("U0ERIN", "When an admin lifts the freeze, everything is checked again");

    const automatic = await typed(world, "U0ERIN", "request web-02 3389 1h");
    expect(automatic).toContain("needs no approval, but access is frozen by @ada");
    waiting.push(asked.id, idIn(automatic));

    const glass = await typed(world, "U0OMAR", "breakglass vm-01 22 30m for the outage");
    expect(glass).toContain("Break-glass opens anyway.");
    await waitsFor("break-glass to go through", () => isSent(idIn(glass)));
    expect(waiting.some(isSent)).toBe(false);

    await world.slack.command({ user: "U0ERIN", channel: "C0GENERAL", text: "" });
    await waitsFor("the form to say so", () =>
      JSON.stringify(world.slack.modal("U0ERIN")?.view ?? {}).includes("Access is frozen"),
    );
    await world.slack.closeView({ user: "U0ERIN" });
    expect(await typed(world, "U0ERIN", "explain win-02 3389")).toContain(
      "Access is frozen by @ada",
    );
    expect(await typed(world, "U0ADMIN", "doctor")).toContain("access is frozen by");
    await world.slack.openHome({ user: "U0SAM" });
    await waitsFor("the home tab to say so", () =>
      JSON.stringify(world.slack.home("U0SAM") ?? "").includes("Access is frozen"),
    );
    expect(await typed(world, "U0ERIN", `end ${before.id}`)).toContain("is now Ending");
    await cardSays(world, before, "It closes by");
    await askedToClose(world, before.id);
    world.advance(3 * 60_000);
    await cardSays(world, before, "Ended early");
  });

  it("lets those who asked cancel, and approvers withdraw, what waits", async () => {
    const asked = await ask(world, "web-02 22 1h");
    await approve(asked.id);
    await cardSays(world, asked, "It waits:");
    expect(await typed(world, "U0ERIN", `cancel ${asked.id}`)).toContain("is now Cancelled");
    const other = await ask(world, "web-02 22 1h");
    await approve(other.id);
    await cardSays(world, other, "It waits:");
    const { channel, ts } = await cardOf(world, other.id);
    await world.slack.click({ user: "U0LEAD", channel, ts, actionId: "jit.take-back" });
    await cardSays(world, other, "Pending");
    expect(await typed(world, "U0ERIN", `cancel ${other.id}`)).toContain("is now Cancelled");
  });

  it("lets go on what waited, with its time from then on, and drops what no longer holds", async () => {
    const drops = await ask(world, "jump-01 22 1h");
    await approve(drops.id);
    await cardSays(world, drops, "It waits:");
    const jump = [...world.azure.world.vms.values()].find(({ name }) => name === "jump-01");
    if (jump === undefined) throw new Error("the world has no jump-01");
    jump.tags = { env: "secret" };
    world.advance(20 * 60_000);
    const liftedAtMs = world.nowMs();
    expect(await typed(world, "U0ADMIN", "unfreeze")).toContain("3 requests waited");
    for (const id of waiting) await waitsFor(`${id} to open`, () => isSent(id));
    const sent = initiates(world).find(({ body }) =>
      JSON.stringify(body).includes(waiting[0] ?? "-"),
    );
    const [end] = /20\d\d-[^"]+Z/.exec(JSON.stringify(sent?.body)) ?? [];
    const untilMs = Date.parse(end ?? "") - liftedAtMs;
    expect(untilMs).toBeGreaterThan(59 * 60_000);
    expect(untilMs).toBeLessThan(62 * 60_000);
    await cardSays(world, drops, "Not opened when the freeze was lifted");
    expect(isSent(drops.id)).toBe(false);
    expect(await typed(world, "U0ADMIN", "audit")).toContain("JIT-");
  });

  it("lets what waits expire in time, and says why", async () => {
    await typed(world, "U0ADMIN", "freeze");
    const asked = await ask(world, "vm-01 3389 1h");
    await approve(asked.id);
    await cardSays(world, asked, "It waits:");
    world.advance(61 * 60_000);
    await cardSays(world, asked, "Approved while access was frozen, and expired");
    expect(isSent(asked.id)).toBe(false);
  });
});
