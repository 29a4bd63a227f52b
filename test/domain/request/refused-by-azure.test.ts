// What Azure refused: whether Retry can help, and what would, by the JIT policy as it is now.

import { describe, expect, it } from "vitest";
import type { ActBy } from "../../../src/domain/request/acts/person-act.ts";
import { mayRetry, retry } from "../../../src/domain/request/acts/retry-act.ts";
import type { FaultNote } from "../../../src/domain/request/grant.ts";
import {
  exactSource,
  mayFailAgain,
  whatWouldWork,
} from "../../../src/domain/request/refused-by-azure.ts";
import type { In } from "../../../src/domain/request/request.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { aPort, aRule, aVm, aVmPolicy, HOUR, inState, MINUTE, T0 } from "../../support/requests.ts";

const vm = aVm();
const SENT = { ports: [22], source: "203.0.113.7", leftMs: HOUR };
const vmPolicy = (change = {}) =>
  aVmPolicy(vm, [aPort(22, { sources: ["203.0.113.0/24"], maxDurationMs: 3 * HOUR, ...change })]);
const said = (words: ReturnType<typeof whatWouldWork>) => words && plain(words);

describe("what would work", () => {
  it.each([
    ["the VM is in no policy", undefined, SENT, /has no JIT policy/],
    [
      "it has another port",
      vmPolicy(),
      { ...SENT, ports: [3389] },
      /doesn't cover .*3389.*: request 22/,
    ],
    [
      "its maximum is shorter",
      vmPolicy({ maxDurationMs: 30 * MINUTE }),
      SENT,
      /at most 30m on 22: request 30m or less/,
    ],
    [
      "it allows another source",
      vmPolicy({ sources: ["192.0.2.1"] }),
      SENT,
      /a source within 192\.0\.2\.1/,
    ],
    [
      "it can't be read",
      vmPolicy({ sources: [], unreadable: ["the source 7"] }),
      SENT,
      /the source 7.*\/jit change/,
    ],
  ])("where %s", (_, policy, sent, says) => {
    expect(said(whatWouldWork(vm, policy, sent))).toMatch(says);
  });

  it("is nothing else where the policy allows all of it, but for its very own source", () => {
    expect(whatWouldWork(vm, vmPolicy(), SENT)).toBeUndefined();
    expect(said(exactSource(vm, vmPolicy(), SENT))).toContain(
      "request from 203.0.113.0/24, or have",
    );
    expect(exactSource(vm, vmPolicy(), { ...SENT, source: "203.0.113.0/24" })).toBeUndefined();
    const sources = ["203.0.113.0/24", "203.0.112.0/23"];
    expect(said(exactSource(vm, vmPolicy({ sources }), SENT))).toContain(
      "request from 203.0.113.0/24 or from 203.0.112.0/23, or have",
    );
  });

  it("is never everywhere: Azure takes any source where its policy allows every one", () => {
    for (const sources of [["*"], ["*", "203.0.113.0/24"]]) {
      expect(exactSource(vm, vmPolicy({ sources }), SENT)).toBeUndefined();
    }
    const both = aVmPolicy(vm, [
      aPort(22, { sources: ["*"] }),
      aPort(80, { sources: ["203.0.113.0/24"] }),
    ]);
    expect(said(exactSource(vm, both, { ...SENT, ports: [22, 80] }))).toContain(
      "request from 203.0.113.0/24, or have",
    );
  });

  it("is only what the rule allows", () => {
    const rule = (cidr: string) => aRule({ networks: [{ kind: "cidr", cidr }] });
    const under = (cidr: string, sources: readonly string[]) =>
      said(exactSource(vm, vmPolicy({ sources }), { ...SENT, rule: rule(cidr) }));
    expect(under("203.0.113.0/24", ["203.0.112.0/23", "203.0.113.0/24"])).toContain(
      "accept only that one: request from 203.0.113.0/24, or have an admin",
    );
    expect(under("203.0.113.0/24", ["203.0.112.0/23"])).toMatch(
      /accept only that one: an admin has to change the policy\.$/,
    );
    const outside = { ...SENT, rule: rule("203.0.113.0/24") };
    expect(said(whatWouldWork(vm, vmPolicy({ sources: ["192.0.2.1"] }), outside))).toBe(
      "The JIT policy of vm-01 allows only 192.0.2.1 on port 22, and the rule production allows nothing within it: an admin has to change one of them.",
    );
  });
});

describe("Retry", () => {
  const SUBSET = "The given access request is not a subset of policy 'x'. Please make sure.";
  const IPV6 =
    "The provided access request contains a source IP address in IPv6 format, which is unsupported by Just-In-Time Network Access.";
  const failed = (fault: FaultNote): In<"failed"> => {
    const request = inState("failed");
    if (request.state !== "failed") throw new Error("not failed");
    return { ...request, fault };
  };
  const act: ActBy<"retry"> = {
    act: "retry",
    ...{ by: inState("failed").ask.requester, policyHash: "p" },
    ...{ roles: { isApprover: false, isAdmin: false }, needed: 0, stillApprovers: [] },
  };

  it.each([
    [true, { code: "BadRequest", message: SUBSET }],
    [true, { code: "BadRequest", message: IPV6 }],
    [true, { code: "InvalidInitiateInput", message: "" }],
    [true, { code: "BadRequest", message: "", fix: "Request 30m or less." }],
    [false, { code: "BadRequest", message: "" }],
    [false, { code: "AuthorizationFailed", message: "" }],
    [false, { code: "PolicyNotFound", message: "" }],
    [false, { code: "Conflict", message: "" }],
  ])("is offered whatever Azure said, and may fail again: %s, after %j", (again, fault) => {
    const request = failed(fault);
    expect(mayFailAgain(fault)).toBe(again);
    expect(mayRetry(request, T0 + MINUTE)).toBe(true);
    const moved = retry(request, act, T0 + MINUTE);
    expect(isRefusal(moved) ? moved.refused : moved.request.state).toBe("opening");
    expect(mayRetry(request, T0 + 95 * MINUTE)).toBe(false);
    expect(isRefusal(retry(request, act, T0 + 95 * MINUTE))).toBe(true);
  });

  it("is offered no more once its card said that it's over, whatever the clock says", () => {
    const request = { ...failed({ code: "Conflict", message: "" }), retryOver: true } as const;
    expect(mayRetry(request, T0 + MINUTE)).toBe(false);
    expect(retry(request, act, T0 + MINUTE)).toMatchObject({ refused: expect.any(String) });
  });

  it("goes through the JIT policy that covers the VM by then", () => {
    const request = failed({ code: "PolicyNotFound", message: "" });
    const moved = retry(request, { ...act, jitPolicyId: "/another" }, T0 + MINUTE);
    expect(isRefusal(moved) ? undefined : moved.request.ask).toEqual({
      ...request.ask,
      jitPolicyId: "/another",
    });
  });
});
