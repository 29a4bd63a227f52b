// Lifting a freeze: what waited is counted, whether or not it goes on by itself in that very moment.

import { describe, expect, it } from "vitest";
import { plain } from "../../../src/domain/text/words.ts";
import { freezeAccess, unfreezeAccess } from "../../../src/flows/brake/freeze.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import type { Sender } from "../../../src/ports/inbound.ts";
import { ADA, aPolicy, inState, T0 } from "../../support/requests.ts";

const sender = { user: ADA, delivery: "d1" } as Sender;

/** Answers what is said, where the list of what waits is so before and after the lift. */
async function lifted(waitsBefore: boolean, waitsAfter: boolean): Promise<string> {
  let isFrozen = true;
  const list = async (_: string, __: number, from: number) =>
    from === 0 && (isFrozen ? waitsBefore : waitsAfter) ? [inState("ready")] : [];
  const deps = {
    policy: () => aPolicy(),
    chat: { person: async () => ({ id: ADA, kind: "full" }), groupMembers: async () => [] },
    onCall: async () => [],
    absences: { now: async () => [] },
    freezes: {
      lift: async () => {
        isFrozen = false;
        return "lifted";
      },
    },
    requests: { list, read: async () => undefined },
    storeClock: { nowMs: async () => T0 },
    log: { warn: () => undefined },
    onCommitted: () => undefined,
  } as unknown as Deps;
  const answer = await unfreezeAccess(deps, sender);
  if (!("lines" in answer)) throw new Error(JSON.stringify(answer));
  return answer.lines.map((line) => plain(line)).join(" ");
}

describe("lifting a freeze", () => {
  it("counts what waited, though a worker went on with it in the same moment", async () => {
    expect(await lifted(true, false)).toContain("1 request waited");
  });

  it("counts what came to wait in that moment, and each once", async () => {
    expect(await lifted(false, true)).toContain("1 request waited");
    expect(await lifted(true, true)).toContain("1 request waited");
  });

  it("says where nothing waited", async () => {
    expect(await lifted(false, false)).toContain("Nothing was waiting.");
  });
});

describe("a freeze", () => {
  async function frozen(endEarly: "initiate" | "off"): Promise<string> {
    const deps = {
      policy: () => aPolicy({ endEarly }),
      chat: { person: async () => ({ id: ADA, kind: "full" }), groupMembers: async () => [] },
      onCall: async () => [],
      absences: { now: async () => [] },
      freezes: {
        set: async () => "frozen",
        underway: async () => [{ id: "JIT-ABC123", sentAtMs: 0 }],
      },
      requests: { read: async () => undefined },
      storeClock: { nowMs: async () => T0 },
      primary: { confirm: async () => undefined },
      log: { warn: () => undefined },
      onCommitted: () => undefined,
    } as unknown as Deps;
    const answer = await freezeAccess(deps, sender, { verb: "freeze", reason: "" });
    if (!("lines" in answer)) throw new Error(JSON.stringify(answer));
    return answer.lines.map((line) => plain(line)).join(" ");
  }

  it("says how to end what's open", async () => {
    expect(await frozen("initiate")).toMatch(
      /ending always works\. .*\/jit end <id> ends one\. .*\/jit end all/,
    );
  });

  it("promises no ending where the policy file switches that off", async () => {
    const said = await frozen("off");
    expect(said).toContain("ending early is switched off in the policy file.");
    expect(said).not.toMatch(/always works|\/jit end/);
  });
});
