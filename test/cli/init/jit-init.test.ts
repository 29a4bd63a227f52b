// `jit init`: what it asks, what it writes, and that it never writes over anything.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { QUESTIONS } from "../../../src/cli/init/answers.ts";
import { type InitNeeds, init } from "../../../src/cli/init/jit-init.ts";
import { USAGES } from "../../../src/cli/usage.ts";
import { readEnvironment } from "../../../src/config/environment/environment.ts";
import { readPolicyFile } from "../../../src/config/policy-file/read-policy-file.ts";

const PROJECT = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(PROJECT, path), "utf8");
const TEMPLATES = { manifest: read("manifest.yml"), role: read("docs/azure-role.json") };
const AUDIT_KEY = "5".repeat(64);
const SUBSCRIPTION = "0F1E2D3C-0000-4000-8000-000000000001";

/** A run with a person who answers in turn, and leaves after the last answer. */
async function run(
  args: readonly string[],
  { typed, there = {} }: { typed?: readonly string[]; there?: Record<string, string> } = {},
) {
  const files = new Map(Object.entries(there));
  const secrets: string[] = [];
  const said: string[] = [];
  const complained: string[] = [];
  const asked: string[] = [];
  const left = [...(typed ?? [])];
  let doctors = 0;
  const world: InitNeeds = {
    terminal: { say: (line) => said.push(line), complain: (line) => complained.push(line) },
    ask:
      typed &&
      (async (question) => {
        asked.push(question);
        return left.shift();
      }),
    templates: TEMPLATES,
    auditKey: AUDIT_KEY,
    create: async (name, text, isSecret) => {
      if (files.has(name)) return false;
      files.set(name, text);
      if (isSecret) secrets.push(name);
      return true;
    },
    doctor: async () => {
      doctors += 1;
    },
  };
  const code = await init(args, world);
  const text = (name: string) => files.get(name) ?? "";
  return { code, text, names: [...files.keys()].sort(), secrets, said, complained, asked, doctors };
}

const FULL = [
  "--scopes",
  SUBSCRIPTION,
  "--redis",
  "rediss://:pass@redis.example:6380",
  "--admin",
  "U0REAL",
  "--approvers",
  "U0LEAD,S0ONCALL",
  "--channel",
  "C0PROD",
  "--from",
  "198.51.100.0/24",
];

const WAYS = [
  { name: "Socket Mode", args: ["--socket-mode"], url: undefined },
  {
    name: "an address",
    args: ["--url", "https://jit.corp.example/"],
    url: "https://jit.corp.example",
  },
];

