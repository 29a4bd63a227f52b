// A VM that does not run: said to whoever asks, on the card, and when its ports are open.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findVm } from "../../src/sandbox/azure/world/parts.ts";
import {
  type Asked,
  click,
  direct,
  type FaultWorld,
  faultWorld,
  shows,
  soon,
} from "../faults/steps.ts";
import { ask, typed } from "../support/people.ts";

let world: FaultWorld;
beforeAll(async () => {
  world = await faultWorld();
  await world.startBot();
});
afterAll(() => world?.close());

const turn = (vm: string, power: "running" | "stopped" | "deallocated") => {
  findVm(world.azure.world, vm).power = power;
};

const asked = async (text: string): Promise<Asked & { answer: string; card: string }> => {
  const { id, card, answer } = await ask(world, text);
  return { id, ts: card.ts, channel: "C0PROD", answer, card: world.slack.plainText(card) };
};

const openDm = (id: string) =>
  soon(world, "the message that it is open", () =>
    direct(world, id).find((text) => text.includes("mstsc")),
  );

const IS = "win-02 is deallocated: nobody can connect until it's started.";
const WAS = "The VM was deallocated when this was requested: nobody can connect until it's started";

describe("a VM that does not run", () => {
  it("is said when asking, on the card and on opening", async () => {
    const request = await asked("win-02 3389 1h");
    expect(request.answer).toContain(IS);
    expect(request.card).toContain(WAS);
    await click(world, request);
    expect(await shows(world, request, "Open until")).toContain(IS);
    expect(await openDm(request.id)).toContain(IS);
  });

  it("is asked for without a duration: what was filled in is said", async () => {
    const filled = "You gave no duration, so it's 1h, the default of rule";
    const { answer } = await asked("win-02 3389");
    expect(answer).toContain(filled);
    expect((await asked("vm-01 3389 1h")).answer).not.toContain(filled);
  });

  it("is not said on opening where it was started meanwhile", async () => {
    const request = await asked("win-02 3389 1h");
    turn("win-02", "running");
    await click(world, request);
    const card = await shows(world, request, "Open until");
    expect(card).not.toContain("deallocated");
    expect(await openDm(request.id)).not.toContain("deallocated");
  });

  it("is said by explain, too, and nothing of one that runs", async () => {
    turn("win-02", "stopped");
    // The inventory is a minute old at most; nobody waits here for that.
    await world.startBot({ env: { TEST_REFRESH_EVERY_MS: "500" } });
    const said = () => typed(world, "U0ERIN", "explain win-02 3389 1h");
    await soon(world, "the VM's new state", async () =>
      (await said()).includes("win-02 is stopped"),
    );
    expect(await typed(world, "U0ERIN", "explain vm-01 3389 1h")).not.toContain("started");
  });
});
