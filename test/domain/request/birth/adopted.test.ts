// Openings of others: found again among a policy's entries, one request each, and read as its own afterwards.

import { describe, expect, it } from "vitest";
import {
  isAdoptionOf,
  openingOf,
  withAdopted,
} from "../../../../src/domain/request/birth/adopted.ts";
import { adoptedRequest } from "../../../../src/domain/request/birth/birth.ts";
import { stillOpen } from "../../../../src/domain/request/doors/doors.ts";
import { adoptedId, type OpeningRef } from "../../../../src/domain/vm/activity-log/opening-ref.ts";
import type { JitEntry } from "../../../../src/domain/vm/vm.ts";
import {
  ADA,
  aPolicy,
  aRule,
  aVm,
  ERIN,
  HOUR,
  jitPolicyId,
  T0,
} from "../../../support/requests.ts";

const VM = aVm();
const REF: OpeningRef = {
  jitPolicyId: jitPolicyId(),
  vm: VM.key,
  ports: [22, 3389],
  startedAtMs: T0,
};

const entry = (change: Partial<JitEntry> = {}): JitEntry => ({
  ...{ nth: 0, vm: VM.key, port: 3389, source: "203.0.113.7", status: "Initiated" },
  ...{ startedAtMs: T0, endsAtMs: T0 + HOUR, statusReason: "UserRequested" },
  ...{ requestor: "barbara@contoso.com", justification: "patching", mappedPort: undefined },
  ...change,
});

describe("what stands open of an opening", () => {
  it("is its ports for the sources that all of them have", () => {
    const sources = ["198.51.100.0/24", "203.0.113.7"];
    const entries = sources.flatMap((source) => [22, 3389].map((port) => entry({ port, source })));
    expect(openingOf(REF, entries, T0)).toEqual({
      ...{ jitPolicyId: REF.jitPolicyId, vm: VM.key, ports: [22, 3389], startedAtMs: T0 },
      ...{ endsAtMs: T0 + HOUR, source: "198.51.100.0/24,203.0.113.7" },
      ...{ requestor: "barbara@contoso.com", justification: "patching" },
    });
  });

  it.each([
    ["revoked", { status: "Revoked" }, "over"],
    ["past its end", { endsAtMs: T0 }, "over"],
    ["of another moment", { startedAtMs: T0 + 1 }, "over"],
    ["of another VM", { vm: aVm({ name: "vm-02" }).key }, "over"],
    ["on another port", { port: 5986 }, "over"],
    ["without a source", { source: "" }, "unclear"],
  ])("is nothing to take over where it is %s", (_, change, what) => {
    expect(openingOf(REF, [entry(change)], T0)).toBe(what);
  });

  it("is unclear where its ports are open for different sources", () => {
    const entries = [entry({ port: 22, source: "198.51.100.0/24" }), entry()];
    expect(openingOf(REF, entries, T0)).toBe("unclear");
  });
});

it("has one id, however Azure spells its policy, and another where that is taken", () => {
  const spelt = { ...REF, jitPolicyId: REF.jitPolicyId.toUpperCase() };
  expect(adoptedId(spelt, 0)).toBe(adoptedId(REF, 0));
  const others = [{ startedAtMs: T0 + 1 }, { ports: [22] }, { vm: aVm({ name: "vm-02" }).key }];
  const ids = [adoptedId(REF, 0), adoptedId(REF, 1)];
  ids.push(...others.map((change) => adoptedId({ ...REF, ...change }, 0)));
  expect(new Set(ids).size).toBe(5);
});

describe("the request that takes it over", () => {
  const found = openingOf(REF, [entry()], T0);
  if (typeof found === "string") throw new Error(found);
  const world = { policy: aPolicy(), rule: aRule(), vm: VM, nonce: "bm9uY2U", nowMs: T0 };
  const id = adoptedId(REF, 0);
  const who = { by: ADA, requester: ERIN, review: true };
  const { request } = adoptedRequest({ ...found, id }, who, world);

  it("is open, without an approval, and waits for its review", () => {
    expect(request).toMatchObject({
      ...{ id, state: "open", approvals: [], review: { askedAtMs: T0 } },
      ask: { requester: ERIN, reason: "patching", source: "203.0.113.7" },
      grant: { approvedBy: [], recovered: { adopted: { by: ADA } } },
    });
    expect(isAdoptionOf(request, REF)).toBe(true);
    expect(isAdoptionOf(request, { ...REF, startedAtMs: T0 + 1 })).toBe(false);
  });

  it.each([
    ["its own entry", {}, true],
    ["another's of the same moment", { requestor: "mallory@contoso.com" }, false],
    ["one for another reason", { justification: "mining" }, false],
    ["a later one", { startedAtMs: T0 + 1 }, false],
  ])("takes %s for its own: %s", (_, change, isOwn) => {
    const door = { vm: VM.key, port: 3389, source: "203.0.113.7" };
    const entries = withAdopted(request, [entry(change)]);
    expect(stillOpen(door, new Set([id]), entries) !== undefined).toBe(isOwn);
  });
});
