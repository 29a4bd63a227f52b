// What buttons and forms carry is read back as it was written, and nothing else is.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeForm, encodeForm } from "../../../../src/adapters/slack/views/button-value.ts";
import { type RequestId, requestIdFrom } from "../../../../src/domain/text/ids.ts";

const ids = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(requestIdFrom);
const nonces = fc.constantFrom("n0nce", `all-${"x".repeat(12)}`);

/** What Slack takes of a view's private metadata. */
const METADATA_MAX = 3_000;

describe("a form", () => {
  it("carries what it shows, and fits into what Slack takes with as many VMs as a request may have", () => {
    const terms = fc.option(fc.stringMatching(/^\d{1,7}n?$/), { nil: undefined });
    const one = fc.tuple(ids, terms).map(([id, terms]) => ({ id, ...(terms && { terms }) }));
    const shown = fc.array(one, { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(ids, nonces, shown, (id, nonce, all) => {
        const metadata = encodeForm({ id, nonce, shown: all });
        expect(metadata.length).toBeLessThanOrEqual(METADATA_MAX);
        expect(decodeForm(metadata)).toEqual({ id, nonce, shown: all });
        expect(decodeForm(encodeForm({ id, nonce, question: 3 }))).toEqual({
          id,
          nonce,
          question: 3,
        });
      }),
    );
  });

  it.each([
    "JIT-4K7QWD n0nce shown=",
    "JIT-4K7QWD n0nce shown=JIT-4K7QWD,",
    "JIT-4K7QWD n0nce shown=jit-4k7qwd",
    "JIT-4K7QWD n0nce shown=JIT-4K7QWD shown=JIT-4K7QWD",
    "nothing shown=JIT-4K7QWD",
    " shown=JIT-4K7QWD",
  ])("isn't ours where it carries something else: %s", (metadata) => {
    expect(decodeForm(metadata)).toBeUndefined();
  });

  it("of one request carries none", () => {
    expect(encodeForm({ id: "JIT-4K7QWD" as RequestId, nonce: "n" })).toBe("JIT-4K7QWD n");
  });
});
