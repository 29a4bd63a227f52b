// What each part of the code may import, read off the imports themselves. Every rule is shown on made-up files as well.

import { describe, expect, it } from "vitest";
import {
  bareCode,
  filesBelow,
  importsOf,
  type SourceFile,
  UNKNOWN,
} from "./support/source-code.ts";

const SOURCE = filesBelow("src");

type Layer = { readonly files: RegExp; readonly own: RegExp; readonly packages: RegExp };

const layer = (files: string, own: readonly string[], packages: readonly string[] = []): Layer => ({
  files: new RegExp(`^${files}`),
  own: new RegExp(`^(?:${own.join("|")})`),
  packages: new RegExp(`^(?:${packages.join("|")})$`),
});

const DOMAIN = "src/domain/";
const PORTS = ["src/ports/", DOMAIN];
const NODE = "node:.+";
/** Connections live in real time, whatever the clock port says. */
const REAL_TIME = "src/adapters/real-time\\.ts$";

/** The first that fits a file decides. Each may import its own folder, and what is listed, of no more packages. */
const LAYERS: readonly Layer[] = [
  // Digests are as pure as sums; what else the package has is refused by the conventions.
  layer("src/domain/(?:audit|vm/activity-log|policies)/", [DOMAIN], ["node:crypto"]),
  layer("src/domain/", [DOMAIN], ["ipaddr\\.js", "fastest-levenshtein"]),
  layer("src/ports/", PORTS),
  layer("src/flows/", ["src/flows/", ...PORTS]),
  layer("src/config/", ["src/config/", DOMAIN], ["zod", "yaml", "ipaddr\\.js", "node:crypto"]),
  layer(
    "src/adapters/azure/",
    ["src/adapters/azure/", REAL_TIME, "src/config/", ...PORTS],
    ["@azure/.+", "zod", NODE],
  ),
  layer(
    "src/adapters/redis/",
    ["src/adapters/redis/", REAL_TIME, "src/config/", ...PORTS],
    ["ioredis", "zod", NODE],
  ),
  // Screens are pure: what they show is handed to them.
  layer(
    "src/adapters/slack/views/",
    ["src/adapters/slack/views/", ...PORTS],
    ["@slack/types", "zod", "ipaddr\\.js", "node:crypto"],
  ),
  layer(
    "src/adapters/slack/",
    ["src/adapters/slack/", REAL_TIME, "src/config/", ...PORTS],
    ["@slack/.+", "zod", "ipaddr\\.js", NODE],
  ),
  layer("src/adapters/receivers/", ["src/adapters/receivers/", ...PORTS], [NODE]),
  layer("src/adapters/http/", ["src/adapters/http/", REAL_TIME, ...PORTS], [NODE]),
  layer("src/adapters/on-call/", ["src/adapters/on-call/", ...PORTS], ["ical\\.js", "zod", NODE]),
  layer("src/adapters/metrics/", ["src/adapters/metrics/", ...PORTS], ["prom-client", NODE]),
  layer(
    "src/adapters/tracing/",
    ["src/adapters/tracing/", "src/config/", ...PORTS],
    ["@opentelemetry/.+", NODE],
  ),
  layer("src/adapters/[^/]+$", ["src/adapters/system-clock\\.ts$", ...PORTS], ["pino", NODE]),
  layer("src/app\\.ts$", ["src/flows/", ...PORTS]),
  // The composition root, and the programs beside it: everything but the simulated world.
  layer("src/(?:main\\.ts$|replica/|cli/)", ["src/(?!sandbox/)"], [".+"]),
  layer("src/sandbox/", ["src/sandbox/"], [".+"]),
];

