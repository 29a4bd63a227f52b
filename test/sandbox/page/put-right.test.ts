// What went wrong, put right by buttons in the browser: a refused request, a bundle, what others opened or wiped.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { denyRules, guardsOf, wipeDenyRules } from "../../support/deny-rules.ts";
import { WIDE } from "./looks.ts";
import { MINUTE, type Played, playIncident, WITHIN } from "./played.ts";

const BARBARA = "barbara@contoso.com";
const ERIN = "erin@contoso.example";

let played: Played;
beforeAll(async () => {
  played = await playIncident();
}, 60_000);
afterAll(() => played?.close());
beforeEach(() => played.closeForms());
afterEach(() => {
  expect(played.found()).toEqual([]);
});

const mine = (text: string | RegExp) =>
  played.card("Only visible to you").filter({ hasText: text });

describe("a refused request", () => {
  it.each([
    {
      typed: "vm-01 3389 9h for a long patch",
      says: "allows at most 4h",
      others: [],
      press: "Use 4h",
      card: ["vm-01", "RDP", "4h from approval"],
    },
    {
      typed: "web-02 22 1h from 192.0.2.9 for a slow page",
      says: "doesn't allow 192.0.2.9",
      others: [],
      press: "From vpn",
      card: ["web-02", "SSH", "203.0.113.0/24"],
    },
    {
      typed: "vm-01 8080 1h for the spooler",
      says: "doesn't cover port 8080",
      others: ["Use 22 (SSH)"],
      press: "Use 3389 (RDP)",
      card: ["vm-01", "RDP", "1h from approval"],
    },
    {
      typed: "web-01 22 1h for a full log",
      says: "2 VMs are named web-01",
      others: [],
      press: "web-01 in rg-prod-shop",
      card: ["web-01", "rg-prod-shop"],
    },
    {
      typed: "jump-1 22 1h for the queue",
      says: "did you mean jump-01?",
      others: [],
      press: "jump-01",
      card: ["jump-01", "SSH"],
    },
  ])(
    "is requested by one tap on $press",
    async ({ typed, says, others, press, card }) => {
      const { tour, as, types, look, taps } = played;
      const [, reason = ""] = typed.split(" for ");
      await types("Erin", `/jit request ${typed}`);
      const refusal = mine(says);
      await refusal.waitFor(WITHIN);
      for (const name of others) await refusal.getByRole("button", { name, exact: true }).waitFor();
      await look(`refusal ${press}`, refusal);
      const before = taps("U0ERIN").length;
      await refusal.getByRole("button", { name: press, exact: true }).click();
      // In its place: what was refused can't be pressed again.
      await mine("Requested JIT-").last().waitFor(WITHIN);
      await refusal.waitFor({ state: "hidden", ...WITHIN });
      expect(taps("U0ERIN")).toHaveLength(before + 1);
      await look(`requested by ${press}`, mine("Requested JIT-").last());
      await as("Lea", "prod-access");
      const asked = tour.card("Pending").filter({ hasText: reason });
      await asked.waitFor(WITHIN);
      const shown = await asked.textContent();
      for (const part of card) expect(shown).toContain(part);
      await look(`card by ${press}`, asked);
    },
    60_000,
  );
});

describe("a bundle", () => {
  it("is chosen in the form, with one more VM, and named before it is sent", async () => {
    const { tour, form, as, types, look, sends } = played;
    await types("Erin", "/jit");
    await form().waitFor(WITHIN);
    await form().getByRole("combobox", { name: "VM", exact: true }).click();
    const bundle = form().getByRole("option", { name: "shop (2 VMs)" });
    await bundle.waitFor(WITHIN);
    // Above the VMs that it consists of.
    expect(await form().getByRole("option").first().textContent()).toContain("shop (2 VMs)");
    await look("form bundle offered", form());
    await bundle.click();
    const several = form().getByRole("combobox", { name: "More VMs" });
    await several.waitFor(WITHIN);
    await several.fill("vm-01");
    await form()
      .getByRole("option", { name: /^vm-01/ })
      .first()
      .click();
    await form().getByRole("textbox", { name: "Reason" }).fill("an empty basket");
    await look("form bundle", form());
    await sends("Request");
    await mine("Requested 3 VMs").waitFor(WITHIN);
    await look("requested bundle", mine("Requested 3 VMs"));
    await as("Lea", "prod-access");
    const asked = tour.card("an empty basket");
    await asked.waitFor(WITHIN);
    const shown = await asked.textContent();
    for (const part of ["3 VMs", "vm-01 · RDP", "web-02 · SSH", "jump-01 · SSH"]) {
      expect(shown).toContain(part);
    }
    await look("card bundle", asked);
  }, 90_000);
});

/** Somebody opens a port in the portal. */
const opensElsewhere = (vm: string, by: string): void => {
  const port = { ports: [22], source: "203.0.113.9", minutes: 60, justification: "by hand" };
  played.demo.azure.elsewhere.open({ by, vm, ...port });
};

/** The port as Azure itself shows it, beside Slack. */
const door = (vm: string, is: string) =>
  played.page.locator(".door").filter({ hasText: vm }).filter({ hasText: is }).first();

