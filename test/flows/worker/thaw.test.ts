// What waits for a freeze to be lifted: looked at again in a minute, or at once where it was lifted meanwhile.

import { describe, expect, it } from "vitest";
import type { WorldAct } from "../../../src/domain/request/acts/world-act.ts";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import { transition } from "../../../src/domain/request/transition.ts";
import type { Freeze } from "../../../src/domain/rules/freeze.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import type { LeasedRequest } from "../../../src/flows/worker/leased-request.ts";
import { thawEffect } from "../../../src/flows/worker/thaw.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { aPolicy, FREEZE, inState, T0 } from "../../support/requests.ts";

/** What is done, where the freeze reads so, one look after the other; Slack is away. */
async function thaws(...freezes: readonly (Freeze | undefined)[]): Promise<readonly string[]> {
  const left = [...freezes];
  const did: string[] = [];
  let request: AccessRequest = inState("ready");
  const away = async () => {
    throw new Fault({ source: "slack", code: "Timeout", message: "away", retryable: true });
  };
  const deps = {
    freezes: { now: async () => left.shift() },
    policy: () => aPolicy(),
    onCall: away,
    log: { warn: () => undefined },
  } as unknown as Deps;
  const leased = {
    current: () => request,
    nowMs: () => T0,
    news: async (act: WorldAct) => {
      const moved = transition(request, act, T0);
      if (isRefusal(moved)) throw new Error(moved.refused);
      request = moved.request;
      const { count } = request.attempts.thaw ?? {};
      did.push(count === undefined || count === 0 ? act.act : `${act.act} ${count}`);
    },
  } as unknown as LeasedRequest;
  await thawEffect(deps, leased);
  return did;
}

describe("what waits for a freeze to be lifted", () => {
  it("waits on while access is frozen", async () => {
    expect(await thaws(FREEZE, FREEZE)).toEqual(["still-frozen"]);
  });

  it("is checked at once where the freeze was lifted while it was put off", async () => {
    expect(await thaws(FREEZE, undefined)).toEqual(["still-frozen", "not-checked 1"]);
  });

  it("waits longer each time where what it needs can't be read", async () => {
    expect(await thaws(undefined)).toEqual(["not-checked 1"]);
  });
});
