// What a changed policy file holds, as those take it who put it in force.

import type { SettledFile } from "../adapters/policy-file-watch.ts";
import { configFaultLine } from "../config/config-fault.ts";
import type { Settings } from "../config/environment/environment.ts";
import { lackingSettings } from "../config/lacking-settings.ts";
import { readPolicyFile } from "../config/policy-file/read-policy-file.ts";
import type { Reading } from "../flows/policy-file/policy-reload.ts";

export function policyReading(
  settings: Pick<Settings, "policyFile" | "auditStreamKey">,
  file: SettledFile,
): Reading {
  if ("unreadable" in file) return file;
  const read = readPolicyFile(file.text);
  const path = settings.policyFile;
  if ("policy" in read) {
    const faults = lackingSettings(read.policy, settings);
    return faults.length > 0 ? { hash: file.hash, faults } : { policy: read.policy };
  }
  return { hash: file.hash, faults: read.faults.map((fault) => configFaultLine(path, fault)) };
}