/** What a file imports although the rule says no, and why it may. */
const IMPORTS_ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // A program of its own that starts the bot as `main.ts` does, with a clock that can be moved.
  "src/sandbox/assembly/bot.ts": [
    "src/adapters/pino-log.ts",
    "src/adapters/system-clock.ts",
    "src/adapters/tracing/scopes.ts",
    "src/config/environment/environment.ts",
    "src/config/policy-file/read-policy-file.ts",
    "src/replica/replica-name.ts",
    "src/replica/replica.ts",
  ],
  // The page suggests the commands that the bot itself lists.
  "src/sandbox/demo/cast.ts": ["src/domain/command/command.ts"],
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

  it("point one way: adapters to ports to domain, and never into the simulated world", () => {
    expect(found.filter((one) => !allowed.includes(one))).toEqual([]);
  });

  it("are excepted no longer than they need be", () => {
    expect(allowed.filter((one) => !found.includes(one))).toEqual([]);
  });

  const one = (path: string, ...lines: string[]) =>
    forbiddenImports({ path, text: lines.join("\n") }).map((said) => said.split(" imports ")[1]);

  it.each([
    ["src/domain/request/a.ts", "../../ports/clock.ts", "src/ports/clock.ts"],
    ["src/domain/command/a.ts", "../../flows/requests/submit.ts", "src/flows/requests/submit.ts"],
    ["src/domain/request/a.ts", "zod", "zod"],
    ["src/domain/request/a.ts", "node:crypto", "node:crypto"],
    ["src/ports/a.ts", "../flows/deps.ts", "src/flows/deps.ts"],
    ["src/ports/a.ts", "ioredis", "ioredis"],
    ["src/flows/worker/a.ts", "../../adapters/clock.ts", "src/adapters/clock.ts"],
    ["src/flows/worker/a.ts", "../../config/clouds.ts", "src/config/clouds.ts"],
    ["src/flows/worker/a.ts", "node:timers/promises", "node:timers/promises"],
    ["src/config/a.ts", "../ports/fault.ts", "src/ports/fault.ts"],
    ["src/config/a.ts", "node:fs", "node:fs"],
    ["src/adapters/azure/a.ts", "../redis/storage.ts", "src/adapters/redis/storage.ts"],
    ["src/adapters/azure/a.ts", "../../flows/deps.ts", "src/flows/deps.ts"],
    ["src/adapters/azure/a.ts", "ioredis", "ioredis"],
    ["src/adapters/redis/a.ts", "../system-clock.ts", "src/adapters/system-clock.ts"],
    ["src/adapters/slack/views/a.ts", "../client/a.ts", "src/adapters/slack/client/a.ts"],
    ["src/adapters/slack/views/a.ts", "@slack/web-api", "@slack/web-api"],
    ["src/adapters/slack/listeners/a.ts", "../../../flows/deps.ts", "src/flows/deps.ts"],
    ["src/adapters/http/a.ts", "../../flows/deps.ts", "src/flows/deps.ts"],
    ["src/app.ts", "./adapters/system-clock.ts", "src/adapters/system-clock.ts"],
    ["src/main.ts", "./sandbox/tls.ts", "src/sandbox/tls.ts"],
    ["src/cli/jit-doctor.ts", "../sandbox/tls.ts", "src/sandbox/tls.ts"],
    ["src/sandbox/a.ts", "../domain/text/duration.ts", "src/domain/text/duration.ts"],
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

  it("within a layer, and towards the domain, are fine", () => {
    expect(one("src/flows/a.ts", 'import { b } from "./b.ts";')).toEqual([]);
    expect(one("src/flows/a.ts", 'import type { b } from "../domain/text/b.ts";')).toEqual([]);
    expect(one("src/adapters/azure/a.ts", 'import { b } from "@azure/identity/deep";')).toEqual([]);
  });

  it("of a file that nobody has thought of are refused", () => {
    expect(forbiddenImports({ path: "src/utils/a.ts", text: "" })).toEqual([
      "src/utils/a.ts belongs to no layer",
    ]);
  });
});

/** Everything that each node leads to directly. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Who imports whom, types included. */
function filesOf(files: readonly SourceFile[]): Graph {
  const known = new Set(files.map(({ path }) => path));
  return new Map(
    files.map((file) => [
      file.path,
      new Set(
        importsOf(file)
          .map(({ of }) => of)
          .filter((of) => known.has(of)),
      ),
    ]),
  );
}

/** The same between the folders and files that lie side by side: `src/flows/worker` to `src/flows/people`. */
function neighboursOf(files: Graph): Graph {
  const edges = new Map<string, Set<string>>();
  for (const [from, all] of files) {
    for (const to of all) {
      const [a, b] = parted(from, to);
      const known = edges.get(a) ?? new Set();
      edges.set(a, known.add(b));
    }
  }
  return edges;
}