describe("what others opened", () => {
  it("is closed from the notice, and seen closed", async () => {
    const { page, demo, tour, card, as, look, taps } = played;
    opensElsewhere("web-02", BARBARA);
    await as("Ada", "notices");
    const notice = card("Opened in Azure, not by this bot").filter({ hasText: "web-02" });
    await notice.waitFor(WITHIN);
    await look("notice to close", notice);
    const before = taps("U0ADMIN").length;
    await tour.press(/Opened in Azure.*web-02/s, "Close");
    const asks = page.getByRole("alertdialog").or(page.getByRole("dialog"));
    await asks.getByText("22 (SSH) on web-02 closes").waitFor(WITHIN);
    await look("close confirm", asks);
    await tour.confirm("Close");
    const told = mine("Closing 22 (SSH) on web-02");
    await told.waitFor(WITHIN);
    await look("close told", told);
    expect(taps("U0ADMIN")).toHaveLength(before + 1);
    await as("Lea", "prod-access");
    const closing = card(`Opened in Azure by ${BARBARA}, not by this bot`);
    await closing.filter({ hasText: "Closing early" }).waitFor(WITHIN);
    await look("card closing for others", closing);
    demo.advance(3 * MINUTE);
    const closed = closing.filter({ hasText: "Azure shows it closed" });
    await closed.waitFor(WITHIN);
    await look("card closed for others", closed);
    await page.setViewportSize(WIDE);
    await door("web-02", "Closed").waitFor(WITHIN);
  }, 120_000);

  it("is adopted by an admin, becomes a request, and is reviewed by somebody else", async () => {
    const { tour, card, as, look, taps } = played;
    opensElsewhere("jump-01", ERIN);
    await as("Ada", "notices");
    const notice = card("Opened in Azure, not by this bot").filter({ hasText: "jump-01" });
    await notice.waitFor(WITHIN);
    const before = taps("U0ADMIN").length;
    await tour.press(/Opened in Azure.*jump-01/s, "Adopt");
    const told = mine("Adopted 22 (SSH) on jump-01");
    await told.waitFor(WITHIN);
    await look("adopt told", told);
    expect(taps("U0ADMIN")).toHaveLength(before + 1);
    await as("Lea", "prod-access");
    const adopted = card(`Opened in Azure by ${ERIN}, not by this bot`);
    await adopted.getByRole("button", { name: /^Review: justified/ }).waitFor(WITHIN);
    await look("card adopted", adopted);
    // Nobody reviews what they opened themselves.
    await as("Erin", "prod-access");
    await tour.press(`Opened in Azure by ${ERIN}`, "Review: justified");
    await mine("somebody else has to review it").waitFor(WITHIN);
    await look("refusal own review", mine("somebody else has to review it"));
    await as("Lea", "prod-access");
    await tour.press(`Opened in Azure by ${ERIN}`, "Review: justified");
    await adopted.filter({ hasText: "@Lea" }).filter({ hasText: "justified" }).waitFor(WITHIN);
    await look("card adopted and reviewed", adopted);
    await as("Ada", "notices");
    await tour.press(/Opened in Azure.*jump-01/s, "Adopt");
    await mine("which is Open").waitFor(WITHIN);
    await look("adopt again", mine("which is Open"));
  }, 120_000);
});

describe("a JIT policy that no longer protects", () => {
  /** Two inventories in a row have to show it. */
  const A_WHILE = { timeout: 40_000 };
  const unprotected = (vm: string) =>
    played.card(new RegExp(`JIT no longer protects it.*${vm}\\.`, "s"));

  it("is restored after somebody wiped its rule, and read back", async () => {
    const { demo, tour, card, as, look } = played;
    await as("Ada", "notices");
    expect(wipeDenyRules(demo, "db-02")).toBeGreaterThan(0);
    await unprotected("db-02").waitFor(A_WHILE);
    await look("notice wiped", unprotected("db-02"));
    await tour.press(/no longer protects it.*db-02\./s, "Restore");
    const preview = mine("Preview: no changes made yet");
    await preview.filter({ hasText: "Writes the policy again, unchanged" }).waitFor(WITHIN);
    await look("restore preview", preview);
    expect(denyRules(demo, "db-02")).toEqual([]);
    await preview.getByRole("button", { name: /^Apply/ }).click();
    await as("Ada", "jit");
    const done = card("Azure shows JIT's deny rules in place");
    await done.waitFor(WITHIN);
    await look("restored", done);
    expect(denyRules(demo, "db-02")).not.toEqual([]);
  }, 120_000);

  it("is told with the rule that outranks it, which writing it again doesn't change", async () => {
    const { demo, tour, card, as, look } = played;
    const [nsg] = guardsOf(demo, "win-02");
    nsg?.ownRules.push({
      ...{ name: "allow-all", priority: 100, access: "Allow", ports: ["*"] },
      ...{ source: "*", destination: "*" },
    });
    await as("Ada", "notices");
    const notice = unprotected("win-02");
    await notice.waitFor(A_WHILE);
    expect(await notice.textContent()).toMatch(/allow-all in \S+ has a higher priority/);
    await look("notice outranked", notice);
    await tour.press(/no longer protects it.*win-02\./s, "Restore");
    const preview = mine("Preview: no changes made yet").filter({ hasText: "win-02" });
    await preview.waitFor(WITHIN);
    await look("restore preview outranked", preview);
    await preview.getByRole("button", { name: /^Apply/ }).click();
    await as("Ada", "jit");
    const still = card("Writing the policy again doesn't change this").filter({
      hasText: "allow-all",
    });
    await still.waitFor(WITHIN);
    await look("not restored", still);
  }, 120_000);
});
