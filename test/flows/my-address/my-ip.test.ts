// What a link keeps beside the command: the moment itself, whatever the clocks show by the time it is pressed.

import { expect, it } from "vitest";
import { addressPage } from "../../../src/flows/my-address/my-ip.ts";
import type { Draft, Proofs } from "../../../src/ports/storage/people/proofs.ts";
import { startStage } from "../../security/stage.ts";
import { ERIN } from "../../security/universe.ts";

const OPENS_AT_MS = Date.UTC(2026, 10, 2, 6, 30);

const proofsOf = (draft: Draft): Proofs => ({
  keepDraft: async () => {},
  readDraft: async () => ({ draft, state: "waiting" }),
  takeDraft: async () => ({ draft, state: "waiting" }),
  giveBackDraft: async () => {},
  keepAddress: async () => {},
  addressOf: async () => undefined,
});

it.each([
  ["request rg-web/web-1 22 1h at 2026-11-02 1:30 for why", 1],
  ["request rg-web/web-1,rg-old/web-1 22 1h at 2026-11-02 1:30 for why", 2],
])("%s", async (ask, count) => {
  const stage = startStage();
  const draft = { user: ERIN, channel: undefined, ask, beside: { opensAtMs: OPENS_AT_MS } };
  const page = { publicUrl: "https://jit.example.com", proofs: proofsOf(draft) };
  const pressed = await addressPage({ ...stage.deps, page }).press("s".repeat(43), {
    ipv4: "198.51.100.7",
  });
  expect(pressed.page).toBe("done");
  const times = stage.store.all().map((request) => request.ask.opensAtMs);
  expect(times).toEqual(Array(count).fill(OPENS_AT_MS));
});
