// The sources of rotas, each by its own way. What a source needs is loaded when it is first read.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Fault } from "../../ports/fault.ts";
import type { Rotas, RotaWindow } from "../../ports/rotas.ts";
import { askRota, nonsense, notSet } from "./rota-http.ts";

export type RotaSettings = {
  readonly pagerDuty: { readonly url: string; readonly token: string | undefined };
  readonly incidentIo: { readonly url: string; readonly token: string | undefined };
};

/** Everything that one reading asks, pages included, is answered by then, or it counts as no answer. */
const WITHIN_MS = 4_000;

type NewerToken = (name: "PAGERDUTY_TOKEN" | "INCIDENTIO_TOKEN") => string | undefined;

/**
 * `folder`: where the policy file is; calendars that are files are found from there. `newer`: a token that
 * has changed since the start, for each call.
 */
export const openRotas =
  (settings: RotaSettings, folder: string, newer: NewerToken = () => undefined): Rotas =>
  async (source, window) => {
    const signal = AbortSignal.timeout(WITHIN_MS);
    switch (source.kind) {
      case "pagerduty": {
        const { url, token } = withNewer(settings.pagerDuty, newer("PAGERDUTY_TOKEN"));
        if (token === undefined) throw notSet("PAGERDUTY_TOKEN");
        const { pagerDutyShifts } = await import("./pagerduty.ts");
        return pagerDutyShifts({ url, token }, source.schedules, { window, signal });
      }
      case "incident.io": {
        const { url, token } = withNewer(settings.incidentIo, newer("INCIDENTIO_TOKEN"));
        if (token === undefined) throw notSet("INCIDENTIO_TOKEN");
        const { incidentIoShifts } = await import("./incident-io.ts");
        return incidentIoShifts({ url, token }, source.schedules, { window, signal });
      }
      case "calendar":
        return calendar(source.at, { folder, window, signal });
    }
  };

const withNewer = <S extends RotaSettings["pagerDuty"]>(from: S, token: string | undefined): S =>
  token === undefined ? from : { ...from, token };

async function calendar(
  at: string,
  { folder, window, signal }: { folder: string; window: RotaWindow; signal: AbortSignal },
) {
  const text = /^https?:/i.test(at)
    ? await askRota({ url: new URL(at), headers: { accept: "text/calendar" }, signal })
    : await fileText(resolve(folder, at));
  const { calendarShifts } = await import("./calendar.ts");
  return calendarShifts(text, window);
}

const FILE_BYTES_MAX = 5 * 1024 * 1024;

async function fileText(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    if (text.length > FILE_BYTES_MAX) throw nonsense("The calendar's file is longer than 5 MiB");
    return text;
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code ?? "EIO";
    throw new Fault({
      source: "rota",
      code,
      message: "The calendar's file can't be read",
      retryable: false,
      cause: thrown,
    });
  }
}
