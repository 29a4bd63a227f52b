// What the facts on the card of several VMs rest on: what was requested, not what an approver made of it.

import { expect, it } from "vitest";
import type { Lead } from "../../../src/domain/request/batch/roles.ts";
import { memberOf } from "../../../src/domain/request/members.ts";
import { requestIdFrom } from "../../../src/domain/text/ids.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { notedTogether } from "../../../src/flows/requests/facts-behind.ts";
import { anAsk, HOUR, inState, LEA } from "../../support/requests.ts";

it("is as it was requested, whatever an approver cut", () => {
  const ask = anAsk({ durationMs: 4 * HOUR });
  const facts = [{ kind: "longer", longestMs: 2 * HOUR, entries: [7] } as const];
  const narrowed = { by: LEA, durationMs: HOUR, source: ask.source };
  const other = inState("pending", { ask, facts, narrowed });
  const id = requestIdFrom(new Uint8Array(6).fill(2));
  const members = [{ ...memberOf(other), id, vm: "web-02", facts }];
  const batch = { role: "lead", nonce: "n", members } as const;
  const lead = inState("open", { ask, facts, narrowed, batch }) as Lead;
  const lines = notedTogether(lead).map(plain);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toContain("Now 4h; before at most 2h");
});
