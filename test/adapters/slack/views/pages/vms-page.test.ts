// A page of VMs as Slack gets it: within its limits for the longest names that Azure allows.

import { describe, expect, it } from "vitest";
import { vmsMessage } from "../../../../../src/adapters/slack/views/pages/vms-page.ts";
import type { VmEntry, VmsScreen } from "../../../../../src/ports/screens/screens.ts";
import { aPort, aVm } from "../../../../support/requests.ts";

const screen = (entries: readonly VmEntry[], change: Partial<VmsScreen> = {}): VmsScreen => ({
  screen: "vms",
  counts: {
    configured: entries.length,
    notConfigured: 0,
    unknown: 0,
    unsupported: 0,
    exposed: 0,
  },
  entries,
  page: 1,
  isMore: true,
  asked: "vms prod",
  notes: [],
  ...change,
});

const LONGEST: VmEntry = {
  vm: aVm({
    ...{ name: "&".repeat(64), resourceGroup: "<".repeat(90), power: "x".repeat(300) },
    privateAddresses: ["10.0.0.4", "10.0.0.5"],
    network: {
      exposures: [1, 2, 3].map((nth) => ({
        ports: Array.from({ length: 60 }, (_, n) => 10_000 + n),
        protocol: "UDP" as const,
        address: `10.0.0.${nth}`,
        from: Array.from({ length: 5 }, (_, n) => `${n}`.repeat(90)),
        by: ["own", "default"].map(() => ({
          ...{ rule: "r".repeat(90), nsg: "n".repeat(90), whose: "default" as const },
        })),
      })),
      ...{ denyMissing: [10_001, 22], unseen: ["u".repeat(90)] },
    },
  }),
  state: "configured",
  ports: Array.from({ length: 60 }, (_, n) =>
    aPort(10_000 + n, {
      protocol: "TCP",
      maxDurationMs: (n + 1) * 60_000,
      sources: ["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "10.0.0.0/8"],
    }),
  ),
  open: 99_999,
};

describe("a page of VMs", () => {
  it("keeps within Slack's limits, whatever they are called", () => {
    const { text, blocks } = vmsMessage(screen(Array.from({ length: 8 }, () => LONGEST)));
    expect(blocks.length).toBeLessThanOrEqual(50);
    expect(text.length).toBeLessThanOrEqual(1_000);
    const sections = blocks.flatMap((block) => (block.type === "section" ? [block.text.text] : []));
    for (const one of sections) expect(one.length).toBeLessThanOrEqual(3_000);
    // So that hardly any of it is cut when it is sent.
    expect(sections.join("").length).toBeLessThan(13_000);
    expect(JSON.stringify(blocks)).not.toContain("<<");
  });

  it("turns to the next page by what it was asked for with", () => {
    const { blocks } = vmsMessage(screen([LONGEST], { page: 2 }));
    expect(blocks.at(-1)).toMatchObject({
      type: "actions",
      elements: [
        { action_id: "jit.list.back", value: "1 vms prod" },
        { action_id: "jit.list.more", value: "3 vms prod" },
      ],
    });
  });

  it("names ports together of which the same is true", () => {
    const entry = { ...LONGEST, vm: aVm(), ports: [aPort(22), aPort(3389)], open: 0 };
    expect(JSON.stringify(vmsMessage(screen([entry])).blocks)).toContain(
      "`22` (SSH) and `3389` (RDP) up to 3h from any address",
    );
  });
});
