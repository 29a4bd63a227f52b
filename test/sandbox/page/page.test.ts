// The page as people use it: a request typed, refused, approved and ended, with Azure beside it.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tourOf } from "../../../src/sandbox/page/tour.ts";
import { buttonIn, DESK, type Opened, openPage } from "./opened.ts";

const WITHIN = { timeout: 15_000 };

describe("the page of the demo", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openPage();
  }, 60_000);
  afterAll(() => opened?.close());
  beforeEach(() => {
    opened.faults.length = 0;
  });

  const card = (text: string) => opened.page.getByRole("article").filter({ hasText: text }).last();
  const button = (name: string) => buttonIn(opened.page, name);
  const azure = () => opened.page.getByRole("complementary", { name: "Azure" });
  const door = (text: string) => azure().getByRole("listitem").filter({ hasText: text });

  it("shows a request of Erin's, whose own click is refused, for her eyes only", async () => {
    const { page, goTo, type } = opened;
    await type("/jit request vm-01 3389 2h for restarting the print spooler");
    await page.getByText("Only visible to you").waitFor(WITHIN);
    await goTo("prod-access");
    await card("Pending").waitFor(WITHIN);
    await button("Approve").click();
    const refusal = page.getByRole("article").filter({ hasText: "Only visible to you" });
    await refusal.filter({ hasText: "yourself" }).waitFor(WITHIN);
    await card("Pending").waitFor(WITHIN);
    expect(await azure().getByText("No port is open").isVisible()).toBe(true);

    await opened.become("Lea");
    await goTo("prod-access");
    await card("Pending").waitFor(WITHIN);
    expect(await refusal.count()).toBe(0);
  }, 60_000);

  it("changes the card under one's eyes when Lea approves, and shows the door in Azure", async () => {
    const { page, become } = opened;
    await page.evaluate("globalThis.isFirstLoad = true");
    await button("Approve").click();
    await card("Open until").waitFor(WITHIN);
    await door("vm-01").filter({ hasText: "from 203.0.113.0/24" }).waitFor(WITHIN);
    expect(await door("vm-01").textContent()).toMatch(/1:59:\d\d left/);
    // Written as in the messages.
    expect(await door("vm-01").textContent()).toMatch(/until \d{1,2}:\d\d [AP]M/);
    expect(await page.evaluate("globalThis.isFirstLoad")).toBe(true);
    await become("Erin");
    await page.getByRole("navigation", { name: "Channels" }).getByText("unread").first().waitFor();
  }, 60_000);

  it("shows each person the times of their own zone", async () => {
    const { page, become, goTo } = opened;
    const shown = async (name: string) => {
      await become(name);
      await goTo("prod-access");
      return card("Open until")
        .getByText(/^(?:Yesterday|Today|Tomorrow) at/)
        .first()
        .textContent();
    };
    expect(await shown("Lea")).not.toBe(await shown("Erin"));
    expect(await page.getByRole("radio", { name: "Erin" }).getAttribute("aria-checked")).toBe(
      "true",
    );
  }, 60_000);

  it("shows the door's rule before the VM", async () => {
    await azure().getByRole("tab", { name: "VMs" }).click();
    await azure().locator("summary").filter({ hasText: "vm-01" }).click();
    await azure().getByRole("row").filter({ hasText: "Allow JIT" }).waitFor(WITHIN);
    await azure().getByRole("tab", { name: "Open ports" }).click();
  }, 60_000);

  it("shows a thread beside its channel, and unread counts beside the pictures", async () => {
    const { page } = opened;
    await page.setViewportSize(DESK);
    await card("Open until").hover();
    await card("Open until").getByRole("button", { name: "Reply in thread" }).click();
    const [thread, channel] = await Promise.all([
      page.getByRole("complementary", { name: "Thread" }).boundingBox(),
      page.locator(".conversation").boundingBox(),
    ]);
    expect((channel?.x ?? 0) + (channel?.width ?? 0)).toBeLessThanOrEqual(thread?.x ?? 0);
    expect(channel?.width).toBeGreaterThan(300);
    await page.getByRole("button", { name: "Close the thread" }).click();
    const mark = page.locator(".people .badge, .people .dot").first();
    const person = page
      .locator("[role=radio]")
      .filter({ has: page.locator(".badge, .dot") })
      .first();
    const [badge, picture] = await Promise.all([
      mark.boundingBox(),
      person.locator(".avatar").boundingBox(),
    ]);
    expect(badge?.x).toBeGreaterThanOrEqual((picture?.x ?? 0) + (picture?.width ?? 0));
  });

  it("lets the clock jump to the end, and the door vanish", async () => {
    const { page } = opened;
    for (let jump = 0; jump < 2; jump += 1) {
      // What the first hour brings is told before the second passes.
      const moved = page.waitForResponse((response) => response.url().endsWith("/demo/do"));
      await Promise.all([moved, page.getByRole("button", { name: "+1 h" }).click()]);
    }
    await card("Ended on time").waitFor(WITHIN);
    await door("vm-01").filter({ hasText: "Closed" }).waitFor(WITHIN);
    expect(await azure().getByRole("tab", { name: /open/ }).count()).toBe(0);
  }, 60_000);

  it("denies through a form, which comes and goes by the keyboard", async () => {
    const { page, become, goTo, type } = opened;
    await become("Sam");
    await goTo("general");
    await type("/jit request web-02 22 1h for a look around");
    await become("Omar");
    await goTo("prod-access");
    await card("web-02").waitFor(WITHIN);
    const deny = card("web-02").getByRole("button", { name: /^Deny(:|$)/ });
    await deny.focus();
    await page.keyboard.press("Enter");
    const form = page.getByRole("dialog");
    await form.waitFor(WITHIN);
    await page.keyboard.press("Escape");
    await form.waitFor({ state: "hidden" });
    await deny.click();
    await form.getByRole("textbox").fill("Look at the dashboard instead.");
    await form.getByRole("button", { name: /^Deny(:|$)/ }).click();
    await form.waitFor({ state: "hidden" });
    await card("Denied by").filter({ hasText: "dashboard instead" }).waitFor(WITHIN);
    expect(opened.faults).toEqual([]);
  }, 60_000);

  it("says what Azure refuses, and that the bot is down", async () => {
    const { page, become, goTo, type } = opened;
    const turn = (name: string) => page.getByRole("switch", { name }).click();
    await turn("Azure refuses");
    await become("Erin");
    await goTo("general");
    await type("/jit request dev-01 22 1h for trying it");
    await goTo("jit");
    await card("AuthorizationFailed").waitFor(WITHIN);
    await turn("Azure refuses");
    await turn("Bot is down");
    await page.getByRole("status").filter({ hasText: "Bot down" }).waitFor(WITHIN);
    await goTo("general");
    await type("/jit help");
    await page.getByRole("article").filter({ hasText: "dispatch_failed" }).waitFor(WITHIN);
    await turn("Bot is down");
    await page.getByRole("status").filter({ hasText: "Bot ready" }).waitFor(WITHIN);
  }, 60_000);

  it("lets each right be taken from the bot, and a subscription's plan, as its doctor tells", async () => {
    const { page, become, goTo, type } = opened;
    await azure().getByRole("tab", { name: "Rights" }).click();
    const right = (name: string) => azure().getByRole("switch", { name, exact: true });
    await right("… and its JIT policies").first().click();
    await right("Network/bastionHosts/read").click();
    await azure().getByRole("combobox").last().selectOption("P1");
    await azure().locator("[role=switch][aria-checked=false]").nth(1).waitFor(WITHIN);
    await become("Ada");
    await goTo("general");
    await type("/jit doctor");
    const said = page.getByRole("article").filter({ hasText: "Only visible to you" }).last();
    for (const text of [
      /✗ Azure: subscription Shop \(.*jitNetworkAccessPolicies\/initiate\/action/,
      /2 subscriptions \(Shop, Lab\).*bastionHosts\/read/,
      /subscription Lab \(.*has Plan 1, and JIT needs Plan 2/,
    ]) {
      await said.filter({ hasText: text }).waitFor(WITHIN);
    }
    // The page's clock was moved ahead, and the machine's clock is right.
    expect(await said.innerText()).not.toContain("clock");
    await right("… and its JIT policies").first().click();
    await right("Network/bastionHosts/read").click();
    await azure().getByRole("combobox").last().selectOption("P2");
    await azure().getByRole("tab", { name: "Open ports" }).click();
  }, 60_000);

  it("offers the commands while one types, and takes one by the keyboard", async () => {
    const { page } = opened;
    const box = page.getByRole("textbox", { name: /^Message/ });
    await box.fill("/jit req");
    await page.getByRole("option", { name: /jit request/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await box.inputValue()).toBe("/jit request ");
    await page.keyboard.press("Tab");
    await box.fill("");
  }, 60_000);

  it("puts what somebody typed into the page as text", async () => {
    const { page, type } = opened;
    await type("<img src=x onerror=alert(1)> *bold* `code`");
    const said = page.getByRole("article").filter({ hasText: "onerror" });
    await said.waitFor(WITHIN);
    expect(await said.locator("img").count()).toBe(0);
    expect(await said.locator("strong").textContent()).toBe("bold");
  }, 60_000);

  describe("three things to try", () => {
    /** Types what the link stands for as the person that it is for, and sends it. */
    const follow = async (link: string): Promise<void> => {
      const { page, goTo } = opened;
      await goTo("general");
      await page.getByRole("button", { name: link }).click();
      await page.getByRole("textbox", { name: /^Message/ }).focus();
      await page.keyboard.press("Enter");
    };
    const asLea = async (): Promise<void> => {
      await opened.goTo("general");
      await opened.page.getByRole("button", { name: "become Lea in #prod-access" }).first().click();
    };

    it("requests four machines, approves three of them and ends them all", async () => {
      const { page } = opened;
      const tour = tourOf(page);
      await follow("Request them as Erin");
      await asLea();
      const form = await tour.openChange("outage of the shop");
      await form.getByRole("checkbox", { name: /win-02/ }).uncheck();
      await form.getByRole("button", { name: "Approve" }).click();
      for (const vm of ["vm-01", "web-02", "jump-01"]) await door(vm).first().waitFor(WITHIN);
      expect(await door("win-02").count()).toBe(0);
      await follow("ends them all");
      await card("Preview: nothing has ended yet").waitFor(WITHIN);
      expect(await card("Preview").textContent()).toContain("ends 3 requests");
      await tour.press("Preview", "Apply");
      await opened.goTo("jit");
      await tour.card(/of 3 closed, seen in Azure/).waitFor(WITHIN);
      await tour.jump("+1 min", "+1 min", "+1 min");
      await card("is done: 3 of 3 closed").waitFor(WITHIN);
    }, 90_000);

    it("requests it for tomorrow, which is Ready until then", async () => {
      await follow("Request it for 9:00");
      await asLea();
      await tourOf(opened.page).press("monthly updates", "Approve");
      await card("Ready").filter({ hasText: "monthly updates" }).waitFor(WITHIN);
    }, 60_000);

    it("freezes, and lets what waited go on", async () => {
      await follow("Freeze as Ada");
      await card("Access is frozen").waitFor(WITHIN);
      await follow("request something as Erin");
      await asLea();
      await tourOf(opened.page).press("look at the disk", "Approve");
      await card("Ready").filter({ hasText: "look at the disk" }).waitFor(WITHIN);
      await follow("unfreezes");
      await opened.goTo("prod-access");
      await card("Open until").filter({ hasText: "look at the disk" }).waitFor(WITHIN);
      await door("web-02").first().waitFor(WITHIN);
    }, 60_000);
  });
});
