// Looks at a part of the page on a desk and on a phone: nothing is cut or wider than the screen, each button can be pressed.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { PHONE } from "./opened.ts";

export const WIDE = { width: 1440, height: 900 };
const WIDTHS = [WIDE, PHONE];

/** Where to keep what was looked at, for people to look at, too; left out: nowhere. */
const { LOOKS_IN } = process.env;

/** A finger finds it (WCAG 2.5.8). */
const TARGET_MIN_PX = 24;

/** Runs in the page: what is wrong with the part, in words. */
const FAULTS = `(root) => {
  const wide = document.documentElement.clientWidth;
  const faults = [];
  const called = (one) => one.tagName.toLowerCase() + " " + JSON.stringify((one.textContent || one.value || "").slice(0, 60));
  if (document.documentElement.scrollWidth > wide) faults.push("the page scrolls sideways");
  const isShown = (one) => one.getClientRects().length > 0 && getComputedStyle(one).visibility === "visible";
  for (const one of [root, ...root.querySelectorAll("*")].filter(isShown)) {
    const { left, right } = one.getBoundingClientRect();
    const isHidden = one.closest(".hidden, [hidden]") !== null;
    if (!isHidden && (left < -1 || right > wide + 1)) faults.push("off the screen: " + called(one));
    const { overflowX } = getComputedStyle(one);
    const isField = one.matches("input, select, textarea");
    if (!isHidden && !isField && overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1) faults.push("cut: " + called(one));
  }
  for (const one of [...root.querySelectorAll("button, [role=checkbox], a")].filter(isShown)) {
    one.scrollIntoView({ block: "center" });
    const { left, top, width, height } = one.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    if (hit === null || !(one.contains(hit) || hit.contains(one))) faults.push("can't be pressed: " + called(one));
    const isThread = /^[0-9]+ repl/.test(one.textContent);
    if (one.matches("button") && !isThread && Math.min(width, height) < ${TARGET_MIN_PX}) faults.push("too small: " + called(one));
  }
  root.scrollIntoView({ block: "center" });
  return faults;
}`;

/** The tests know no DOM: what runs in the page is text. */
const faultsIn = new Function("root", `return (${FAULTS})(root)`) as (root: unknown) => string[];

const SETTLED =
  "Promise.all(document.getAnimations().map((one) => one.finished.catch(() => undefined))).then(() => new Promise(requestAnimationFrame)).then(() => true)";

/** Answers what is wrong with it at any of the widths, and leaves the page on the phone. */
export async function looked(page: Page, name: string, at: Locator): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const size of WIDTHS) {
    await page.setViewportSize(size);
    await at.waitFor();
    await page.evaluate(SETTLED);
    const found = await at.evaluate(faultsIn);
    faults.push(...found.map((fault) => `${name}, ${size.width} wide: ${fault}`));
    if (LOOKS_IN !== undefined) {
      mkdirSync(LOOKS_IN, { recursive: true });
      await page.screenshot({
        path: join(LOOKS_IN, `${name.replaceAll(" ", "-")}-${size.width}.png`),
      });
    }
  }
  return faults;
}
