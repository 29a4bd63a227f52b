// What a waiting request's rule asks now, as the policy file in force and Slack have it.

import { describe, expect, it } from "vitest";
import { whoDecides } from "../../../src/domain/request/deciders/who-decides.ts";
import type { AccessRequest, In } from "../../../src/domain/request/request.ts";
import type { Rule } from "../../../src/domain/rules/policy.ts";
import type { RequestId, UserId } from "../../../src/domain/text/ids.ts";
import { ruleInForce, withRuleNow } from "../../../src/flows/requests/rule-now.ts";
import { Fault } from "../../../src/ports/fault.ts";
import {
  ADA,
  anAsk,
  aPolicy,
  aRule,
  ERIN,
  inState,
  LEA,
  MINUTE,
  OMAR,
  SAM,
  T0,
} from "../../support/requests.ts";

const FIRST = "JIT-000001" as RequestId;
const NEWER = "b".repeat(64);

const pending = (ask = {}): In<"pending"> => {
  const request = inState("pending", { ask: anAsk(ask) });
  if (request.state !== "pending") throw new Error("not pending");
  return request;
};

type Given = { readonly rules?: readonly Rule[]; readonly hash?: string; readonly first?: object };

/** Lea is a guest by now. `first`: what is read of the request that is extended, or thrown. */
function world({ rules = [aRule()], hash = NEWER, first = inState("open") }: Given) {
  const asked: UserId[] = [];
  const deps = {
    policy: () => aPolicy({ hash, rules }),
    chat: {
      person: async (user: UserId) => {
        asked.push(user);
        return { kind: user === LEA ? "guest" : "full", identity: user };
      },
    },
    requests: {
      read: async () => {
        if (first instanceof Error) throw first;
        return { request: first as AccessRequest, version: 1, nowMs: T0 };
      },
    },
  } as unknown as Parameters<typeof ruleInForce>[0];
  return { deps, asked };
}

const extending = (first: object, extend: Rule["extend"] = { max: 1, approvals: 1 }) => {
  const { deps } = world({ rules: [aRule({ approvals: 2, extend })], first });
  return ruleInForce(deps, pending({ extends: FIRST }));
};

describe("what the rule of a waiting request asks now", () => {
  it("is what was promised, as long as the file is the one that it was requested under", async () => {
    const { deps, asked } = world({ rules: [], hash: pending().promised.policyHash });
    const { approvers, approvals } = pending().promised;
    expect(await ruleInForce(deps, pending())).toEqual({ approvers, approvals });
    expect(asked).toEqual([]);
  });

  it("names nobody who couldn't decide, and keeps the requester apart", async () => {
    const approvers = { users: [LEA, OMAR, ERIN], groups: [] };
    const escalate = { afterMs: MINUTE, to: { users: [SAM, LEA], groups: [] } };
    const { deps } = world({ rules: [aRule({ approvers, approvals: 2, escalate })] });
    expect(await ruleInForce(deps, pending())).toEqual({
      approvers: { users: [OMAR, ERIN], groups: [] },
      approvals: 2,
      escalateTo: { users: [SAM], groups: [] },
    });
  });

  it("is nothing where there is no such rule any more", async () => {
    const { deps } = world({ rules: [aRule({ name: "live" })] });
    expect(await ruleInForce(deps, pending())).toBe("gone");
  });

  it("of an extension is what extending asks, of what nobody approved more, or nothing", async () => {
    expect(await extending(inState("open"))).toMatchObject({ approvals: 1 });
    const broken = inState("open", { ask: anAsk({ breakGlass: true }) });
    expect(await extending(broken)).toMatchObject({ approvals: 2 });
    const { deps } = world({ rules: [aRule()] });
    expect(await ruleInForce(deps, pending({ extends: FIRST }))).toBe("no-extensions");
  });

  it("of an extension of what can't be read is what extending asks; a store that is away is asked again", async () => {
    const fault = (retryable: boolean) =>
      new Fault({ source: "redis", code: "x", message: "x", retryable, ambiguous: false });
    expect(await extending(fault(false))).toMatchObject({ approvals: 1 });
    await expect(extending(fault(true))).rejects.toThrow(Fault);
  });

  it("goes into the very change by which it waits again", async () => {
    const approvers = { users: [OMAR, ADA], groups: [] };
    const { deps } = world({ rules: [aRule({ approvers, approvals: 2 })] });
    const moved = await withRuleNow(deps, { request: pending(), audit: [{ what: "x" }] }, T0);
    expect(whoDecides(moved.request)).toMatchObject({ approvers, needed: 2 });
    expect(moved.audit).toEqual([{ what: "x" }]);
    const open = { request: inState("open"), audit: [] };
    expect(await withRuleNow(deps, open, T0)).toBe(open);
  });
});
