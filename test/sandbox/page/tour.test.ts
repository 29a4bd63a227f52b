// The guided tour in the browser: every "Show me" ends on the screen where what it promises is told, at both widths.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STEP_IDS, STEPS, type StepId } from "../../../src/sandbox/page/steps.ts";
import { eventually } from "../../support/eventually.ts";
import { type Opened, openPage } from "./opened.ts";

const WITHIN = { timeout: 35_000 };
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

describe("the guided tour", () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openPage();
    await opened.page.setViewportSize(DESK);
    // The tour finds its way among what others have requested.
    await opened.type("/jit request vm-01 3389 2h for restarting the print spooler");
    await opened.type("/jit request dev-01 22 1h");
  }, 60_000);
  afterAll(() => opened?.close());

  const bar = () => opened.page.getByRole("region", { name: "The step shown" });
  const told = () => opened.page.locator(".message.looked-at");

  const show = async (step: StepId): Promise<void> => {
    const { page } = opened;
    await page.getByRole("button", { name: "Guided tour" }).first().click();
    const title = `Show me: ${STEPS[step].title}`;
    await page.getByRole("button", { name: title, exact: true }).click();
  };

  /** Whether the promised words are on the screen, not scrolled out of it nor below something else. */
  const isInView = (words: RegExp): Promise<boolean> =>
    opened.page.evaluate<boolean>(`(() => {
      const message = document.querySelector(".message.looked-at");
      const walker = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
      const range = document.createRange();
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const found = ${words}.exec(node.data);
        if (!found) continue;
        range.setStart(node, found.index);
        range.setEnd(node, found.index + found[0].length);
      }
      // Where the words stand in more than one piece of text, they are the head of the message.
      const head = message.querySelector(".block-text, .block-header") ?? message;
      const { left, top } = range.collapsed ? head.getBoundingClientRect() : range.getClientRects()[0];
      const at = document.elementFromPoint(left + 4, top + 8);
      return at !== null && message.contains(at);
    })()`);

  const inView = async (step: StepId): Promise<void> => {
    await told().filter({ hasText: STEPS[step].promises }).waitFor(WITHIN);
    await eventually(async () => {
      expect(await isInView(STEPS[step].promises), STEPS[step].title).toBe(true);
    });
  };

  const expectTold = async (step: StepId): Promise<void> => {
    await bar().getByText(`${STEPS[step].title}.`).waitFor(WITHIN);
    await inView(step);
    expect(opened.faults).toEqual([]);
  };

  const putRight = async (): Promise<void> => {
    const button = bar().getByRole("button", { name: "Put right" });
    if ((await button.count()) === 0) return;
    await button.click();
    await button.waitFor({ state: "hidden" });
  };

  // Backwards, so that no step finds ready what the one before it in the list has left.
  it.each([...STEP_IDS].reverse())(
    "shows %s",
    async (step) => {
      const isEven = STEP_IDS.indexOf(step) % 2 === 0;
      const [size, other] = isEven ? [DESK, PHONE] : [PHONE, DESK];
      await opened.page.setViewportSize(size);
      await show(step);
      await expectTold(step);
      // As somebody finds it who turns to the other.
      await opened.page.setViewportSize(other);
      await inView(step);
      await putRight();
    },
    60_000,
  );

  it("puts right what is on when the next step is played, and goes by the keyboard", async () => {
    const { page } = opened;
    await page.setViewportSize(DESK);
    await show("azureNeverOpens");
    await expectTold("azureNeverOpens");
    expect(await page.getByRole("switch", { checked: true, name: "never opens" }).count()).toBe(1);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toMatch(/^Next/);
    await page.keyboard.press("Enter");
    await expectTold("slackAway");
    expect(await page.getByRole("switch", { checked: true, name: "never opens" }).count()).toBe(0);
    await putRight();
    await page.getByRole("button", { name: "All steps" }).press("Enter");
    await page.getByRole("dialog", { name: "Guided tour" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  }, 90_000);
});
