// One request among several: how it stands, in one line.

import { expect, it } from "vitest";
import { entryBlocks } from "../../../../../src/adapters/slack/views/pages/entry.ts";
import { lines } from "../../reading.ts";
import { DECIDED_AT_MS, ERIN, LEAD, PLAIN, ready } from "../../requests.ts";

const said = (request: ReturnType<typeof ready>): string | undefined =>
  lines({
    blocks: entryBlocks(
      { request, offers: [] },
      { nowMs: DECIDED_AT_MS, you: ERIN, workspaceUrl: undefined },
    ),
  })[0];

it("says of what is Ready for how long it is, and when it opens", () => {
  const frozen = { by: LEAD, atMs: DECIDED_AT_MS, reason: "a leak" };
  expect(said(ready(PLAIN, { frozen }))).toContain(
    "Ready for 2h, opens when the freeze is lifted: ",
  );
  expect(said(ready())).toMatch(/Ready for 2h once opened, expires \S/);
  const heldUp = { code: "too-many-open", message: "One has to end first." };
  for (const late of [
    { frozen, unchecked: true },
    { fromMs: DECIDED_AT_MS, heldUp },
  ] as const) {
    expect(said(ready(PLAIN, late))).toMatch(/Ready for 2h, not opened yet, expires \S/);
  }
});
