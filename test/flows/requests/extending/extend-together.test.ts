// Extending several VMs at once: each in its turn, as long as the turn is held.

import { describe, expect, it } from "vitest";
import type { RequestId } from "../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import type { CheckedAsk } from "../../../../src/flows/requests/asking/create-request.ts";
import { stillInTurn } from "../../../../src/flows/requests/extending/extend-together.ts";
import type { Leases } from "../../../../src/ports/storage/leases.ts";
import { anAsk } from "../../../support/requests.ts";

const checked = { ask: anAsk({ extends: "JIT-4K7QWD" as RequestId }) } as CheckedAsk;

/** Whether the turn of `owner` is held by somebody else, or by nobody, when it is asked for again. */
const leases = (owner: string | undefined): Leases => ({
  take: async () => true,
  renew: async (_what, by) => by === owner,
  give: async () => undefined,
});

describe("what is extended with others that took long to check", () => {
  it("goes on where its turn was held all the time", async () => {
    const now = await stillInTurn({ leases: leases("d1") }, { delivery: "d1" }, checked);
    expect(now).toBe(checked);
  });

  it.each(["d2", undefined])("is refused where its turn ran out, held by %s now", async (owner) => {
    const now = await stillInTurn({ leases: leases(owner) }, { delivery: "d1" }, checked);
    expect(isRefusal(now)).toBe(true);
  });
});
