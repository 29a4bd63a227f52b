// `jit explain` as a process, and `/jit explain` in Slack: by the real clients, and without any effect.

import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderOf, jit } from "../support/jit.ts";
import { initiates, typed } from "../support/people.ts";
import { BOT_TOKEN, startWorld, type TestWorld } from "../support/world.ts";

const POLICY = `channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24 }
rules:
  - name: production
    match: { tags: { env: prod }, resourceGroups: [rg-prod-shop], ports: [3389, 22] }
    requesters: { users: [U0ERIN], groups: [S0ONCALL] }
    approvers: { users: [U0LEAD], groups: [S0ONCALL] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn]
  - name: test machines
    match: { tags: { env: [test, dev] } }
    requesters: anyone
    approvals: 0
    networks: [vpn, any]
    reason: optional
`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
});
afterAll(() => world?.close());

const explain = (args: string, env: Readonly<Record<string, string>> = {}) =>
  jit(["explain", ...args.split(" ")], {
    cwd: folderOf({ "jit.yaml": POLICY }),
    env: {
      NODE_EXTRA_CA_CERTS: world.azure.caFile,
      IDENTITY_ENDPOINT: world.azure.identityEndpoint,
      IDENTITY_HEADER: world.azure.identityHeader,
      AZURE_RESOURCE_MANAGER_URL: world.azure.url,
      SLACK_API_URL: world.slack.url,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      ...env,
    },
  });

/** Subscriptions have ids of their own in every run. */
const withoutIds = (text: string): string => text.replace(/[0-9a-f]{8}(-[0-9a-f]{4,12}){4}/g, "…");

const SHOP = "/subscriptions/…/resourceGroups/rg-prod-shop/providers";

describe("jit explain", () => {
  it("tells which rule decides, what was checked, who could approve, what Azure would be sent", async () => {
    const { code, out, err } = await explain("VM-01 rdp 2h from 203.0.113.77/28 --user U0ERIN");
    expect({ code, err, out: withoutIds(out) }).toEqual({
      code: 0,
      err: "",
      out: `If @U0ERIN (erin) requested vm-01 (rg-prod-shop, windows, env=prod):
→ Rule production matches, and applies to port 3389.
✓ Requested: port 3389.
✓ Person: @U0ERIN (erin) is among the requesters.
✓ JIT policy: default opens port 3389 for at most 4h, from any address.
✓ Duration: 2h; the rule allows at most 4h.
✓ Source: 203.0.113.64/28; the rule and the JIT policy allow it.
✓ Reason: required.
203.0.113.77/28 was read as the network 203.0.113.64/28.
So it would go to #C0PROD: 1 must approve.
Who could approve it: @U0LEAD (lea) and @U0OMAR (omar).
Azure would be sent: open port 3389 of ${SHOP}/Microsoft.Compute/virtualMachines/vm-01 from 203.0.113.64/28 until 2h after the decision, by ${SHOP}/Microsoft.Security/locations/westeurope/jitNetworkAccessPolicies/default.
Not checked: what else the same person has pending (at most 10) or open (at most 10).
`,
    });
  });

  it("names every rule that does not match, and what it wants", async () => {
    const { code, out } = await explain("dev-01 --user U0SAM");
    expect(code).toBe(0);
    expect(out.split("\n").slice(0, 10)).toEqual([
      "If @U0SAM (sam) requested dev-01 (rg-dev-lab, linux, env=dev):",
      "· Rule production doesn't match: it requires tags.env to be prod, and it is dev.",
      "→ Rule test machines matches, and applies to port 22.",
      "✓ Requested: port 22, as none was given.",
      "✓ Person: anyone can request access.",
      "✓ JIT policy: default opens port 22 for at most 3h, from any address.",
      "✓ Duration: 1h, as none was given; the rule allows at most 3h.",
      "✓ Source: vpn (203.0.113.0/24), as none was given; the rule and the JIT policy allow it.",
      "✓ Reason: optional.",
      "So it would open immediately: the rule test machines needs no approval.",
    ]);
  });

  it("says everything that would be refused, and ends with 1", async () => {
    const { code, out } = await explain("vm-01 3389 9h from any --user U0SAM");
    expect(code).toBe(1);
    expect(out.split("\n").slice(2)).toEqual([
      "✓ Requested: port 3389.",
      "✓ JIT policy: default opens port 3389 for at most 4h, from any address.",
      "✓ Reason: required.",
      "✗ You can't request access under rule production (port 3389 on vm-01): an admin can add you to its requesters.",
      "✗ vm-01 allows at most 4h on 3389: request 4h or less.",
      "✗ The rule production doesn't allow access from anywhere: write from vpn.",
      "So it would be refused.",
      "",
    ]);
    expect(readFileSync("docs/commands.md", "utf8")).toContain(
      `$ jit explain vm-01 3389 9h from any --user U0SAM\n${out}`,
    );
  });

  it("shows a VM that falls between the rules", async () => {
    const { code, out } = await explain("db-01 22 --user U0ERIN");
    expect(code).toBe(1);
    expect(out).toContain(
      "· Rule production doesn't match: it requires resourceGroups to be rg-prod-shop, and it is rg-prod-data.\n" +
        "· Rule test machines doesn't match: it requires tags.env to be test or dev, and it is prod.\n",
    );
    expect(out).toContain("✗ No rule lets anybody request db-01 on port 22");
  });

  it.each([
    ["nosuch-vm --user U0ERIN", "It would be refused: I can't find a VM named nosuch-vm:"],
    ["web-01 --user U0ERIN", "It would be refused: 2 VMs are named web-01"],
    ["vm-01 --user U0SINGLE", "It would be refused: Guests can't use just-in-time access"],
  ])("says that %s comes to nothing", async (args, says) => {
    const { code, out } = await explain(args);
    expect(code).toBe(1);
    expect(out).toContain(says);
  });

  it("takes the person's groups from the command line, and works without Slack", async () => {
    const quiet = { SLACK_BOT_TOKEN: "" };
    const without = await explain("vm-01 --user U0SAM", quiet);
    expect(without.code).toBe(1);
    expect(without.err).toBe(
      "Warning: without SLACK_BOT_TOKEN or --groups the person is taken to be in no group.\n",
    );
    const within = await explain("vm-01 --user U0SAM --groups S0ONCALL", quiet);
    expect(within.code).toBe(0);
    expect(within.err).toBe("");
    expect(within.out).toContain("✓ Person: @U0SAM is in a group of the requesters.");
    expect(within.out).toContain("Who could approve it: @U0LEAD and anyone in @S0ONCALL.");
    expect((await explain("vm-01 --user U0OMAR --groups S0OTHER")).code).toBe(1);
    expect((await explain("vm-01 --user U0OMAR")).code).toBe(0);
  });

  it.each([
    ["vm-01", "Who asks? Give --user with the person's Slack ID."],
    ["vm-01 --user erin", "erin isn't a member's ID: write one such as U0ERIN."],
    [
      "vm-01 --user U0ERIN --groups oncall",
      "oncall isn't a user group's ID: write one such as S0ONCALL.",
    ],
    ["--user U0ERIN", "Which VM? For example jit explain vm-01 3389 2h."],
    [
      "vm-01 soon --user U0ERIN",
      "I didn't understand soon: write for example jit explain vm-01 3389 2h.",
    ],
    ["vm-01 --user U0ERIN --loud", "Unknown option --loud."],
  ])("refuses wrong use: %s", async (args, says) => {
    const { code, out, err } = await explain(args);
    expect({ code, out, first: err.split("\n")[0] }).toEqual({ code: 2, out: "", first: says });
  });

  it("ends with a sentence where a setting is wrong, or a service does not answer", async () => {
    const nowhere = await explain("vm-01 --user U0ERIN", { JIT_CONFIG: "nosuch.yaml" });
    expect(nowhere).toEqual({
      ...{ code: 2, out: "" },
      err: "nosuch.yaml: the policy file can't be read (ENOENT): create it, or set JIT_CONFIG to where it is.\n",
    });
    const forged = await explain("vm-01 --user U0ERIN", { SLACK_BOT_TOKEN: "xoxb-wrong" });
    expect(forged.code).toBe(2);
    expect(forged.err).toMatch(/^[^\n]*\(invalid_auth\)\n$/);
  });
});

