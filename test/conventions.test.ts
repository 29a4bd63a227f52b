// What no file may do, and what every file must have. Every rule is proven on made-up files as well.

import { parseSync, Visitor } from "rolldown/utils";
import { describe, expect, it } from "vitest";
import { bareCode, commentsOf, filesBelow, type SourceFile } from "./support/source-code.ts";

const SOURCE = filesBelow("src");
const TESTS = filesBelow("test");

type Check = {
  readonly says: string;
  readonly files: readonly SourceFile[];
  readonly where: RegExp;
  readonly wrong: (text: string) => boolean;
  /** Files that it must find fault with, and files with which there is nothing wrong. */
  readonly bad: readonly string[];
  readonly good: readonly string[];
};

const inCode = (pattern: RegExp) => (text: string) => pattern.test(bareCode(text));

const CHECKS: readonly Check[] = [
  {
    says: "only a program reads the environment or exits",
    files: SOURCE,
    where: /^src\/(?!main\.ts$|cli\/|sandbox\/)/,
    wrong: (text) =>
      /(?<![.\w$])process\b(?!\s*:)/.test(bareCode(text)) || /node:process/.test(text),
    bad: [
      "const port = process.env.PORT;",
      "process.exit(1);",
      "const { env } = process;",
      'import { env } from "node:process";',
    ],
    good: [
      "// process.exit ends it",
      'const a = "process.env";',
      "job.process();",
      "a({ process: 1 });",
    ],
  },
  {
    says: "rules and flows ask no clock, no timer and no chance of their own",
    files: SOURCE,
    where: /^src\/(?:domain|flows|ports)\//,
    wrong: inCode(
      /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\b|\bMath\.random\b|(?<![.\w$])(?:setTimeout|setInterval|setImmediate|crypto|random(?:Bytes|UUID|Int)(?=\s*\())\b/,
    ),
    bad: [
      "const a = Date.now();",
      "const nowMs = Date.now;",
      "const a = new Date();",
      "performance.now();",
      "const a = Math.random();",
      "setTimeout(() => 1, 2);",
      "crypto.randomUUID();",
      "randomBytes(6);",
    ],
    good: ["new Date(atMs).toISOString();", "clock.nowMs();", "// Date.now", "Date.UTC(2026, 1);"],
  },
  {
    says: "rules wait for nothing",
    files: SOURCE,
    where: /^src\/domain\//,
    wrong: inCode(/\b(?:async|await|Promise|fetch)\b/),
    bad: ["const a = await b();", "async function a() {}", "let a: Promise<number>;"],
    good: ['const a = "await";', "// async"],
  },
  {
    says: "nothing is of any type",
    files: [...SOURCE, ...TESTS],
    where: /./,
    wrong: (text) =>
      inCode(/(?:[:<|&=]|=>|\b(?:as|is|extends|keyof)|<[^<>]{0,120},)\s*any\b(?!\s*[:?(.])/)(
        text,
      ) || commentsOf(text).some((comment) => /@ts-(?:ignore|nocheck)/.test(comment)),
    bad: [
      "const a = b as any;",
      "function a(b: any) {}",
      "const a: any[] = [];",
      "type A = Record<string, any>;",
      "// @ts-ignore\nconst a = 1;",
    ],
    good: ["Promise.any(a);", "a({ any: true });", 'const a: "any" = b;', "// any port"],
  },
  {
    says: "no module is mocked: what a test needs is handed in",
    files: TESTS,
    where: /./,
    wrong: inCode(/\bvi\s*\.\s*(?:mock|doMock|importMock|hoisted)\b/),
    bad: ['vi.mock("./a.ts");', 'vi.doMock("./a.ts");'],
    good: ["vi.fn();", '// vi.mock("./a.ts")'],
  },
  {
    says: "what has to become so has a busy machine's time for it: `eventually` waits",
    files: TESTS,
    where: /^test\/(?!support\/eventually\.ts$)/,
    wrong: inCode(/\bvi\.wait(?:For|Until)\b/),
    bad: ["await vi.waitFor(() => a);", "vi.waitUntil(() => a, { timeout: 9 });"],
    good: ["await eventually(() => a);", "slack.waitFor(() => a);", "// vi.waitFor"],
  },
  {
    says: "what helps several test files registers no hook on import: in a shared process, the first file alone has it",
    files: TESTS,
    where: /^test\/(?!.*\.test\.ts$)/,
    wrong: inCode(/^(?:before|after)(?:All|Each)\(/m),
    bad: ["afterEach(() => 1);", "const a = 1;\nbeforeAll(async () => {\n});"],
    good: ["function a() {\n  afterAll(() => 1);\n}", "// afterAll(", "onTestFinished(a);"],
  },
  {
    says: "no test is skipped, and none runs alone",
    files: TESTS,
    where: /./,
    wrong: inCode(
      /\b(?:it|test|describe|suite|bench)\b(?:\.\w+)*\.(?:skip|only|todo|fails|skipIf|runIf)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\s*\(|\b(?:context|ctx)\.skip\b/,
    ),
    bad: [
      'it.skip("a", b);',
      'describe.only("a", b);',
      'it.skipIf(c)("a", b);',
      'test.concurrent.skip("a", b);',
      'it.todo("a");',
      'xit("a", b);',
    ],
    good: ['it("a", b);', "entry.skip;", 'it.each([1])("it.skip", b);'],
  },
  {
    says: "no line is packed: literals are not spread, and each name has a declaration of its own",
    files: SOURCE,
    where: /./,
    wrong: inCode(/\.\.\.\{ |^ *\.\.\.\[[^\]]*\],$|\b(?:const|let) \[\w+, [\w, ]+\] = \[.*\];$/m),
    bad: [
      "const a = { ...{ b, c }, ...d };",
      "const a = [\n  ...[b, c],\n];",
      "const [a, b] = [c, d(e)];",
      "let [a, b] = [0, 1];",
    ],
    good: [
      "const a = { ...(b && { b }) };",
      "const [a, b] = c.split(d);",
      "const a = [\n  ...[b, c].map(d),\n];",
      "[a, b] = [b, a];",
    ],
  },
  {
    says: "every file opens with a sentence that says what it is for",
    files: [...SOURCE, ...TESTS],
    where: /./,
    wrong: (text) => !/^\/[/*]+ [A-Za-z`][\s\S]{14,}?[.:?!](?:\s|$)/.test(opening(text)),
    bad: [
      'import { a } from "./b.ts";',
      "",
      "// short\nconst a = 1;",
      "\n// Begins too late, with an empty line.",
    ],
    good: [
      "// What is asked for, and by whom.\n",
      "#!/usr/bin/env node\n// Starts the bot and its worker.\n",
    ],
  },
];

/** The comments before the first line of code, on one line. */
const opening = (text: string): string =>
  /^(?:\/\/.*\n?|\/\*[\s\S]*?\*\/\n?)*/
    .exec(text.replace(/^#!.*\n/, ""))?.[0]
    .replace(/\n\/\/ ?/g, " ") ?? "";

describe.each(CHECKS)("$says", ({ files, where, wrong, bad, good }) => {
  it("in every file", () => {
    const found = files.filter(({ path, text }) => where.test(path) && wrong(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it("and would be noticed", () => {
    expect(bad.filter((text) => !wrong(text))).toEqual([]);
    expect(good.filter(wrong)).toEqual([]);
    expect(files.some(({ path }) => where.test(path))).toBe(true);
  });
});

describe("no file is longer than can be read at once", () => {
  /** Generous: functions are held to a length of their own below, and no line is packed to fit. */
  const LINES_MAX = 400;
  /** A test may list more cases than the code has lines. */
  const TEST_LINES_MAX = 500;

  const tooLong = ({ path, text }: SourceFile): boolean =>
    text.trimEnd().split("\n").length > (path.startsWith("src/") ? LINES_MAX : TEST_LINES_MAX);

  it("in source and tests", () => {
    expect([...SOURCE, ...TESTS].filter(tooLong).map(({ path }) => path)).toEqual([]);
  });

  it("and would be noticed", () => {
    const lines = (count: number) => "a;\n".repeat(count);
    expect(tooLong({ path: "src/a.ts", text: lines(401) })).toBe(true);
    expect(tooLong({ path: "src/a.ts", text: lines(400) })).toBe(false);
    expect(tooLong({ path: "test/a.test.ts", text: lines(501) })).toBe(true);
  });
});

describe("no function is longer than fits on a screen", () => {
  const LINES_MAX = 70;

  /** Counts every line from a function's first word to its last brace: blank lines and comments too. */
  const longIn = ({ path, text }: SourceFile): readonly string[] => {
    const found: string[] = [];
    /** What `describe` is handed is a list of tests, and each of those is counted by itself. */
    const lists = new Set<number>();
    const count = ({ start, end }: { readonly start: number; readonly end: number }) => {
      if (lists.has(start)) return;
      const lines = text.slice(start, end).split("\n").length;
      if (lines <= LINES_MAX) return;
      const line = text.slice(0, start).split("\n").length;
      found.push(`${path}:${line} has a function of ${lines} lines`);
    };
    const { program, errors } = parseSync(path, text);
    new Visitor({
      CallExpression: (call) => {
        if (!/^describe\b/.test(text.slice(call.start, call.start + 9))) return;
        for (const { start } of call.arguments) lists.add(start);
      },
      FunctionDeclaration: count,
      FunctionExpression: count,
      ArrowFunctionExpression: count,
    }).visit(program);
    return [...errors.map(({ message }) => `${path} cannot be parsed: ${message}`), ...found];
  };

  it("in source and tests", () => {
    expect([...SOURCE, ...TESTS].flatMap(longIn)).toEqual([]);
  });

  const filler = (lines: number): string => "\n".repeat(lines - 1);

  it.each([
    ["a declaration", (lines: number) => `export function a(b: B) {${filler(lines)}}`],
    ["a method", (lines: number) => `const a = { async b() {${filler(lines)}} };`],
    ["an arrow function", (lines: number) => `const a = (b) => (${filler(lines)}1);`],
    ["a generator", (lines: number) => `async function* a() {${filler(lines)}}`],
    ["a component", (lines: number) => `const A = () => <p>…${filler(lines)}</p>;`],
    ["one with parameters", (lines: number) => `function a({${filler(lines)}b }: B) {}`],
    ["one full of comments", (lines: number) => `() => {${"\n// …".repeat(lines - 2)}\n};`],
    ["one within another", (lines: number) => `() => a(b, () => {${filler(lines)}});`],
  ])("and %s would be noticed", (_, written) => {
    expect(longIn({ path: "src/a.tsx", text: `// “…”\n${written(70)}` })).toEqual([]);
    expect(longIn({ path: "src/a.tsx", text: `// “…”\n${written(71)}` })).toContainEqual(
      "src/a.tsx:2 has a function of 71 lines",
    );
  });

  it.each([
    ["a test", (lines: number) => `it("b", async () => {${filler(lines)}});`],
    [
      "one of a list",
      (lines: number) => `describe("a", () => {\nit("b", () => {${filler(lines)}});\n});`,
    ],
  ])("and %s would be noticed, but for the list itself", (_, written) => {
    const path = "test/a.test.ts";
    expect(longIn({ path, text: written(70) })).toEqual([]);
    expect(longIn({ path, text: written(71) })).toHaveLength(1);
    expect(longIn({ path, text: `describe.each([])("a", () => {${filler(99)}});` })).toEqual([]);
  });

  it("and a file that cannot be parsed is not passed over", () => {
    expect(longIn({ path: "src/a.ts", text: "function a( {" })).not.toEqual([]);
  });
});

describe("a test is found by its subject", () => {
  const BESIDE = /^test\/(?:adapters|cli|config|domain|flows|ports|replica)\//;
  const sources = new Set(SOURCE.map(({ path }) => path));

  /** The test of `src/x/y.ts` is `test/x/y.test.ts`; one that is called otherwise says whose it is in its head. */
  const isLost = ({ path, text }: SourceFile): boolean => {
    if (!BESIDE.test(path) || !path.endsWith(".test.ts")) return false;
    const namesake = path.replace(/^test\//, "src/").replace(/\.test\.ts$/, ".ts");
    const named = /^\/\/ Of (src\/\S+?)\.$/m.exec(text)?.[1];
    return !sources.has(named ?? namesake) && !sources.has(`${named ?? namesake}x`);
  };

  it("everywhere", () => {
    expect(TESTS.filter(isLost).map(({ path }) => path)).toEqual([]);
  });

  it("and would be noticed", () => {
    const path = "test/domain/nothing.test.ts";
    expect(isLost({ path, text: "// Says something.\n" })).toBe(true);
    expect(isLost({ path, text: "// Says something.\n// Of src/domain/gone.ts.\n" })).toBe(true);
    expect(isLost({ path, text: "// Says something.\n// Of src/main.ts.\n" })).toBe(false);
    expect(isLost({ path: "test/e2e/nothing.test.ts", text: "" })).toBe(false);
  });
});
