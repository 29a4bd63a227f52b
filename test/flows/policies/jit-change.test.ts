// The buttons of a change of JIT policies: what is said is what was kept, however clicks overtake each other.

import { describe, expect, it } from "vitest";
import type { Change } from "../../../src/domain/policies/policy-change.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { applyClick, dropClick } from "../../../src/flows/policies/jit-change.ts";
import type { Changes } from "../../../src/ports/storage/policies/policy-changes.ts";
import { read, startStage } from "../../security/stage.ts";
import { ADA, LEA } from "../../security/universe.ts";

const PREVIEW: Change = {
  ...{ id: "ab", verb: "disable", by: ADA, asked: "disable vm:web-1", atMs: 0, state: "preview" },
  ...{ meant: 1, policies: [], left: [], unread: [] },
};

/** `overtaken`: what another click has made of it between this one's look and its write. */
function stageOf({ overtaken, change = PREVIEW }: { overtaken?: Change; change?: Change } = {}) {
  const stage = startStage();
  let kept = { change, version: 1 };
  let isFirst = true;
  const applied: string[] = [];
  const changes: Changes = {
    read: async () => kept,
    commit: async (version, write) => {
      if (isFirst && overtaken !== undefined) kept = { change: overtaken, version: 2 };
      isFirst = false;
      if (version !== kept.version) return undefined;
      kept = { change: write.change, version: version + 1 };
      return kept.version;
    },
    unfinished: async () => [],
  };
  const deps = { ...stage.deps, changes, applyChange: (id: string) => void applied.push(id) };
  const press = async (click: typeof applyClick, user = ADA) => {
    const answer = await click(deps, stage.sender(user), "ab");
    return isRefusal(answer) ? plain(answer.say) : read(answer);
  };
  return { press, applied, state: () => kept.change.state };
}

describe("a preview", () => {
  it("is applied once, and dropped no more then", async () => {
    const { press, applied, state } = stageOf();
    expect(await press(applyClick)).toContain("Applying /jit disable vm:web-1");
    expect(await press(applyClick)).toContain("already applied");
    expect(await press(dropClick)).toContain("already applied");
    expect([applied, state()]).toEqual([["ab"], "applying"]);
  });

  it.each<[Partial<Change>, string]>([
    [{ state: "applying", shownIn: { channel: "D1", ts: "1.1" } }, "progress is in your DM."],
    [{ state: "applying" }, "I'll post the outcome in #C0NOTICES."],
    [{ state: "over" }, "the outcome is only in #C0NOTICES."],
    [{ state: "over", shownIn: { channel: "D0", ts: "0" } }, "the outcome is only in #C0NOTICES."],
  ])("says where to look for what was applied already: %j", async (change, where) => {
    const { press } = stageOf({ change: { ...PREVIEW, ...change } });
    expect(await press(applyClick)).toContain(where);
  });

  it("is not called dropped where another click applied it a moment before", async () => {
    const { press, state } = stageOf({ overtaken: { ...PREVIEW, state: "applying" } });
    expect(await press(dropClick)).toContain("already applied");
    expect(state()).toBe("applying");
  });

  it("is not applied where another click dropped it a moment before, and that is said", async () => {
    const { press, applied, state } = stageOf({ overtaken: { ...PREVIEW, state: "dropped" } });
    expect(await press(applyClick)).toContain("was cancelled without changes");
    expect([applied, state()]).toEqual([[], "dropped"]);
  });

  it("is no button for anybody but the admin who asked for it", async () => {
    const { press, applied } = stageOf();
    expect(await press(applyClick, LEA)).toContain("Only admins can change");
    const others = stageOf({ change: { ...PREVIEW, by: LEA } });
    expect(await others.press(applyClick)).toContain("Only the person who made this preview");
    expect([...applied, ...others.applied]).toEqual([]);
  });
});
