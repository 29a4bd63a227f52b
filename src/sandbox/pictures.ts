// `npm run pictures`: takes the README's pictures of the real page, with the real bot behind it.
// Started with names of series, it takes those alone: `node src/sandbox/pictures.ts life`.

import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import UPNG from "upng-js";
import { botReady, startDemo } from "./assembly/demo-parts.ts";
import { type Part, policy, vm } from "./azure/world/parts.ts";
import { demoCast } from "./demo/cast.ts";
import { startChromium } from "./page/chromium.ts";
import { createPage } from "./page/page-server.ts";
import { tourOf } from "./page/tour.ts";

const FOLDER = new URL("../../docs/pictures/", import.meta.url);
/** Of the moving picture. */
const DESK = { width: 1200, height: 620 };
/** A message is then about as wide as half a README, and its text as large as the README's. */
const NARROW = { width: 1060, height: 1000 };
/** A window of its own, in front of the page. */
const ASIDE = { width: 720, height: 456 };
const PHONE = { width: 390, height: 844 };

/** Without the list of channels: who one is, what they read, and Azure. */
const LIFE = { x: 210, y: 0, width: 990, height: 620 };
const COLOURS = 256;
const SHOWN_MS = 2_500;
/** A busy machine takes its time; what never comes ends it all the same. */
const WITHIN_MS = 180_000;

const play = (page: Page) => tourOf(page, WITHIN_MS);

/** One life, from the command to the end, as an animated PNG. */
async function takeLife(page: Page): Promise<void> {
  const { become, goTo, card, press, jump } = play(page);
  // It would be cut in two.
  await page.evaluate("document.querySelector('.tour-open').style.visibility = 'hidden'");
  const frames: ArrayBuffer[] = [];
  const frame = async (): Promise<void> => {
    const [shown] = UPNG.toRGBA8(UPNG.decode(bytesOf(await shot(page, { clip: LIFE }))));
    if (shown !== undefined) frames.push(shown);
  };
  const composer = page.getByRole("textbox", { name: /^Message/ });
  await composer.fill("/jit request vm-01 3389 2h for restarting the print spooler");
  await frame();
  await page.keyboard.press("Enter");
  await card("Requested JIT-").waitFor();
  await frame();
  await become("Lea");
  await goTo("prod-access");
  await card("Pending").waitFor();
  await frame();
  await press("Pending", "Approve");
  await card("Open until").waitFor();
  await page.getByRole("listitem").filter({ hasText: "vm-01" }).getByText("Open").waitFor();
  await frame();
  await become("Erin");
  await goTo("jit");
  await card("mstsc").waitFor();
  await frame();
  await jump("+1 h", "+10 min", "+10 min", "+10 min", "+10 min", "+10 min");
  await card(/left:.*vm-01/).waitFor();
  await frame();
  await jump("+10 min");
  await card("Ended on time").waitFor();
  await frame();
  const delays = frames.map(() => SHOWN_MS);
  const moving = UPNG.encode(frames, LIFE.width, LIFE.height, COLOURS, delays);
  await written("life", new Uint8Array(moving));
}

const bytesOf = (buffer: Buffer): ArrayBuffer => new Uint8Array(buffer).buffer;

async function take(page: Page): Promise<void> {
  await page.setViewportSize(NARROW);
  await takeRequests(page);
  await takeAdmins(page);
  await takeEnds(page);
}

async function takeRequests(page: Page): Promise<void> {
  const tour = play(page);
  const { become, goTo, type, card, press } = tour;

  await type("/jit request vm-01 3389 2h for restarting the print spooler");
  await card("Requested JIT-").waitFor();
  await become("Lea");
  await goTo("prod-access");
  await card("Pending").waitFor();
  await picture(page, "asked", card("Pending"));
  await press("Pending", "Approve");
  await card("Open until").waitFor();
  await page.getByRole("listitem").filter({ hasText: "vm-01" }).getByText("Open").waitFor();
  await picture(page, "open", card("Open until"));

  await become("Erin");
  await goTo("general");
  const form = await tour.fillForm({ vm: "win-02", reason: "A look at the spooler" });
  await picture(page, "form", form);
  await form.getByRole("button", { name: "Request", exact: true }).click();
  await become("Lea");
  await goTo("prod-access");
  const change = await tour.openChange("win-02");
  await picture(page, "change", change);
  await change.getByRole("button", { name: "Approve" }).click();
  await card("Open until").filter({ hasText: "win-02" }).waitFor();

  await become("Erin");
  await goTo("general");
  await type("/jit request db-01 22 1h for the nightly import");
  await card("Requested JIT-").filter({ hasText: "db-01" }).waitFor();
  await type("/jit list");
  await card("Your requests").waitFor();
  await picture(page, "list", card("Your requests"));
  const id = /JIT-\w{6}(?=.*spooler)/.exec((await card("Your requests").textContent()) ?? "")?.[0];
  await type(`/jit status ${id}`);
  await card("open in Azure").waitFor();
  await picture(page, "status", card("open in Azure"));

  await become("Omar");
  await goTo("general");
  await type("/jit breakglass jump-01 22 1h for the outage of the shop");
  await become("Lea");
  await goTo("prod-access");
  await card("jump-01").filter({ hasText: "Open until" }).waitFor();
  await picture(page, "break-glass", card("jump-01").filter({ hasText: "Open until" }));
}

