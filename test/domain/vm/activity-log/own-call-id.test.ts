// The ids of the bot's own calls to Azure: known again by who holds the key, and made by nobody else.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestIdFrom } from "../../../../src/domain/text/ids.ts";
import {
  CALL_BYTES,
  type CallPlace,
  callId,
  readCallId,
} from "../../../../src/domain/vm/activity-log/own-call-id.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const PLACE = {
  kind: "opened",
  policyId: "/subscriptions/S/resourceGroups/RG/providers/p/locations/l/jitNetworkAccessPolicies/P",
  atMs: Date.UTC(2026, 10, 1, 12),
} as const;
const POLICY = PLACE.policyId;
const HOUR = 3_600_000;
const request = fc.option(bytes(6).map(requestIdFrom), { nil: undefined });

describe("the id of a call", () => {
  it("is a GUID that says for which request it was made, in any case and form", () => {
    fc.assert(
      fc.property(request, bytes(CALL_BYTES), (request, random) => {
        const id = callId("key", { request, ...PLACE }, random);
        expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        for (const shown of [id, id.toUpperCase(), `{${id}}`, id.replaceAll("-", "")]) {
          expect(readCallId("key", shown, PLACE)).toEqual({ request });
        }
      }),
    );
  });

  it("is known by nobody else's key, and not after any change", () => {
    fc.assert(
      fc.property(request, bytes(CALL_BYTES), fc.nat({ max: 31 }), (request, random, at) => {
        const hex = callId("key", { request, ...PLACE }, random).replaceAll("-", "");
        expect(readCallId("other key", hex, PLACE)).toBeUndefined();
        const digit = (Number.parseInt(hex.charAt(at), 16) ^ 1).toString(16);
        expect(
          readCallId("key", hex.slice(0, at) + digit + hex.slice(at + 1), PLACE),
        ).toBeUndefined();
      }),
    );
  });

  it("is another one for every call of a request", () => {
    const about = { request: requestIdFrom(Uint8Array.of(1, 2, 3, 4, 5, 6)), ...PLACE };
    const ids = [0, 1, 2].map((n) => callId("key", about, Uint8Array.of(0, n)));
    expect(new Set(ids).size).toBe(3);
  });

  it.each<[string, Partial<CallPlace>, boolean]>([
    ["the same policy, spelled otherwise", { policyId: POLICY.toUpperCase() }, true],
    ["minutes later", { atMs: PLACE.atMs + HOUR / 2 }, true],
    ["by a clock that is behind", { atMs: PLACE.atMs - HOUR / 2 }, true],
    ["hours later", { atMs: PLACE.atMs + 2 * HOUR }, false],
    ["hours before", { atMs: PLACE.atMs - 2 * HOUR }, false],
    ["another policy", { policyId: `${POLICY}2` }, false],
    ["a policy in another group", { policyId: POLICY.replace("/RG/", "/RG2/") }, false],
    ["a policy of another subscription", { policyId: POLICY.replace("/S/", "/S2/") }, false],
    ["the writing of a policy", { kind: "written" }, false],
    ["the deletion of a policy", { kind: "deleted" }, false],
  ])("read for %s", (_what, place, isOwn) => {
    const id = callId("key", { request: undefined, ...PLACE }, new Uint8Array(CALL_BYTES));
    const read = readCallId("key", id, { ...PLACE, ...place });
    expect(read).toEqual(isOwn ? { request: undefined } : undefined);
  });

  it.each(["", "abc", "11111111-2222-4333-8444-555555555555", "x".repeat(40)])(
    "is not read from %j",
    (text) => {
      expect(readCallId("key", text, PLACE)).toBeUndefined();
    },
  );
});
