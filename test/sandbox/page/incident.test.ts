// One incident in the browser, played by thumb on a phone, each screen of it looked at there and on a desk.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MINUTE, type Played, playIncident, WITHIN } from "./played.ts";

let played: Played;
beforeAll(async () => {
  played = await playIncident();
}, 60_000);
afterAll(() => played?.close());
beforeEach(() => played.closeForms());
afterEach(() => {
  expect(played.found()).toEqual([]);
});

/** Chooses VMs in the form, the first in its first field. */
async function fillForm(vms: readonly string[], reason: string): Promise<void> {
  const { form } = played;
  const [first = "", ...more] = vms;
  await form().getByRole("combobox", { name: "VM", exact: true }).fill(first);
  await form()
    .getByRole("option", { name: new RegExp(`^${first}`) })
    .first()
    .click();
  const several = form().getByRole("combobox", { name: "More VMs" });
  await several.waitFor(WITHIN);
  for (const vm of more) {
    await several.fill(vm);
    await form()
      .getByRole("option", { name: new RegExp(`^${vm}`) })
      .first()
      .click();
    await form()
      .getByRole("button", { name: new RegExp(`^Remove ${vm}`) })
      .waitFor(WITHIN);
  }
  await form().getByRole("textbox", { name: "Reason" }).fill(reason);
}

/** Behind the three dots of a card. */
async function chooses(text: string, name: RegExp): Promise<void> {
  const { page, card } = played;
  await card(text).getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name }).click();
}

describe("several VMs", () => {
  it("are requested, approved but for one, and ended by people who never read a document", async () => {
    const { page, demo, tour, form, card, as, types, look, asksAzure, sends } = played;
    await types("Erin", "/jit");
    await form().waitFor(WITHIN);
    await fillForm(["vm-01", "web-02", "jump-01", "db-01"], "the shop is down");
    await look("form several", form());
    await sends("Request");
    await as("Lea", "prod-access");
    await card("the shop is down").filter({ hasText: "4 VMs" }).waitFor(WITHIN);
    await look("card several pending", card("the shop is down"));
    await chooses("the shop is down", /^Approve with changes/);
    await form().getByRole("checkbox", { name: /db-01/ }).uncheck();
    await look("form approve without one", form());
    await sends("Approve");
    await card("3 of 4 open").waitFor(WITHIN);
    await look("card several open", card("3 of 4 open"));
    expect(await card("3 of 4 open").textContent()).toMatch(/db-01.*Denied/s);
    await as("Erin", "jit");
    await card("3 of 4 open").waitFor(WITHIN);
    await look("message several open", card("3 of 4 open"));
    const live = page.getByRole("article").filter({ hasText: "3 of 4 open" }).first();
    await live.getByRole("button", { name: /^End now/ }).click();
    await tour.confirm("End now");
    await asksAzure(6);
    demo.advance(3 * MINUTE);
    await as("Lea", "prod-access");
    await card("3 of 4 ended").waitFor(WITHIN);
    await look("card several ended", card("3 of 4 ended"));
  }, 120_000);

  it("are a bundle, approved in one tap, and ended by an admin from a preview", async () => {
    const { demo, tour, card, as, types, look, taps, asked, asksAzure } = played;
    await types("Erin", "/jit request bundle:shop 1h for a slow checkout");
    await as("Lea", "prod-access");
    await card("a slow checkout").waitFor(WITHIN);
    const before = taps("U0LEAD").length;
    await tour.press("a slow checkout", "Approve");
    await card("a slow checkout").filter({ hasText: "🟢 Open" }).waitFor(WITHIN);
    // One on the notification, which brings the card, and this one.
    expect(taps("U0LEAD")).toHaveLength(before + 1);
    await types("Ada", "/jit end all");
    await card("Preview: nothing has ended yet").waitFor(WITHIN);
    await look("end all preview", card("Preview: nothing has ended yet"));
    const opened = asked();
    await tour.press("Preview: nothing has ended yet", "Apply");
    await as("Ada", "jit");
    await card(/of 2 closed, seen in Azure/).waitFor(WITHIN);
    await asksAzure(opened + 2);
    demo.advance(3 * MINUTE);
    await card("is done: 2 of 2 closed").waitFor(WITHIN);
    await look("end all done", card("is done: 2 of 2 closed"));
  }, 120_000);
});

