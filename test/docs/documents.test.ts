// The documents say what the code does: settings, commands, keys of the policy file, metrics, and files that exist.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { metrics } from "../../src/adapters/metrics/metrics.ts";
import { redisKeys } from "../../src/adapters/redis/scripts/keys.ts";
import { readAuditSettings } from "../../src/config/environment/audit-settings.ts";
import { ENV_FILE_SETTINGS } from "../../src/config/environment/env-file.ts";
import { readEnvironment } from "../../src/config/environment/environment.ts";
import { readExplainSettings } from "../../src/config/environment/explain-settings.ts";
import { SECRETS } from "../../src/config/environment/secret-names.ts";
import { policyJsonSchema } from "../../src/config/policy-file/read-policy-file.ts";
import { verbs } from "../../src/domain/command/command.ts";
import { changeLease } from "../../src/ports/storage/leases.ts";
import { filesBelow } from "../support/source-code.ts";
import { codeLines, documents, firstColumn, lostIn, lostNames, read, TOP } from "./documents.ts";

/** What stands only on one side. */
const differences = (said: readonly string[], real: readonly string[]) => ({
  missing: [...new Set(real)].filter((one) => !said.includes(one)),
  madeUp: [...new Set(said)].filter((one) => !real.includes(one)),
});

const SAME = { missing: [], madeUp: [] };

/** Every variable that the settings are read from, as they ask for it. */
function variablesRead(): readonly string[] {
  const asked = new Set<string>();
  const env = (given: Readonly<Record<string, string>>) =>
    new Proxy(given, {
      get: (all, name) => {
        if (typeof name === "string") asked.add(name);
        return Reflect.get(all, name);
      },
    });
  const token = { SLACK_APP_TOKEN: "xapp-1" };
  const traces = { OTEL_TRACES_EXPORTER: "otlp" };
  for (const given of [{}, token, traces, { REDIS_MODE: "sentinel" }, { REDIS_MODE: "cluster" }]) {
    readEnvironment(env(given));
    readAuditSettings(env(given));
    readExplainSettings(env(given));
  }
  // The files of secrets share one row.
  const files = SECRETS.map((name) => `${name}_FILE`);
  return [...asked].filter((name) => !files.includes(name));
}

type Schema = {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
};

/** The keys of the policy file, such as `rules[].match.tags`; those of people once, without a path. */
function keysOf(schema: Schema, path = ""): readonly string[] {
  const { properties = {}, items, anyOf = [] } = schema;
  const isPeople = "users" in properties || "groups" in properties;
  // Of people, what one of them needs at least: a rota, for example.
  const isPart = path.startsWith("rules[]") && Object.keys(properties).join() === "onCall";
  if (isPeople || isPart) return Object.keys(properties);
  const own = Object.entries(properties).flatMap(([key, value]) => {
    const name = path === "" ? key : `${path}.${key}`;
    return [name, ...keysOf(value, name)];
  });
  const listed = items === undefined ? [] : keysOf(items, `${path}[]`);
  return [...own, ...listed, ...anyOf.flatMap((one) => keysOf(one, path))];
}

/** A key that only groups others need not be described. */
function keyDifferences(said: readonly string[], real: readonly string[]) {
  const groups = (key: string) =>
    real.some((other) => other.startsWith(`${key}.`) || other.startsWith(`${key}[]`));
  const { madeUp } = differences(said, real);
  return { missing: differences(said, real).missing.filter((key) => !groups(key)), madeUp };
}

const POLICY_FILE = z.custom<Schema>().parse(policyJsonSchema());

const typedIn = (text: string) => codeLines(text).filter((line) => /^\/jit(?: |$)/.test(line));

const SCRIPTS = z.object({ scripts: z.record(z.string(), z.string()) });

const scriptsIn = (text: string) =>
  [...text.matchAll(/npm run ([\w:]+)/g)].flatMap(([, script]) => script ?? []);

/** What no file of the bot's says; … at the end stands for anything. */
function unwritten(quoted: readonly string[]): readonly string[] {
  const written = filesBelow("src").map(({ text }) => text);
  const starts = quoted.map((line) => line.replace(/…$/, ""));
  return starts.filter((start) => !written.some((text) => text.includes(start)));
}

const MAIN = join(TOP, "src/main.ts");

/** The first word after each `jit`. */
const terminalVerbs = (text: string) =>
  [...text.matchAll(/\bjit ([a-z]+)/g)].flatMap(([, verb]) => verb ?? []);

