// Secrets from files: `<NAME>_FILE` names a file that holds the value of `<NAME>`, as containers and clusters hand them over.

import { SECRETS } from "./secret-names.ts";
import { type Environment, variables } from "./variables.ts";

export type SecretFile = {
  readonly name: (typeof SECRETS)[number];
  readonly path: string;
  /** What the file held, to the letter. */
  readonly text: string;
};

/** What is read at a path. */
export type FileText = { readonly text: string } | { readonly unreadable: string };

/**
 * Reads every file that is named. Answers the values, with the faults of those that can't be used: one
 * sentence for each, which never repeats a path, since it might be a secret in the wrong place.
 */
export function readSecretFiles(
  env: Environment,
  read: (path: string) => FileText,
): {
  readonly values: Readonly<Record<string, string>>;
  readonly files: readonly SecretFile[];
  readonly faults: readonly string[];
} {
  const values: Record<string, string> = {};
  const files: SecretFile[] = [];
  const faults: string[] = [];
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`];
    if (path === undefined || path === "") continue;
    if (env[name] !== undefined && env[name] !== "") {
      faults.push(`${name}_FILE is set beside ${name}: set one of the two.`);
      continue;
    }
    const found = read(path);
    const value = "text" in found ? secretIn(name, found.text) : { fault: unread(found) };
    if ("fault" in value) faults.push(`${name}_FILE ${value.fault}`);
    else values[name] = value.secret;
    if ("text" in found && "secret" in value) files.push({ name, path, text: found.text });
  }
  return { values, files, faults };
}

const unread = ({ unreadable }: { readonly unreadable: string }): string =>
  `names a file that can't be read (${unreadable}): set it to the path of a file that this process may read.`;

/** The secret that a file holds, without the line break that editors and `echo` leave behind. */
export function secretIn(
  name: SecretFile["name"],
  text: string,
): { readonly secret: string } | { readonly fault: string } {
  const value = text.replace(/\r?\n$/, "");
  if (value === "") return { fault: "names an empty file: put the secret into it." };
  const from = variables({ [name]: value });
  const secret = from.secret(name);
  const [fault = ""] = from.faults;
  return secret === undefined
    ? { fault: `names a file whose text ${fault.slice(name.length + 1)}` }
    : { secret };
}
