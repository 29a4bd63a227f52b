// The demo without a browser: its transcript is made of what happened, and fails where nothing does.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const DEMO = fileURLToPath(new URL("../../../src/sandbox/demo.ts", import.meta.url));
const SILENT = new URL("./silent-bot.ts", import.meta.url).href;
const ENDING = new URL("./ending-bot.ts", import.meta.url).href;

async function transcript(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [DEMO, "--transcript"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (chunk) => {
    said += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, said };
}

const README = fileURLToPath(new URL("../../../README.md", import.meta.url));

/** The lines of the README's transcript, in which … stands for anything, and times and ids are of another day. */
function quoted(document: string): readonly RegExp[] {
  const blocks = document.split("```");
  const lines =
    blocks
      .find((block) => block.includes("bot → Azure"))
      ?.trim()
      .split("\n") ?? [];
  return lines.map((line) => {
    const text = line.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const anyTime = text
      .replace(/\d+:\d\d(?: [AP]M)?/g, "\\d+:\\d\\d(?: [AP]M)?")
      .replace(/JIT-\w{6}/g, "JIT-\\w{6}");
    return new RegExp(anyTime.replaceAll("Today", "\\w+").replaceAll("…", ".*"));
  });
}

describe("the transcript", () => {
  it.concurrent("plays a whole life, a denial and a wrong command", async () => {
    const { code, said } = await transcript();
    expect(said).toMatch(/Erin: \/jit request vm-01 3389 2h/);
    expect(said).toMatch(/bot → Slack {3}chat\.postMessage #prod-access "Pending:/);
    expect(said).toMatch(/only Erin: .*yourself/);
    expect(said).toMatch(
      /bot → Azure {3}POST initiate vm-01:3389 from 203\.0\.113\.0\/24 .*\[202\]/,
    );
    expect(said).toMatch(/Azure: vm-01:3389 open/);
    expect(said).toMatch(/left/);
    expect(said).toMatch(/Ended/);
    expect(said).toMatch(/Denied by @omar/);
    expect(said).toMatch(/only Sam: .*99999/);
    const unheard = (document: string) => quoted(document).filter((line) => !line.test(said));
    const readme = readFileSync(README, "utf8");
    expect(quoted(readme).length).toBeGreaterThan(10);
    expect(unheard(readme).map(String)).toEqual([]);
    const madeUp =
      "```\n  bot → Azure   DELETE vm-01:3389 at 14:11 UTC  [202]\n3. Lea approves\n```";
    expect(unheard(madeUp)).toHaveLength(1);
    expect(code).toBe(0);
  }, 110_000);

  it.concurrent("fails when the bot does nothing, and says what it waited for", async () => {
    const { code, said } = await transcript({ DEMO_BOT_ENTRY: SILENT });
    expect(said).toMatch(/Failed: waited 15 s for the card in #prod-access/);
    expect(said).not.toMatch(/bot → Slack/);
    expect(code).toBe(1);
  }, 60_000);

  it.concurrent("fails when the bot does not stay up", async () => {
    const { code, said } = await transcript({ DEMO_BOT_ENTRY: ENDING });
    expect(said).toMatch(/Failed: the bot ended as often as it was started/);
    expect(code).toBe(1);
  }, 60_000);
});
