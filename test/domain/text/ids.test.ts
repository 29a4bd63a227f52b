// Identifiers of requests: made of random bytes, read as people type them.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRequestId, requestIdFrom, vmKey } from "../../../src/domain/text/ids.ts";

describe("an identifier is read from", () => {
  it.each([
    ["JIT-4K7QWD", "JIT-4K7QWD"],
    ["jit-4k7qwd", "JIT-4K7QWD"],
    ["Jit4K7qwd", "JIT-4K7QWD"],
    ["4k7qwd", "JIT-4K7QWD"],
    ["  JIT-4K7QWD\n", "JIT-4K7QWD"],
    ["JIT-OOIILL", "JIT-001111"],
    ["o0i1l1", "JIT-001111"],
    ["JIT-JITJIT", "JIT-J1TJ1T"],
    ["jitjit", "JIT-J1TJ1T"],
  ])("%j", (text, id) => {
    expect(parseRequestId(text)).toBe(id);
  });
});

it.each([
  "",
  "JIT-",
  "JIT-4K7QW",
  "JIT-4K7QWDX",
  "JIT-4K7QWU",
  "JIT 4K7QWD",
  "JIT--4K7QWD",
  "4K7-QWD",
  "JIT-4K7QWD x",
  "#4K7QWD",
  "٤٤٤٤٤٤",
])("reads no identifier from %j", (text) => {
  expect(parseRequestId(text)).toBeUndefined();
});

describe("an identifier that was made", () => {
  const bytes = fc.uint8Array({ minLength: 6, maxLength: 6 });

  it("is read again in any case, with and without its prefix", () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const id = requestIdFrom(random);
        expect(id).toMatch(/^JIT-[0-9A-HJKMNP-TV-Z]{6}$/);
        for (const typed of [id, id.toLowerCase(), id.slice(4), id.replace("-", "")]) {
          expect(parseRequestId(typed)).toBe(id);
        }
      }),
    );
  });

  it("uses every letter evenly", () => {
    const seen = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const letter = requestIdFrom(new Uint8Array(6).fill(byte)).slice(-1);
      seen.set(letter, (seen.get(letter) ?? 0) + 1);
    }
    expect([seen.size, new Set(seen.values())]).toEqual([32, new Set([8])]);
  });
});

it("compares VMs by their resource id in lower case", () => {
  expect(vmKey("/subscriptions/AB/resourceGroups/RG")).toBe(
    vmKey("/SUBSCRIPTIONS/ab/resourcegroups/rg"),
  );
});
