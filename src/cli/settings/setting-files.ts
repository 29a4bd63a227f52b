// Settings that lie in files: a `.env` here, and the secrets' own files. They are put into the environment, where libraries look, too.

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import { readEnvFile } from "../../config/environment/env-file.ts";
import {
  type FileText,
  readSecretFiles,
  type SecretFile,
} from "../../config/environment/secret-files.ts";

/** A secret is some hundred characters long. */
const BYTES_MAX = 64 * 1024;
const ENV_FILE = ".env";

type SettingFiles = {
  readonly files: readonly SecretFile[];
  readonly faults: readonly string[];
};

/**
 * Adds to the process's environment what it lacks. Answers the files that were read, or one sentence for each
 * that can't be used; what is in force already comes first. `complain` hears of a `.env`.
 */
export function addSettingFiles(complain: (line: string) => void): SettingFiles {
  const unread = addEnvFile(complain);
  const { files, faults } = addSecretFiles();
  return { files, faults: [...unread, ...faults] };
}

/** Without a `.env`. */
export function addSecretFiles(): SettingFiles {
  const { values, files, faults } = readSecretFiles(process.env, read);
  Object.assign(process.env, values);
  return { files, faults };
}

/** As many names as are told. */
const UNREAD_MAX = 10;

/** Answers one sentence for each thing in the file that can't be used. */
function addEnvFile(complain: (line: string) => void): readonly string[] {
  const found = read(ENV_FILE);
  if ("unreadable" in found) {
    return found.unreadable === "ENOENT" ? [] : [`.env can't be read (${found.unreadable}).`];
  }
  const { values, unread, faults } = readEnvFile(parseEnv(found.text), process.env);
  Object.assign(process.env, values);
  complain(`Settings are read from ${resolve(ENV_FILE)}.`);
  if (unread.length > 0) {
    const more = unread.length > UNREAD_MAX ? ", …" : "";
    const names = unread.slice(0, UNREAD_MAX).join(", ");
    complain(`Not read from it, since they aren't settings that .env may set: ${names}${more}.`);
  }
  return faults;
}

function read(path: string): FileText {
  try {
    const found = statSync(path);
    // A pipe would be waited for, for ever.
    if (!found.isFile()) return { unreadable: "not a file" };
    if (found.size > BYTES_MAX) return { unreadable: "EFBIG" };
    return { text: readFileSync(path, "utf8") };
  } catch (thrown) {
    return { unreadable: (thrown as NodeJS.ErrnoException).code ?? "unreadable" };
  }
}
