// The link to the VM in the portal: the right cloud's, and safe whatever the VM is called.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requesterMessage } from "../../../../src/adapters/slack/views/direct/requester-message.ts";
import { azureEndpoint } from "../../../../src/config/clouds.ts";
import { portalUrl } from "../../../../src/domain/vm/portal-url.ts";
import { buttonsOf, lines, offered } from "../reading.ts";
import type { Typed } from "../requests.ts";
import { DECIDED_AT_MS, open, PLAIN, pending, step } from "../requests.ts";
import { bench } from "../workspace.ts";

const VIEW = { nowMs: DECIDED_AT_MS, endsEarly: true };
const PATH =
  "/subscriptions/s1/resourceGroups/rg-prod-web/providers/Microsoft.Compute/virtualMachines/vm-01";

const openMessage = (portal: string, typed: Typed = PLAIN) =>
  requesterMessage(open(typed), [step("open")], { ...VIEW, portal });
const linkIn = (portal: string, typed?: Typed) =>
  buttonsOf(openMessage(portal, typed).blocks).find((one) => one.action_id === "link.portal")?.url;

describe("the link to the VM", () => {
  it.each([
    ["public", "https://portal.azure.com"],
    ["usgov", "https://portal.azure.us"],
    ["china", "https://portal.azure.cn"],
  ] as const)("leads to the portal of the cloud %s", (cloud, portal) => {
    expect(linkIn(azureEndpoint(cloud).portal)).toBe(`${portal}/#@/resource${PATH}`);
  });

  it("stands beside End now, and alone where accesses are not ended early", () => {
    const portal = "https://portal.azure.com";
    const message = openMessage(portal);
    expect(lines(message).at(-1)).toBe("[End now] [Azure portal]");
    const noEnd = requesterMessage(open(), [step("open")], { ...VIEW, endsEarly: false, portal });
    expect(offered(noEnd)).toEqual(["link.portal"]);
  });

  it("stands in no message but that of the open door", () => {
    const message = requesterMessage(pending(), [step("asked")], {
      ...VIEW,
      portal: "https://portal.azure.com",
    });
    expect(offered(message)).toEqual(["cancel"]);
  });

  it("keeps whatever a VM is called within the path", () => {
    const vm = 'a"><b>|c d?e=f#g&h%2f\\\n😀\ud800';
    expect(linkIn("https://portal.azure.com", { ...PLAIN, vm })).toBe(
      "https://portal.azure.com/#@/resource" +
        PATH.replace("vm-01", "") +
        "a%22%3E%3Cb%3E%7Cc%20d%3Fe%3Df%23g%26h%252f%5C%0A%F0%9F%98%80%EF%BF%BD",
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (id) => {
        const url = portalUrl("https://portal.azure.com", `/${id}`) ?? "";
        expect(url).toMatch(/^https:\/\/portal\.azure\.com\/#@\/resource\/[\w.!~*'()%/-]*$/);
      }),
    );
  });

  it("is left out where Slack would refuse it for its length", () => {
    const portal = "https://portal.azure.com";
    const room = 3_000 - `${portal}/#@/resource`.length;
    expect(portalUrl(portal, "/".repeat(room))).toHaveLength(3_000);
    expect(portalUrl(portal, "/".repeat(room + 1))).toBeUndefined();
    expect(linkIn(portal, { ...PLAIN, vm: "x".repeat(3_000) })).toBeUndefined();
  });

  it("is sent with the way in", async () => {
    const { slack, chat } = await bench({ chat: { portal: "https://portal.azure.us" } });
    await chat.postLive(open(), [step("open")]);
    expect(JSON.stringify(slack.direct("U0ERIN"))).toContain(
      `https://portal.azure.us/#@/resource${PATH}`,
    );
  });
});
