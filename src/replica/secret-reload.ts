// Secrets whose files change while the bot runs: one that is in force at once, and others that need a restart.

import { createHash } from "node:crypto";
import { type SettledFile, watchPolicyFile } from "../adapters/policy-file-watch.ts";
import { type SecretFile, secretIn } from "../config/environment/secret-files.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Service } from "../ports/service.ts";

type World = { readonly clock: Pick<Clock, "sleep">; readonly log: Log };

/**
 * Watches the files. Slack's signing secret is compared with each request, so the newer one counts from the
 * moment it is read; a connection keeps what it was made with.
 */
export function secretReload(
  files: readonly SecretFile[],
  { clock, log }: World,
): { readonly services: readonly Service[]; newerSigningSecret(): string | undefined } {
  let newer: string | undefined;
  const heard = (name: SecretFile["name"], file: SettledFile): void => {
    const setting = `${name}_FILE`;
    const read = "unreadable" in file ? { fault: file.unreadable } : secretIn(name, file.text);
    if ("fault" in read) {
      log.error(
        { setting, fault: read.fault },
        "a secret's file can't be used: the last one stays",
      );
    } else if (name === "SLACK_SIGNING_SECRET") {
      newer = read.secret;
      log.info({ setting }, "a changed secret is in force");
    } else {
      log.warn({ setting }, "a secret has changed: restart the bot to use it");
    }
  };
  const services = files.map(({ name, path, text }) =>
    watchPolicyFile({
      path,
      what: `the file of ${name}_FILE`,
      knownHash: createHash("sha256").update(text).digest("hex"),
      clock,
      onChange: (file) => heard(name, file),
      log,
    }),
  );
  return { services, newerSigningSecret: () => newer };
}
