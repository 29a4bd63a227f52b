// Forms with every kind of element, and messages with every kind of block, whoever sends them.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeBlocks } from "../../../src/sandbox/slack/blocks/walk.ts";
import type { Json } from "../../../src/sandbox/slack/json.ts";
import { directChannel, EMPTY_CONTENT, postMessage } from "../../../src/sandbox/slack/messages.ts";
import { openView, publishHome } from "../../../src/sandbox/slack/view-stack.ts";
import { type Opened, openPage } from "./opened.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const option = (text: string) => ({ text: plain(text), value: text.toLowerCase() });
const options = [option("One"), option("Two")];

const input = (label: string, element: Json): Json => ({
  type: "input",
  block_id: label,
  label: plain(label),
  element: { action_id: "x", ...element },
});

const FORM: Json = {
  type: "modal",
  callback_id: "unknown",
  title: plain("Everything"),
  submit: plain("Send it"),
  blocks: [
    input("Line", { type: "plain_text_input" }),
    input("Lines", { type: "plain_text_input", multiline: true }),
    input("Number", { type: "number_input", is_decimal_allowed: false }),
    input("Menu", { type: "static_select", options }),
    input("Several", { type: "multi_static_select", options }),
    input("Ticks", { type: "checkboxes", options }),
    input("Dots", { type: "radio_buttons", options }),
    input("Person", { type: "users_select" }),
    input("Day", { type: "datepicker" }),
  ],
};

const MESSAGE: Json[] = [
  { type: "header", text: plain("A header") },
  { type: "divider" },
  {
    type: "section",
    text: { type: "mrkdwn", text: "For <@U0LEAD>, *see* <https://example.com|this>" },
    fields: [plain("Field one"), plain("Field two")],
    accessory: { type: "overflow", action_id: "more", options },
  },
  { type: "context", elements: [plain("Context")] },
  {
    type: "rich_text",
    elements: [
      {
        type: "rich_text_list",
        style: "bullet",
        elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "Listed" }] }],
      },
    ],
  },
  {
    type: "actions",
    elements: [
      {
        type: "button",
        action_id: "sure",
        text: plain("Ask me first"),
        confirm: {
          title: plain("Really?"),
          text: plain("It can't be undone."),
          confirm: plain("Do it"),
          deny: plain("Leave it"),
        },
      },
    ],
  },
];

describe("the page's blocks", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openPage();
  }, 60_000);
  afterAll(() => opened?.close());

  it("fills in every kind of input, and submits what stands in them", async () => {
    const { demo, page } = opened;
    const { slack } = demo;
    openView(slack.world, "U0ERIN", FORM, "root");
    const form = page.getByRole("dialog", { name: "Everything" });
    await form.waitFor();
    await form.getByRole("button", { name: "Send it" }).click();
    await form.getByText("Please complete this required field.").first().waitFor();

    await form.getByLabel("Line", { exact: true }).fill("one line");
    await form.getByLabel("Lines").fill("two\nlines");
    await form.getByLabel("Number").fill("7");
    await form.getByLabel("Menu").selectOption("two");
    const several = form.getByRole("combobox", { name: "Several" });
    const list = form.getByRole("listbox", { name: "Options" });
    await several.fill("tw");
    // As a person does: Enter takes what is seen.
    await list.getByRole("option", { name: "two" }).waitFor();
    await list.getByRole("option", { name: "one" }).waitFor({ state: "hidden" });
    await several.press("Enter");
    await form.getByRole("button", { name: "Remove two" }).waitFor();
    await form.getByRole("checkbox", { name: "One" }).check();
    await form.getByRole("radio", { name: "Two" }).check();
    await form.getByLabel("Person").selectOption({ label: "Lea Moreau" });
    await form.getByLabel("Day").fill("2026-12-24");
    await form.getByRole("button", { name: "Send it" }).click();

    const sent = await slack.waitFor(() =>
      slack.deliveries.find(({ type }) => type === "view_submission"),
    );
    const { values } = (sent.payload.view as { state: { values: Json } }).state;
    expect(values).toMatchObject({
      Line: { x: { value: "one line" } },
      Lines: { x: { value: "two\nlines" } },
      Number: { x: { value: "7" } },
      Menu: { x: { selected_option: { value: "two" } } },
      Several: { x: { selected_options: [{ value: "two" }] } },
      Ticks: { x: { selected_options: [{ value: "one" }] } },
      Dots: { x: { selected_option: { value: "two" } } },
      Person: { x: { selected_user: "U0LEAD" } },
      Day: { x: { selected_date: "2026-12-24" } },
    });
  }, 60_000);

  it("draws every kind of block, and asks before a button that wants it", async () => {
    const { demo, page } = opened;
    const { slack } = demo;
    for (const one of slack.modals("U0ERIN"))
      await slack.closeView({ user: "U0ERIN", viewId: one.id });
    postMessage(slack.world, {
      ...EMPTY_CONTENT,
      text: "all blocks",
      blocks: completeBlocks(MESSAGE, slack.world.nextId),
      channel: "C0GENERAL",
      user: slack.world.bot.userId,
      byApp: true,
    });
    const message = page.getByRole("article").filter({ hasText: "A header" });
    await message.waitFor();
    for (const text of ["@Lea Moreau", "Field two", "Context", "Listed"]) {
      expect(await message.textContent()).toContain(text);
    }
    expect(await message.getByRole("link", { name: "this" }).getAttribute("href")).toBe(
      "https://example.com",
    );
    await message.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "One" }).waitFor();
    await page.keyboard.press("Escape");

    const clicks = () => slack.deliveries.filter(({ type }) => type === "block_actions").length;
    const before = clicks();
    await message.getByRole("button", { name: "Ask me first" }).click();
    await page.getByRole("dialog", { name: "Really?" }).getByText("Leave it").click();
    expect(clicks()).toBe(before);
    await message.getByRole("button", { name: "Ask me first" }).click();
    await page.getByRole("dialog", { name: "Really?" }).getByText("Do it").click();
    await slack.waitFor(() => clicks() > before);
    expect(opened.faults).toEqual([]);
  }, 60_000);

  it("shows the home tab, and a file that can be had", async () => {
    const { demo, page, goTo } = opened;
    const { slack } = demo;
    const bytes = Buffer.from("at,who\n12:00,erin\n");
    const stored = {
      id: "F1",
      filename: "audit.csv",
      title: "Audit",
      lengthDeclared: bytes.length,
    };
    slack.world.files.set("F1", { ...stored, bytes, channels: ["DERIN"] });
    const { id: channel } = directChannel(slack.world, "U0ERIN");
    const from = { user: slack.world.bot.userId, byApp: true };
    postMessage(slack.world, { ...EMPTY_CONTENT, ...from, channel, files: [{ id: "F1" }] });
    await goTo("jit");
    await page.getByText("12:00,erin").waitFor();
    const link = page.getByRole("link", { name: "Audit" });
    const file = await fetch(new URL((await link.getAttribute("href")) ?? "", slack.origin));
    expect(await file.text()).toBe(bytes.toString());

    publishHome(slack.world, "U0ERIN", { type: "home", blocks: MESSAGE });
    await page.getByRole("tab", { name: "Home" }).click();
    await page.getByRole("heading", { name: "A header" }).waitFor();
    await slack.waitFor(() => slack.deliveries.some(({ type }) => type === "app_home_opened"));
  }, 60_000);
});
