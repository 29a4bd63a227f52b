// A time that was chosen in the form is that very moment, also in the hour that the clocks show twice.

import { expect, it } from "vitest";
import { buildApp } from "../../../src/app.ts";
import { vmCode } from "../../../src/domain/rules/vm-search.ts";
import { read, stagePolicy, startStage } from "../../security/stage.ts";
import { ERIN, VMS } from "../../security/universe.ts";
import { HOUR } from "../../support/requests.ts";

/** The clocks of New York are put back at 06:00 UTC of the day on which the stage begins. */
const ZONE = "America/New_York";

it.each([
  ["first", Date.UTC(2026, 10, 1, 5, 30)],
  ["second", Date.UTC(2026, 10, 1, 6, 30)],
])("the %s time that the clocks show", async (which, opensAtMs) => {
  const stage = startStage(stagePolicy(), {
    build: (deps, config) => {
      const person: typeof deps.chat.person = async (...asked) => {
        const found = await deps.chat.person(...asked);
        return found && { ...found, zone: ZONE };
      };
      return buildApp({ ...deps, chat: { ...deps.chat, person } }, config);
    },
  });
  stage.advance(-12 * HOUR);
  const [vm] = VMS;
  const answer = await stage.inbound.sendForm(stage.sender(ERIN), {
    vmCode: vm === undefined ? "" : vmCode(vm.key),
    ...{ ports: "22", duration: "1h", opensAtMs, source: "", reason: "patching" },
    ...{ moreCodes: [], isAllOrNone: false },
  });
  expect(stage.store.all().map(({ ask }) => ask.opensAtMs)).toEqual([opensAtMs]);
  expect(read(answer)).toContain(`it's the ${which}.`);
});
