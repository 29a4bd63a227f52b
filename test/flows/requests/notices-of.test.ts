// What the notices channel hears of a change, and the time that stands beside it.

import { describe, expect, it } from "vitest";
import { memberOf } from "../../../src/domain/request/members.ts";
import { type AccessRequest, grantOf } from "../../../src/domain/request/request.ts";
import { transition } from "../../../src/domain/request/transition.ts";
import type { Policy } from "../../../src/domain/rules/policy.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import { isForAdmins, noticesOf } from "../../../src/flows/requests/notices-of.ts";
import { Fault } from "../../../src/ports/fault.ts";
import {
  aPolicy,
  FOUND,
  HOUR,
  inState,
  LEA,
  MINUTE,
  NOTICES,
  PROD,
  T0,
} from "../../support/requests.ts";

const UNREADABLE = new Fault({
  source: "redis",
  code: "Unreadable",
  message: "no",
  retryable: false,
});

type Lead = { readonly request: AccessRequest } | Fault;

/** A store that holds the lead of a batch alone. */
const of = (policy: Policy, lead?: Lead) => ({
  policy,
  requests: {
    read: async () => {
      if (lead instanceof Fault) throw lead;
      return lead && { ...lead, version: 1, nowMs: T0 };
    },
  },
});

describe("a notice of an ending", () => {
  it("names the end that was fixed, however late the bot looks at it", async () => {
    const open = inState("open");
    const endsAtMs = T0 + 2 * HOUR;
    for (const lateMs of [0, 20 * MINUTE, 9 * HOUR]) {
      const moved = transition(open, { act: "over", closing: "closed" }, endsAtMs + lateMs);
      expect(moved.request).toMatchObject({ state: "ended", how: "expired", endedAtMs: endsAtMs });
      expect(await noticesOf(of(aPolicy()), open, moved.request)).toMatchObject([
        { channel: NOTICES, notice: { what: "ended", how: "expired", atMs: endsAtMs } },
      ]);
    }
  });
});

describe("a notice of what came after an ending", () => {
  it.each(["still-open", "closed-late", "review-reminded", "left"] as const)(
    "doesn't say how it ended: %s",
    async (what) => {
      const open = inState("open");
      const ended = transition(open, { act: "over", closing: "closed" }, T0 + 2 * HOUR).request;
      const step = { what, n: (ended.toldUpTo.last ?? 0) + 1, atMs: T0 + 3 * HOUR };
      const after = { ...ended, steps: [...ended.steps, step] } as AccessRequest;
      const told = await noticesOf(of(aPolicy()), ended, after);
      expect(told.length).toBeGreaterThan(0);
      for (const { notice } of told) expect(notice.how).toBeUndefined();
    },
  );
});

describe("a notice of what was taken over", () => {
  it("names who opened it in Azure, and of any other request nobody else", async () => {
    const open = inState("open");
    const ended = (request: typeof open) =>
      transition(request, { act: "over", closing: "closed" }, T0 + 2 * HOUR).request;
    const adopted = { by: LEA, startedAtMs: T0, justification: "" };
    const recovered = { requestor: "barbara@contoso.com", adopted };
    for (const [given, by] of [
      [recovered, recovered.requestor],
      [{ requestor: "barbara@contoso.com" }, undefined],
      [undefined, undefined],
    ] as const) {
      const taken = { ...open, grant: { ...grantOf(open), recovered: given } } as typeof open;
      const [told] = await noticesOf(of(aPolicy()), taken, ended(taken));
      expect(told?.notice.by).toBe(by);
    }
  });
});

describe("a notice of what was found open", () => {
  it.each([[[LEA]], [[]]])("names who is on record as having approved it: %j", async (by) => {
    const was = { ...inState("ready"), approvals: by.map((one) => ({ by: one, atMs: T0 })) };
    const { request } = transition(was, { act: "recovered", found: FOUND }, T0 + MINUTE);
    const told = await noticesOf(of(aPolicy()), was, request);
    expect(told.length).toBeGreaterThan(0);
    for (const { notice } of told) {
      expect(notice.what).toBe("recovered");
      expect(notice.approvedBy ?? []).toEqual(by);
    }
  });
});

