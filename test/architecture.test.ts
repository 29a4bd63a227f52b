// What each part of the code may import. Every rule is proven on made-up files as well.

import { describe, expect, it } from "vitest";
import { filesBelow, importsOf, type SourceFile, UNKNOWN } from "./support/source-code.ts";

const SOURCE = filesBelow("src");

type Layer = { readonly files: RegExp; readonly own: RegExp; readonly packages: RegExp };

const layer = (files: string, own: readonly string[], packages: readonly string[] = []): Layer => ({
  files: new RegExp(`^${files}`),
  own: new RegExp(`^(?:${own.join("|")})`),
  packages: new RegExp(`^(?:${packages.join("|")})$`),
});

const RULES = ["src/request/"];
const WORLDS = ["src/ports/", ...RULES];
const NODE = "node:.+";

/** The first that fits a file decides. Each may import its own folder, and what is listed, of no more packages. */
const LAYERS: readonly Layer[] = [
  // Digests are as pure as sums; what else the package has is refused below.
  layer("src/request/audit/", RULES, ["node:crypto"]),
  layer("src/request/enabling/", RULES, ["node:crypto"]),
  layer("src/request/", RULES, ["ipaddr\\.js", "fastest-levenshtein"]),
  layer("src/ports/", WORLDS),
  layer("src/flows/", ["src/flows/", ...WORLDS]),
  layer("src/config/", ["src/config/", ...RULES], ["zod", "yaml", "ipaddr\\.js", "node:crypto"]),
  layer(
    "src/adapters/azure/",
    ["src/adapters/azure/", "src/config/", ...WORLDS],
    ["@azure/.+", "zod", NODE],
  ),
  layer(
    "src/adapters/redis/",
    ["src/adapters/redis/", "src/config/", ...WORLDS],
    ["ioredis", "zod", NODE],
  ),
  // What comes in and what goes out are two adapters, which share the files in their common folder.
  layer(
    "src/adapters/slack/in/",
    [
      "src/adapters/slack/in/",
      "src/adapters/slack/[^/]+$",
      "src/flows/desk\\.ts",
      "src/config/",
      ...WORLDS,
    ],
    ["@slack/.+", "zod", NODE],
  ),
  layer(
    "src/adapters/slack/out/",
    ["src/adapters/slack/out/", "src/adapters/slack/[^/]+$", "src/config/", ...WORLDS],
    ["@slack/.+", "zod", "ipaddr\\.js", NODE],
  ),
  layer(
    "src/adapters/slack/[^/]+$",
    ["src/adapters/slack/[^/]+$", "src/config/", ...WORLDS],
    ["@slack/.+", "zod", NODE],
  ),
  layer("src/adapters/http/", ["src/adapters/http/", "src/flows/desk\\.ts", ...WORLDS], [NODE]),
  layer("src/adapters/metrics/", ["src/adapters/metrics/", ...WORLDS], ["prom-client", NODE]),
  layer("src/adapters/[^/]+$", WORLDS, ["pino", NODE]),
  layer("src/app\\.ts$", ["src/flows/", ...WORLDS]),
  // The composition root, and the programs beside it: everything but the simulated world.
  layer("src/(?:main\\.ts$|replica(?:-parts)?\\.ts$|cli/)", ["src/(?!sandbox/)"], [".+"]),
  layer("src/sandbox/", ["src/sandbox/"], [".+"]),
];

/** What a file imports although the rule says no, and why it may. */
const IMPORTS_ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // A program of its own that starts the bot as `main.ts` does, with a clock that can be moved.
  "src/sandbox/demo/bot.ts": [
    "src/adapters/log.ts",
    "src/config/environment.ts",
    "src/config/policy-file.ts",
    "src/replica.ts",
  ],
  // The page suggests the commands that the bot itself lists.
  "src/sandbox/demo/cast.ts": ["src/request/command/help.ts"],
  // Private answers are written in the same markup as messages.
  "src/adapters/slack/in/private-text.ts": [
    "src/adapters/slack/out/mrkdwn.ts",
    "src/adapters/slack/out/screen.ts",
  ],
  // The form calls ports and people by the same words as the card.
  "src/adapters/slack/in/request-form.ts": [
    "src/adapters/slack/out/mrkdwn.ts",
    "src/adapters/slack/out/phrases.ts",
  ],
};

function forbiddenImports(file: SourceFile): readonly string[] {
  const mine = LAYERS.find(({ files }) => files.test(file.path));
  if (mine === undefined) return [`${file.path} belongs to no layer`];
  const imports = importsOf(file);
  return imports
    .filter((one) => !(one.isPackage ? mine.packages : mine.own).test(one.of) || one.of === UNKNOWN)
    .map((one) => `${file.path} imports ${one.of}`);
}

