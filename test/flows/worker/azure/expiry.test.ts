// The end of a grant, by what Azure shows of its ports. Of src/flows/worker/azure/expiry.ts.

import { expect, it } from "vitest";
import type { WorldAct } from "../../../../src/domain/request/acts/world-act.ts";
import type { JitEntry } from "../../../../src/domain/vm/vm.ts";
import type { Deps } from "../../../../src/flows/deps.ts";
import { expireEffect } from "../../../../src/flows/worker/azure/expiry.ts";
import type { LeasedRequest } from "../../../../src/flows/worker/leased-request.ts";
import { HOUR, inState, T0 } from "../../../support/requests.ts";

const request = inState("open");
const OWN: JitEntry = {
  vm: request.ask.vm.key,
  port: 3389,
  source: request.ask.source,
  endsAtMs: T0 + 2 * HOUR,
  startedAtMs: T0,
  status: "Revoked",
  statusReason: "Expired",
  requestor: "bot",
  justification: request.id,
  mappedPort: undefined,
};
const BY_HAND = { ...OWN, status: "Initiated", justification: "by hand" };
const CLOSED = { port: 3389, closing: "closed" };

async function said(entries: readonly JitEntry[]): Promise<WorldAct | undefined> {
  const news: WorldAct[] = [];
  const leased = {
    current: () => request,
    nowMs: () => T0 + 2 * HOUR,
    news: async (act: WorldAct) => void news.push(act),
  } as unknown as LeasedRequest;
  const deps = {
    requests: { holders: async () => [[]] },
    azure: { readPolicy: async () => ({ id: "policy", vmPolicies: [], entries }) },
  } as unknown as Deps;
  await expireEffect(deps, leased);
  return news[0];
}

it.each([
  ["closed where its entry is revoked", [OWN], { closing: "closed" }],
  [
    "closed, and open for somebody outside the bot",
    [OWN, BY_HAND],
    { closing: "closed", ports: [{ ...CLOSED, isOpenForOthers: true }] },
  ],
  [
    "closed where the other is for another source",
    [OWN, { ...BY_HAND, source: "10.0.0.0/8" }],
    { closing: "closed" },
  ],
  ["unknown where it isn't in the policy", [], { closing: "unknown" }],
] as const)("a port is %s", async (_what, entries, shown) => {
  expect(await said(entries)).toEqual({ act: "over", ...shown });
});
