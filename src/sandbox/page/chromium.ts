// Starts headless Chromium with a user folder of its own, for the tests of the page and its pictures.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium } from "playwright-core";

const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export type Chromium = { context: BrowserContext; close(): Promise<void> };

/** CHROMIUM names the program where it is elsewhere than Debian puts it. */
export async function startChromium(options: BrowserContextOptions = {}): Promise<Chromium> {
  const folder = mkdtempSync(join(tmpdir(), "jit-page-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ARGUMENTS,
    ...options,
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