describe("what is approved for later", () => {
  it("is Ready with its Open button on the card, in the message and at home, and opens by one tap", async () => {
    const { page, tour, card, as, types, look, taps } = played;
    await types("Erin", "/jit request win-02 3389 1h for the print spooler");
    await as("Lea", "prod-access");
    await tour.press("print spooler", "Approve");
    const ready = card("Ready").filter({ hasText: "print spooler" });
    await ready.waitFor(WITHIN);
    await look("card ready", ready);
    await as("Erin", "jit");
    await card("Ready").filter({ hasText: "win-02" }).waitFor(WITHIN);
    await look("message ready", card("Ready").filter({ hasText: "win-02" }));
    await tour.tab("Home");
    const home = page.locator(".home-panel");
    await home.getByRole("button", { name: /^Open(:|$)/ }).waitFor(WITHIN);
    await look("home ready", home);
    const before = taps("U0ERIN").length;
    await home.getByRole("button", { name: /^Open(:|$)/ }).click();
    await tour.tab("Messages");
    await card("Open until").filter({ hasText: "win-02" }).waitFor(WITHIN);
    expect(taps("U0ERIN")).toHaveLength(before + 1);
    // One live message, edited in place: nothing above says that it isn't decided.
    const live = page.getByRole("article").filter({ hasText: "win-02" });
    expect(await live.filter({ hasText: "Pending" }).count()).toBe(0);
    await look("message open", card("Open until").filter({ hasText: "win-02" }));
  }, 120_000);
});

describe("the brake", () => {
  it("is told in the form, on the card and at home, and what waited goes on", async () => {
    const { page, tour, form, card, as, types, look, sends } = played;
    await types("Ada", "/jit freeze for a leaked key");
    await card("Access is frozen").waitFor(WITHIN);
    await look("freeze said", card("Access is frozen"));
    await types("Erin", "/jit");
    await form().getByText("Access is frozen").waitFor(WITHIN);
    await look("form frozen", form());
    await fillForm(["db-01"], "the nightly import");
    await sends("Request");
    await as("Lea", "prod-access");
    await tour.press("nightly import", "Approve");
    const held = card("nightly import").filter({ hasText: "It waits: access is frozen" });
    await held.waitFor(WITHIN);
    await look("card frozen", held);
    await as("Erin", "jit");
    await tour.tab("Home");
    await page.locator(".home-panel").getByText("Access is frozen").first().waitFor(WITHIN);
    await look("home frozen", page.locator(".home-panel"));
    await tour.tab("Messages");
    await types("Ada", "/jit unfreeze");
    await as("Lea", "prod-access");
    await card("Open until").filter({ hasText: "nightly import" }).waitFor(WITHIN);
  }, 120_000);
});

describe("again, and whoever is on call", () => {
  it("is requested from home in one tap, names who is on call, and they approve", async () => {
    const { page, demo, tour, card, as, look, taps } = played;
    await as("Erin", "jit");
    await tour.tab("Home");
    const again = page.getByRole("button", { name: /^Request again/ }).first();
    await again.waitFor(WITHIN);
    await look("home again", page.locator(".home-panel"));
    await again.click();
    await tour.tab("Messages");
    await as("Omar", "prod-access");
    const asked = card(/a slow checkout|nightly import|print spooler|shop is down/).filter({
      hasText: "Pending",
    });
    await asked.getByText(/On call for/).waitFor(WITHIN);
    expect(await asked.textContent()).toMatch(/On call for platform: @Omar Haddad until/);
    const before = taps("U0OMAR").length;
    await asked.getByRole("button", { name: /^Approve(:|$)/ }).click();
    await demo.slack.waitFor(() => taps("U0OMAR").length > before);
    await asked.waitFor({ state: "hidden", ...WITHIN });
    expect(taps("U0OMAR")).toHaveLength(before + 1);
  }, 120_000);
});

