// What the policy file asks for and the environment doesn't have.

import type { Policy } from "../domain/rules/policy.ts";
import type { Settings } from "./environment/environment.ts";

/** One sentence for each, which names the setting. */
export function lackingSettings(
  { audit }: Policy,
  { auditStreamKey }: Pick<Settings, "auditStreamKey">,
): readonly string[] {
  if (auditStreamKey !== undefined || !audit.stream.some(({ kind }) => kind === "https")) return [];
  return [
    "AUDIT_STREAM_KEY isn't set, and audit.stream has an https receiver: set it to the output of `openssl rand -hex 32`, and tell the receiver.",
  ];
}
