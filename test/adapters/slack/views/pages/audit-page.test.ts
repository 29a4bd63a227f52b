// A page of the audit as Slack gets it: within its limits, and nothing that was typed has an effect.

import { expect, it } from "vitest";
import { auditMessage } from "../../../../../src/adapters/slack/views/pages/audit-page.ts";
import type { AuditEntry } from "../../../../../src/domain/audit/audit-entry.ts";
import type { RequestId } from "../../../../../src/domain/text/ids.ts";

const entry = (n: number): AuditEntry => ({
  ...{ seq: n, atMs: n, what: "<!channel>".repeat(20), by: "P-<pseudonym>" },
  ...{ requester: undefined, request: undefined, vm: undefined, erased: false, seal: undefined },
  detail: { code: "&".repeat(500) },
});

const LOGGED = {
  ...{ status: "Succeeded", caller: "<!channel>".repeat(20), loggedAtMs: 5_000 },
  ...{ correlation: "11111111-2222-4333-8444-555555555555", jitPolicy: "&".repeat(2_000) },
};

const life = {
  id: "JIT-000001" as RequestId,
  requester: "U0ERIN",
  vmId: `/subscriptions/s/resourceGroups/${"<".repeat(90)}/${"&".repeat(64)}`,
  vm: `${"<".repeat(90)}/${"&".repeat(64)}`,
  ports: Array.from({ length: 60 }, (_, n) => 10_000 + n).join(","),
  source: "203.0.113.0/24",
  durationMs: 3_600_000,
  reason: "<!channel> &".repeat(80),
  happened: Array.from({ length: 40 }, (_, n) => entry(n)),
  refused: 3,
  logged: Array.from({ length: 5 }, () => ({ ...entry(1), detail: LOGGED })),
};

it("keeps within Slack's limits, whatever was typed", () => {
  const { text, blocks } = auditMessage({
    screen: "audit",
    portal: "https://portal.azure.com",
    ...{ fromMs: 0, untilMs: 1_000, lives: Array.from({ length: 5 }, () => life), count: 5 },
    elsewhere: Array.from({ length: 40 }, () => ({ ...entry(2), detail: LOGGED })),
    others: new Map(Array.from({ length: 40 }, (_, n) => [`<${n}`.padEnd(100, "&"), n])),
    ...{ stoppedAtMs: 7, isUsual: true, page: 1, isMore: true, asked: "audit 7d" },
  });
  const sections = blocks.flatMap((block) => (block.type === "section" ? [block.text.text] : []));
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const one of sections) expect(one.length).toBeLessThanOrEqual(3_000);
  expect(text.length).toBeLessThanOrEqual(1_000);
  expect(JSON.stringify(blocks)).not.toContain("<!channel>");
  // Slack refuses blocks of some 13,000 characters in all.
  const typical = {
    ...life,
    vmId: `/subscriptions/${"0".repeat(36)}/resourceGroups/${"g".repeat(90)}/providers/Microsoft.Compute/virtualMachines/${"v".repeat(64)}`,
    logged: life.logged.slice(0, 2),
    happened: life.happened.slice(0, 6).map((one) => ({ ...one, what: "approved", detail: {} })),
  };
  const screen = auditMessage({
    screen: "audit",
    portal: "https://portal.azure.com",
    ...{ fromMs: 0, untilMs: 1_000, lives: Array.from({ length: 5 }, () => typical), count: 5 },
    ...{
      elsewhere: [],
      others: new Map(),
      stoppedAtMs: undefined,
      isUsual: false,
      page: 1,
      isMore: false,
      asked: "audit",
    },
  });
  expect(JSON.stringify(screen.blocks).length).toBeLessThan(13_000);
});

it("names a VM and the Activity Log with Azure's id behind them, and what failed there", () => {
  const vmId = "/subscriptions/s/resourceGroups/rg-web/providers/m/virtualMachines/vm-01";
  const plainLife = { ...life, vm: "rg-web/vm-01", happened: [], refused: 0, reason: "" };
  const screenOf = (differs: object) =>
    JSON.stringify(
      auditMessage({
        ...{ screen: "audit", portal: "https://portal.azure.us", fromMs: 0, untilMs: 1, count: 1 },
        ...{ elsewhere: [], others: new Map(), stoppedAtMs: undefined, isUsual: false, page: 1 },
        ...{ isMore: false, asked: "audit", lives: [{ ...plainLife, vmId, ...differs }] },
      }).blocks,
    );
  const at = `<https://portal.azure.us/#@/resource${vmId}`;
  const shown = screenOf({});
  expect(shown).toContain(`${at}|rg-web/vm-01>`);
  expect(shown).toContain(`. In ${at}/eventlogs|Azure's Activity Log>`);
  expect(shown).not.toContain(LOGGED.correlation);
  expect(shown).not.toContain("failed");
  const failed = [{ ...entry(1), detail: { ...LOGGED, status: "Failed" } }];
  expect(screenOf({ logged: failed })).toMatch(/Activity Log> \(failed <!date\^5\^/);
  // What is before the period has a name alone.
  const older = screenOf({ vmId: undefined });
  expect(older).toContain("`rg-web/vm-01`");
  expect(older).toContain(". In Azure's Activity Log");
  expect(older).not.toContain("portal.azure");
});

it("says who requested it, in the words of the screens", () => {
  const { blocks } = auditMessage({
    screen: "audit",
    portal: "https://portal.azure.com",
    ...{ fromMs: 0, untilMs: 1_000, count: 1, elsewhere: [], others: new Map() },
    lives: [{ ...life, happened: [{ ...entry(1), what: "asked", by: "U0ERIN", detail: {} }] }],
    ...{ stoppedAtMs: undefined, isUsual: true, page: 1, isMore: false, asked: "audit 7d" },
  });
  expect(JSON.stringify(blocks)).toContain("requested by <@U0ERIN>");
});

it("says what happened as people would, and whose it was", () => {
  const happened = ["questioned", "taken-back", "approval-void", "lapsed", "claimed"].map(
    (what, n) => ({ ...entry(n), what, by: "U0LEAD", detail: {} }),
  );
  const shown = JSON.stringify(
    auditMessage({
      screen: "audit",
      portal: "https://portal.azure.com",
      ...{ fromMs: 0, untilMs: 1_000, count: 1, elsewhere: [], lives: [{ ...life, happened }] },
      others: new Map([["glass-wanted", 2]]),
      ...{ stoppedAtMs: undefined, isUsual: false, page: 1, isMore: false, asked: "audit" },
    }).blocks,
  );
  for (const said of [
    "question asked by <@U0LEAD>",
    "approval withdrawn by <@U0LEAD>",
    "voided: approval by <@U0LEAD>",
    "expired by <@U0LEAD>",
    "taken on by <@U0LEAD>",
    "2 × break-glass requested",
  ]) {
    expect(shown).toContain(said);
  }
});