const metricsIn = (text: string) =>
  firstColumn(text, "## Metrics").filter((code) => /^[a-z]+_[a-z0-9_]+$/.test(code));

const metricNames = (text: string): readonly string[] =>
  [...text.matchAll(/^# TYPE (\S+) /gm)].flatMap(([, name]) => name ?? []);

/** What the keys of a workspace begin with: `of` of `{jit:T1}:of:U1`. */
function redisKeyNames(): readonly string[] {
  const namesIn = (value: unknown): readonly string[] => {
    if (typeof value === "string") return [value.split(":")[2] ?? ""];
    if (typeof value === "function") return namesIn(Reflect.apply(value, undefined, ["x", "x"]));
    return Object.values(value ?? {}).flatMap(namesIn);
  };
  const lease = redisKeys("T1").lease(changeLease("x"));
  return [...namesIn(redisKeys("T1")), ...namesIn(lease)];
}

/** Of the table of what is kept: `of` of "Redis `of:<user>`, `live:<user>`". */
const keysKept = (text: string): readonly string[] =>
  [...text.matchAll(/^\| Redis (.*?) \|/gm)]
    .flatMap(([, keys = ""]) => [...keys.matchAll(/`([a-z]+)/g)])
    .flatMap(([, name]) => name ?? []);

describe("the documents", () => {
  const configuration = read("docs/configuration.md").text;
  const commands = read("docs/commands.md").text;
  const operations = read("docs/operations.md").text;
  const usages = verbs.map(({ usage }) => usage);

  it("have every setting that is read, and no other", () => {
    expect(differences(firstColumn(configuration, "## Environment"), variablesRead())).toEqual(
      SAME,
    );
  });

  it("have every setting that .env may set", () => {
    const mayNot = ["IDENTITY_ENDPOINT", "IDENTITY_HEADER", "NODE_EXTRA_CA_CERTS"];
    const documented = [
      ...firstColumn(configuration, "## Environment"),
      ...firstColumn(configuration, "### Read by libraries and Node"),
    ].filter((name) => !mayNot.includes(name));
    const files = SECRETS.map((name) => `${name}_FILE`);
    expect(differences([...documented, ...files], ENV_FILE_SETTINGS)).toEqual(SAME);
  });

  it("have every key of the policy file, and no other", () => {
    const said = [
      ...firstColumn(configuration, "## The policy file"),
      ...firstColumn(configuration, "### People"),
    ];
    expect(keyDifferences(said, keysOf(POLICY_FILE))).toEqual(SAME);
  });

  it("have every command as the help prints it, and no other", () => {
    expect(differences(typedIn(commands), usages)).toEqual(SAME);
  });

  it("have every command of the terminal, and no other", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "help"]);
    const said = firstColumn(commands, "## On a terminal").flatMap(terminalVerbs);
    expect(differences(said, terminalVerbs(stdout))).toEqual(SAME);
  });

  it("have every metric that is served, and no other", async () => {
    const served = metricNames(await metrics().text());
    expect(differences(metricsIn(operations), served)).toEqual(SAME);
  });

  it("say what is kept under every key in Redis, and under no other", () => {
    const said = keysKept(read("docs/data-protection.md").text);
    expect(differences(said, redisKeyNames())).toEqual(SAME);
  });

  it("name no file and lead nowhere that is not there", () => {
    expect(documents().length).toBeGreaterThan(10);
    expect(documents().flatMap((one) => lostIn(one))).toEqual([]);
  });

  it("name nothing in the code that is not there, or is elsewhere", () => {
    const code = [...filesBelow("src"), ...filesBelow("test")];
    const maps = ["docs/architecture.md", "docs/CONTRIBUTING.md"].map(read);
    expect(maps.flatMap((one) => lostNames(one, code))).toEqual([]);
  });

  it("quote no line of the log that is not written", () => {
    const quoted = firstColumn(operations, "## The log");
    expect(quoted.length).toBeGreaterThan(5);
    expect(unwritten(quoted)).toEqual([]);
  });

  it("name no npm script that is not there", () => {
    const { scripts } = SCRIPTS.parse(JSON.parse(read("package.json").text));
    const said = documents().flatMap(({ text }) => scriptsIn(text));
    expect(said).toContain("demo");
    expect(differences(said, Object.keys(scripts)).madeUp).toEqual([]);
  });

  it("begin with a README that is read in one sitting", () => {
    expect(read("README.md").text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });
});

describe("what is missing in the documents, or made up,", () => {
  const table =
    "## Metrics\n\n| name | is |\n|---|---|\n| `PORT`, `HOME` | `NOT_THIS` |\n| `jit_a_total` |\n\n## Next\n| `LATER` |";
  const schema: Schema = {
    properties: {
      azure: { properties: { cloud: {} } },
      admins: { properties: { users: {}, groups: {} } },
      rules: { items: { properties: { name: {}, match: { properties: { tags: {} } } } } },
      watch: { anyOf: [{}, { properties: { every: {} } }] },
    },
  };

  it("is noticed for settings and metrics", () => {
    const said = firstColumn(table, "## Metrics");
    expect(said).toEqual(["PORT", "HOME", "jit_a_total"]);
    expect(metricsIn(table)).toEqual(["jit_a_total"]);
    expect(differences(said, ["PORT", "jit_a_total", "LOG_LEVEL"])).toEqual({
      missing: ["LOG_LEVEL"],
      madeUp: ["HOME"],
    });
    expect(() => firstColumn(table, "## Elsewhere")).toThrow("no heading");
    expect(variablesRead()).toContain("SLACK_SIGNING_SECRET");
    expect(metricNames("# HELP a_b c\n# TYPE a_b counter\na_b 1")).toEqual(["a_b"]);
  });

  it("is noticed for keys in Redis", () => {
    const rows =
      "| where | what |\n|---|---|\n| Redis `of:<user>`, `due` | ids |\n| Azure | `x` |\n";
    expect(keysKept(rows)).toEqual(["of", "due"]);
    expect(redisKeyNames()).toEqual(expect.arrayContaining(["requests", "of", "queue", "door"]));
  });

  it("is noticed for keys of the policy file", () => {
    const said = ["azure.cloud", "admins", "users", "rules[].match.tags", "rules[].lunch"];
    expect(keyDifferences(said, keysOf(schema))).toEqual({
      missing: ["groups", "rules[].name", "watch.every"],
      madeUp: ["rules[].lunch"],
    });
  });

  it("is noticed for commands", () => {
    const text = "`/jit made up`\n\n```\n/jit help\n$ jit check\n```\n";
    expect(typedIn(text)).toEqual(["/jit help"]);
    expect(unwritten(["parked: nobody has to look at it"])).toHaveLength(1);
    expect(scriptsIn("`npm run test:none -- --seed 5`, `npm test`")).toEqual(["test:none"]);
    expect(terminalVerbs("Usage: jit start\n  jit check <file> checks it")).toEqual([
      "start",
      "check",
    ]);
    expect(differences(typedIn(text), ["/jit help", "/jit doctor"]).missing).toEqual([
      "/jit doctor",
    ]);
  });

  it("is noticed for files, links and headings", () => {
    const text = [
      "# What is it?",
      "`src/main.ts` `src/none.ts` `src/flows/` `main.ts` `none.test.ts` `jit.yaml`",
      "[a](LICENSE) [b](docs/none.md) [c](#what-is-it) [d](#what-else) [e](https://example.com/none)",
      "[f](docs/reliability.md#the-campaign) [g](docs/reliability.md#none) ![h](docs/pictures/none.png)",
      "```",
      "`src/in-an-example.ts`",
      "```",
    ].join("\n");
    expect(lostIn({ path: "README.md", text }).map((said) => said.split(": ")[1])).toEqual([
      "src/none.ts",
      "none.test.ts",
      "docs/none.md",
      "#what-else",
      "docs/reliability.md#none",
      "docs/pictures/none.png",
    ]);
  });

  it("is noticed: names in the code", () => {
    const code = [
      { path: "src/a.ts", text: "export const MOST = 1; const isOpen = true; open();" },
      { path: "src/b/c.ts", text: "close();" },
    ];
    const text = [
      "`MOST`, `isOpen`, `isShut`, `FEWEST`, `open` in `src/a.ts`, `close` in `c.ts`, `close` in `src/a.ts`, `vm-01`",
      ...["```", "`isNever`", "```"],
    ].join("\n");
    expect(lostNames({ path: "a.md", text }, code)).toEqual([
      "a.md: isShut",
      "a.md: FEWEST",
      "a.md: close in src/a.ts",
    ]);
  });
});