describe("talk", () => {
  it("is a question, its answer, who is on it and a note, all on the card", async () => {
    const { tour, form, card, as, types, look, sends } = played;
    await types("Erin", "/jit request vm-01 3389 2h for a stuck queue");
    await as("Lea", "prod-access");
    await tour.press("stuck queue", "Ask the requester");
    await form().getByRole("textbox").fill("Does it wait until the deploy is over?");
    await look("form ask", form());
    await form()
      .getByRole("button", { name: /^(Ask|Send)/ })
      .click();
    await card("stuck queue").filter({ hasText: "until the deploy" }).waitFor(WITHIN);
    await as("Erin", "jit");
    await card("until the deploy").waitFor(WITHIN);
    await look("message question", card("until the deploy"));
    await tour.press("until the deploy", "Answer the question");
    await form().getByRole("textbox").fill("No, orders are lost.");
    await form()
      .getByRole("button", { name: /^(Answer|Send)/ })
      .click();
    await as("Lea", "prod-access");
    await card("stuck queue").filter({ hasText: "orders are lost" }).waitFor(WITHIN);
    await chooses("stuck queue", /^I'm on it/);
    await card("stuck queue").filter({ hasText: "is on it until" }).waitFor(WITHIN);
    await look("card talk", card("stuck queue"));
    await chooses("stuck queue", /^Approve with changes/);
    await form().getByRole("textbox", { name: /^Note/ }).fill("ok, for this once");
    await sends("Approve");
    const noted = card("stuck queue").filter({ hasText: "Open until" });
    await noted.waitFor(WITHIN);
    await look("card note", noted);
    await as("Erin", "jit");
    await card("ok, for this once").waitFor(WITHIN);
    await look("message note", card("ok, for this once"));
  }, 120_000);
});

describe("away", () => {
  it("brings the card to whoever stands in, who decides by one tap", async () => {
    const { tour, card, as, types, look, taps } = played;
    await types("Lea", "/jit away until tomorrow 9:00 to @sam");
    await card("You're away until").waitFor(WITHIN);
    await types("Erin", "/jit request db-02 22 1h for a full disk");
    await as("Sam", "jit");
    await card("full disk").waitFor(WITHIN);
    await look("message delegate", card("full disk"));
    const before = taps("U0SAM").length;
    await tour.press("full disk", "Approve");
    await card("Approved by").filter({ hasText: "full disk" }).waitFor(WITHIN);
    expect(taps("U0SAM")).toHaveLength(before + 1);
    expect(await card("full disk").textContent()).toMatch(/@Sam .*for @Lea/);
    await types("Lea", "/jit back");
    await card("You're back").waitFor(WITHIN);
  }, 120_000);
});

describe("what others opened", () => {
  it("is told in a notice, with Close and Adopt", async () => {
    const { demo, card, as, look } = played;
    const port = { ports: [22], source: "203.0.113.9", minutes: 60, justification: "by hand" };
    for (const vm of ["web-02", "jump-01"]) {
      demo.azure.elsewhere.open({ by: "barbara@contoso.com", vm, ...port });
    }
    await as("Ada", "notices");
    await card("web-02, 22").waitFor(WITHIN);
    for (const name of [/^Close/, /^Adopt/]) {
      await card("web-02, 22").getByRole("button", { name }).first().waitFor(WITHIN);
    }
    await look("notice opened elsewhere", card("web-02, 22"));
  }, 120_000);
});

describe("break-glass", () => {
  it("is read with who can by somebody who can't, who asks them in one tap; and is reviewed", async () => {
    const { card, as, types, look } = played;
    await types("Erin", "/jit breakglass jump-01 22 1h for the outage");
    const help = card("Only visible to you").getByRole("button", { name: /^Ask them now/ });
    await help.waitFor(WITHIN);
    await look("refusal break-glass", card("Only visible to you"));
    await help.click();
    await types("Omar", "/jit breakglass jump-01 22 1h for the outage of the queue");
    await as("Lea", "prod-access");
    const glass = card("outage of the queue").filter({ hasText: "Open until" });
    await glass.getByRole("button", { name: /^Review: justified|^Justified/ }).waitFor(WITHIN);
    await look("card break-glass", glass);
  }, 120_000);
});
