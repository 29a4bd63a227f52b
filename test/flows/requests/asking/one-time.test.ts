// One command has one time, however long its VMs take to be read.
// Of src/flows/requests/asking/submit-several.ts.

import { expect, it } from "vitest";
import { startStage } from "../../../security/stage.ts";
import { ERIN } from "../../../security/universe.ts";
import { MINUTE } from "../../../support/requests.ts";

/** Far more than are made for the command. */
const CALLS_MAX = 40;

it("opens all VMs of a command on the same day, whenever its time passes while they are read", async () => {
  const days = new Set<number>();
  for (let calls = 1; calls <= CALLS_MAX; calls++) {
    const stage = startStage();
    const soonMs = Math.ceil((stage.nowMs() + 1) / MINUTE) * MINUTE;
    stage.advance(soonMs - 1 - stage.nowMs());
    const time = new Date(soonMs).toISOString().slice(11, 16);
    stage.interrupt(calls, async () => stage.advance(2));
    await stage.says(ERIN, `request vm:rg-web/web-1,rg-old/web-1 22 1h at ${time} for why`);
    const times = stage.store.all().map(({ ask }) => ask.opensAtMs ?? 0);
    expect(times).toHaveLength(2);
    expect(new Set(times).size).toBe(1);
    days.add((times[0] ?? 0) - soonMs);
  }
  // The time passed before it was read, and after.
  expect(days.size).toBe(2);
});
