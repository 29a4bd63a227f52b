// The ways through the page that the pictures show and the browser tests try: each ends when its result is visible.

import type { Locator, Page } from "playwright-core";

export type Tour = {
  become(name: string): Promise<void>;
  goTo(channel: string): Promise<void>;
  type(text: string): Promise<void>;
  /** The last message, of those shown, that says this. */
  card(text: string | RegExp): Locator;
  /** A button of it. */
  press(text: string | RegExp, name: string): Promise<void>;
  /** Answers the question that a button asks before it does anything. */
  confirm(name: string): Promise<void>;
  /** The form, filled in but not sent. */
  fillForm(ask: { vm: string; reason: string }): Promise<Locator>;
  /** The form in which an approver cuts a request down, with half an hour chosen. */
  openChange(text: string): Promise<Locator>;
  /** A tab of the conversation with the bot. */
  tab(name: "Home" | "Messages"): Promise<void>;
  /** Moves everybody's clock, each time once what is under way has been told. */
  jump(...by: readonly ("+1 min" | "+10 min" | "+1 h")[]): Promise<void>;
  turn(whatIf: string): Promise<void>;
  /** The bot's page behind the last `from my-ip` link, opened as a browser does. */
  openAddressPage(): Promise<Page>;
};

const WITHIN_MS = 30_000;

export function tourOf(page: Page, withinMs = WITHIN_MS): Tour {
  const within = { timeout: withinMs };
  const card = (text: string | RegExp) =>
    page.getByRole("article").filter({ hasText: text }).last();
  const buttonIn = (place: Page | Locator, name: string) =>
    place.getByRole("button", { name: new RegExp(`^${name}(:|$|…)`) });
  const form = () => page.getByRole("dialog");
  const type = async (text: string) => {
    await page.getByRole("textbox", { name: /^Message/ }).fill(text);
    await page.keyboard.press("Enter");
  };
  return {
    become: (name) => page.getByRole("radio", { name }).click(),
    goTo: (channel) =>
      page
        .getByRole("navigation", { name: "Channels" })
        .getByRole("button", { name: channel })
        .click(),
    type,
    card,
    press: async (text, name) => {
      await card(text).waitFor(within);
      await buttonIn(card(text), name).first().click();
    },
    confirm: (name) =>
      page
        .getByRole("dialog")
        .or(page.getByRole("alertdialog"))
        .getByRole("button", { name })
        .click(),
    fillForm: async ({ vm, reason }) => {
      await type("/jit");
      await form().waitFor(within);
      await form().getByRole("combobox", { name: "VM" }).fill(vm);
      await form().getByRole("option", { name: vm }).first().click();
      await form().getByText("Needs approval from").waitFor(within);
      await form().getByRole("textbox", { name: "Reason" }).fill(reason);
      return form();
    },
    openChange: async (text) => {
      await card(text).waitFor(within);
      await card(text).getByRole("button", { name: "More actions" }).click();
      await page.getByRole("menuitem", { name: /^Approve with changes/ }).click();
      await form().waitFor(within);
      await form().getByRole("combobox", { name: "Duration" }).selectOption("30m");
      return form();
    },
    tab: (name) => page.getByRole("tab", { name }).click(),
    jump: async (...by) => {
      for (const one of by) {
        const moved = page.waitForResponse((response) => response.url().endsWith("/demo/do"));
        await Promise.all([moved, page.getByRole("button", { name: one }).click()]);
      }
    },
    turn: (whatIf) => page.getByRole("switch", { name: whatIf }).click(),
    openAddressPage: async () => {
      const link = card("Nothing is requested yet").getByRole("link", { name: "this page" });
      await link.waitFor(within);
      const [opened] = await Promise.all([page.waitForEvent("popup"), link.click()]);
      await opened.getByRole("button", { name: "Use" }).waitFor(within);
      return opened;
    },
  };
}
