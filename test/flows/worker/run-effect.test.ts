// Before people are called, a waiting request is told who decides now. Of src/flows/worker/run-effect.ts.

import { expect, it } from "vitest";
import type { WorldAct } from "../../../src/domain/request/acts/world-act.ts";
import { whoDecides } from "../../../src/domain/request/deciders/who-decides.ts";
import { transition } from "../../../src/domain/request/transition.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import type { LeasedRequest } from "../../../src/flows/worker/leased-request.ts";
import { runEffect } from "../../../src/flows/worker/run-effect.ts";
import { aPolicy, aRule, inState, LEA, MINUTE, OMAR, SAM, T0 } from "../../support/requests.ts";

it.each(["remind", "escalate"] as const)(
  "calls with %s those who decide by the policy file in force, and no one else",
  async (effect) => {
    const further = { users: [SAM], groups: [] };
    let request = inState("pending", {
      promised: {
        ...inState("pending").promised,
        remindAfterMs: MINUTE,
        escalate: { afterMs: MINUTE, to: { users: [LEA], groups: [] } },
      },
    });
    const calledOf: (typeof request)[] = [];
    const leased = {
      current: () => request,
      news: async (act: WorldAct) => {
        if (act.act === effect) calledOf.push(request);
        const moved = transition(request, act, T0 + 2 * MINUTE);
        if (isRefusal(moved)) throw new Error(moved.refused);
        request = moved.request;
      },
    } as unknown as LeasedRequest;
    const rule = aRule({
      approvers: { users: [OMAR], groups: [] },
      escalate: { afterMs: MINUTE, to: further },
    });
    const deps = {
      policy: () => aPolicy({ hash: "b".repeat(64), rules: [rule] }),
      chat: { person: async (user: string) => ({ kind: "full", identity: user }) },
      onCall: async () => [],
      requests: {},
    } as unknown as Deps;
    await runEffect(deps, {} as Parameters<typeof runEffect>[1], leased, effect);
    expect(calledOf.map(whoDecides)).toMatchObject([{ approvers: { users: [OMAR] }, further }]);
    expect(whoDecides(request)).toMatchObject({ approvers: { users: [OMAR] }, further });
  },
);