describe("/jit explain", () => {
  let redis: Redis;
  beforeAll(async () => {
    await world.startBot();
    redis = new Redis(world.redis.url);
  });
  afterAll(() => redis?.disconnect());

  const effects = async () => ({
    audit: await redis.xlen("{jit:T0HOME}:audit"),
    requests: await redis.hlen("{jit:T0HOME}:requests"),
    initiates: initiates(world).length,
    messages: world.slack.callsTo("chat.postMessage").length,
  });

  it("tells the same, to the person alone, and leaves nothing behind", async () => {
    const before = await effects();
    const said = await typed(world, "U0ERIN", "explain vm-01 3389 2h for nothing");
    for (const part of [
      "If you requested vm-01 (rg-prod-shop, windows, env=prod):",
      "→ Rule production matches, and applies to port 3389.",
      "✓ Person: you are among the requesters.",
      "So it would go to #prod-access: 1 must approve.",
      "Who could approve it: @lea and @omar.",
    ]) {
      expect(said).toContain(part);
    }
    expect(await typed(world, "U0ERIN", "explain vm-01 3389 9h")).toContain(
      "So it would be refused.",
    );
    expect(await typed(world, "U0ERIN", "explain nosuch-vm")).toContain(
      "It would be refused: I can't find",
    );
    expect(await effects()).toEqual(before);
    expect(before).toMatchObject({ requests: 0, initiates: 0 });
  });

  it("tells whoever may not ask for the VM what it tells of an unknown name; admins everything", async () => {
    expect(await typed(world, "U0SAM", "explain vm-01 3389 9h from any")).toBe(
      (await typed(world, "U0SAM", "explain vm-99 3389 9h from any")).replace("vm-99", "vm-01"),
    );
    const admin = await typed(world, "U0ADMIN", "explain vm-01 3389 9h from any");
    expect(admin).toContain("✗ vm-01 allows at most 4h on 3389");
    expect(admin).toContain("env=prod");
  });

  it("is refused to outsiders, and that is on record", async () => {
    const before = await effects();
    expect(await typed(world, "U0SINGLE", "explain vm-01")).toContain("Guests can't use");
    expect((await effects()).audit).toBe(before.audit + 1);
  });
});
