// `npm run pictures`: takes the README's pictures of the real page, with the real bot behind it.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { demoCast } from "./demo/cast.ts";
import { botReady, startDemo } from "./demo/world.ts";
import { startChromium } from "./page/chromium.ts";
import { createPage } from "./page/server.ts";

const FOLDER = new URL("../../docs/pictures/", import.meta.url);
const DESK = { width: 1200, height: 760 };
const PHONE = { width: 390, height: 844 };

async function take(page: Page): Promise<void> {
  const card = (text: string) => page.getByRole("article").filter({ hasText: text }).last();
  const become = (name: string) => page.getByRole("radio", { name }).click();
  const goTo = (channel: string) =>
    page
      .getByRole("navigation", { name: "Channels" })
      .getByRole("button", { name: channel })
      .click();
  const type = async (text: string) => {
    await page.getByRole("textbox", { name: /^Message/ }).fill(text);
    await page.keyboard.press("Enter");
  };

  await type("/jit request vm-01 3389 2h for restarting the print spooler");
  await card("Asked").waitFor();
  await become("Lea");
  await goTo("prod-access");
  await card("Pending").waitFor();
  await picture(page, "asked");
  await page.getByRole("button", { name: /^Approve:/ }).click();
  await card("Open until").waitFor();
  await page.getByRole("listitem").filter({ hasText: "vm-01" }).getByText("Open").waitFor();
  await picture(page, "open");

  await page.getByRole("switch", { name: "Azure refuses" }).click();
  await become("Erin");
  await goTo("general");
  await type("/jit request web-02 22 1h for a look at the full disk");
  await become("Omar");
  await goTo("prod-access");
  await card("web-02")
    .getByRole("button", { name: /^Approve:/ })
    .click();
  await card("AuthorizationFailed").waitFor();
  await picture(page, "refused");

  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  await become("Erin");
  const parts = page.getByRole("navigation", { name: "Parts of the page" });
  await parts.getByText("Channels").click();
  await goTo("jit");
  await card("AuthorizationFailed").waitFor();
  await picture(page, "phone");
}

async function picture(page: Page, name: string): Promise<void> {
  // Without a mark of the pointer, and with everything faded in.
  await page.mouse.move(0, 0);
  await page.evaluate(
    "Promise.all(document.getAnimations().map((one) => one.finished)).then(() => true)",
  );
  const path = fileURLToPath(new URL(`${name}.png`, FOLDER));
  await page.screenshot({ path });
  process.stdout.write(`${path}\n`);
}

const server = createPage();
const demo = await startDemo({ page: server.listener });
const chromium = await startChromium({ viewport: DESK, colorScheme: "light" });
try {
  await Promise.all([demoCast().then((cast) => server.show(demo, cast)), botReady(demo)]);
  await mkdir(FOLDER, { recursive: true });
  const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
  await page.goto(demo.slack.origin);
  await take(page);
} finally {
  await chromium.close();
  server.close();
  await demo.close();
}
