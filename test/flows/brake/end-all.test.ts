// The preview of ending everything: all that is open, however many that are, and what can't be read by its id.

import { describe, expect, it } from "vitest";
import { endAllMessage } from "../../../src/adapters/slack/views/pages/end-all-view.ts";
import type { EndAll } from "../../../src/domain/brake/end-all.ts";
import { parseCommand } from "../../../src/domain/command/command.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { applyEndAllClick, previewEndAll } from "../../../src/flows/brake/end-all.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import type { Sender } from "../../../src/ports/inbound.ts";
import { at, benchPerFile, idOf, open, TENANT, write } from "../../adapters/redis/with-store.ts";
import { ADA, aPolicy, aVm, inState } from "../../support/requests.ts";

const bench = benchPerFile();
const LIMITS = { openPerPerson: 10_000, pendingPerPerson: 10_000 };
/** As many as are read at once, and one more. */
const COUNT = 501;

/** Few enough that a busy machine answers the last of them before its call times out. */
const AT_ONCE = 50;

async function opened(count: number): Promise<void> {
  const nowMs = await bench.store.storeClock.nowMs();
  const all = Array.from({ length: count }, (_, n) => n);
  for (let from = 0; from < count; from += AT_ONCE) {
    const made = all
      .slice(from, from + AT_ONCE)
      .map((n) =>
        bench.store.requests.create(write(open(nowMs, { id: idOf(n), ...at(nowMs + n) })), LIMITS),
      );
    await Promise.all(made);
  }
}

const spoil = (id: string) => bench.redis.hset(`{jit:${TENANT}}:requests`, id, "3|{}");

/** What Azure's inventory has: only what JIT policies name. `atMs` 0: it isn't read yet. */
type Inventory = { readonly atMs?: number; readonly vmPolicies?: ReadonlyMap<string, unknown> };

const preview = (target?: string, { atMs = 1, vmPolicies = new Map() }: Inventory = {}) => {
  const { requests, endAlls, deliveries, storeClock } = bench.store;
  const deps = {
    ...{ requests, endAlls, deliveries, storeClock },
    policy: () => aPolicy(),
    chat: { person: async () => ({ id: ADA, kind: "full" }), groupMembers: async () => [] },
    onCall: async () => [],
    absences: { now: async () => [] },
    random: { bytes: () => new Uint8Array(12) },
    azure: { snapshot: () => ({ vms: new Map(), vmPolicies, atMs }) },
  } as unknown as Deps;
  const sender = { user: ADA, delivery: "d1" } as Sender;
  const command = parseCommand(`end all ${target ?? ""}`);
  if (isRefusal(command)) throw new Error(plain(command.say));
  return previewEndAll(deps, sender, command as Parameters<typeof previewEndAll>[2]);
};

describe("the preview of end all", () => {
  it("goes on past a batch of which some can't be read, and names those", async () => {
    await opened(COUNT);
    const newest = idOf(COUNT - 1);
    await spoil(newest);
    const answer = await preview();
    if (!("screen" in answer) || answer.screen.screen !== "end-all") {
      throw new Error(JSON.stringify(answer));
    }
    const { endAll } = answer.screen;
    expect(endAll.requests).toHaveLength(COUNT - 1);
    expect(endAll.requests).toContain(idOf(0));
    expect(endAll.unreadable).toEqual([newest]);
    expect((await bench.store.endAlls.read(endAll.id))?.endAll).toEqual(endAll);
    const shown = JSON.stringify(endAllMessage(endAll));
    expect(shown).toContain("1 open request can't be read and won't be ended");
    expect(shown).toContain(newest);
    expect(JSON.stringify(endAllMessage({ ...endAll, state: "over" }))).toContain(newest);
  });

  it("has what is ready to open, which it cancels, and nothing that is pending", async () => {
    const nowMs = await bench.store.storeClock.nowMs();
    const states = ["open", "ready", "pending"] as const;
    for (const [n, state] of states.entries()) {
      const next = inState(state, { id: idOf(n), ...at(nowMs + n) });
      await bench.store.requests.create(write(next), LIMITS);
    }
    const answer = await preview();
    if (!("screen" in answer) || answer.screen.screen !== "end-all") {
      throw new Error(JSON.stringify(answer));
    }
    const { endAll } = answer.screen;
    expect(endAll.requests).toEqual([idOf(0), idOf(1)]);
    expect(endAll.readyCount).toBe(1);
    expect((await bench.store.endAlls.read(endAll.id))?.endAll).toEqual(endAll);
    const shown = JSON.stringify(endAllMessage(endAll));
    expect(shown).toContain("ends 1 request and cancels 1 that hasn't opened yet.");
  });

  it.each([
    ["vm:vm-99", "I can't find a VM named vm-99"],
    ["rule:prod", "There's no rule prod in the policy file: use "],
  ])("doesn't say that nothing is open where %s is mistyped", async (target, says) => {
    const answer = await preview(target);
    expect(isRefusal(answer) ? plain(answer.say) : JSON.stringify(answer)).toContain(says);
  });

  it.each<[string, Inventory]>([
    ["the VMs aren't read yet", { atMs: 0 }],
    ["the VM is gone, and a JIT policy still names it", { vmPolicies: new Map([[aVm().key, []]]) }],
  ])("calls no VM mistyped where %s", async (_, inventory) => {
    const answer = await preview("vm:vm-01", inventory);
    expect("lines" in answer ? answer.lines.map(plain).join() : "").toContain(
      "Nothing is open that",
    );
  });

  it("names what can't be read beside a target that is mistyped, too", async () => {
    await opened(1);
    await spoil(idOf(0));
    const answer = await preview("rule:prod");
    expect(isRefusal(answer) ? plain(answer.say) : "").toMatch(
      /^There's no rule prod .*\n⚠️ 1 open request can't be read and won't be ended/,
    );
  });

  it("doesn't say that nothing is open and leave it at that", async () => {
    await opened(2);
    for (const n of [0, 1]) await spoil(idOf(n));
    const answer = await preview();
    const said = "lines" in answer ? answer.lines.map(plain).join("\n") : "";
    expect(said).toContain("Nothing is open that ");
    expect(said).toContain("2 open requests can't be read and won't be ended");
  });
});

it.each<[Partial<EndAll>, string]>([
  [{ state: "ending", shownIn: { channel: "D1", ts: "1.1" } }, "progress is in your DM."],
  [{ state: "ending" }, "I'll post the outcome in #"],
  [{ state: "over" }, "the outcome is only in #"],
])("says where to look for what is ended already: %j", async (change, where) => {
  const endAll = {
    ...{ id: "end-1", by: ADA, asked: "end all", atMs: 0, requests: [] },
    ...{ peopleCount: 0, vmCount: 0, breakGlassCount: 0, ...change },
  };
  const deps = {
    policy: () => aPolicy(),
    chat: { person: async () => ({ id: ADA, kind: "full" }), groupMembers: async () => [] },
    onCall: async () => [],
    absences: { now: async () => [] },
    endAlls: { read: async () => ({ endAll, version: 1 }) },
    storeClock: bench.store.storeClock,
  } as unknown as Deps;
  const sender = { user: ADA, delivery: "d1" } as Sender;
  const answer = await applyEndAllClick(deps, sender, "end-1");
  expect("lines" in answer && answer.lines.map(plain).join()).toContain(where);
});
