// Sends the audit's copy to an HTTPS receiver: JSON lines by POST, signed with a time and the numbers in them.

import { createHmac } from "node:crypto";
import { type StreamEntry, streamLine } from "../../domain/audit/stream/stream-line.ts";
import type { Receiver } from "../../ports/audit-stream.ts";
import type { Clock } from "../../ports/clock.ts";
import { answered, connectionFault, retryAfterMs, tooLate } from "./receiver-faults.ts";

const WITHIN_MS = 10_000;

export type HttpsReceiverOptions = {
  readonly url: string;
  /** Shared with the receiver. */
  readonly key: string;
  readonly clock: Pick<Clock, "nowMs">;
};

export function httpsReceiver({ url, key, clock }: HttpsReceiverOptions): Receiver {
  return {
    send: async (entries) => {
      const body = entries.map((entry) => `${streamLine(entry)}\n`).join("");
      const headers = {
        "content-type": "application/x-ndjson",
        "user-agent": "jit",
        "x-jit-signature": signatureOf(key, { entries, body, nowMs: clock.nowMs() }),
      };
      const signal = AbortSignal.timeout(WITHIN_MS);
      const request = { method: "POST", headers, body, signal } as const;
      // What it redirects to is another receiver, that nobody has named.
      const response = await fetch(url, { ...request, redirect: "manual" }).catch(
        (thrown: unknown) => {
          throw signal.aborted ? tooLate(WITHIN_MS) : connectionFault(thrown);
        },
      );
      await response.body?.cancel().catch(() => undefined);
      if (response.ok) return;
      const waitMs = retryAfterMs(response.headers.get("retry-after"), clock.nowMs());
      throw answered(response.status, waitMs);
    },
  };
}

type Signed = {
  readonly entries: readonly StreamEntry[];
  readonly body: string;
  readonly nowMs: number;
};

/** `t=<seconds>,seq=<first>-<last>,v1=<hex>`: an HMAC-SHA-256 of time, numbers and body, with dots between them. */
function signatureOf(key: string, { entries, body, nowMs }: Signed): string {
  const time = Math.floor(nowMs / 1_000);
  const numbers = `${entries[0]?.seq ?? 0}-${entries.at(-1)?.seq ?? 0}`;
  const mac = createHmac("sha256", key).update(`${time}.${numbers}.${body}`).digest("hex");
  return `t=${time},seq=${numbers},v1=${mac}`;
}
