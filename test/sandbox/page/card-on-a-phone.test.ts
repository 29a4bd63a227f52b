// A card on a phone: who, what, how long, why, the facts and the buttons are seen at once, without scrolling.

import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Opened, openPage, PHONE } from "./opened.ts";

const WITHIN = { timeout: 15_000 };

describe("the card of a usual request, on a phone", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openPage();
  }, 60_000);
  afterAll(() => opened?.close());

  const card = () => opened.page.getByRole("article").filter({ hasText: "Pending" }).last();
  const only = (text: string) =>
    opened.page
      .getByRole("article")
      .filter({ hasText: "Only visible to you" })
      .filter({ hasText: text });

  /** Whether it is on the screen, and what is seen in its middle belongs to a message. */
  const isSeen = async (found: Locator): Promise<boolean> => {
    const box = await found.boundingBox();
    if (box === null || box.y < 0 || box.y + box.height > PHONE.height) return false;
    const at = `${box.x + box.width / 2}, ${box.y + box.height / 2}`;
    return opened.page.evaluate(`document.elementFromPoint(${at})?.closest("article") != null`);
  };

  it("is seen whole, with its facts and its buttons", async () => {
    const { page, become, goTo, type } = opened;
    const request = "/jit request vm-01 3389 2h for restarting the print spooler";
    await type(request);
    await only("Asked").or(only("Requested")).first().waitFor(WITHIN);
    const said = await page.getByRole("article").last().textContent();
    await type(`/jit cancel ${/JIT-\w{6}/.exec(said ?? "")?.[0]}`);
    await only("Cancelled").first().waitFor(WITHIN);
    await type(request);
    await become("Lea");
    await goTo("prod-access");
    await card().waitFor(WITHIN);
    await goTo("general");
    // As it is found by whoever opens the channel on a phone.
    await page.setViewportSize(PHONE);
    const parts = page.getByRole("navigation", { name: "Parts of the page" });
    await parts.getByRole("button", { name: "Channels" }).click();
    await goTo("prod-access");
    await parts.getByRole("button", { name: "Chat" }).click();
    await card().waitFor(WITHIN);
    // By night it is said that it is night, instead.
    const fact = card().getByText(
      /Usual: 2nd time this month|Requested at \d+:\d\d [AP]M their time/,
    );
    for (const line of [card().getByText("→"), card().getByText("2h from approval"), fact]) {
      expect(await isSeen(line.first()), String(await line.first().textContent())).toBe(true);
    }
    for (const text of ["vpn", "print spooler", "Expires"]) {
      expect(await isSeen(card().getByText(text).first()), text).toBe(true);
    }
    for (const name of ["Approve", "Deny", "Details"]) {
      const one = card().getByRole("button", { name: new RegExp(`^${name}(:|$)`) });
      expect(await isSeen(one), name).toBe(true);
    }
  }, 60_000);
});
