// The policy file at a path, for the programs that begin with it.

import { readFile } from "node:fs/promises";
import { configFaultLine } from "../config/config-fault.ts";
import { readPolicyFile } from "../config/policy-file/read-policy-file.ts";
import type { Policy } from "../domain/rules/policy.ts";

/** Answers the policy, or sentences that say what is wrong with it, each with its line. */
export async function policyAt(path: string): Promise<Policy | readonly string[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? thrown.code : "unreadable";
    return [
      `${path}: the policy file can't be read (${code}): create it, or set JIT_CONFIG to where it is.`,
    ];
  }
  const read = readPolicyFile(text);
  return "policy" in read ? read.policy : read.faults.map((fault) => configFaultLine(path, fault));
}
