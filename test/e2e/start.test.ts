// In which order a start loads what it needs: whoever waits for the bot to be ready waits for nothing else.

import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/eventually.ts";
import { BOT, type Bot, startWorld, type TestWorld } from "../support/world.ts";

/** Names each package that is loaded, and when its first module is. */
const LISTENS = `--import=data:text/javascript,${encodeURIComponent(`
import { registerHooks } from "node:module";
const named = new Set();
registerHooks({
  load(url, context, next) {
    const [, name] = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url) ?? [];
    if (name !== undefined && !named.has(name)) process.stderr.write("loads:" + name + ":" + Date.now() + "\\n");
    named.add(name);
    return next(url, context);
  },
});
`)}`;

let world: TestWorld;
let bot: Bot;

const loaded = (): ReadonlyMap<string, number> =>
  new Map(
    [...bot.output().matchAll(/^loads:(.+):(\d+)$/gm)].map(([, name = "", atMs]) => [
      name,
      Number(atMs),
    ]),
  );

/** When the log said so. */
const saidAtMs = (said: string): number => {
  const line = bot
    .output()
    .split("\n")
    .find((one) => one.includes(`"msg":"${said}"`));
  return Date.parse(JSON.parse(line ?? "{}").time);
};

beforeAll(async () => {
  world = await startWorld();
  bot = await world.startBot({ program: BOT, env: { NODE_OPTIONS: LISTENS } });
  await eventually(() => {
    expect([...loaded().keys()]).toContain("@azure/identity");
    expect(saidAtMs("taking commands")).toBeGreaterThan(0);
  });
});

afterAll(() => world.close());

it("loads Azure's SDKs when people can ask, and those who waited for it are answered", () => {
  const firstMs = Math.min(
    ...[...loaded()].flatMap(([name, atMs]) => (name.startsWith("@azure/") ? [atMs] : [])),
  );
  const soon = saidAtMs("taking commands") + 50;
  const atTheLatest = saidAtMs("listening") + 1_000;
  // Timers and the log count by clocks that may differ by a millisecond or two.
  expect(firstMs).toBeGreaterThanOrEqual(Math.min(soon, atTheLatest) - 2);
});
