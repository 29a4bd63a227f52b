// A door that opens late, or never: "open" is said when it is seen, and "failed" only at its end.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  asked,
  click,
  direct,
  type FaultWorld,
  faultWorld,
  granted,
  initiates,
  livesToItsEnd,
  MINUTE,
  notices,
  SECOND,
  shows,
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
    await shows(world, request, "not yet seen open");
    await until(world, "the requester to be told", () =>
      direct(world, request.id).some((text) => text.includes("not yet seen open")),
    );
    expect(direct(world, request.id).join()).not.toContain("mstsc");
    await world.memory.atRest();
    world.advance(10 * MINUTE);
    await shows(world, request, "Open until");
    await until(world, "the way in", () => direct(world, request.id).join().includes("mstsc"));
    expect(initiates(world, request.id)).toHaveLength(1);
    await livesToItsEnd(world, request);
  });

  it("that never opens is said to have failed at its end, and not before", async () => {
    const request = await asked(world, "stuck-01 22 1h", { channel: "C0DEV" });
    await click(world, request);
    await shows(world, request, "not yet seen open");
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
});
