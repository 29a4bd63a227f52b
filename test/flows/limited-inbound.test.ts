// What goes through although a person has used up what they usually may: taking access away.

import { describe, expect, it } from "vitest";
import type { Deps } from "../../src/flows/deps.ts";
import { limitedInbound } from "../../src/flows/limited-inbound.ts";
import { PACES, personLimits } from "../../src/flows/limits/person-limits.ts";
import type { Inbound, Sender } from "../../src/ports/inbound.ts";
import { ADA } from "../support/requests.ts";

const sender = { user: ADA } as Sender;

function limited() {
  const clock = { monotonicMs: () => 0 };
  const limits = personLimits(clock);
  for (let n = 0; n < PACES.usual.atOnce; n++) limits.take(ADA, "usual");
  const done: string[] = [];
  const applyChange: Inbound["applyChange"] = async (_, id) => {
    done.push(id);
    return { answer: "said", lines: [] };
  };
  const deps = { clock, limits, log: { info: () => undefined } } as unknown as Deps;
  return { done, inbound: limitedInbound(deps, { applyChange } as Inbound) };
}

describe("an admin who has been fast", () => {
  it("can still apply that everything ends", async () => {
    const { done, inbound } = limited();
    await inbound.applyChange(sender, "end-4k7qwd");
    expect(done).toEqual(["end-4k7qwd"]);
  });
});
