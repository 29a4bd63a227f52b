// The JSON Schema for editors and `jit check` say the same of a policy file that somebody changed in one place.
// Of src/config/policy-file/read-policy-file.ts.

import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { cidrFault } from "../../../src/config/policy-file/cidr.ts";
import { CIDR_PATTERN, durationPattern } from "../../../src/config/policy-file/patterns.ts";
import {
  policyJsonSchema,
  readPolicyFile,
} from "../../../src/config/policy-file/read-policy-file.ts";
import { parseDuration } from "../../../src/domain/text/duration.ts";
import { DESIGNED, MINIMAL } from "../texts.ts";

type Validate = { (data: unknown): boolean; readonly errors?: unknown };
type Ajv = new (options: object) => { compile(schema: object): Validate };
// Its types give its CommonJS default in another shape than Node does.
const { Ajv }: { Ajv: Ajv } = createRequire(import.meta.url)("ajv");
const validate = new Ajv({ strict: false, allErrors: false }).compile(policyJsonSchema());

/** What no schema can say: what depends on another key, and the longest durations. */
const BEYOND =
  /is longer than \w+: write|is shorter than (1m|1d|30d)|isn't among the networks|has the same name|must approve, but only|This is longer than maxDuration|This isn.t before|differs from .* only in case|has a meaning of its own|isn't a time zone: write|This is the same as from: write/;

type Path = readonly (string | number)[];

function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [at];
  const inner = Object.entries(value).flatMap(([key, one]) =>
    pathsIn(one, [...at, Array.isArray(value) ? Number(key) : key]),
  );
  return at.length === 0 ? inner : [at, ...inner];
}

function changed(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value)) {
    return value.map((one, index) => (index === key ? changed(one, rest, to) : one));
  }
  const known: Readonly<Record<string, unknown>> = Object(value);
  const next = changed(known[key], rest, to);
  const { [String(key)]: _, ...others } = known;
  return next === undefined ? others : { ...others, [key]: next };
}

/** The faults that a file has, and whether the schema sees one. */
function judged(value: unknown) {
  const text = stringify(value);
  const read = readPolicyFile(text);
  return {
    says: "faults" in read ? read.faults.map(({ key, message }) => `${key}: ${message}`) : [],
    schema: validate(parse(text)),
  };
}

function expectAlike(value: unknown, what: string): void {
  const { says, schema } = judged(value);
  const seen = says.filter((one) => !BEYOND.test(one));
  // Each with what it is about, so that a failure tells what to mend.
  if (schema) expect({ what, says: seen }).toEqual({ what, says: [] });
  else expect({ what, refused: says.length > 0 }).toEqual({ what, refused: true });
}

const ODD: readonly unknown[] = [
  undefined,
  null,
  true,
  0,
  1,
  -1,
  1.5,
  70_000,
  "",
  " ",
  "x",
  " x ",
  "a\nb",
  "x".repeat(80),
  "x".repeat(257),
  "x".repeat(600),
  [],
  [[]],
  {},
  { users: [] },
  { users: [], groups: [] },
  { unknown: 1 },
  ...["1h", "any", "U0LEAD"],
];

/** Where a text stands. */
const ODD_TEXTS: readonly unknown[] = [
  // durations
  ...["0s", "0h", "00.0m", "4 fortnights", "5", "s", "1h30", "2h 30m", "30m 2h", "PT2H", "PT0S"],
  ...["P1DT", "pt90m", "90m", "45 minutes", "59s", "60s", "1w", "1.5h", "-1h", "1,5h", "2hours"],
  // networks
  ...[
    "203.0.113.0/24",
    "203.0.113.7",
    "203.0.113.7/24",
    "203.0.113.7/32",
    "10.0.0.0/7",
    "11.0.0.0/7",
  ],
  ...[
    "0.0.0.0/0",
    "*",
    "any",
    "ANY",
    "my-ip",
    "MyIp",
    "2001:db8::/32",
    "::1",
    "256.0.0.1",
    "010.0.0.1",
  ],
  ...["10.0.0.0/33", "10.0.0.0/", "vpn", "no such", "10.0.0.8/29", "10.0.0.4/29", "10.2.0.0/15"],
  // ids
  ...["U0LEAD", "S0ONCALL", "C0PROD", "u0lead", "<@U0LEAD>", "#prod", "W0GRID", "D0DIRECT"],
];

