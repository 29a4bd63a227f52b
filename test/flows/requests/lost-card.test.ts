// A click on a card without a record: that Azure has nothing open is said only after a look that shows it.

import { describe, expect, it } from "vitest";
import { systemRandom } from "../../../src/adapters/system-clock.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { afterLookingAtAzure } from "../../../src/flows/requests/lost-card.ts";
import type { Azure, InventorySnapshot } from "../../../src/ports/azure.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { idOf, quietLog } from "../../adapters/redis/with-store.ts";
import { aPolicy, ERIN, FOUND, HOUR, T0 } from "../../support/requests.ts";

const ID = idOf(1);
const CARD = { channel: "C0PROD", ts: "1.1" } as never;
const EMPTY: InventorySnapshot = {
  atMs: T0,
  vms: new Map(),
  vmPolicies: new Map(),
  unread: [],
  claimed: [],
};
const READ = { ...EMPTY, atMs: T0 + 1 };
const UNREAD = [{ subscriptionId: "sub-2", fault: "Throttled: later" }];
const found = { ...FOUND, id: ID, startedAtMs: T0, endsAtMs: T0 + HOUR };
const away = async () => {
  throw new Fault({ source: "azure", code: "Throttled", message: "later", retryable: true });
};

/** The click, where Azure is read so, one look after the other. */
async function clicked(
  reads: readonly InventorySnapshot[],
  { isOverLimit = false }: { readonly isOverLimit?: boolean } = {},
) {
  const closed: string[] = [];
  const left = [...reads];
  const azure: Partial<Azure> = {
    snapshot: () => EMPTY,
    refresh: async () => left.shift() ?? EMPTY,
    readPolicy: away,
  };
  const deps = {
    azure,
    requests: { read: async () => undefined, holders: async () => [[]] },
    storeClock: { nowMs: async () => T0 },
    clock: { nowMs: () => T0 + 1, sleep: async () => undefined },
    chat: { closeLostCard: async (id: string) => void closed.push(id) },
    limits: { take: () => (isOverLimit ? 1_000 : undefined) },
    random: systemRandom,
    log: quietLog,
    policy: aPolicy,
    onCommitted: () => undefined,
  } as unknown as Parameters<typeof afterLookingAtAzure>[0];
  const sender = { user: ERIN } as Parameters<typeof afterLookingAtAzure>[1];
  const answer = await afterLookingAtAzure(deps, sender, { id: ID, message: CARD });
  if (!isRefusal(answer)) throw new Error("nothing was made again");
  return { said: plain(answer.say), closed };
}

describe("a card without a record", () => {
  it("is closed where this look shows nothing open", async () => {
    const { said, closed } = await clicked([READ]);
    expect(said).toContain("Azure shows nothing open for it");
    expect(closed).toEqual([ID]);
  });

  it("is looked at once more where the reading had begun before the click", async () => {
    expect((await clicked([EMPTY, READ])).closed).toEqual([ID]);
  });

  it("is closed where another replica read, which makes again what it finds", async () => {
    const { claimed: _, ...read } = READ;
    expect((await clicked([read])).closed).toEqual([ID]);
    expect((await clicked([{ ...read, unread: UNREAD }])).closed).toEqual([]);
  });

  it.each<[string, readonly InventorySnapshot[], object?]>([
    ["policies of a subscription couldn't be read", [{ ...READ, unread: UNREAD }]],
    ["its policy couldn't be read", [{ ...READ, claimed: [found] }]],
    ["the reading is older than the click", [EMPTY, EMPTY]],
    ["they had Azure read too often", [READ], { isOverLimit: true }],
  ])("keeps its buttons where %s", async (_, reads, limit = {}) => {
    const { said, closed } = await clicked(reads, limit);
    expect(said).toContain("couldn't check whether Azure still has it open");
    expect(said).not.toContain("shows nothing");
    expect(closed).toEqual([]);
  });
});
