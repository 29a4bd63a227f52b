// The doctor, over the wire: from Slack and from the command line, with all well and with parts missing.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RIGHTS } from "../../src/domain/doctor/azure-rights.ts";
import { jit } from "../support/jit.ts";
import { typed } from "../support/people.ts";
import { BOT_TOKEN, POLICY, startWorld, type TestWorld } from "../support/world.ts";

const folder = mkdtempSync(join(tmpdir(), "jit-doctor-"));
let world: TestWorld;
let grants: TestWorld["azure"]["world"]["grants"];

beforeAll(async () => {
  world = await startWorld();
  grants = world.azure.world.grants;
  writeFileSync(join(folder, "jit.yaml"), POLICY);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await world?.close();
});

async function run(env: Readonly<Record<string, string>>, ...more: readonly string[]) {
  const { code, out, err } = await jit(["doctor", ...more], { cwd: folder, env });
  return { code, lines: out.trimEnd().split("\n"), said: err };
}

const complete = () => ({
  NODE_EXTRA_CA_CERTS: world.azure.caFile,
  SLACK_BOT_TOKEN: BOT_TOKEN,
  SLACK_SIGNING_SECRET: "8f742231b10e8888abcd99yyyzzz85a5",
  SLACK_API_URL: world.slack.url,
  REDIS_URL: world.redis.url,
  IDENTITY_ENDPOINT: world.azure.identityEndpoint,
  IDENTITY_HEADER: world.azure.identityHeader,
  AZURE_RESOURCE_MANAGER_URL: world.azure.url,
  AUDIT_KEY: "0".repeat(64),
});

const amiss = (lines: readonly string[]) => lines.filter((line) => /^[✗!]/.test(line));

