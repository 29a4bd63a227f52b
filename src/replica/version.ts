// Which version of the bot this is, and where it runs from.

import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { BotFacts } from "../ports/checkup.ts";

const TOP = new URL("../../", import.meta.url);

/** As the package names it. */
export const VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("package.json", TOP), "utf8"))).version;

/** The image and a package have no tests; only the image has them at this path. */
export const botFacts = (): BotFacts => {
  const isClone = existsSync(new URL("test", TOP));
  const from = isClone ? "a clone" : TOP.pathname === "/app/" ? "the image" : "a package";
  return { version: VERSION, from };
};
