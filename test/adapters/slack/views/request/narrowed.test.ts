// What an approver changed, and extensions: what is in force stands beside what was asked.

import { describe, expect, it } from "vitest";
import type { CardView } from "../../../../../src/adapters/slack/views/card-view.ts";
import { requesterMessage } from "../../../../../src/adapters/slack/views/direct/requester-message.ts";
import { historyMessage } from "../../../../../src/adapters/slack/views/request/batch/history.ts";
import { cardMessage } from "../../../../../src/adapters/slack/views/request/card.ts";
import type { Step } from "../../../../../src/domain/request/document/step.ts";
import type { AccessRequest } from "../../../../../src/domain/request/request.ts";
import { lines, offered, spoken } from "../../reading.ts";
import {
  DECIDED_AT_MS,
  denied,
  ENDS_AT_MS,
  ended,
  failed,
  grant,
  LEAD,
  lapsed,
  OMAR,
  open,
  opening,
  PLAIN,
  pending,
  step,
} from "../../requests.ts";
import { asking, cutDown, extension, promising } from "../../variants.ts";

const VIEW: CardView & { endsEarly: boolean } = {
  nowMs: DECIDED_AT_MS,
  hide: [],
  endsEarly: true,
};
const card = (request: AccessRequest, hide: CardView["hide"] = []) =>
  lines(cardMessage(request, { ...VIEW, hide }));
const thread = (request: AccessRequest, ...steps: Step[]) =>
  lines(historyMessage(request, steps, VIEW));
const told = (request: AccessRequest, ...steps: Step[]) => requesterMessage(request, steps, VIEW);

/** One hour of two, of which nobody may see more than that. */
const SHORT = { endsAtMs: DECIDED_AT_MS + 3_600_000 };
const short = { ...cutDown(open()), grant: grant(PLAIN, SHORT) };

const BOTH = "@lea shortened it from 2h to 1h and narrowed the source from vpn to 203.0.113.7.";

describe("a request that was changed", () => {
  it("shows what is in force, and what was asked", () => {
    expect(card(short).slice(0, 5)).toEqual([
      "🟢 Open · @erin → vm-01 · SSH · 1h (until Today at 3:05 PM)",
      "Open until Today at 3:05 PM. Approved by @lea.",
      "Port: 22 (SSH) on vm-01 in resource group rg-prod-web",
      "From: 203.0.113.7",
      BOTH,
    ]);
  });

  it("shows it while another approval is missing, in the notification, too", () => {
    const approvals = [{ by: LEAD, atMs: DECIDED_AT_MS }];
    const request = cutDown(promising(pending(PLAIN, { approvals }), { approvals: 2 }));
    expect(card(request)).toEqual(
      expect.arrayContaining([
        "⏳ Pending: 1 of 2 approvals · @erin → vm-01 · SSH · 1h from approval",
        "From: 203.0.113.7",
        BOTH,
      ]),
    );
    expect(spoken(cardMessage(request, VIEW))).toContain("requests 22 (SSH) on vm-01 for 1h:");
  });

  it.each<[string, AccessRequest, string]>([
    [
      "the time alone",
      cutDown(open(), { source: PLAIN.source, sourceName: "vpn" }),
      "@lea shortened it from 2h to 1h.",
    ],
    [
      "the source alone",
      cutDown(open(), { durationMs: 7_200_000 }),
      "@lea narrowed the source from vpn to 203.0.113.7.",
    ],
    [
      "everywhere",
      cutDown(asking(open(), { source: "*", sourceName: undefined }), {
        source: PLAIN.source,
        sourceName: "vpn",
      }),
      "@lea shortened it from 2h to 1h and narrowed the source from any address to vpn.",
    ],
  ])("names only what differs: %s", (_what, request, said) => {
    expect(card(request)).toContain(said);
    expect(card(request).filter((line) => line.startsWith("@lea"))).toHaveLength(1);
  });

  it("is not said to be changed where nothing was", () => {
    const same = { durationMs: 7_200_000, source: PLAIN.source, sourceName: "vpn" };
    expect(card(cutDown(open(), same)).join()).not.toContain("@lea shortened");
    expect(thread(cutDown(open(), same), step("narrowed", { by: LEAD }))).toEqual([
      "Nothing was changed by @lea.",
    ]);
  });

  it("keeps its sources from the channel where that is asked for", () => {
    const onlySource = cutDown(open(), { durationMs: 7_200_000 });
    expect(card(short, ["source"])).toContain(
      "@lea shortened it from 2h to 1h and narrowed the source.",
    );
    expect(card(onlySource, ["source"])).toContain("@lea narrowed the source.");
    const hidden = historyMessage(short, [step("narrowed", { by: LEAD })], {
      ...VIEW,
      hide: ["source"],
    });
    expect(JSON.stringify(hidden)).not.toMatch(/vpn|203\.0\.113/);
  });

  it("is asked for again as it was granted", () => {
    const tooLate = { ...VIEW, nowMs: ENDS_AT_MS };
    expect(lines(requesterMessage(cutDown(failed()), [], tooLate)).join()).toContain(
      "/jit request rg-prod-web/vm-01 22 1h from 203.0.113.7",
    );
  });
});

