// The reading of TypeScript for the architecture test: nothing that is code is taken for a text.

import { expect, it } from "vitest";
import { bareCode, commentsOf, importsOf } from "./source-code.ts";

/** `#{` stands for the beginning of a template's code. */
const withCode = (text: string): string => text.replaceAll("#{", "$" + "{");

it.each([
  ["a = 1; // any", "a = 1;"],
  ["a /* any\nany */ b", "a \n b"],
  ["a(\"any\", 'any')", "a( , )"],
  ['a("\\"any")', "a( )"],
  ["a`any`", "a"],
  ["a`any #{b} any` c", "a b c"],
  ["a`#{b({ c: `any #{d}` })} any` e", "a b({ c: d })  e"],
  ["a = /any\\/[/]any/g;", "a = ;"],
  ["a / any / b", "a / any / b"],
  ["a = b / any; // any/", "a = b / any;"],
  ['a = /"/; b = "any"', "a = ; b ="],
  ["https://any", "https:"],
  ["`// #{any}`", "any"],
])("leaves of %j the code %j", (text, code) => {
  const bare = bareCode(withCode(text));
  expect(bare).toHaveLength(withCode(text).length);
  expect(bare.replace(/ +/g, " ").trim()).toBe(code.replace(/ +/g, " "));
});

it("finds comments, and none within texts", () => {
  const text = withCode('// a\nb = "// c"; /* d */ `// #{e /* f */}`');
  expect(commentsOf(text)).toEqual(["// a", "/* d */", "/* f */"]);
});

it("finds imports over several lines, and none within comments", () => {
  const text =
    'import {\n  a, // from "x"\n} from "./b.ts";\n// import "./c.ts"\nexport const d = 1;\n';
  expect(importsOf({ path: "src/flows/z.ts", text })).toEqual([
    { of: "src/flows/b.ts", isPackage: false },
  ]);
});