async function takeAdmins(page: Page): Promise<void> {
  const { become, goTo, type, card, press, tab } = play(page);

  await become("Ada");
  await goTo("jit");
  await tab("Home");
  await page.getByText("Other people's access").waitFor();
  await picture(page, "home", page.locator(".home-panel"));
  await tab("Messages");
  await goTo("general");
  await type("/jit vms");
  await card("18 VMs").waitFor();
  await picture(page, "vms", card("18 VMs"));
  await type("/jit audit");
  await card("Found").waitFor();
  await picture(page, "audit", card("Found"));
  await type("/jit enable rg:rg-prod-shop 22 tcp max 2h from vpn");
  await card("Preview").waitFor();
  await picture(page, "enable", card("Preview"));
  await press("Preview", "Apply");
  await goTo("jit");
  await card("1 of 1 VM done").waitFor();
  await goTo("general");
}

async function takeEnds(page: Page): Promise<void> {
  const tour = play(page);
  const { become, goTo, type, card, press, jump } = tour;

  await jump("+10 min", "+10 min");
  await become("Erin");
  await goTo("jit");
  await card(/left:.*win-02/).waitFor();
  await jump("+1 h", "+10 min", "+10 min", "+10 min");
  await card(/left:.*vm-01/).waitFor();
  await picture(page, "warning", card(/left:.*vm-01/));
  await press(/left:.*vm-01/, "Extend");
  const extend = page.getByRole("dialog");
  await extend.getByRole("button", { name: "Request", exact: true }).click();
  await become("Lea");
  await goTo("prod-access");
  await press("Pending", "Approve");
  await card(/continued by|extended/i)
    .first()
    .waitFor();
  await picture(page, "extended", card(/continued by|extended/i));

  await become("Sam");
  await goTo("general");
  await type("/jit request jump-01 22 1h from my-ip for a look at the queue");
  const address = await tour.openAddressPage();
  await address.setViewportSize(ASIDE);
  await picture(address, "my-address");
  await address.getByRole("button", { name: "Use" }).click();
  await address.getByRole("heading", { name: "Done" }).waitFor();
  await address.close();
  await become("Lea");
  await goTo("prod-access");
  await press("a look at the queue", "Approve");
  await card("Open until").filter({ hasText: "a look at the queue" }).waitFor();
  await press("a look at the queue", "End now");
  await tour.confirm("End now");
  await card("Closing early").waitFor();
  await jump("+1 min", "+1 min", "+1 min");
  await card(/Ended early by/).waitFor();
  await picture(page, "ended-early", card(/Ended early by/));
  await goTo("notices");
  await card(/Ended early/).waitFor();
  await picture(page, "notices", page.getByRole("log").first());
}

/** What is approved and isn't open. */
async function takeWaiting(page: Page): Promise<void> {
  await page.setViewportSize(NARROW);
  await takeReady(page);
  await takeFreeze(page);
}

/** Opened by the person who requested it. */
async function takeReady(page: Page): Promise<void> {
  const { become, goTo, type, press } = play(page);

  await become("Erin");
  await goTo("general");
  await type("/jit request db-02 22 1h for a slow report");
  await become("Lea");
  await goTo("prod-access");
  await press("slow report", "Approve");
  await become("Erin");
  await goTo("jit");
  const open = page.getByRole("button", { name: /^Open(:|$)/ });
  const ready = page.getByRole("article").filter({ hasText: "db-02" }).filter({ has: open });
  await ready.waitFor();
  await picture(page, "ready", ready);
}

async function takeFreeze(page: Page): Promise<void> {
  const { become, goTo, type, card, press } = play(page);

  await become("Ada");
  await goTo("general");
  await type("/jit freeze for a leaked key");
  await card("Access is frozen").waitFor();
  await goTo("notices");
  await card("Access is frozen").waitFor();
  await picture(page, "freeze", card("Access is frozen"));
  await become("Erin");
  await goTo("general");
  await type("/jit request web-02 22 1h for a full disk");
  await card(/Requested JIT-.*web-02/s).waitFor();
  await picture(page, "freeze-requested", card(/Requested JIT-.*web-02/s));
  await become("Lea");
  await goTo("prod-access");
  await press("full disk", "Approve");
  await card("It waits: access is frozen").waitFor();
  await picture(page, "frozen", card("It waits: access is frozen"));
  await become("Ada");
  await goTo("general");
  await type("/jit unfreeze");
  await card("no longer frozen").waitFor();
}

