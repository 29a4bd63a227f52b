// What somebody is told who requests once more what they have requested already.

import { describe, expect, it } from "vitest";
import type { In } from "../../../../src/domain/request/request.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import { hadWords } from "../../../../src/flows/requests/asking/asked-words.ts";
import { FREEZE, inState, T0 } from "../../../support/requests.ts";

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
