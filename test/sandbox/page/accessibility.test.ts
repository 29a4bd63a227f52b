// No fault of accessibility that an automatic checker finds, by day and by night, on a desk and a phone.

import axe, { type AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buttonIn, DESK, type Opened, openPage, PHONE } from "./opened.ts";

/** What the bot calls its buttons is looked at where they are made: here it is drawn as it comes. */
const OPTIONS = JSON.stringify({ rules: { "label-content-name-mismatch": { enabled: false } } });

describe.each(["light", "dark"] as const)("the page in %s colours", (colorScheme) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openPage({ colorScheme });
  }, 60_000);
  afterAll(() => opened?.close());

  const button = (name: string) => buttonIn(opened.page, name);

  const faults = async (): Promise<string[]> => {
    const { page } = opened;
    await page.evaluate(axe.source);
    // What is still fading in has not its colours yet.
    await page.evaluate(
      "Promise.all(document.getAnimations().map((one) => one.finished)).then(() => true)",
    );
    const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${OPTIONS})`);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  };

  it("is without fault on a desk", async () => {
    const { page, goTo, become, type } = opened;
    await page.setViewportSize(DESK);
    expect(await faults()).toEqual([]);
    await type("/jit request vm-01 3389 2h for restarting the print spooler");
    await page.getByText("Only visible to you").waitFor();
    await page.getByRole("textbox", { name: /^Message/ }).fill("/jit");
    await page.getByRole("listbox", { name: "Commands" }).waitFor();
    expect(await faults()).toEqual([]);
    await become("Lea");
    await goTo("prod-access");
    await button("Deny").click();
    await page.getByRole("dialog").waitFor();
    expect(await faults()).toEqual([]);
    await page.keyboard.press("Escape");
    await button("Approve").click();
    await page.getByRole("article").filter({ hasText: "Open until" }).waitFor();
    expect(await faults()).toEqual([]);
    for (const tab of ["VMs", "Calls"]) {
      await page.getByRole("tab", { name: tab }).click();
      await page.locator("#azure-panel summary").first().click();
      expect(await faults()).toEqual([]);
    }
    await page.getByRole("tab", { name: "Rights" }).click();
    expect(await faults()).toEqual([]);
    await page.getByRole("button", { name: "Reply in thread" }).first().click();
    expect(await faults()).toEqual([]);
    await page.keyboard.press("Escape");
    await goTo("jit");
    await page.getByRole("tab", { name: "Home" }).click();
    expect(await faults()).toEqual([]);
  }, 120_000);

  it("is without fault on a phone, and nothing is wider than it", async () => {
    const { page } = opened;
    await page.setViewportSize(PHONE);
    for (const name of ["Channels", "Chat", "Azure"]) {
      const parts = page.getByRole("navigation", { name: "Parts of the page" });
      await parts.getByRole("button", { name }).click();
      expect(await faults()).toEqual([]);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      expect(width).toBeLessThanOrEqual(PHONE.width);
    }
    await page.getByRole("tab", { name: "Rights" }).click();
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(PHONE.width);
  }, 60_000);
});