/** As many as one request can have. */
const FARM = Array.from({ length: 20 }, (_, n) => `farm-${String(n + 1).padStart(2, "0")}`);
const FARM_AT = { subscription: "Shop", resourceGroup: "rg-prod-farm" };
const FARM_PARTS = [
  ...FARM.map((name, n) =>
    vm({
      ...FARM_AT,
      name,
      tags: { env: "prod" },
      ...(n === 6 && { opensAfterMs: "never" as const }),
      ...(n === 12 && { power: "deallocated" as const }),
    }),
  ),
  policy({ ...FARM_AT, vms: FARM }),
];

async function takeTwenty(page: Page): Promise<void> {
  const { become, goTo, type, card, press } = play(page);

  await page.setViewportSize(NARROW);
  await type("/jit request rg:rg-prod-farm 22 1h for the patch of the web farm");
  await card("Requested 20 VMs").waitFor();
  await become("Lea");
  await goTo("prod-access");
  await press("patch of the web farm", "Approve");
  await card("19 of 20 open").waitFor();
  await picture(page, "twenty", card("19 of 20 open"));
}

async function takeMore(page: Page): Promise<void> {
  await page.setViewportSize(NARROW);
  await takeSeveral(page);
  await takeRefusal(page);
}

async function takeSeveral(page: Page): Promise<void> {
  const { become, goTo, type, card } = play(page);

  await become("Erin");
  await goTo("general");
  await type(
    "/jit request vm-01,web-02,jump-01,win-02,rg-prod-shop/web-01 2h for the incident of the shop",
  );
  await card("Requested 5 VMs").waitFor();
  await become("Lea");
  await goTo("prod-access");
  await card("5 VMs").waitFor();
  await page.setViewportSize(PHONE);
  await picture(page, "several", card("5 VMs"));
  await page.setViewportSize(NARROW);
}

async function takeRefusal(page: Page): Promise<void> {
  const { become, goTo, type, card, press, turn } = play(page);

  await turn("Azure refuses");
  await become("Erin");
  await goTo("general");
  await type("/jit request web-02 22 1h for a look at the full disk");
  await become("Omar");
  await goTo("prod-access");
  await press("web-02", "Approve");
  await card("AuthorizationFailed").waitFor();
  await picture(page, "refused", card("AuthorizationFailed"));

  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(PHONE);
  await become("Erin");
  const parts = page.getByRole("navigation", { name: "Parts of the page" });
  await parts.getByText("Channels").click();
  await goTo("jit");
  await card("AuthorizationFailed").waitFor();
  await picture(page, "phone");
}

/** Cropped to what it shows; without `of` all of it. */
async function picture(page: Page, name: string, of?: Locator): Promise<void> {
  await written(name, await (of === undefined ? shot(page) : shot(page, {}, of)));
}

async function shot(page: Page, options: { clip?: typeof LIFE } = {}, of?: Locator) {
  // Without a mark of the pointer, and with everything faded in.
  await page.mouse.move(0, 0);
  await page.evaluate(
    "Promise.all(document.getAnimations().map((one) => one.finished.catch(() => 0))).then(() => true)",
  );
  return of === undefined ? page.screenshot(options) : shotOfAll(page, of);
}

/** What stands above and below a message, and isn't to be cut off with it. */
const AROUND_PX = 280;

/** However tall it is: for the picture the window is made tall enough. */
async function shotOfAll(page: Page, of: Locator) {
  const size = page.viewportSize() ?? NARROW;
  const { height = 0 } = (await of.boundingBox()) ?? {};
  await page.setViewportSize({
    ...size,
    height: Math.max(size.height, Math.ceil(height) + AROUND_PX),
  });
  await of.scrollIntoViewIfNeeded();
  const bytes = await of.screenshot();
  await page.setViewportSize(size);
  return bytes;
}

async function written(name: string, bytes: Uint8Array): Promise<void> {
  const path = fileURLToPath(new URL(`${name}.png`, FOLDER));
  await writeFile(path, bytes);
  process.stdout.write(`${path}\n`);
}

async function onNewPage(
  work: (page: Page) => Promise<void>,
  more: readonly Part[] = [],
): Promise<void> {
  const server = createPage();
  const demo = await startDemo({ page: server.listener, more });
  const chromium = await startChromium({ viewport: DESK, colorScheme: "light" });
  try {
    chromium.context.setDefaultTimeout(WITHIN_MS);
    await Promise.all([
      demoCast().then((cast) => server.show(demo, cast)),
      botReady(demo, WITHIN_MS),
    ]);
    const page = chromium.context.pages()[0] ?? (await chromium.context.newPage());
    await page.goto(demo.slack.origin);
    await work(page);
  } finally {
    await chromium.close();
    server.close();
    await demo.close();
  }
}

const SERIES = {
  life: () => onNewPage(takeLife),
  screens: () => onNewPage(take),
  more: () => onNewPage(takeMore),
  waiting: () => onNewPage(takeWaiting),
  twenty: () => onNewPage(takeTwenty, FARM_PARTS),
};

const named = process.argv.slice(2);
await mkdir(FOLDER, { recursive: true });
for (const [name, series] of Object.entries(SERIES)) {
  if (named.length === 0 || named.includes(name)) await series();
}