describe.each(WAYS)("jit init for $name", ({ args, url }) => {
  it("writes four files, of which one is secret, and ends with the doctor", async () => {
    const ran = await run([...args, ...FULL, "--yes"]);
    expect(ran.code).toBe(0);
    expect(ran.names).toEqual([".env", "azure-role.json", "jit.yaml", "slack-manifest.yml"]);
    expect(ran.secrets).toEqual([".env"]);
    expect(ran.doctors).toBe(1);
    expect(ran.said.join("\n")).not.toContain(AUDIT_KEY);
    expect(ran.said.join("\n")).not.toContain("filled in");
  });

  it("writes settings that lack nothing but Slack's secrets", async () => {
    const ran = await run([...args, ...FULL, "--yes"]);
    const env = parseEnv(ran.text(".env"));
    const secrets = { SLACK_BOT_TOKEN: "xoxb-1", SLACK_APP_TOKEN: "xapp-1" };
    const lacking = readEnvironment(env);
    expect("faults" in lacking && lacking.faults.map((one) => one.split(" ")[0])).toEqual([
      "SLACK_BOT_TOKEN",
      "SLACK_SIGNING_SECRET",
    ]);
    const filled =
      url === undefined ? secrets : { SLACK_BOT_TOKEN: "xoxb-1", SLACK_SIGNING_SECRET: "8f74" };
    expect(Object.keys(env)).toEqual(expect.arrayContaining(Object.keys(filled)));
    expect(readEnvironment({ ...env, ...filled })).toMatchObject({
      settings: {
        slack: { mode: url === undefined ? "socket" : "http" },
        redis: { nodes: [{ host: "redis.example", port: 6380 }], tls: true, password: "pass" },
        publicUrl: url,
        auditKey: AUDIT_KEY,
      },
    });
  });

  it("writes the manifest of the repository, with one way of reaching the bot", async () => {
    const written = (await run([...args, ...FULL, "--yes"])).text("slack-manifest.yml");
    expect(written).not.toContain("jit.example.com");
    expect(written).not.toMatch(/^[^#].*# Socket Mode/m);
    const [mine, whole] = [parse(written), parse(TEMPLATES.manifest)];
    expect(mine.settings.socket_mode_enabled).toBe(url === undefined);
    const events = url && `${url}/slack/events`;
    expect(mine.features.slash_commands[0].url).toBe(events);
    expect(mine.settings.event_subscriptions.request_url).toBe(events);
    expect(mine.settings.interactivity.request_url).toBe(events);
    expect(mine.settings.interactivity.message_menu_options_url).toBe(events);
    expect(mine.oauth_config).toEqual(whole.oauth_config);
    expect(mine.settings.event_subscriptions.bot_events).toEqual(
      whole.settings.event_subscriptions.bot_events,
    );
    expect(mine.features.slash_commands[0].should_escape).toBe(true);
  });
});

describe("what jit init writes", () => {
  it("is a role for the scopes that were given, with the actions of the repository's", async () => {
    const group = await run(["--yes", "--scopes", `mg:corp,${SUBSCRIPTION}`]);
    const role = JSON.parse(group.text("azure-role.json"));
    expect(role).toEqual({
      ...JSON.parse(TEMPLATES.role),
      AssignableScopes: [
        "/providers/Microsoft.Management/managementGroups/corp",
        `/subscriptions/${SUBSCRIPTION.toLowerCase()}`,
      ],
    });
  });

  it.each([
    ["nothing", []],
    ["everything", FULL],
    ["groups alone", ["--approvers", "S0ONCALL"]],
    ["digits alone", ["--approvers", "U123456,U1E5", "--channel", "C123"]],
    ["a management group", ["--scopes", "mg:123"]],
  ])("is a policy file without errors, with %s given", async (_, args) => {
    const ran = await run(["--yes", ...args]);
    expect(ran.complained).toEqual([]);
    expect(readPolicyFile(ran.text("jit.yaml"))).toHaveProperty("policy");
  });

  it("says what stands in for what isn't known yet, and only that", async () => {
    const { said } = await run(["--yes", "--admin", "U0REAL", "--from", "198.51.100.0/24"]);
    expect(said).toContain(
      "Fill in what's still missing in these files: scopes (later), approvers (U0APPROVER), channel (C0CHANNEL).",
    );
  });

  it("never takes the place of what is there", async () => {
    const there = { ".env": "SLACK_BOT_TOKEN=xoxb-mine", "jit.yaml": "mine" };
    const ran = await run([...FULL, "--yes"], { there });
    expect(ran.text(".env")).toBe(there[".env"]);
    expect(ran.text("jit.yaml")).toBe(there["jit.yaml"]);
    expect(ran.said).toEqual(
      expect.arrayContaining([
        ".env: was there already, not changed.",
        "jit.yaml: was there already, not changed.",
        expect.stringMatching(/^azure-role\.json: written; /),
      ]),
    );
    expect(ran.doctors).toBe(1);
  });
});

describe("jit init at a terminal", () => {
  it("asks what isn't given, begins with Socket Mode, and takes Enter for the usual", async () => {
    const ran = await run(["--redis", "redis://r:1"], { typed: ["", "", "", "", "", ""] });
    expect(ran.code).toBe(0);
    expect(ran.asked).toHaveLength(QUESTIONS.length - 1);
    expect(ran.asked[0]).toMatch(/^How does Slack reach the bot\? .*\[socket-mode\]: $/);
    expect(parse(ran.text("slack-manifest.yml")).settings.socket_mode_enabled).toBe(true);
    expect(ran.text(".env")).toContain("REDIS_URL=redis://r:1\n");
  });

  it("says what is wrong with an answer and asks again", async () => {
    const typed = ["http://jit.example.com", "https://jit.corp.example", "", "", "", "", "", ""];
    const ran = await run([], { typed });
    expect(ran.complained).toEqual([
      "That isn't an https:// address: write it like https://jit.example.com, or socket-mode.",
    ]);
    expect(ran.text(".env")).toContain("PUBLIC_URL=https://jit.corp.example\n");
  });

  it("writes nothing if the person leaves", async () => {
    const ran = await run([], { typed: ["", ""] });
    expect(ran).toMatchObject({ code: 2, names: [], complained: ["Nothing was written."] });
    expect(ran.doctors).toBe(0);
  });

  it("has each of its options in its help", () => {
    for (const { option } of QUESTIONS) expect(USAGES.init).toContain(`--${option} <`);
  });

  it("asks nothing with --yes", async () => {
    expect((await run(["--yes"], { typed: [] })).asked).toEqual([]);
  });
});

describe("jit init refuses", () => {
  it.each([
    [["now"], "init takes options only."],
    [["--nothing"], "Unknown option --nothing."],
    [
      ["--url", "https://a.example", "--socket-mode"],
      "--url and --socket-mode exclude each other.",
    ],
    [["--url", "https://a.example/path"], "--url: That is more than an address: "],
    [["--url", "https://a:b@a.example"], "--url: That is more than an address: "],
    [["--url", "https://localhost"], "--url: Slack can't reach localhost: "],
    [["--url", "https://10.0.0.8"], "--url: Slack can't reach 10.0.0.8: "],
    [["--url", "https://[::1]"], "--url: Slack can't reach [::1]: "],
    [["--url", "https://jit.local"], "--url: Slack can't reach jit.local: "],
    [["--scopes", "prod"], "--scopes: Those aren't subscription IDs: "],
    [["--scopes", ","], "--scopes: Those aren't subscription IDs: "],
    [["--scopes", "mg:a,mg:b"], "--scopes: Azure takes one management group in a role: "],
    [["--redis", "localhost"], "--redis: That isn't the address of a Redis: "],
    [["--redis", "redis://a\nX=1"], "--redis: That isn't the address of a Redis: "],
    [["--admin", "lea"], "--admin: That isn't a Slack member ID: "],
    [["--admin", "S0ONCALL"], "--admin: That isn't a Slack member ID: "],
    [["--approvers", "U0A,#prod"], "--approvers: Those aren't Slack IDs: "],
    [["--channel", "#prod"], "--channel: That isn't a Slack channel ID: "],
    [["--from", "10.0.0.1/8"], "--from: "],
    [["--from", "any"], "--from: "],
  ])("%j", async (args, sentence) => {
    const ran = await run(["--yes", ...args]);
    expect(ran.code).toBe(2);
    expect(ran.complained.join("\n")).toContain(sentence);
    expect(ran.names).toEqual([]);
  });
});