describe("cutting down is told", () => {
  it("in the thread and to the requester", () => {
    const request = cutDown(opening());
    const steps = [step("narrowed", { by: LEAD }), step("approved", { by: LEAD })];
    expect(thread(request, ...steps)[0]).toBe(`Today at 2:05 PM: ${BOTH}`);
    expect(lines(told(request, ...steps)).slice(1, 3)).toEqual([BOTH, "Approved by @lea."]);
  });

  it("again with the way in, where it would be missed otherwise", () => {
    expect(lines(told(short, step("open")))).toEqual([
      "🟢 Open until Today at 3:05 PM: 22 (SSH) on vm-01, JIT-ABC123",
      "Approved by @lea.",
      BOTH,
      "22 (SSH): ssh <user>@198.51.100.7",
      "[End now]",
    ]);
    const both = lines(told(short, step("narrowed", { by: LEAD }), step("open")));
    expect(both.filter((line) => line.includes(BOTH))).toHaveLength(1);
  });

  it("without putting one approver's change to another", () => {
    const request = cutDown(open(), { by: OMAR });
    expect(thread(request, step("narrowed", { by: LEAD }))).toEqual(["Changed by @lea."]);
  });
});

describe("an extension", () => {
  it("says which request it carries on, and from when on", () => {
    expect(card(extension(pending()))).toEqual(
      expect.arrayContaining([
        "⏳ Pending · @erin extends vm-01 · SSH (+2h)",
        "Extends: JIT-123456, which still ends on time until this is approved",
      ]),
    );
    expect(spoken(cardMessage(extension(pending()), VIEW))).toContain(
      "@erin requests 2h more of 22 (SSH) on vm-01: restart",
    );
  });

  it("says until when it goes once that is fixed, and promises no more", () => {
    const extended = asking(extension(open()), { extendsFromMs: DECIDED_AT_MS });
    const read = card(extended);
    expect(read[0]).toBe(
      "🟢 Open · @erin extends vm-01 · SSH: Today at 2:05 PM → Today at 4:05 PM (+2h)",
    );
    expect(read).toContain("Extends: JIT-123456");
  });

  it("says from which end to which, as far as it was asked", () => {
    const wanted = asking(extension(pending()), { extendsFromMs: DECIDED_AT_MS });
    expect(card(wanted)[0]).toBe(
      "⏳ Pending · @erin extends vm-01 · SSH: Today at 2:05 PM → Today at 4:05 PM (+2h)",
    );
    for (const request of [extension(denied()), extension(lapsed())]) {
      expect(card(request)[0]).toContain("@erin extends vm-01 · SSH (+2h) · JIT-ABC123");
    }
  });

  it("tells the requester what becomes of the first one", () => {
    expect(lines(told(extension(pending()), step("asked")))[2]).toBe(
      "Until this is approved, JIT-123456 still ends at its own time.",
    );
    expect(lines(told(extension(open()), step("open")))).toContain("This extends JIT-123456.");
  });

  it("lets the first one end without alarm", () => {
    const first = ended(PLAIN, { how: "extended", closing: "unknown" });
    expect(lines(told(first, step("ended")))).toEqual([
      "⚪ Ended: 22 (SSH) on vm-01, JIT-ABC123",
      "Extended, Today at 4:05 PM.",
      "An extension took over.",
    ]);
    expect(card(first)[2]).toBe("An extension took over.");
    expect(offered(cardMessage(first, VIEW))).toEqual([]);
  });

  it("names the extension that took over on the first one's card, and its end", () => {
    const tookOver = { id: open().id, endsAtMs: DECIDED_AT_MS + 2 * 3_600_000 };
    const over = { how: "extended", closing: "unknown", extension: tookOver } as const;
    const first = ended(PLAIN, over);
    const says = "An extension took over: JIT-ABC123 moved the end to Today at 4:05 PM.";
    expect(card(first)[2]).toBe(says);
    expect(lines(told(first, step("ended")))).toContain(says);
  });
});
