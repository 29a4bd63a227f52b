// The Activity Log of a subscription: what was done to JIT policies there, by whomever.

import { z } from "zod";
import type {
  ActivityEvent,
  ActivityKind,
} from "../../../domain/vm/activity-log/activity-event.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { sendRest } from "../client/rest.ts";

const VERSION = "2015-04-01";
/** For each page. */
const TIMEOUT_MS = 20_000;
/** Half an hour of one subscription fits a few: this ends a list that leads in a circle. */
const PAGES_MAX = 200;

/** After this many pages in a row without anything new there is no more. */
const IDLE_PAGES_MAX = 10;

const text = z.string().catch("");
/** Some things are objects in which `value` is for programs, and some servers give it by itself. */
const named = z
  .union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)])
  .catch("");

const pageSchema = z.object({ value: z.array(z.unknown()), nextLink: z.string().nullish() });

const eventSchema = z.object({
  eventTimestamp: z.string().transform(Date.parse).pipe(z.number()),
  operationName: named,
  resourceId: text,
  eventDataId: text,
  id: text,
  correlationId: text,
  caller: text,
  httpRequest: z.object({ clientRequestId: text }).catch({ clientRequestId: "" }),
  status: named,
});

export type ReadActivity = (
  subscriptionId: string,
  period: { readonly fromMs: number; readonly untilMs: number },
) => Promise<readonly ActivityEvent[]>;

/** https://learn.microsoft.com/rest/api/monitor/activity-logs/list */
export function createActivity(needs: {
  clients: Clients;
  calls: Calls;
  endpoint: string;
  faultLog: FaultLog;
}): ReadActivity {
  const { clients, calls, faultLog } = needs;
  const endpoint = needs.endpoint.replace(/\/$/, "");
  return async (subscriptionId, { fromMs, untilMs }) => {
    const client = await clients.security(subscriptionId);
    const events: ActivityEvent[] = [];
    const known = new Set<string>();
    let lost = 0;
    let idle = 0;
    const query = new URLSearchParams({
      "api-version": VERSION,
      $filter:
        `eventTimestamp ge '${iso(fromMs)}' and eventTimestamp le '${iso(untilMs)}' ` +
        "and resourceProvider eq 'Microsoft.Security'",
    });
    let url: string | null | undefined =
      `${endpoint}/subscriptions/${encodeURIComponent(subscriptionId)}/providers/Microsoft.Insights` +
      `/eventtypes/management/values?${String(query).replaceAll("+", "%20")}`;
    for (let page = 0; url; page++) {
      if (page >= PAGES_MAX) break;
      const at: string = url;
      const how = { operation: "activity-log", timeoutMs: TIMEOUT_MS };
      const read = await calls.read(how, async ({ signal }) =>
        pageSchema.parse(await sendRest(client, { method: "GET", url: at, signal })),
      );
      const before = known.size;
      for (const one of read.value) {
        const id = idOf(one);
        if (id !== "" && known.has(id)) continue;
        known.add(id);
        if (!isOnJit(one)) continue;
        const event = readEvent(one);
        if (event === undefined) lost++;
        else events.push(event);
      }
      // Azure gives empty pages with more behind them, and sometimes the same page again and again.
      idle = known.size > before ? 0 : idle + 1;
      url = idle >= IDLE_PAGES_MAX ? undefined : read.nextLink;
    }
    const code = url ? "TooLong" : String(lost);
    const message = url
      ? `only its newest ${PAGES_MAX} pages were read`
      : `${lost} events couldn't be understood`;
    const subject = `Activity Log of subscription ${subscriptionId}`;
    faultLog.note(subject, url || lost > 0 ? { code, message } : undefined);
    return events;
  };
}

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** In any case; `…/initiate/action`, `…/write`, `…/delete`. */
const OPERATION =
  /^Microsoft\.Security\/(?:locations\/)?jitNetworkAccessPolicies\/(initiate\/action|write|delete)$/i;

const KINDS: Readonly<Record<string, ActivityKind>> = {
  "initiate/action": "opened",
  write: "written",
  delete: "deleted",
};

const operationSchema = z.object({ operationName: named });

/** The same filter for what is understood and what isn't: all else is none of our business. */
const isOnJit = (event: unknown): boolean =>
  OPERATION.test(operationSchema.safeParse(event).data?.operationName ?? "");

const idSchema = z.object({ eventDataId: text }).catch({ eventDataId: "" });
const idOf = (event: unknown): string => idSchema.parse(event).eventDataId;

function readEvent(value: unknown): ActivityEvent | undefined {
  const event = eventSchema.safeParse(value).data;
  const [, operation = ""] = OPERATION.exec(event?.operationName ?? "") ?? [];
  const kind = KINDS[operation.toLowerCase()];
  // An action may be named at the end of what it was done to.
  const policyId = event?.resourceId.replace(/\/initiate\/?$/i, "") ?? "";
  if (event === undefined || kind === undefined || policyId === "") return undefined;
  const { eventTimestamp: atMs, correlationId, caller, httpRequest, status } = event;
  const { clientRequestId } = httpRequest;
  const said = { atMs, kind, policyId, correlationId, caller, clientRequestId, status };
  // One without an id is told from others by all that it says.
  return { ...said, eventId: event.eventDataId || event.id || Object.values(said).join("|") };
}