describe("jit doctor", () => {
  it("reads as a list of what is left to do where nothing is set up", async () => {
    const { code, lines, said } = await run({ JIT_CONFIG: "missing.yaml" });
    expect(said).toBe("");
    expect(code).toBe(1);
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringContaining("✗ Settings: SLACK_BOT_TOKEN isn't set: set it to"),
        expect.stringContaining("✗ Settings: REDIS_URL isn't set: set it like"),
        expect.stringContaining("! Settings: warning: AUDIT_KEY isn't set"),
        expect.stringContaining(
          "✗ Policy file: missing.yaml doesn't exist: copy docs/jit.example.yaml there",
        ),
        expect.stringContaining("✗ Azure: "),
      ]),
    );
    expect(lines.at(-1)).toContain("Each ✗ is a remaining step");
  });

  it("takes nothing after it", async () => {
    expect(await run({}, "everything")).toMatchObject({
      code: 2,
      said: expect.stringMatching(
        /doctor takes no arguments[\s\S]*with 1 where it finds an error or a warning/,
      ),
    });
  });

  it("finds each right that is missing, the quota, the plan, Redis and the channels", async () => {
    const needed = RIGHTS.map(({ action }) => action).filter(
      (action) => !action.endsWith("Machines/read"),
    );
    world.azure.world.grants = grants.map((grant) => ({
      ...grant,
      notActions: [...grant.notActions, ...needed.filter((one) => /initiate|bastion/i.test(one))],
    }));
    const { code, lines } = await run(complete());
    world.azure.world.grants = grants;
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringContaining("✓ Slack: the token is valid"));
    expect(lines).toContainEqual(expect.stringMatching(/✓ Redis: version \S+ answers in/));
    expect(lines).toContainEqual(
      expect.stringMatching(/✓ Redis: it is a primary, maxmemory-policy noeviction, appendonly no/),
    );
    expect(lines).toContainEqual("✓ Hosts: 127.0.0.1 can be reached.");
    expect(lines).toContainEqual(
      expect.stringMatching(/✓ Bot: version \d+\.\d+\.\d+, from a clone\./),
    );
    expect(lines).toContainEqual("✓ Bot: no replica is running.");
    expect(lines).toContainEqual(expect.stringMatching(/✓ Azure: 18 VMs in 2 subscriptions/));
    expect(lines).toContainEqual(expect.stringMatching(/✓ Azure: .*Plan 2 is on/));
    expect(lines).toContainEqual(expect.stringMatching(/✓ Azure: \d+ reads left/));
    const azure = amiss(lines).filter((line) => line.includes("Azure: "));
    expect(azure).toEqual([
      expect.stringMatching(/^✗ Azure: 2 subscriptions .*initiate\/action \(opening ports\)/),
      expect.stringMatching(/^! Azure: warning: 2 subscriptions .*bastionHosts\/read/),
    ]);
  });

  it("finds nothing amiss where all is well, and then exits with 0", async () => {
    const redis = new Redis(world.redis.url);
    await redis.config("SET", "appendonly", "yes");
    const { lines, code } = await run(complete());
    await redis.config("SET", "appendonly", "no");
    redis.disconnect();
    expect(amiss(lines)).toEqual([]);
    expect(lines.at(-1)).toBe("Everything is fine.");
    expect(code).toBe(0);
  });

  it("tells that the bot's direct messages are refused, and how to mend it", async () => {
    const redis = new Redis(world.redis.url);
    const key = `{jit:${world.slack.world.team.id}}:policies`;
    await redis.hset(key, "said:direct-messages", "messages_tab_disabled");
    const { code, lines } = await run(complete());
    await redis.hdel(key, "said:direct-messages");
    redis.disconnect();
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.stringMatching(/^✗ Slack: .*Switch the Messages Tab on .*under App Home/),
    );
  });

  it("says what it could not ask, and goes on", async () => {
    world.azure.faults.add({
      path: "/permissions",
      act: { status: 403, body: { error: { code: "AuthorizationFailed", message: "No." } } },
    });
    const env = {
      ...complete(),
      SLACK_BOT_TOKEN: "xoxb-000-wrong",
      REDIS_URL: "redis://127.0.0.1:1",
    };
    const { code, lines } = await run(env);
    world.azure.faults.clear();
    expect(code).toBe(1);
    expect(lines).toContainEqual(expect.stringMatching(/^✗ Slack: .*\(invalid_auth\)/));
    expect(lines).toContainEqual(expect.stringMatching(/^✗ Redis: /));
    expect(lines).toContainEqual(
      expect.stringMatching(/^! .*can't read its own permissions.*permissions\/read/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/✓ Azure: 18 VMs/));
  });

  it("tells of rights where not even the VMs can be read", async () => {
    const answer = { status: 403, body: { error: { code: "AccessDenied", message: "No graph." } } };
    world.azure.faults.add({ path: "ResourceGraph", act: answer });
    const [subscription = ""] = world.azure.world.subscriptions.keys();
    writeFileSync(
      join(folder, "one.yaml"),
      POLICY.replace("channels:", `azure: { subscriptions: [${subscription}] }\nchannels:`),
    );
    const { code, lines } = await run({ ...complete(), JIT_CONFIG: "one.yaml" });
    world.azure.faults.clear();
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.stringMatching(/^✗ Azure: the list of VMs couldn't be read \(AccessDenied\)/),
    );
    expect(lines).toContainEqual(
      expect.stringContaining(`(${subscription}): all required permissions are granted`),
    );
  });
});

describe("/jit doctor", () => {
  it("answers admins, and nobody else", async () => {
    await world.startBot();
    const said = await typed(world, "U0ADMIN", "doctor");
    expect(said).toContain("✓ Policy file: the one in use has 3 rules and no errors.");
    expect(said).toContain("✓ Slack: the token is valid");
    expect(said).toContain("Plan 2 is on");
    // What is amiss stands before what is not, and the test's bot has no key.
    expect(said).toMatch(/^0 errors, 2 warnings\.\n! Settings: warning: AUDIT_KEY isn't set/);
    expect(said.lastIndexOf("! ")).toBeLessThan(said.indexOf("✓ "));
    expect(await typed(world, "U0ERIN", "doctor")).toContain("Only admins");
  });
});
