// A door that opens late, or never: "open" is said when it is seen, and "failed" only at its end.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Asked,
  asked,
  cardTexts,
  click,
  direct,
  ends,
  type FaultWorld,
  fault,
  faultWorld,
  granted,
  history,
  INITIATE,
  initiates,
  livesToItsEnd,
  MINUTE,
  notices,
  opened,
  SECOND,
  shows,
  soon,
  until,
} from "./steps.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld();
  await world.startBot();
});
afterAll(() => world?.close());

describe("a door", () => {
  it("that opens late is said to be accepted and not yet open", async () => {
    world.azure.switches.opensAfterMs = 10 * MINUTE;
    const request = await granted(world);
    await shows(world, request, "waiting for the port to open");
    await until(world, "the requester to be told", () =>
      direct(world, request.id).some((text) => text.includes("waiting for the port to open")),
    );
    expect(direct(world, request.id).join()).not.toContain("mstsc");
    await world.memory.atRest();
    world.advance(10 * MINUTE);
    await shows(world, request, "Open until");
    await until(world, "the way in", () => direct(world, request.id).join().includes("mstsc"));
    expect(initiates(world, request.id)).toHaveLength(1);
    await livesToItsEnd(world, request);
  });

  it("that comes after the bot has looked for it in vain is not asked for again", async () => {
    world.azure.switches.opensAfterMs = 2_000;
    const request = await asked(world);
    const held = fault(world.azure, { ...INITIATE, times: 1, act: "hold" });
    await click(world, request);
    await soon(world, "the asking", () => held.struck() > 0);
    await soon(world, "the time-out", async () => {
      const { attempts } = await world.memory.request(request.id);
      return attempts.azure?.fault.includes("ETIMEDOUT");
    });
    // After the next reading without a sign of it, Azure would be asked once more.
    await until(world, "the readings", async () => (await readsOf(request)) >= 3, { stepMs: 100 });
    world.azure.faults.clear(held.id);
    await soon(world, "the opening", () => initiates(world, request.id)[0]?.handled === 202);
    await shows(world, request, "Open until");
    expect(initiates(world, request.id)).toHaveLength(1);
    await livesToItsEnd(world, request);
  });

  it("that never opens is said to have failed at its end, and not before", async () => {
    const request = await asked(world, "stuck-01 22 1h", { channel: "C0DEV" });
    await click(world, request);
    await shows(world, request, "waiting for the port to open");
    const endMs = await world.memory.endsAtMs(request.id);
    await world.memory.atRest();
    world.advance(endMs - world.nowMs() - 30 * SECOND);
    await world.memory.atRest();
    expect((await world.memory.request(request.id)).state).toBe("opening");
    world.advance(40 * SECOND);
    expect(await shows(world, request, "Failed")).toContain("never seen open");
    await until(world, "the notice", () => notices(world, request.id).length > 0);
    await world.memory.atRest();
    expect(notices(world, request.id)).toHaveLength(1);
    expect(direct(world, request.id).join()).toContain("never seen open");
    expect(initiates(world, request.id)).toHaveLength(1);
    expect(await world.memory.audit(request.id)).not.toContain("opened");
  });

  it("that closes some seconds after its end is told in one message, and the card is right", async () => {
    world.azure.switches.opensAfterMs = 2_000;
    world.azure.switches.closesAfterMs = 2_000;
    const request = await opened(world);
    await livesToItsEnd(world, request);
    expect(await shows(world, request, "Azure shows it closed")).not.toContain("looking");
    expect(ends(world, request.id)).toHaveLength(1);
    expect(ends(world, request.id)[0]).toContain("Azure shows it closed");
    // The card says it: the thread would only repeat it.
    expect(history(world, request)).toBe("");
    await saysNothingOpen(request);
  });

  it("that closes a minute later is put right on the card, in the thread and in private", async () => {
    world.azure.switches.closesAfterMs = MINUTE;
    const request = await opened(world);
    await livesToItsEnd(world, request);
    await until(world, "the end told", () => ends(world, request.id).length > 0);
    await shows(world, request, "Azure shows it closed", { stepMs: 2_000 });
    await until(world, "the requester told", () =>
      ends(world, request.id)[0]?.includes("Azure shows it closed"),
    );
    await until(world, "the thread", () =>
      history(world, request).includes("Azure now shows it closed"),
    );
    await world.memory.atRest();
    // The end, edited in place, and that it closed later.
    expect(ends(world, request.id)).toHaveLength(2);
    await saysNothingOpen(request);
    expect((await world.memory.request(request.id)).endMessages).toBeUndefined();
  });

  it("that closes long after its end is an alarm while it is so, and no longer", async () => {
    world.azure.switches.closesAfterMs = 6 * MINUTE;
    const request = await opened(world);
    await livesToItsEnd(world, request);
    await shows(world, request, "Azure still shows it open. The bot keeps looking.", {
      stepMs: 4_000,
    });
    await until(world, "the alarm", () =>
      direct(world, request.id).join().includes("To close it by hand"),
    );
    await shows(world, request, "Azure shows it closed", { stepMs: 8_000 });
    await world.memory.atRest();
    await saysNothingOpen(request);
  });

  it("that Azure forgets at its end is looked for a few times, and that is said", async () => {
    world.azure.switches.closesAfterMs = 0;
    world.azure.switches.endedKeptMs = 0;
    const request = await opened(world);
    await livesToItsEnd(world, request);
    const card = await shows(world, request, "Azure never confirmed", { stepMs: 8_000 });
    expect(card).toContain("Check it in the portal");
    await world.memory.atRest();
    await saysNothingOpen(request);
  });
});

async function readsOf({ id }: Asked): Promise<number> {
  const request = await world.memory.request(id);
  return request.state === "opening" ? request.grant.azure.reads : 0;
}

/** Nothing of what stands in Slack at the end says that the bot looks, or that a door is open. */
async function saysNothingOpen(request: Asked): Promise<void> {
  const all = [
    ...cardTexts(world, request),
    ...direct(world, request.id),
    history(world, request),
  ].join("\n");
  for (const wrong of ["keeps looking", "shows it open", "Waiting for Azure", "confirmed yet"]) {
    expect(all).not.toContain(wrong);
  }
}
