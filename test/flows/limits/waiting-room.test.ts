// The waiting room: this many at once, the rest in order, and no more than have room.

import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { waitingRoom } from "../../../src/flows/limits/waiting-room.ts";
import { eventually } from "../../support/eventually.ts";

const ROOMS = { usual: { atOnce: 2, waiting: 3 }, reserved: { atOnce: 1, waiting: 1 } };

describe("a waiting room", () => {
  it("works on so many at once, in order, and refuses what has no room", async () => {
    const room = waitingRoom(systemClock, ROOMS);
    const gates = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
    const begun: number[] = [];
    const runs = gates.map(({ promise }, n) =>
      room.run("usual", async () => {
        begun.push(n);
        await promise;
        return n;
      }),
    );
    expect(runs[5]).toBeUndefined();
    await Promise.resolve();
    expect(begun).toEqual([0, 1]);
    // Others' waiting does not hold back who has a reserve.
    expect(await room.run("reserved", async () => "reserved")).toBe("reserved");
    gates[1]?.resolve();
    expect(await runs[1]).toBe(1);
    await eventually(() => expect(begun).toEqual([0, 1, 2]));
    for (const gate of gates) gate.resolve();
    expect(await Promise.all(runs.slice(0, 5))).toEqual([0, 1, 2, 3, 4]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect(await room.run("usual", async () => "again")).toBe("again");
  });

  it("goes on after work that fails", async () => {
    const room = waitingRoom(systemClock, { ...ROOMS, usual: { atOnce: 1, waiting: 1 } });
    const failed = room.run("usual", () => Promise.reject(new Error("no")));
    const next = room.run("usual", async () => "next");
    await expect(failed).rejects.toThrow("no");
    expect(await next).toBe("next");
  });
});
