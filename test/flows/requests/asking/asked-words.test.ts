// What somebody reads who asked for several VMs: what wasn't requested, each VM by name, and each reason once;
// and what somebody reads who requests once more what they have requested already.
// Of src/flows/requests/asking/asked-words.ts.

import { describe, expect, it } from "vitest";
import type { In } from "../../../../src/domain/request/request.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import { hadWords } from "../../../../src/flows/requests/asking/asked-words.ts";
import { codeOf, read, stagePolicy, startStage } from "../../../security/stage.ts";
import { ERIN } from "../../../security/universe.ts";
import { FREEZE, inState, T0 } from "../../../support/requests.ts";

const ALL = "vm:rg-web/web-1,rg-web/web-2,rg-db/db-1,nope-9";

const limited = (pendingPerPerson: number, vmsPerRequest: number) =>
  startStage(
    stagePolicy({
      limits: { openPerPerson: 10, asksPerMinute: 10, pendingPerPerson, vmsPerRequest },
    }),
  );

it("names those that were refused for the same together, and the limit that an admin can raise", async () => {
  const said = read(await limited(1, 20).says(ERIN, `request ${ALL} 22 1h for why`));
  const [, unmade = ""] = said.split("Not requested:\n");
  expect(unmade).toMatch(
    /^nope-9: I can't find a VM named .*\nweb-2 and db-1: You have 1 request pending/,
  );
  expect(unmade).toContain(
    "An admin can set limits.pendingPerPerson to 20, so that all VMs of one request can wait.",
  );
});

it("names no setting where all VMs of a request can wait", async () => {
  const stage = limited(4, 4);
  await stage.says(ERIN, "request rg-web/web-1,rg-web/web-2,rg-db/db-1 22 1h for why");
  const said = read(await stage.says(ERIN, `request ${ALL} 3389 1h for why`));
  expect(said).toContain("web-2 and db-1: You have 4 requests pending, and the limit is 4:");
  expect(said).not.toContain("limits.pendingPerPerson");
});

it("says it once where all were refused for the same", async () => {
  const stage = limited(1, 20);
  await stage.says(ERIN, "request rg-db/db-1 22 1h for why");
  const answer = await stage.says(ERIN, "request rg-web/web-1,rg-web/web-2 22 1h for why");
  expect(codeOf(answer)).toBe("too-many-pending");
  expect(read(answer).match(/You have 1 request pending/g)).toHaveLength(1);
});

const { frozen: _, ...READY } = inState("ready") as In<"ready">;
const HELD_UP = { code: "too-many-open", message: "One has to end first." };

describe("who requests again what is ready", () => {
  it.each<[string, Partial<In<"ready">>, RegExp]>([
    ["to open it", {}, /is approved\. Open it by/],
    ["when it opens", { fromMs: T0 }, /is approved, for/],
    ["to open what was held up at its time", { fromMs: T0, heldUp: HELD_UP }, /Open it by/],
    ["that a freeze keeps it", { frozen: FREEZE }, /opens when an admin lifts the freeze/],
    ["that it can't be checked", { frozen: FREEZE, unchecked: true }, /isn't open yet, because/],
    ["no time that has passed", { fromMs: T0, unchecked: true }, /isn't open yet, because/],
  ])("is told %s", (_what, change, words) => {
    expect(plain(hadWords({ ...READY, ...change }))).toMatch(words);
  });
});
