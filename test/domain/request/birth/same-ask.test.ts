// What somebody has already: over every state, and over each part that an ask has.

import { describe, expect, it } from "vitest";
import { isHad } from "../../../../src/domain/request/birth/same-ask.ts";
import type { State } from "../../../../src/domain/request/document/phase.ts";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import { ERIN, HOUR, inState, MINUTE, OMAR, STATES, T0 } from "../../../support/requests.ts";

const same = (state: State) => inState(state).ask;

describe("what one asks for", () => {
  it.each(STATES)("is had in the state %s only while it waits, opens or is open", (state) => {
    const had = isHad(inState(state), same(state), T0 + MINUTE);
    expect(had).toBe(["pending", "ready", "opening", "open"].includes(state));
  });

  it.each([
    ["somebody else", { requester: OMAR }],
    ["another VM", { vm: { ...same("open").vm, key: vmKey("/other") } }],
    ["a port more", { ports: [22, 3389] }],
    ["another source", { source: "198.51.100.7" }],
    ["a break-glass", { breakGlass: true as const }],
  ])("is not had by %s", (_, change) => {
    for (const state of ["pending", "opening", "open"] as const) {
      expect(isHad(inState(state), { ...same(state), ...change }, T0)).toBe(false);
    }
  });

  it("waits only with the same reason and time, and not after its time", () => {
    const pending = inState("pending");
    const { ask } = pending;
    expect(isHad(pending, { ...ask, reason: "another" }, T0)).toBe(false);
    expect(isHad(pending, { ...ask, durationMs: ask.durationMs / 2 }, T0)).toBe(false);
    expect(isHad(pending, ask, T0 + 365 * 24 * HOUR)).toBe(false);
  });

  it("is open whatever the reason, for nine tenths of the time", () => {
    const open = inState("open");
    if (open.state !== "open") throw new Error("not open");
    const { endsAtMs } = open.grant;
    const wanted = { ...open.ask, reason: "another" };
    const lastMs = endsAtMs - 0.9 * wanted.durationMs;
    expect(isHad(open, wanted, lastMs)).toBe(true);
    expect(isHad(open, wanted, lastMs + 1)).toBe(false);
    expect(isHad(open, { ...wanted, durationMs: 2 * wanted.durationMs }, lastMs)).toBe(false);
  });

  it("is not what an extension carries on", () => {
    const open = inState("open");
    const extension = { ...open, ask: { ...open.ask, extends: open.id } };
    expect(isHad(extension, { ...open.ask, requester: ERIN }, T0)).toBe(false);
  });
});
