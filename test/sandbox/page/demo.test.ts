// `npm run demo` itself: says where its page is, serves it, and leaves nothing behind.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const file = (name: string) => fileURLToPath(new URL(`../../../src/${name}`, import.meta.url));
const DEMO = [file("sandbox/demo.ts")];
const JIT_DEMO = [file("main.ts"), "demo"];

function startedDemo(program: readonly string[]) {
  const child = spawn(process.execPath, program, {
    env: { ...process.env, DEMO_PORT: "4300" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      said += String(chunk);
      const found = /http:\/\/localhost:\d+/.exec(said)?.[0];
      if (found) resolve(found);
    });
    child.once("exit", () => reject(new Error(`the demo ended: ${said}`)));
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, address, ended, said: () => said };
}

it("takes the next port where one is taken, and ends all that it started", async () => {
  const first = startedDemo(DEMO);
  const address = await first.address;
  const second = startedDemo(JIT_DEMO);
  const other = await second.address;
  expect(other).not.toBe(address);
  expect(first.said()).toMatch(/Three things to try/);
  for (const one of [address, other]) {
    expect(await (await fetch(one)).text()).toContain("page.js");
    expect((await fetch(`${one}/page.js`)).status).toBe(200);
  }
  const foreign = await fetch(`${address}/demo/do`, { method: "POST", body: `{"do":"kill"}` });
  expect(foreign.status).toBe(415);
  for (const { child, ended } of [first, second]) {
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  }
  await expect(fetch(address)).rejects.toThrow();
}, 60_000);
