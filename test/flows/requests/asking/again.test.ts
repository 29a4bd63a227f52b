// What is written for somebody who wants several VMs again: every one of them, also those of one name.

import { expect, it } from "vitest";
import { read, startStage } from "../../../security/stage.ts";
import { ERIN } from "../../../security/universe.ts";

const BOTH = "vm:rg-web/web-1,rg-old/web-1";

it.each([
  [
    "for a set time",
    `request ${BOTH} 22 1h at tomorrow 23:00 for why`,
    `request ${BOTH} 22 1h from vpn at 23:00`,
  ],
  ["by break-glass", `breakglass ${BOTH} 22 1h for why`, "breakglass rg-web/web-1,rg-old/web-1 22"],
])("VMs of one name are told apart in the command for those %s", async (_, first, again) => {
  const stage = startStage();
  await stage.says(ERIN, first);
  await stage.settle();
  expect(stage.store.all().map(({ ask }) => ask.vm.id)).toHaveLength(2);
  expect(read(await stage.says(ERIN, "again"))).toContain(again);
});
