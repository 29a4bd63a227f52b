// The ids of the bot's own calls to Azure: known again by who holds the key, and made by nobody else.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CALL_BYTES, callId, readCallId } from "../../../src/request/audit/call-id.ts";
import { requestIdFrom } from "../../../src/request/ids.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const request = fc.option(bytes(6).map(requestIdFrom), { nil: undefined });

describe("the id of a call", () => {
  it("is a GUID that says for which request it was made, in any case and form", () => {
    fc.assert(
      fc.property(request, bytes(CALL_BYTES), (request, random) => {
        const id = callId("key", { request }, random);
        expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        for (const shown of [id, id.toUpperCase(), `{${id}}`, id.replaceAll("-", "")]) {
          expect(readCallId("key", shown)).toEqual({ request });
        }
      }),
    );
  });

  it("is known by nobody else's key, and not after any change", () => {
    fc.assert(
      fc.property(request, bytes(CALL_BYTES), fc.nat({ max: 31 }), (request, random, at) => {
        const hex = callId("key", { request }, random).replaceAll("-", "");
        expect(readCallId("other key", hex)).toBeUndefined();
        const digit = (Number.parseInt(hex.charAt(at), 16) ^ 1).toString(16);
        expect(readCallId("key", hex.slice(0, at) + digit + hex.slice(at + 1))).toBeUndefined();
      }),
    );
  });

  it("is another one for every call of a request", () => {
    const about = { request: requestIdFrom(Uint8Array.of(1, 2, 3, 4, 5, 6)) };
    const ids = [0, 1, 2].map((n) => callId("key", about, Uint8Array.of(0, 0, 0, n)));
    expect(new Set(ids).size).toBe(3);
  });

  it.each(["", "abc", "11111111-2222-4333-8444-555555555555", "x".repeat(40)])(
    "is not read from %j",
    (text) => {
      expect(readCallId("key", text)).toBeUndefined();
    },
  );
});
