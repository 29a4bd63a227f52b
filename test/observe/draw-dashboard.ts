// Draws docs/observe/dashboard.png: the dashboard with a simulated day in it, by a real Prometheus. Part of
// `npm run pictures`.

import { fileURLToPath } from "node:url";
import { startChromium } from "../../src/sandbox/page/chromium.ts";
import { dashboard } from "./dashboard.ts";
import { DAY_BEGINS_MS, DAY_ENDS_MS, simulatedDay } from "./day.ts";
import { pageOf, WIDTH } from "./draw.ts";
import { drawnDay } from "./drawn-day.ts";
import { prometheusWith } from "./prometheus.ts";

const PICTURE = fileURLToPath(new URL("../../docs/observe/dashboard.png", import.meta.url));

const SPAN = { fromMs: DAY_BEGINS_MS, toMs: DAY_ENDS_MS };

const prometheus = await prometheusWith(await simulatedDay());
const drawn = await drawnDay(prometheus).finally(prometheus.close);
const chromium = await startChromium({ viewport: { width: WIDTH, height: 900 } });
try {
  const page = await chromium.context.newPage();
  await page.setContent(pageOf(dashboard.title, drawn, SPAN));
  await page.screenshot({ path: PICTURE, fullPage: true });
} finally {
  await chromium.close();
}
process.stdout.write(`${PICTURE}\n`);
