// Secrets from files: each of them, and what is said of files that can't be used.

import { describe, expect, it } from "vitest";
import {
  type FileText,
  readSecretFiles,
  secretIn,
} from "../../../src/config/environment/secret-files.ts";
import { SECRETS } from "../../../src/config/environment/secret-names.ts";

const files =
  (there: Readonly<Record<string, FileText>>) =>
  (path: string): FileText =>
    there[path] ?? { unreadable: "ENOENT" };

describe("a secret's file", () => {
  it.each(SECRETS)("gives %s its value, without the line break at its end", (name) => {
    for (const end of ["", "\n", "\r\n"]) {
      const text = `secret-of-it${end}`;
      const read = readSecretFiles({ [`${name}_FILE`]: "/run/a" }, files({ "/run/a": { text } }));
      expect(read.values).toEqual({ [name]: "secret-of-it" });
      expect(read.files).toEqual([{ name, path: "/run/a", text }]);
      expect(read.faults).toEqual([]);
    }
  });

  it.each<[string, FileText, string]>([
    ["is missing", { unreadable: "ENOENT" }, "names a file that can't be read (ENOENT): "],
    ["is a folder", { unreadable: "not a file" }, "names a file that can't be read (not a file): "],
    ["is empty", { text: "" }, "names an empty file: put the secret into it."],
    ["is an empty line", { text: "\n" }, "names an empty file: put the secret into it."],
    ["is blank", { text: "  \n" }, "names a file whose text is blank: "],
    ["has two lines", { text: "a\nb\n" }, "names a file whose text has spaces, line breaks or "],
    ["has quotes", { text: '"a"\n' }, "names a file whose text has quotes around it: "],
    ["is binary", { text: "\u0000\ufffd" }, "names a file whose text has spaces, line breaks or "],
  ])("that %s is a fault, in one sentence without its path", (_, file, says) => {
    const read = readSecretFiles({ AUDIT_KEY_FILE: "/run/a" }, files({ "/run/a": file }));
    expect(read.faults).toHaveLength(1);
    expect(read.faults[0]).toMatch(/^AUDIT_KEY_FILE [^\n]*\.$/);
    expect(read.faults[0]).toContain(says);
    expect(read.faults[0]).not.toContain("/run/a");
    expect(read.values).toEqual({});
    expect(read.files).toEqual([]);
  });

  it("beside the secret itself is a fault, and neither is taken for the other", () => {
    const env = { REDIS_URL: "redis://a", REDIS_URL_FILE: "/run/a" };
    const read = readSecretFiles(env, files({ "/run/a": { text: "redis://b" } }));
    expect(read.faults).toEqual(["REDIS_URL_FILE is set beside REDIS_URL: set one of the two."]);
    expect(read.values).toEqual({});
  });

  it("that isn't named isn't read, and nothing but secrets is read from files", () => {
    const read = readSecretFiles({ AUDIT_KEY_FILE: "", PORT_FILE: "/run/a", HOME: "/" }, () => {
      throw new Error("read");
    });
    expect(read).toEqual({ values: {}, files: [], faults: [] });
  });

  it("keeps what stands before its last line break", () => {
    expect(secretIn("AUDIT_KEY", "a\n")).toEqual({ secret: "a" });
    expect(secretIn("AUDIT_KEY", "a\n\n")).toHaveProperty("fault");
  });
});
