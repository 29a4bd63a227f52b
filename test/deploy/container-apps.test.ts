// The Bicep files, as far as they can be checked without Bicep and Azure: shape, resource types, settings and role.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SECRETS } from "../../src/config/environment/secret-names.ts";
import { firstColumn, read } from "../docs/documents.ts";

const FOLDER = join(import.meta.dirname, "../../docs/deploy/container-apps");

/** Types and API versions that are in Microsoft's reference: https://learn.microsoft.com/azure/templates */
const KNOWN = [
  "Microsoft.App/containerApps@2024-03-01",
  "Microsoft.App/managedEnvironments@2024-03-01",
  "Microsoft.Authorization/roleAssignments@2022-04-01",
  "Microsoft.Authorization/roleDefinitions@2022-04-01",
  "Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-04-01",
  "Microsoft.Cache/redisEnterprise/databases@2025-04-01",
  "Microsoft.Cache/redisEnterprise@2025-04-01",
  "Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31",
  "Microsoft.OperationalInsights/workspaces@2023-09-01",
  "Microsoft.Resources/resourceGroups@2024-03-01",
];

type Token = { readonly text: string; readonly line: number };

/** Words, texts and signs, without comments. */
function tokensOf(text: string): readonly Token[] {
  const found: Token[] = [];
  const pattern = /\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|\w+|[^\s\w]/g;
  for (const match of text.matchAll(pattern)) {
    if (match[0].startsWith("//")) continue;
    const line = text.slice(0, match.index).split("\n").length;
    found.push({ text: match[0], line });
  }
  return found;
}

const CLOSES: Readonly<Record<string, string>> = { "}": "{", "]": "[", ")": "(" };

/** What is wrong with a file's shape: brackets, names that are used and not declared, or the other way round. */
function wrongIn(text: string): readonly string[] {
  const tokens = tokensOf(text);
  const wrong: string[] = [];
  const open: Token[] = [];
  for (const token of tokens) {
    if ("{[(".includes(token.text)) open.push(token);
    const opener = CLOSES[token.text];
    if (opener !== undefined && open.pop()?.text !== opener)
      wrong.push(`line ${token.line}: ${token.text}`);
    if (token.text === "'" || token.text === '"')
      wrong.push(`line ${token.line}: a text without end`);
  }
  wrong.push(...open.map(({ text: one, line }) => `line ${line}: ${one} isn't closed`));
  const declared = [...text.matchAll(/^(?:param|var|resource|module) (\w+)/gm)].map(
    ([, n = ""]) => n,
  );
  const bodies = text
    .replace(/^\s*(?:\/\/|@description).*$/gm, "")
    .replace(/^(?:param|var|resource|module) \w+/gm, "");
  for (const name of declared) {
    const isOutcome = /^(?:database|bot|jitAssignment)$/.test(name);
    if (!isOutcome && !new RegExp(`\\b${name}\\b(?!:)`).test(bodies))
      wrong.push(`${name} isn't used`);
  }
  const values = [...bodies.matchAll(/(?:: |\$\{)([a-z]\w*)(?:\.|\}|\s)/g)].map(([, n = ""]) => n);
  const BUILT_IN = [
    "true",
    "false",
    "null",
    "resourceGroup",
    "subscription",
    "deployment",
    "identity",
  ];
  for (const name of values) {
    if (!declared.includes(name) && !BUILT_IN.includes(name)) wrong.push(`${name} isn't declared`);
  }
  return wrong;
}

const file = (name: string) => readFileSync(join(FOLDER, name), "utf8");
const FILES = ["main.bicep", "app.bicep"];

describe.each(FILES)("%s", (name) => {
  const text = file(name);

  it("is whole: every bracket closed, every name declared and used", () => {
    expect(wrongIn(text)).toEqual([]);
  });

  it("has resource types and API versions that Azure has", () => {
    const types = [...text.matchAll(/^resource \w+ '([^']+)'/gm)].map(([, type]) => type);
    expect(types.length).toBeGreaterThan(2);
    for (const type of types) expect(KNOWN).toContain(type);
  });

  it("marks every secret as one", () => {
    for (const secret of ["slackBotToken", "slackSecret", "auditKey"]) {
      expect(text).toMatch(new RegExp(`@secure\\(\\)\\nparam ${secret} string`));
    }
  });
});

describe("the Bicep files together", () => {
  const app = file("app.bicep");
  const main = file("main.bicep");

  it("hand every parameter over", () => {
    const params = [...app.matchAll(/^param (\w+)/gm)].map(([, name]) => name);
    const given = /params: \{([^}]*)\}/.exec(main)?.[1] ?? "";
    expect([...given.matchAll(/(\w+):/g)].map(([, name]) => name)).toEqual(params);
  });

  it("set nothing that the bot doesn't read", () => {
    const configuration = read("docs/configuration.md").text;
    const known = [
      ...firstColumn(configuration, "## Environment"),
      ...firstColumn(configuration, "### Read by libraries and Node"),
      ...SECRETS.map((name) => `${name}_FILE`),
    ];
    const set = [...app.matchAll(/'([A-Z][A-Z_]{3,})'/g)].map(([, name]) => name);
    expect(set).toContain("REDIS_AUTH");
    for (const name of set) expect(known).toContain(name);
  });

  it("make the role from the file that the guide uses, two replicas, and Redis as the bot needs it", () => {
    expect(main).toContain("loadJsonContent('../../azure-role.json')");
    expect(app).toMatch(/minReplicas: 2\n\s*maxReplicas: 2/);
    expect(app).toContain("evictionPolicy: 'NoEviction'");
    expect(app).toContain("aofEnabled: true");
    expect(app).toContain("accessKeysAuthentication: 'Disabled'");
    expect(read("docs/deploy/container-apps.md").text).toContain(
      "**It was never deployed from here",
    );
  });

  it.each([
    ["a bracket", (text: string) => text.replace("}", "")],
    ["a name", (text: string) => text.replace("location: location", "location: place ")],
    ["a parameter that nobody uses", (text: string) => `${text}\nparam unused string\n`],
  ])("would show a mistake in %s", (_, change) => {
    expect(wrongIn(change(app))).not.toEqual([]);
  });
});
