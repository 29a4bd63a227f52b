// What ends or gives up something is asked about first, wherever its button stands.

import { describe, expect, it } from "vitest";
import { confirmation } from "../../../../src/adapters/slack/views/confirm.ts";
import { requesterMessage } from "../../../../src/adapters/slack/views/direct/requester-message.ts";
import { warningMessage } from "../../../../src/adapters/slack/views/direct/warning.ts";
import { homeTab } from "../../../../src/adapters/slack/views/pages/home-tab.ts";
import { statusMessage } from "../../../../src/adapters/slack/views/pages/status.ts";
import { cardMessage } from "../../../../src/adapters/slack/views/request/card.ts";
import { OFFERS } from "../../../../src/domain/request/offers.ts";
import type { AccessRequest } from "../../../../src/domain/request/request.ts";
import { faultsOfBlocks } from "../../../../src/sandbox/slack/blocks/layout-rules.ts";
import { buttonsOf } from "../reading.ts";
import { DECIDED_AT_MS, everyRequest, open, PLAIN, pending, step } from "../requests.ts";
import { broken, everyVariant } from "../variants.ts";

const nowMs = DECIDED_AT_MS;
const TAKES_AWAY = ["jit.end", "jit.cancel"];

/** Every screen that has buttons of a request. */
function screens(request: AccessRequest) {
  const view = { nowMs, endsEarly: true };
  const entry = { request, offers: OFFERS };
  const some = { entries: [entry], isMore: false };
  const recent = [{ request, asks: [request.ask] as const }];
  const home = {
    ...({ screen: "home", nowMs, open: some, pending: some, toDecide: some } as const),
    ...{ toReview: some, everything: some, parked: undefined, recent },
  };
  const reader = { you: request.ask.requester, workspaceUrl: undefined };
  return [
    cardMessage(request, { ...view, hide: [] }),
    requesterMessage(request, [step("open")], view),
    ...(request.state === "open"
      ? [warningMessage(request, { ...view, extendable: true, holders: new Map() })]
      : []),
    statusMessage({ screen: "status", nowMs, entry, extensions: [] }, reader),
    homeTab(home, reader),
  ];
}

describe("a button that ends or gives up something", () => {
  it("is asked about first on every screen, and no other is", () => {
    const long = { ...PLAIN, vm: "ß".repeat(300) };
    const seen = new Set<string>();
    for (const request of [...everyRequest(PLAIN), ...everyVariant(PLAIN), ...everyRequest(long)]) {
      for (const { blocks } of screens(request)) {
        for (const { action_id, confirm } of buttonsOf(blocks)) {
          expect([action_id, confirm !== undefined]).toEqual([
            action_id,
            TAKES_AWAY.includes(action_id),
          ]);
          if (confirm !== undefined) seen.add(action_id);
        }
      }
    }
    expect([...seen].sort()).toEqual(TAKES_AWAY.toSorted());
  });

  it("is asked about within Slack's limits, whatever the VM is called", () => {
    const long = { ...pending({ ...PLAIN, vm: "x".repeat(5_000) }), approvals: [] };
    for (const name of ["end", "cancel"]) {
      const said = confirmation(long, name);
      expect(said?.title.text.length).toBeLessThanOrEqual(100);
      expect(said?.text.text.length).toBeLessThanOrEqual(300);
      for (const answer of [said?.confirm, said?.deny]) {
        expect(answer?.text.length).toBeLessThanOrEqual(30);
      }
    }
    const { blocks } = cardMessage(long, { nowMs, endsEarly: true, hide: [] });
    expect(faultsOfBlocks(blocks)).toEqual([]);
  });

  it("says what will happen", () => {
    expect(confirmation(open(), "end")?.text.text).toBe(
      "JIT-ABC123, 22 (SSH) on vm-01, closes, usually within 2 minutes. Existing sessions stay connected, but one that drops can't reconnect.",
    );
    expect(confirmation(broken(open()), "end")?.title.text).toBe("End this break-glass access?");
    expect(confirmation(pending(), "cancel")?.text.text).toBe(
      "JIT-ABC123, 22 (SSH) on vm-01, can't be approved after that. To get access, request it again.",
    );
    expect(confirmation(open(), "approve")).toBeUndefined();
  });
});
