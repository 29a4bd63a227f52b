// What a link keeps beside the command: the moment itself, whatever the clocks show by the time it is pressed.

import { expect, it } from "vitest";
import { shownView } from "../../../src/adapters/http/my-ip-html.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { addressPage } from "../../../src/flows/my-address/my-ip.ts";
import { Fault } from "../../../src/ports/fault.ts";
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

const REDIS_IS_AWAY = new Fault({
  source: "redis",
  code: "ECONNREFUSED",
  message: "no connection",
  retryable: true,
});
const SLACK_IS_AWAY = new Fault({
  source: "slack",
  code: "ETIMEDOUT",
  message: "no answer",
  retryable: true,
});

type Away = ReturnType<typeof startStage>["deps"];

it.each<[string, (deps: Away) => Partial<Away>, Proofs["giveBackDraft"], string[]]>([
  [
    "the request can't be stored, and the link works again",
    ({ requests }) => ({
      requests: { ...requests, create: () => Promise.reject(REDIS_IS_AWAY) },
    }),
    async () => {},
    ["Redis) can't be reached, so I can't tell whether all of this", "The link is still valid"],
  ],
  [
    "the request can't be stored, nor the link be given back",
    ({ requests }) => ({
      requests: { ...requests, create: () => Promise.reject(REDIS_IS_AWAY) },
    }),
    () => Promise.reject(REDIS_IS_AWAY),
    ["Redis) can't be reached, so I can't tell whether all of this", "If the link no longer works"],
  ],
  [
    "Slack doesn't say who it is",
    ({ chat }) => ({ chat: { ...chat, person: () => Promise.reject(SLACK_IS_AWAY) } }),
    async () => {},
    ["this couldn't be checked and wasn't done: try again"],
  ],
])(
  "doesn't say that nothing was saved once the address was: %s",
  async (_, away, giveBackDraft, words) => {
    const stage = startStage();
    const kept: string[] = [];
    const proofs: Proofs = {
      ...proofsOf({ user: ERIN, channel: undefined, ask: "request rg-web/web-1 22 1h for why" }),
      keepAddress: async (_user, address) => void kept.push(address),
      giveBackDraft,
    };
    const page = { publicUrl: "https://jit.example.com", proofs };
    const deps = { ...stage.deps, ...away(stage.deps), page };
    const view = await addressPage(deps).press("s".repeat(43), { ipv4: "198.51.100.7" });
    expect(kept).toEqual(["198.51.100.7"]);
    const said = shownView(view).lines.map(plain).join("\n");
    for (const part of words) expect(said).toContain(part);
    expect(said).not.toMatch(/nothing was/i);
  },
);
