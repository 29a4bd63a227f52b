// The audit by requests: what became of each, in order, and what else happened.

import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../../src/domain/audit/audit-entry.ts";
import { livesIn } from "../../../src/domain/audit/audit-lives.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";

const id = (text: string) => text as RequestId;
let seq = 0;
const entry = (what: string, change: Partial<AuditEntry> = {}): AuditEntry => {
  seq += 1;
  return {
    ...{ seq, atMs: seq * 1_000, what, by: undefined, requester: undefined, request: undefined },
    ...{ vm: undefined, detail: {}, erased: false, seal: undefined },
    ...change,
  };
};

const ASKED = { ports: "22,3389", source: "*", durationMs: 60_000, reason: "why" };
const one = { request: id("JIT-000001"), requester: "U0ERIN", vm: "rg-web/vm-01" };
const other = { request: id("JIT-000002"), requester: "U0SAM" };

describe("the audit by requests", () => {
  it("puts the latest first, and within each what happened in its order", () => {
    const entries = [
      entry("asked", { ...one, by: "U0ERIN", detail: ASKED }),
      entry("asked", { ...other, by: "U0SAM" }),
      entry("refused", { request: one.request, by: "U0SAM" }),
      entry("granted", { ...one, by: "U0LEAD" }),
      entry("azure-accepted", one),
      entry("opened", one),
    ].toReversed();
    const [first, second, ...more] = livesIn(entries).lives;
    expect(first).toMatchObject({ id: one.request, ...ASKED, requester: "U0ERIN", refused: 1 });
    expect(first?.happened.map(({ what }) => what)).toEqual(["asked", "granted", "opened"]);
    expect(second).toMatchObject({ id: other.request, ports: "", reason: "", vm: undefined });
    expect(more).toEqual([]);
  });

  it("keeps what Azure's log shows apart, beside its request or as others' doing", () => {
    const seen = { correlation: "c1", status: "Succeeded" };
    const entries = [
      entry("asked", { ...one, detail: ASKED }),
      entry("seen-in-log", { ...one, detail: seen }),
      entry("opened-elsewhere", { vm: "rg-web/vm-01" }),
      entry("jit-policy-deleted-elsewhere"),
    ].toReversed();
    const { lives, elsewhere, others } = livesIn(entries);
    expect(lives[0]?.happened.map(({ what }) => what)).toEqual(["asked"]);
    expect(lives[0]?.logged.map(({ detail }) => detail)).toEqual([seen]);
    expect(elsewhere.map(({ what }) => what)).toEqual([
      "jit-policy-deleted-elsewhere",
      "opened-elsewhere",
    ]);
    expect(others.size).toBe(0);
  });

  it("counts what is about no request, floods by their number", () => {
    const entries = [
      entry("refused", { detail: { times: 41 } }),
      entry("refused"),
      entry("policy-loaded"),
    ];
    expect([...livesIn(entries).others]).toEqual([
      ["refused", 42],
      ["policy-loaded", 1],
    ]);
  });

  it("tells of a request whose beginning is not in the period", () => {
    const [life] = livesIn([entry("ended", one)]).lives;
    expect(life).toMatchObject({ id: one.request, vm: "rg-web/vm-01", durationMs: undefined });
  });
});
