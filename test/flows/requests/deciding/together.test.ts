// Which requests of a batch a click or form concerns.

import { describe, expect, it } from "vitest";
import type { Lead } from "../../../../src/domain/request/batch/pace.ts";
import type { Member } from "../../../../src/domain/request/document/batch.ts";
import { memberOf } from "../../../../src/domain/request/members.ts";
import { type RequestId, requestIdFrom } from "../../../../src/domain/text/ids.ts";
import { targetsOf } from "../../../../src/flows/requests/deciding/together.ts";
import { inState } from "../../../support/requests.ts";

const idOf = (n: number): RequestId => requestIdFrom(new Uint8Array(6).fill(n));
const waiting = (n: number): Member => ({ ...memberOf(inState("pending")), id: idOf(n) });
const lead = {
  ...inState("open"),
  batch: { role: "lead", nonce: "all-n", members: [waiting(2), waiting(3)] },
} as Lead;
const concerned = (...shown: RequestId[]) => targetsOf(lead, "approve", shown).map(({ id }) => id);

describe("a form that approves with changes", () => {
  it("concerns what it showed, and not what came to wait since then", () => {
    expect(concerned(idOf(2))).toEqual([idOf(2)]);
    expect(concerned(idOf(2), idOf(3))).toEqual([idOf(2), idOf(3)]);
  });

  it("concerns the lead alone, which says why not, where nothing of what it showed waits", () => {
    expect(concerned(lead.id)).toEqual([lead.id]);
  });

  it("that is no form concerns all that wait", () => {
    expect(targetsOf(lead, "approve")).toHaveLength(2);
  });
});
