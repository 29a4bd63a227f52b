// What the doctor asks of a receiver of traces: whether it takes some from here. Nothing of OpenTelemetry is needed.

import type { TraceSettings } from "../../config/environment/trace-settings.ts";
import type { TraceFacts } from "../../ports/checkup.ts";

const WITHIN_MS = 5_000;

/** Sends it no spans at all, which is a valid message. Never rejects: what is wrong is a finding. */
export async function lookAtTraces(
  settings: TraceSettings,
): Promise<Extract<TraceFacts, { host: string }>> {
  const { host } = new URL(settings.url);
  try {
    const { ok, status } = await fetch(settings.url, {
      method: "POST",
      headers: { ...settings.headers, "content-type": "application/x-protobuf" },
      body: new Uint8Array(),
      redirect: "manual",
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    return ok ? { host } : { host, code: String(status) };
  } catch (thrown) {
    return { host, code: codeOf(thrown) };
  }
}

/** Of the cause: `fetch` says no more than that it failed. */
function codeOf(thrown: unknown): string {
  const { name, cause } = thrown as Error & { cause?: { code?: unknown } };
  if (name === "TimeoutError") return "ETIMEDOUT";
  return typeof cause?.code === "string" ? cause.code : "unknown";
}
