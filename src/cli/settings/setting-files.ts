// Settings that lie in files: a `.env` here, and the secrets' own files. They are put into the environment, where libraries look, too.

import { readFileSync, statSync } from "node:fs";
import {
  type FileText,
  readSecretFiles,
  type SecretFile,
} from "../../config/environment/secret-files.ts";

/** A secret is some hundred characters long. */
const BYTES_MAX = 64 * 1024;

/**
 * Adds to the process's environment what it lacks. Answers the files that were read, or one sentence for each
 * that can't be used; what is in force already comes first.
 */
export function addSettingFiles(): {
  readonly files: readonly SecretFile[];
  readonly faults: readonly string[];
} {
  const unread = addEnvFile();
  const { values, files, faults } = readSecretFiles(process.env, read);
  Object.assign(process.env, values);
  return { files, faults: unread === undefined ? faults : [unread, ...faults] };
}

function addEnvFile(): string | undefined {
  try {
    process.loadEnvFile(".env");
    return undefined;
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    return code === "ENOENT" ? undefined : `.env can't be read (${code}).`;
  }
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
