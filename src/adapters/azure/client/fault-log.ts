// Says each fault once, when it begins, and once more when it is over: refreshing goes on for ever.

import type { Log } from "../../../ports/log.ts";

export type FaultLog = {
  /** `fault` is said when it differs from the last one of this subject; `undefined`: all is well. */
  note(subject: string, fault: { code: string; message: string } | undefined): void;
};

export function createFaultLog(log: Log): FaultLog {
  const present = new Map<string, string>();
  return {
    note(subject, fault) {
      const before = present.get(subject);
      if (fault?.code === before) return;
      if (fault === undefined) {
        present.delete(subject);
        log.info({ subject }, "read from Azure again");
        return;
      }
      present.set(subject, fault.code);
      log.warn({ subject, fault: fault.code, said: fault.message }, "couldn't read from Azure");
    },
  };
}