describe("imports", () => {
  const allowed = Object.entries(IMPORTS_ALLOWED).flatMap(([path, all]) =>
    all.map((one) => `${path} imports ${one}`),
  );
  const found = SOURCE.flatMap(forbiddenImports);

  it("point one way: adapters to ports to rules, and never into the simulated world", () => {
    expect(found.filter((one) => !allowed.includes(one))).toEqual([]);
  });

  it("are excepted no longer than they need be", () => {
    expect(allowed.filter((one) => !found.includes(one))).toEqual([]);
  });

  const one = (path: string, ...lines: string[]) =>
    forbiddenImports({ path, text: lines.join("\n") }).map((said) => said.split(" imports ")[1]);

  it.each([
    ["src/request/a.ts", "../ports/store.ts", "src/ports/store.ts"],
    ["src/request/command/a.ts", "../../flows/submit.ts", "src/flows/submit.ts"],
    ["src/request/a.ts", "zod", "zod"],
    ["src/request/a.ts", "node:crypto", "node:crypto"],
    ["src/ports/a.ts", "../flows/deps.ts", "src/flows/deps.ts"],
    ["src/ports/a.ts", "ioredis", "ioredis"],
    ["src/flows/a.ts", "../adapters/clock.ts", "src/adapters/clock.ts"],
    ["src/flows/a.ts", "../config/environment.ts", "src/config/environment.ts"],
    ["src/flows/a.ts", "node:timers/promises", "node:timers/promises"],
    ["src/config/a.ts", "../ports/fault.ts", "src/ports/fault.ts"],
    ["src/config/a.ts", "node:fs", "node:fs"],
    ["src/adapters/azure/a.ts", "../redis/store.ts", "src/adapters/redis/store.ts"],
    ["src/adapters/azure/a.ts", "../../flows/work.ts", "src/flows/work.ts"],
    ["src/adapters/azure/a.ts", "ioredis", "ioredis"],
    ["src/adapters/redis/a.ts", "../clock.ts", "src/adapters/clock.ts"],
    ["src/adapters/slack/in/a.ts", "../out/card.ts", "src/adapters/slack/out/card.ts"],
    ["src/adapters/slack/in/a.ts", "../../../flows/decide.ts", "src/flows/decide.ts"],
    ["src/adapters/slack/out/a.ts", "../in/forms.ts", "src/adapters/slack/in/forms.ts"],
    ["src/adapters/slack/out/a.ts", "../../../flows/desk.ts", "src/flows/desk.ts"],
    ["src/adapters/slack/a.ts", "./out/card.ts", "src/adapters/slack/out/card.ts"],
    ["src/app.ts", "./adapters/clock.ts", "src/adapters/clock.ts"],
    ["src/main.ts", "./sandbox/tls.ts", "src/sandbox/tls.ts"],
    ["src/cli/doctor.ts", "../sandbox/tls.ts", "src/sandbox/tls.ts"],
    ["src/sandbox/a.ts", "../request/duration.ts", "src/request/duration.ts"],
    ["src/sandbox/slack/a.ts", "../../main.ts", "src/main.ts"],
  ])("of %s from %s are refused", (path, from, of) => {
    expect(one(path, `import { a } from "${from}";`)).toEqual([of]);
    expect(one(path, "import {", "  a,", "  type B,", `} from '${from}';`)).toEqual([of]);
    expect(one(path, `import type { A } from "${from}";`)).toEqual([of]);
    expect(one(path, `import * as all from "${from}";`)).toEqual([of]);
    expect(one(path, `export { a } from "${from}";`, `export * from "${from}";`)).toEqual([of, of]);
    expect(one(path, `import "${from}";`)).toEqual([of]);
    expect(one(path, `const a = await import("${from}");`)).toEqual([of]);
    expect(one(path, `type A = import("${from}").A;`)).toEqual([of]);
    expect(one(path, "const a = await import(name);")).toEqual([UNKNOWN]);
    expect(one(path, `// import { a } from "${from}";`, `/* import "${from}" */`)).toEqual([]);
  });

  it("within a layer, and towards the rules, are fine", () => {
    expect(one("src/flows/a.ts", 'import { b } from "./b.ts";')).toEqual([]);
    expect(one("src/flows/a.ts", 'import type { b } from "../request/b.ts";')).toEqual([]);
    expect(one("src/adapters/slack/in/a.ts", 'import { b } from "../client.ts";')).toEqual([]);
    expect(one("src/adapters/azure/a.ts", 'import { b } from "@azure/identity/deep";')).toEqual([]);
  });

  it("of a file that nobody has thought of are refused", () => {
    expect(forbiddenImports({ path: "src/utils/a.ts", text: "" })).toEqual([
      "src/utils/a.ts belongs to no layer",
    ]);
  });
});