/** Where two paths part: `src/a/b/c.ts` and `src/a/d.ts` part at `src/a/b` and `src/a/d.ts`. */
function parted(one: string, other: string): readonly [string, string] {
  const [a, b] = [one.split("/"), other.split("/")];
  let same = 0;
  while (a[same] === b[same]) same += 1;
  return [a.slice(0, same + 1).join("/"), b.slice(0, same + 1).join("/")];
}

/** The nodes that lead back to themselves, each with the first way found. */
function circlesIn(graph: Graph): readonly string[] {
  const wayBack = (start: string): string | undefined => {
    const seen = new Set<string>();
    const look = (node: string, way: readonly string[]): string | undefined => {
      for (const next of graph.get(node) ?? []) {
        if (next === start) return [...way, next].join(" → ");
        if (seen.has(next)) continue;
        seen.add(next);
        const found = look(next, [...way, next]);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return look(start, [start]);
  };
  return [...graph.keys()].map(wayBack).filter((way) => way !== undefined);
}

describe("the house", () => {
  const made = (...files: readonly (readonly [string, string])[]): Graph =>
    filesOf(files.map(([path, from]) => ({ path, text: `import type { A } from "${from}";` })));

  it("has no import circle, types included", () => {
    expect(circlesIn(filesOf(SOURCE))).toEqual([]);
  });

  it("and one would be noticed", () => {
    const files = made(
      ["src/a.ts", "./b.ts"],
      ["src/b.ts", "./c.ts"],
      ["src/c.ts", "./a.ts"],
      ["src/d.ts", "./a.ts"],
    );
    expect(circlesIn(files)).toEqual([
      "src/a.ts → src/b.ts → src/c.ts → src/a.ts",
      "src/b.ts → src/c.ts → src/a.ts → src/b.ts",
      "src/c.ts → src/a.ts → src/b.ts → src/c.ts",
    ]);
  });

  it("has arrows one way between the folders of one level", () => {
    expect(circlesIn(neighboursOf(filesOf(SOURCE)))).toEqual([]);
  });

  it("and one that runs back would be noticed", () => {
    const files = made(
      ["src/x/one/a.ts", "../two/b.ts"],
      ["src/x/two/b.ts", "./c.ts"],
      ["src/x/two/c.ts", "../../y.ts"],
      ["src/x/two/d.ts", "../one/e.ts"],
      ["src/x/one/e.ts", "./f.ts"],
      ["src/y.ts", "node:fs"],
    );
    expect(circlesIn(files)).toEqual([]);
    expect(circlesIn(neighboursOf(files))).toEqual([
      "src/x/one → src/x/two → src/x/one",
      "src/x/two → src/x/one → src/x/two",
    ]);
  });

  /** As many as one looks through without scrolling. */
  const FILES_MAX = 16;
  const crowded = (paths: readonly string[]): readonly string[] => {
    const folders = Map.groupBy(paths, (path) => path.slice(0, path.lastIndexOf("/")));
    return [...folders]
      .filter(([, files]) => files.length > FILES_MAX)
      .map(([folder, files]) => `${folder} has ${files.length} files`);
  };

  it("has no crowded folder", () => {
    expect(crowded(SOURCE.map(({ path }) => path))).toEqual([]);
  });

  it("and one would be noticed", () => {
    const files = Array.from({ length: 17 }, (_, index) => `src/a/${index}.ts`);
    expect(crowded(files)).toEqual(["src/a has 17 files"]);
    expect(crowded(files.slice(1))).toEqual([]);
  });
});

describe("what is written", () => {
  type Way = { readonly port: string; readonly calls: RegExp; readonly only: string };
  /** Each in one place, which sees to all that belongs to it, and tells it on. */
  const WAYS: readonly Way[] = [
    {
      port: "requests",
      calls: /\bcommit\b|\bcreate\b/,
      only: "src/flows/requests/change-request.ts",
    },
    { port: "announcements", calls: /\bannounce\b/, only: "src/flows/channels/announce.ts" },
    { port: "deadLetters", calls: /\bpark\b/, only: "src/flows/worker/park.ts" },
    { port: "deadLetters", calls: /\brequeue\b/, only: "src/flows/requests/parked/requeue.ts" },
    { port: "auditNotes", calls: /\brecord\b/, only: "src/flows/answering/record.ts" },
  ];

  /** Of that port: others have methods of the same names. */
  const callOf = ({ port, calls: { source } }: Way): RegExp =>
    new RegExp(
      [
        `\\b${port}\\s*(?:\\?\\.|!?\\.)\\s*(?:${source})`,
        `(?:\\.${port}\\s*(?:\\?\\.)?\\[|\\b${port}\\s*(?:\\?\\.)?\\[\\s+\\])`,
        `\\{[^{}]*(?:${source})[^{}]*\\}\\s*=\\s*(?:[\\w.]*\\.)?${port}\\b`,
        `\\b${port}\\s*:\\s*\\{[^{}]*(?:${source})`,
      ].join("|"),
    );

  const elsewhere = (files: readonly SourceFile[]): readonly string[] => {
    const found = WAYS.flatMap((way) =>
      files
        .filter(({ path }) => path !== way.only && /^src\/(?:flows\/|app\.ts|replica)/.test(path))
        .filter(({ text }) => callOf(way).test(bareCode(text)))
        .map(({ path }) => path),
    );
    return [...new Set(found)];
  };

  it("of a request goes one way, and so do entries, announcements and what is parked", () => {
    expect(elsewhere(SOURCE)).toEqual([]);
    const textOf = (path: string) => SOURCE.find((one) => one.path === path)?.text ?? "";
    expect(WAYS.filter((way) => !callOf(way).test(bareCode(textOf(way.only))))).toEqual([]);
  });

  it.each([
    "await deps.requests.commit(version, write);",
    "await requests.create(write, limits);",
    "const written = requests\n    .commit(version, write);",
    "const { read, commit } = deps.requests;",
    "const { commit: written } = requests;",
    "const { requests: { commit } } = deps;",
    'await requests["commit"](version, write);',
    "await deps.announcements.announce(topic, news);",
    "await deps.deadLetters.park(member, write);",
    "return deps.auditNotes.record(id, note, delivery);",
    "const counted = { ...requests, commit: requests.commit };",
  ])("and another would be noticed: %s", (text) => {
    expect(elsewhere([{ path: "src/flows/lists/a.ts", text }])).toEqual(["src/flows/lists/a.ts"]);
  });

  it("may have the names of what is another port's", () => {
    const text = "await changes.commit(1, write); await held.record(change); // requests.commit(\n";
    expect(elsewhere([{ path: "src/flows/a.ts", text }])).toEqual([]);
    expect(
      elsewhere([{ path: "src/adapters/redis/a.ts", text: "requests.commit(1, a);" }]),
    ).toEqual([]);
  });
});

describe("ports", () => {
  /** They hand everything on; every other flow names the ports that it uses. */
  const HANDS_ON = [
    "src/flows/deps.ts",
    "src/flows/conversation.ts",
    "src/flows/limited-inbound.ts",
    "src/flows/worker/worker-loop.ts",
    "src/flows/worker/work-on.ts",
    "src/flows/worker/run-effect.ts",
  ];
  const NAMED = /\bPick<\s*Deps\s*,|\bDeps\[|\bimport type \{[^}]*\}/g;
  const takesAll = (files: readonly SourceFile[]): readonly string[] =>
    files
      .filter(({ path }) => path.startsWith("src/flows/") && !HANDS_ON.includes(path))
      .filter(({ text }) => /\bDeps\b/.test(bareCode(text).replaceAll(NAMED, "")))
      .map(({ path }) => path);

  it("are named by every flow that uses some", () => {
    expect(takesAll(SOURCE)).toEqual([]);
  });

  it.each([
    ["function a(deps: Deps) {}", true],
    ["export type Mine = Deps & { readonly kept: Kept };", true],
    ["const a = (deps: Partial<Deps>) => 1;", true],
    ['type Needs = Pick<Deps, "requests" | "clock">;', false],
    ['import type { Deps } from "../deps.ts"; // takes Deps', false],
    ['type Limits = Deps["limits"];', false],
  ])("and one that takes all of them is noticed: %s", (text, isNoticed) => {
    expect(takesAll([{ path: "src/flows/lists/a.ts", text }])).toHaveLength(isNoticed ? 1 : 0);
    expect(takesAll([{ path: "src/flows/conversation.ts", text }])).toEqual([]);
  });

  /** A port that has more is about several things. */
  const METHODS_MAX = 9;
  const large = (files: readonly SourceFile[]): readonly string[] =>
    files
      .filter(({ path }) => path.startsWith("src/ports/storage/"))
      .flatMap(({ text }) => [
        ...bareCode(text).matchAll(/^(?:export )?type (\w+)[^;]*?\{\n(.*?)^\}/gms),
      ])
      .filter(([, , body = ""]) => (body.match(/^ {2}\w+\(/gm) ?? []).length > METHODS_MAX)
      .map(([, name = ""]) => name);

  it("of what is stored are about one thing each", () => {
    expect(large(SOURCE)).toEqual([]);
  });

  it("and one about everything is noticed", () => {
    const methods = (count: number) =>
      Array.from({ length: count }, (_, n) => `  method${n}(id: string): Promise<void>;`).join(
        "\n",
      );
    const port = (count: number) => `export type Store = Leases & {\n${methods(count)}\n};\n`;
    const path = "src/ports/storage/a.ts";
    expect(large([{ path, text: port(10) }])).toEqual(["Store"]);
    expect(large([{ path, text: port(9) }])).toEqual([]);
  });
});

describe("one of each", () => {
  type Kind = { readonly looks: RegExp; readonly only: readonly string[] };
  /** What looks like another one of what there is already, and where it may. */
  const KINDS: Readonly<Record<string, Kind>> = {
    backoff: { looks: /\b2 \*\* \(?[a-z]/, only: ["src/ports/backoff.ts"] },
    cache: {
      looks: /\bnew Map<[^;(]*\b(?:at|since|until|read)\w*Ms\b/,
      only: [
        // What Slack said last stands in while it answers nobody: no age makes it good for anything else.
        "src/adapters/slack/client/slack-people.ts",
      ],
    },
    race: {
      looks: /\bPromise\.race\b/,
      only: [
        "src/ports/within.ts",
        // Against its time and its being stopped, each with a fault of its own.
        "src/adapters/azure/client/calls.ts",
        // Of what runs side by side: whatever is done first.
        "src/flows/worker/carry-on.ts",
        "src/replica/replica.ts",
      ],
    },
  };
  const others = (files: readonly SourceFile[]): readonly string[] =>
    Object.entries(KINDS).flatMap(([kind, { looks, only }]) =>
      files
        .filter(({ path }) => /^src\/(?!sandbox\/)/.test(path) && !only.includes(path))
        .filter(({ text }) => looks.test(bareCode(text)))
        .map(({ path }) => `${path} has a ${kind} of its own`),
    );

  it("is enough", () => {
    expect(others(SOURCE)).toEqual([]);
  });

  it("is where it is said to be", () => {
    const found = Object.entries(KINDS).flatMap(([, { looks, only }]) =>
      only.filter((path) => {
        const file = SOURCE.find((one) => one.path === path);
        return file === undefined || !looks.test(bareCode(file.text));
      }),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ["const waitMs = Math.min(60_000, 1_000 * 2 ** failures);", "backoff"],
    ["again(FIRST_MS * 2 ** (attempt - 1));", "backoff"],
    ["const known = new Map<string, { untilMs: number; plan: Plan }>();", "cache"],
    ["const kept = new Map<\n  Id,\n  { readonly readAtMs: number; value: string }\n>();", "cache"],
    ["return Promise.race([asked, clock.sleep(1_000)]);", "race"],
  ])("and a second one would be noticed: %s", (text, kind) => {
    const path = "src/adapters/azure/a.ts";
    expect(others([{ path, text }])).toEqual([`${path} has a ${kind} of its own`]);
    expect(others([{ path: "src/sandbox/a.ts", text }])).toEqual([]);
  });

  it("does not mean numbers and maps of other kinds", () => {
    const text = "const most = 16 * 2 ** 20; const ends = new Map<string, number>();";
    expect(others([{ path: "src/flows/a.ts", text }])).toEqual([]);
  });
});
