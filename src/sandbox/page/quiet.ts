// Waits until what is under way in the demo has been told: so no clock jumps between an act and its news.

import { setTimeout as wait } from "node:timers/promises";
import type { Demo } from "../assembly/demo-parts.ts";
import { azureView } from "./azure-view.ts";
import { known, wireLines } from "./wire-lines.ts";

/** Nothing goes over the wire for so long, but for what the bot looks at regularly. */
const QUIET_MS = 400;
/** What doesn't come to an end by itself isn't waited for. */
const QUIET_WITHIN_MS = 4_000;

/** `since`: what had gone over the wire before. */
export async function untilQuiet(demo: Demo, since = known(demo)): Promise<void> {
  const untilMs = Date.now() + QUIET_WITHIN_MS;
  let before = "";
  while (Date.now() < untilMs) {
    const lines = wireLines(demo, since).filter(({ isLook }) => !isLook);
    const now = JSON.stringify([lines, openingNow(demo)]);
    if (now === before && openingNow(demo) === 0) return;
    before = now;
    await wait(QUIET_MS);
  }
}

const openingNow = ({ azure, nowMs }: Demo): number =>
  azureView({ ...azure, nowMs }).doors.filter(({ status }) => status === "opening").length;
