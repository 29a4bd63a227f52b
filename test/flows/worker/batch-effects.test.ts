// What holds a batch together, where one of its documents can't be read: that harms no other.

import { describe, expect, it } from "vitest";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { tellLeadEffect } from "../../../src/flows/worker/batch-effects.ts";
import type { LeasedRequest } from "../../../src/flows/worker/leased-request.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { inState, MINUTE, T0 } from "../../support/requests.ts";

const LEAD = "JIT-AAAAAA" as RequestId;

/** What becomes of an open request whose lead can't be read. */
async function toldUnread(retryable: boolean): Promise<AccessRequest> {
  let request = inState("open", { batch: { role: "member", lead: LEAD, heard: 0 } });
  const unread = new Fault({ source: "redis", code: "Bad", message: "unreadable", retryable });
  const deps = {
    requests: { read: () => Promise.reject(unread) },
    log: { warn: () => undefined },
  } as unknown as Deps;
  const leased = {
    current: () => request,
    record: async (change: (now: AccessRequest, nowMs: number) => AccessRequest) => {
      request = change(request, T0);
    },
  } as unknown as LeasedRequest;
  await tellLeadEffect(deps, leased);
  return request;
}

describe("a request whose lead can't be read", () => {
  it("lives on, and tells it later", async () => {
    const { state, attempts } = await toldUnread(false);
    expect(state).toBe("open");
    expect(attempts["tell-lead"]?.nextAtMs).toBe(T0 + MINUTE);
  });

  it("is tried again as everything is where Redis is away", async () => {
    await expect(toldUnread(true)).rejects.toThrow("unreadable");
  });
});