const files = { minimal: parse(MINIMAL), designed: parse(DESIGNED) };

describe.each(Object.entries(files))("a file that is %s", (_, file) => {
  it("has no fault for either", () => {
    expect(judged(file)).toEqual({ says: [], schema: true });
  });

  it.each(pathsIn(file).map((path) => [path.join("."), path] as const))(
    "and changed at %s is judged alike",
    (_at, path) => {
      const stands = path.reduce<unknown>((at, key) => Object(at)[key], file);
      for (const odd of typeof stands === "string" ? [...ODD, ...ODD_TEXTS] : ODD) {
        expectAlike(changed(file, path, odd), JSON.stringify(odd) ?? "left out");
      }
    },
  );
});

describe("a tag", () => {
  const tagged = (tags: unknown) => changed(files.designed, ["rules", 0, "match", "tags"], tags);

  it.each([
    [{ env: "v".repeat(256) }, true],
    [{ env: "v".repeat(257) }, false],
    [{ ["n".repeat(512)]: "v" }, true],
    [{ ["n".repeat(513)]: "v" }, false],
    [{ env: ["a", "v".repeat(257)] }, false],
    [{}, false],
  ])("has Azure's own limits: %#", (tags, isRight) => {
    const { says, schema } = judged(tagged(tags));
    expect([says.length === 0, schema]).toEqual([isRight, isRight]);
  });
});

describe("a pattern", () => {
  const octet = fc.oneof(fc.nat(300), fc.constantFrom(0, 4, 8, 16, 128, 192, 255));
  const range = fc
    .tuple(octet, octet, octet, octet, fc.option(fc.nat(34)))
    .map(
      ([a, b, c, d, prefix]) => `${[a, b, c, d].join(".")}${prefix === null ? "" : `/${prefix}`}`,
    );

  it("of a CIDR takes those that have no fault", () => {
    const pattern = new RegExp(CIDR_PATTERN);
    fc.assert(
      fc.property(range, (text) => {
        expect([text, pattern.test(text)]).toEqual([text, cidrFault(text) === undefined]);
      }),
      { numRuns: 5_000 },
    );
    for (let prefix = 1; prefix <= 32; prefix++) {
      for (let last = 0; last < 256; last++) {
        for (const text of [
          `10.0.0.${last}/${prefix}`,
          `10.0.${last}.0/${prefix}`,
          `10.${last}.0.0/${prefix}`,
          `${last}.0.0.0/${prefix}`,
        ]) {
          expect([text, pattern.test(text)]).toEqual([text, cidrFault(text) === undefined]);
        }
      }
    }
  });

  it("of a duration takes those that can be read and are none too short", () => {
    const unit = fc.constantFrom("w", "d", "h", "m", "s", " minutes", "HOURS", " sec", "x", "");
    const amount = fc.oneof(
      fc.nat(200).map(String),
      fc.constantFrom("0", "1.5", "00", "60", "59", "007"),
    );
    const text = fc
      .array(fc.tuple(amount, unit), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.map((part) => part.join("")).join(" "))
      // Far beyond every setting.
      .filter((one) => !/\d{4,}/.test(one.replaceAll(" ", "")));
    for (const zero of ["0s", "000s", "PT000S"]) {
      for (const atLeastMs of [1_000, 60_000]) {
        expect(new RegExp(durationPattern(atLeastMs)).test(zero)).toBe(false);
      }
    }
    for (const atLeastMs of [1_000, 60_000]) {
      const pattern = new RegExp(durationPattern(atLeastMs));
      fc.assert(
        fc.property(
          fc.oneof(
            text,
            text.map((one) => `PT${one.replaceAll(" ", "")}`),
          ),
          (one) => {
            const ms = parseDuration(one);
            const isRight = ms !== undefined && ms >= atLeastMs;
            // Some parts can only together be enough: that isn't refused.
            if (pattern.test(one)) expect([one, ms !== undefined && ms > 0]).toEqual([one, true]);
            else if (isRight) expect([one, ms < 3 * atLeastMs]).toEqual([one, true]);
          },
        ),
        { numRuns: 5_000 },
      );
    }
  });
});
