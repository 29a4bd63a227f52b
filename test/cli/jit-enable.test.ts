// `jit enable` as a process: previews and applies by words and by file, against the real clients.

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sealKey } from "../../src/domain/audit/audit-chain.ts";
import { folderOf, jit } from "../support/jit.ts";
import { BOT_TOKEN, POLICY, startWorld, type TestWorld } from "../support/world.ts";

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.close());

const run = (
  args: readonly string[],
  { files = {}, env = {} }: { files?: Record<string, string>; env?: Record<string, string> } = {},
) =>
  jit(args, {
    cwd: folderOf({ "jit.yaml": POLICY, ...files }),
    env: {
      NODE_EXTRA_CA_CERTS: world.azure.caFile,
      IDENTITY_ENDPOINT: world.azure.identityEndpoint,
      IDENTITY_HEADER: world.azure.identityHeader,
      AZURE_RESOURCE_MANAGER_URL: world.azure.url,
      SLACK_API_URL: world.slack.url,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      REDIS_URL: world.redis.url,
      ...env,
    },
  });

const puts = () => world.azure.calls.filter(({ method }) => method === "PUT");

const FLEET = `enable:
  - rg:rg-prod-shop 22 tcp max 2h from vpn
  - rg:rg-prod-data 22
disable:
  - vm:dev-01 5985
`;

describe("jit enable", () => {
  it("previews without writing anything, and needs Azure alone", async () => {
    const env = { SLACK_BOT_TOKEN: "", REDIS_URL: "" };
    const { code, out, err } = await run(["enable", "tag:env=prod", "22", "max", "2h"], { env });
    expect(err).toBe("");
    expect(out).toContain("Preview: no changes made yet: jit enable tag:env=prod 22 max 2h");
    expect(out).toContain("2 to configure, 1 unsupported");
    expect(out).toContain("add --apply to make them");
    // One VM that was meant cannot be.
    expect(code).toBe(1);
    expect(puts()).toHaveLength(0);
  });

  it("applies a file, and the same again has nothing to do", async () => {
    const files = { "fleet.yaml": FLEET };
    const first = await run(["enable", "fleet.yaml", "--apply"], { files });
    expect(first.err).toBe("");
    expect(first.out).toContain("Done: jit enable 2 selections of a file");
    expect(first.out).toContain("Done: jit disable vm:dev-01 5985");
    expect(first.code).toBe(1);
    expect(puts()).toHaveLength(3);
    const again = await run(["enable", "fleet.yaml", "--apply"], { files });
    expect(again.out).toContain("Nothing to change");
    expect(puts()).toHaveLength(3);
    const { code } = await run(["enable", "rg-prod-data/web-01", "--apply"]);
    expect(code).toBe(0);
  });

  it("says each fault of a file with its line, and carries nothing out", async () => {
    const files = { "bad.yaml": "enable:\n  - vm-01 22 max\n  - rg:x 99999\nother: 1\n" };
    const { code, err } = await run(["enable", "bad.yaml", "--apply"], { files });
    expect(code).toBe(2);
    expect(err).toContain("bad.yaml:4:1");
    const lines = { "bad.yaml": "enable:\n  - vm-01 22 max\n  - rg:x 99999\n" };
    const { err: lineFaults } = await run(["enable", "bad.yaml"], { files: lines });
    expect(lineFaults).toContain("bad.yaml:2:5: enable[0]: Write a duration after max");
    expect(lineFaults).toContain("bad.yaml:3:5: enable[1]: 99999 isn't a valid port");
  });

  it.each([
    [["enable"], "Which VMs?"],
    [["enable", "vm-01", "--aply"], "Unknown option --aply"],
    [["enable", "none.yaml"], "none.yaml can't be read (ENOENT)"],
    [["change", "vm-01", "--apply"], "Which change"],
    [["enable", "vm-01", "max", "2m"], "Azure allows 5m to 24h"],
    [["enable", "nothing-01"], "I can't find a VM named nothing-01"],
  ])("refuses %j in a sentence", async (args, says) => {
    const { code, err } = await run(args);
    expect(err).toContain(says);
    expect(err).not.toContain("    at ");
    expect(code).not.toBe(0);
  });
});

describe("jit enable with a value out of range", () => {
  it.each([
    [["enable", "dev-01", "22", "max", "25h"], "Azure allows 5m to 24h"],
    [["enable", "dev-01", "22", "max", "4m"], "Azure allows 5m to 24h"],
    [["change", "dev-01", "22", "max", "25h"], "Azure allows 5m to 24h"],
    [["enable", "dev-01", "22", "from", "nowhere"], "isn't a source I know"],
    [["enable", "dev-01", "99999"], "isn't a valid port"],
  ])("exits 2: %j", async (args, says) => {
    const { code, err } = await run(args);
    expect(err).toContain(says);
    expect(code).toBe(2);
  });
});

describe("jit enable where the audit is sealed with a key", () => {
  it("needs the key to apply, and marks with it what it writes", async () => {
    const redis = new Redis(world.redis.url);
    const chain = "{jit:T0HOME}:chain";
    await redis.hset(chain, "keys", `1=${sealKey("k".repeat(32)).fingerprint}`);
    const args = ["enable", "dev-01", "2222", "--apply"];
    const without = await run(args);
    expect([without.code, without.out]).toEqual([2, ""]);
    expect(without.err).toMatch(/^--apply needs AUDIT_KEY, .* set it as for the bot\.\n$/);
    await run(args, { env: { AUDIT_KEY: "k".repeat(32) } });
    const marks = await redis.hvals(chain.replace("chain", "marks"));
    expect(marks.length).toBeGreaterThan(0);
    await redis.del(chain);
    redis.disconnect();
  });
});
