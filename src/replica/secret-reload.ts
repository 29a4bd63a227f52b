// Secrets whose files change while the bot runs: some are in force at once, and others need a restart.

import { createHash } from "node:crypto";
import { type SettledFile, watchPolicyFile } from "../adapters/policy-file-watch.ts";
import { type SecretFile, secretIn } from "../config/environment/secret-files.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { Service } from "../ports/service.ts";

type Needs = { readonly clock: Pick<Clock, "sleep">; readonly log: Log };

/** Compared with each request, or sent with each call. A connection keeps what it was made with. */
const AT_ONCE = ["SLACK_SIGNING_SECRET", "PAGERDUTY_TOKEN", "INCIDENTIO_TOKEN"] as const;
type AtOnce = (typeof AT_ONCE)[number];

const isAtOnce = (name: SecretFile["name"]): name is AtOnce => AT_ONCE.some((one) => one === name);

/** A newer one than that of the start, where its file has changed since. */
export type NewerSecret = (name: AtOnce) => string | undefined;

/** Watches the files. */
export function secretReload(
  files: readonly SecretFile[],
  { clock, log }: Needs,
): { readonly services: readonly Service[]; readonly newerSecret: NewerSecret } {
  const newer = new Map<AtOnce, string>();
  const heard = (name: SecretFile["name"], file: SettledFile): void => {
    const setting = `${name}_FILE`;
    const read = "unreadable" in file ? { fault: file.unreadable } : secretIn(name, file.text);
    if ("fault" in read) {
      log.error(
        { setting, fault: read.fault },
        "a secret's file can't be used: the last one stays",
      );
    } else if (isAtOnce(name)) {
      newer.set(name, read.secret);
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
  return { services, newerSecret: (name) => newer.get(name) };
}
