// The policy file as it is watched: changed in every way that editors, operators and clusters change files.

import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type SettledFile, watchPolicyFile } from "../../src/adapters/policy-file-watch.ts";

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A watched file, and looks that the test takes. */
function watched(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "jit-watch-"));
  const path = join(folder, "jit.yaml");
  writeFileSync(path, text);
  const heard: string[] = [];
  const sleepers: (() => void)[] = [];
  let arrived = () => {};
  const watch = watchPolicyFile({
    path,
    knownHash: hashOf(text),
    clock: {
      sleep: (_, signal) =>
        new Promise((resolve) => {
          sleepers.push(resolve);
          signal?.addEventListener("abort", () => resolve());
          arrived();
        }),
    },
    log: { error: (facts) => expect(facts).toEqual({}) },
    onChange: (file: SettledFile) => {
      heard.push("text" in file ? file.text : file.unreadable);
      if ("text" in file) expect(file.hash).toBe(hashOf(file.text));
    },
  });
  watch.start();
  onTestFinished(() => {
    void watch.stop(0);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...{ folder, path, heard, watch },
    /** Resolves when the look is over. */
    async look(times = 1) {
      for (let n = 0; n < times; n++) {
        const over = new Promise<void>((resolve) => {
          arrived = resolve;
        });
        sleepers.shift()?.();
        await over;
      }
    },
  };
}

describe("a watched policy file", () => {
  it("is told of once when it is changed, after two looks that agree", async () => {
    const { path, heard, look } = watched("one");
    await look(2);
    expect(heard).toEqual([]);
    writeFileSync(path, "two");
    await look();
    expect(heard).toEqual([]);
    await look(3);
    expect(heard).toEqual(["two"]);
  });

  it("is waited for while it is being written", async () => {
    const { path, heard, look } = watched("one");
    for (const part of ["", "t", "tw"]) {
      writeFileSync(path, part);
      await look();
    }
    writeFileSync(path, "two");
    await look();
    expect(heard).toEqual([]);
    await look();
    expect(heard).toEqual(["two"]);
  });

  it("says nothing of a change that was taken back at once", async () => {
    const { path, heard, look } = watched("one");
    writeFileSync(path, "two");
    await look();
    writeFileSync(path, "one");
    await look();
    writeFileSync(path, "two");
    await look();
    writeFileSync(path, "one");
    await look(3);
    expect(heard).toEqual([]);
  });

  it("is followed through an editor's renaming", async () => {
    const { path, heard, look } = watched("one");
    writeFileSync(`${path}.new`, "two");
    unlinkSync(path);
    await look();
    renameSync(`${path}.new`, path);
    await look(2);
    expect(heard).toEqual(["two"]);
  });

  it("is followed through exchanged symbolic links, as ConfigMaps exchange them", async () => {
    const { folder, path, heard, look } = watched("one");
    const version = (name: string, text: string) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "jit.yaml"), text);
      symlinkSync(name, join(folder, "..data.new"));
      renameSync(join(folder, "..data.new"), join(folder, "..data"));
    };
    version("..1", "one");
    unlinkSync(path);
    symlinkSync(join("..data", "jit.yaml"), path);
    await look(3);
    expect(heard).toEqual([]);
    version("..2", "two");
    await look(2);
    version("..3", "three");
    await look(2);
    expect(heard).toEqual(["two", "three"]);
  });

  it("is told of when it vanishes, and when it is back with the same text", async () => {
    const { path, heard, look } = watched("one");
    unlinkSync(path);
    await look(4);
    expect(heard).toEqual(["ENOENT"]);
    writeFileSync(path, "one");
    await look(4);
    expect(heard).toEqual(["ENOENT", "one"]);
  });

  it("is not read where it is no file, or one that no policy can be", async () => {
    const { path, heard, look } = watched("one");
    unlinkSync(path);
    mkdirSync(path);
    await look(2);
    rmSync(path, { recursive: true });
    writeFileSync(path, "");
    truncateSync(path, 5 * 1024 * 1024);
    await look(2);
    expect(heard).toEqual(["not a file", "EFBIG"]);
  });

  it("is left alone once the watch is stopped", async () => {
    const { path, heard, look, watch } = watched("one");
    writeFileSync(path, "two");
    await look();
    void watch.stop(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toEqual([]);
  });
});