describe("what is sent to admins by itself", () => {
  it.each(["alarm", "mended", "breaker"] as const)("isn't sent to them once more: %s", (what) => {
    expect(isForAdmins(what)).toBe(true);
  });
});

describe("the lead of several VMs", () => {
  const leadId = "JIT-000000" as RequestId;
  const led = inState("ended", {
    batch: { role: "member", lead: leadId, heard: 0 },
    cards: [],
    steps: [],
  });
  const member = memberOf(led);
  const lead = inState("open", {
    id: leadId,
    batch: { role: "lead", nonce: "n", members: [{ ...member, heard: 0, stepsTo: 0 }] },
  });

  it.each(["ended", "failed", "still-open", "closed-late", "parked", "left"] as const)(
    "gives no notice of what happened to another one, which gives it: %s",
    async (what) => {
      const steps = [{ n: 1, what, atMs: T0 } as const];
      const news = { act: "member", member: { ...member, heard: 9 }, steps } as const;
      const moved = transition(lead, news, T0 + HOUR);
      expect(moved.request.steps).toContainEqual(
        expect.objectContaining({ what, of: "rg-web/vm-01" }),
      );
      expect(await noticesOf(of(aPolicy()), lead, moved.request)).toEqual([]);
    },
  );
});

describe("a channel that hears of exceptions", () => {
  const policy = aPolicy({ notices: "exceptions" });
  const over = (closing: "closed" | "still-open", change: Parameters<typeof inState>[1] = {}) => {
    const open = inState("open", change);
    const { request } = transition(open, { act: "over", closing }, T0 + 2 * HOUR);
    return { open, request };
  };
  const heard = async ({ open, request }: ReturnType<typeof over>, lead?: Lead) =>
    (await noticesOf(of(policy, lead), open, request)).map(({ notice }) => notice.what);

  it("isn't told of an end that a card in a channel shows", async () => {
    const { open, request } = over("closed");
    expect(await noticesOf(of(aPolicy()), open, request)).toHaveLength(1);
    expect(await heard({ open, request })).toEqual([]);
  });

  const WITHOUT: readonly [string, AccessRequest["cards"]][] = [
    ["no card", []],
    ["a card that couldn't be posted", [{ to: PROD, shown: 0, dead: "channel_not_found" }]],
    ["private cards only", [{ to: LEA, shown: 1, channel: PROD, ts: "1.1" }]],
  ];
  it.each(WITHOUT)("is told of an end that has %s", async (_, cards) => {
    expect(await heard(over("closed", { cards }))).toEqual(["ended"]);
  });

  describe("of several VMs", () => {
    const leadId = "JIT-000000" as RequestId;
    const batch = { role: "member", lead: leadId, heard: 1 } as const;
    const member = () => over("closed", { batch, cards: [] });
    const opened = () => {
      const request = inState("opening", { batch, cards: [] });
      const n = request.toldUpTo.last + 1;
      const steps = [{ n, what: "opened-by-rule", atMs: T0 } as const];
      return { open: request, request: { ...request, steps } };
    };

    it("isn't told of one that the lead's card shows", async () => {
      const lead = { request: inState("open", { id: leadId }) };
      expect(await heard(member(), lead)).toEqual([]);
      expect(await heard(opened(), lead)).toEqual([]);
    });

    it.each(WITHOUT)("is told of one whose lead has %s", async (_, cards) => {
      const lead = { request: inState("open", { id: leadId, cards }) };
      expect(await heard(member(), lead)).toEqual(["ended"]);
      expect(await heard(opened(), lead)).toEqual(["opened"]);
    });

    it("is told of one whose lead is gone, or can't be read", async () => {
      expect(await heard(member())).toEqual(["ended"]);
      expect(await heard(member(), UNREADABLE)).toEqual(["ended"]);
    });
  });

  it.each(["failed", "parked", "still-open", "closed-late", "broke-glass", "left"] as const)(
    "is told of what went wrong, or has to be looked at, whatever card there is: %s",
    async (what) => {
      const before = inState("open");
      const n = before.toldUpTo.last + 1;
      const fault = { code: "Conflict", message: "no" };
      const after = { ...before, steps: [...before.steps, { n, what, atMs: T0, fault }] };
      expect(await noticesOf(of(policy), before, after)).not.toEqual([]);
    },
  );
});
