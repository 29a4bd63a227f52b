// The ways that people go in the page, by forms and buttons: ask, cut down, extend, end from the home tab, show one's address, retry.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VISITORS_ADDRESS } from "../../../src/sandbox/assembly/front.ts";
import { type Tour, tourOf } from "../../../src/sandbox/page/tour.ts";
import { DESK, type Opened, openPage, PHONE } from "./opened.ts";

const WITHIN = { timeout: 30_000 };

describe("the page of the demo", () => {
  let opened: Opened;
  let tour: Tour;
  beforeAll(async () => {
    opened = await openPage();
    tour = tourOf(opened.page);
  }, 60_000);
  afterAll(() => opened?.close());

  it.each([DESK, PHONE])("shows what the form offers, $width wide", async (size) => {
    const { page } = opened;
    await page.setViewportSize(size);
    await tour.type("/jit");
    const form = page.getByRole("dialog");
    await form.getByRole("combobox", { name: "VM" }).click();
    await form.getByRole("option").nth(5).waitFor(WITHIN);
    const [list, foot] = await Promise.all([
      form.getByRole("listbox").boundingBox(),
      form.getByRole("button", { name: "Request", exact: true }).boundingBox(),
    ]);
    expect((list?.y ?? 0) + (list?.height ?? 0)).toBeLessThan(foot?.y ?? 0);
    await form.getByRole("button", { name: "Cancel" }).click();
    await form.waitFor({ state: "hidden" });
    await page.setViewportSize(DESK);
  });

  it("puts the cursor into what is missing, with no list over the form", async () => {
    const { page } = opened;
    await tour.type("/jit request vm-01 3389 1h");
    const form = page.getByRole("dialog");
    await form.getByRole("textbox", { name: "Reason" }).waitFor(WITHIN);
    await page.keyboard.type("the spooler");
    expect(await form.getByRole("textbox", { name: "Reason" }).inputValue()).toBe("the spooler");
    expect(await form.getByRole("listbox").filter({ visible: true }).count()).toBe(0);
    await form.getByRole("button", { name: "Cancel" }).click();
    await form.waitFor({ state: "hidden" });
  });

  it("takes a request by form, which an approver cuts down", async () => {
    const { become, goTo, card } = tour;
    const form = await tour.fillForm({ vm: "win-02", reason: "A look at the spooler" });
    await form.getByRole("button", { name: "Request", exact: true }).click();
    await form.waitFor({ state: "hidden" });
    await become("Lea");
    await goTo("prod-access");
    const change = await tour.openChange("win-02");
    await change.getByRole("button", { name: "Approve" }).click();
    await card("Open until").filter({ hasText: "win-02" }).waitFor(WITHIN);
    expect(await card("win-02").textContent()).toMatch(/shortened|30m/);
  }, 90_000);

  it("extends an access from its warning", async () => {
    const { become, goTo, card, press } = tour;
    await become("Erin");
    await goTo("general");
    await tour.type("/jit request vm-01 3389 1h for the print spooler");
    await become("Lea");
    await goTo("prod-access");
    await press("print spooler", "Approve");
    await card("Open until").filter({ hasText: "vm-01" }).waitFor(WITHIN);
    await tour.jump("+10 min", "+10 min", "+10 min", "+10 min", "+10 min", "+1 min");
    await become("Erin");
    await goTo("jit");
    await press(/left:.*vm-01/, "Extend");
    const form = opened.page.getByRole("dialog");
    await form.waitFor(WITHIN);
    await form.getByRole("button", { name: "Request", exact: true }).click();
    await form.waitFor({ state: "hidden" });
    await become("Lea");
    await goTo("prod-access");
    await press("Pending", "Approve");
    await card(/continued by|extended/i)
      .first()
      .waitFor(WITHIN);
  }, 120_000);

  it("ends an access from the home tab", async () => {
    const { become, goTo, tab, card } = tour;
    await become("Erin");
    await goTo("jit");
    await tab("Home");
    const end = opened.page.getByRole("button", { name: /^End now/ }).first();
    await end.waitFor(WITHIN);
    // The tab follows the extension within seconds; a button that is exchanged under the pointer does nothing.
    await opened.page.waitForTimeout(4_000);
    await end.click();
    await tour.confirm("End now");
    await opened.page.getByText("Ending").first().waitFor(WITHIN);
    // One door is one line, also while it is closing.
    const doors = opened.page.locator(".door").filter({ hasText: "vm-01" });
    await doors.filter({ hasText: "Closing" }).waitFor(WITHIN);
    expect(await doors.filter({ hasText: /Open|Closing/ }).count()).toBe(1);
    await tour.jump("+1 min", "+1 min", "+1 min");
    await tab("Messages");
    await become("Lea");
    await goTo("prod-access");
    // To the letter: while it is being ended, it says "Closing early".
    await card(/Ended early by/).waitFor(WITHIN);
    await goTo("notices");
    await card(/Ended early/)
      .filter({ hasText: "vm-01" })
      .waitFor(WITHIN);
  }, 90_000);

  it("carries on with the address that the bot's page sees, once its button is pressed", async () => {
    const { become, goTo, card, press } = tour;
    await become("Erin");
    await goTo("general");
    await tour.type("/jit request jump-01 22 1h from my-ip for a look at the queue");
    const seen = await tour.openAddressPage();
    expect(await seen.textContent("main")).toContain(`Your IP address is ${VISITORS_ADDRESS}`);
    // Opened a second time, as by a preview, it still has its button.
    await seen.reload();
    await seen.getByRole("button", { name: `Use ${VISITORS_ADDRESS}` }).click();
    await seen.getByRole("heading", { name: "Done" }).waitFor(WITHIN);
    expect(await seen.textContent("main")).toContain("port 22 on jump-01");
    await seen.goBack();
    await seen.reload();
    await seen.getByRole("heading", { name: "This link has already been used" }).waitFor(WITHIN);
    await seen.close();
    await become("Lea");
    await goTo("prod-access");
    await press("look at the queue", "Approve");
    await card("Open until").filter({ hasText: VISITORS_ADDRESS }).waitFor(WITHIN);
    const door = opened.page.getByRole("listitem").filter({ hasText: "jump-01" });
    await door.getByText(`from ${VISITORS_ADDRESS}`).waitFor(WITHIN);
  }, 90_000);

  it("says what the link still does while the bot is away", async () => {
    const { become, goTo, turn } = tour;
    await become("Sam");
    await goTo("general");
    await tour.type("/jit request jump-01 22 1h from my-ip for the queue, too");
    const seen = await tour.openAddressPage();
    await turn("Bot is down");
    await seen.reload();
    await seen.getByText("The link stays good").waitFor(WITHIN);
    await seen.close();
    await turn("Bot is down");
    await opened.page.getByText("Bot ready").waitFor(WITHIN);
  }, 90_000);

  it("configures VMs from a preview", async () => {
    const { become, goTo, card, press } = tour;
    await become("Ada");
    await goTo("general");
    await tour.type("/jit enable rg:rg-prod-shop 22 tcp max 2h from vpn");
    await card("Preview").waitFor(WITHIN);
    expect(await card("Preview").textContent()).toContain("1 to configure");
    await press("Preview", "Apply");
    await card("Applying").waitFor(WITHIN);
    await goTo("jit");
    await card("1 of 1 VM done").waitFor(WITHIN);
    await goTo("general");
  }, 60_000);

  it("opens in the portal past the bot, which tells", async () => {
    const azure = opened.page.getByRole("complementary", { name: "Azure" });
    await azure.getByRole("tab", { name: "VMs" }).click();
    await azure.locator("summary").filter({ hasText: "db-01" }).click();
    await azure.getByRole("button", { name: "Open in the portal port 22" }).first().click();
    await opened.page.getByText("Opened behind the bot's back").waitFor(WITHIN);
    await tour.become("Ada");
    await tour.goTo("notices");
    const notice = opened.page.getByRole("log").getByText(/Opened in Azure, not by this bot/);
    await notice.first().waitFor(WITHIN);
    expect(await opened.page.getByRole("log").textContent()).toContain("db-01");
  }, 90_000);

  it("retries an opening that Azure refused", async () => {
    const { become, goTo, card, press, turn } = tour;
    await turn("Azure refuses");
    await become("Erin");
    await goTo("general");
    await tour.type("/jit request web-02 22 1h for a look at the full disk");
    await become("Lea");
    await goTo("prod-access");
    await press("full disk", "Approve");
    await card("AuthorizationFailed").waitFor(WITHIN);
    await turn("Azure refuses");
    await press("AuthorizationFailed", "Retry");
    await card("Open until").filter({ hasText: "web-02" }).waitFor(WITHIN);
    expect(opened.faults).toEqual([]);
  }, 90_000);
});
