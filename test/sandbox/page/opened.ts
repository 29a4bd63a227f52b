// Opens the demo's page in headless Chromium, with the real bot behind it.

import type { Locator, Page } from "playwright-core";
import {
  botReady,
  type Demo,
  type DemoOptions,
  startDemo,
} from "../../../src/sandbox/assembly/demo-parts.ts";
import { demoCast } from "../../../src/sandbox/demo/cast.ts";
import { startChromium } from "../../../src/sandbox/page/chromium.ts";
import { createPage } from "../../../src/sandbox/page/page-server.ts";
import { bundledScript } from "../../support/bundled.ts";

export type Opened = {
  demo: Demo;
  page: Page;
  /** What went wrong in the page itself. */
  faults: string[];
  become(name: string): Promise<void>;
  goTo(channel: string): Promise<void>;
  type(text: string): Promise<void>;
  close(): Promise<void>;
};

/** A button of a card: its name goes on after what it does, with the request that it is for. */
export const buttonIn = (page: Page, name: string): Locator =>
  page.getByRole("button", { name: new RegExp(`^${name}(:|$)`) });

const BOT = new URL("../../../src/sandbox/assembly/bot.ts", import.meta.url);
export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

type Options = { colorScheme?: "light" | "dark" } & Pick<
  DemoOptions,
  "policyFile" | "refreshEveryMs"
>;

export async function openPage(options: Options = {}): Promise<Opened> {
  const { policyFile, refreshEveryMs, ...looks } = options;
  const server = createPage();
  const demo = await startDemo({
    page: server.listener,
    botEntry: await bundledScript(BOT),
    ...(policyFile && { policyFile }),
    ...(refreshEveryMs && { refreshEveryMs }),
  });
  const [chromium] = await Promise.all([
    startChromium({ viewport: DESK, ...looks }),
    demoCast().then((cast) => server.show(demo, cast)),
    botReady(demo),
  ]);
  const { context } = chromium;
  context.setDefaultTimeout(15_000);
  const page = context.pages()[0] ?? (await context.newPage());
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  await page.goto(demo.slack.origin);
  await page.getByRole("log").waitFor();
  return {
    demo,
    page,
    faults,
    become: (name) => page.getByRole("radio", { name }).click(),
    goTo: (channel) =>
      page
        .getByRole("navigation", { name: "Channels" })
        .getByRole("button", { name: channel })
        .click(),
    type: async (text) => {
      await page.getByRole("textbox", { name: /^Message/ }).fill(text);
      await page.keyboard.press("Enter");
    },
    close: async () => {
      await chromium.close();
      server.close();
      await demo.close();
    },
  };
}
