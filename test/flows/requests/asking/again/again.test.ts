// What is written for somebody who wants several VMs again: every one of them, also those of one name.

import { expect, it } from "vitest";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import type { RequestId } from "../../../../../src/domain/text/ids.ts";
import { togetherWith } from "../../../../../src/flows/requests/asking/again/again.ts";
import {
  production,
  read,
  type Stage,
  stagePolicy,
  startStage,
} from "../../../../security/stage.ts";
import { ERIN, SOURCES } from "../../../../security/universe.ts";
import { anAsk, inState } from "../../../../support/requests.ts";

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

/** `db-*` is under a rule of its own, with another usual source. */
const TWO_RULES = stagePolicy({
  rules: [
    { ...production, name: "databases", match: { vms: ["db-*"] }, networks: SOURCES.slice(1, 2) },
    production,
  ],
});

const names = (stage: Stage, from = 0) =>
  stage.store
    .all()
    .slice(from)
    .map(({ ask }) => `${ask.vm.id.split("/")[4]}/${ask.vm.name} from ${ask.sourceName}`)
    .sort();

it("asks for the named one where it lies too far back to be found among those of its command", async () => {
  const named = inState("ended", { ask: anAsk({ askedWith: "together" }) });
  const other = { ...named.ask, vm: { ...named.ask.vm, name: "vm-02" } };
  const newer = inState("ended", { id: "JIT-000002" as RequestId, ask: other });
  const found = (all: readonly AccessRequest[]) =>
    togetherWith({ requests: { list: async () => all } } as never, named, named.id);
  expect(await found([newer, named])).toEqual([named.ask, other]);
  expect(await found([newer])).toEqual([named.ask]);
});

async function cancelAll(stage: Stage): Promise<void> {
  for (const { id } of stage.store.all()) await stage.says(ERIN, `cancel ${id}`);
}

const ASKED = "request vm:rg-web/web-1,rg-old/web-1,rg-db/db-1 22 1h for why";

it("asks again for all VMs of a command that fell under two rules, by the last or by a card's first", async () => {
  for (const which of ["", "rg-web", "rg-db"]) {
    const stage = startStage(TWO_RULES);
    await stage.says(ERIN, ASKED);
    const first = names(stage);
    expect(first).toEqual([
      "rg-db/db-1 from office",
      "rg-old/web-1 from vpn",
      "rg-web/web-1 from vpn",
    ]);
    const named = stage.store.all().find(({ ask }) => ask.vm.id.includes(`/${which}/`))?.id ?? "";
    await cancelAll(stage);
    await stage.says(ERIN, which === "" ? "again" : `again ${named}`);
    expect(names(stage, 3)).toEqual(first);
  }
});

it("asks again for the one VM that is named where it isn't the first of its card", async () => {
  const stage = startStage(TWO_RULES);
  await stage.says(ERIN, ASKED);
  const follower = stage.store.all().find(({ batch }) => batch?.role === "member");
  await cancelAll(stage);
  await stage.says(ERIN, `again ${follower?.id}`);
  expect(names(stage, 3)).toEqual(["rg-old/web-1 from vpn"]);
});

it("never takes two commands for one", async () => {
  const stage = startStage(TWO_RULES);
  await stage.says(ERIN, ASKED);
  await cancelAll(stage);
  await stage.says(ERIN, "request vm:rg-web/web-1,rg-db/db-1 22 1h for another reason");
  await cancelAll(stage);
  await stage.says(ERIN, "again");
  expect(names(stage, 5)).toEqual(["rg-db/db-1 from office", "rg-web/web-1 from vpn"]);
});
