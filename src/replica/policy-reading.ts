// What a changed policy file holds, as those take it who put it in force.

import type { SettledFile } from "../adapters/policy-file-watch.ts";
import { configFaultLine } from "../config/config-fault.ts";
import { readPolicy } from "../config/policy-file/read-policy-file.ts";
import type { Reading } from "../flows/policy-file/policy-reload.ts";

export function policyReading(path: string, file: SettledFile): Reading {
  if ("unreadable" in file) return file;
  const read = readPolicy(file.text);
  return "policy" in read
    ? { policy: read.policy }
    : { hash: file.hash, faults: read.faults.map((fault) => configFaultLine(path, fault)) };
}
