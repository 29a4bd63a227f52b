// Asks Resource Graph a query page by page, at the pace that its quota allows.

import { z } from "zod";
import type { Clock } from "../../../ports/clock.ts";
import { Fault } from "../../../ports/fault.ts";
import type { Log } from "../../../ports/log.ts";
import type { Calls } from "../client/calls.ts";
import type { Clients } from "../client/clients.ts";
import { listLinks } from "../client/list-links.ts";
import type { Call } from "../client/pipeline.ts";
import { quotaResetsAfterMs } from "../client/retry-after.ts";
import { QUERIES, type QueryName } from "./graph-queries.ts";

export type Graph = {
  /** The rows of a query, a page at a time. Rejects with a `Fault`. */
  pages(query: QueryName, stop?: AbortSignal): AsyncGenerator<readonly unknown[]>;
};

/** The most that Resource Graph gives at a time. */
const PAGE_ROWS = 1_000;
/** A million rows: more than there can be, so that a list that never ends comes to an end. */
const PAGES_MAX = 1_000;
/** "Scenario: too many subscriptions" in Resource Graph's troubleshooting guide. */
const SUBSCRIPTIONS_MAX = 1_000;
const MANAGEMENT_GROUPS_MAX = 10;
/** The quota comes back within seconds; others may share it with us. */
const ATTEMPTS_MAX = 5;
const PAUSE_MAX_MS = 30_000;

const pageSchema = z.object({
  data: z.array(z.unknown()),
  skipToken: z.string().nullish(),
  resultTruncated: z.unknown().optional(),
});

type Scope = { subscriptions: string[] } | { managementGroups: string[] } | Record<string, never>;

type PageAt = { scope: Scope; skipToken: string | undefined; stop: AbortSignal | undefined };

export function createGraph(options: {
  clients: Clients;
  calls: Calls;
  clock: Clock;
  log: Log;
  pageTimeoutMs: number;
  subscriptions: readonly string[];
  managementGroups: readonly string[];
}): Graph {
  const { clients, calls, clock, log, pageTimeoutMs } = options;
  const scopes = scopesOf(options);
  const quota = quotaPause(clock);

  async function page(query: QueryName, at: PageAt): Promise<z.output<typeof pageSchema>> {
    const { scope, skipToken, stop } = at;
    const client = await clients.resourceGraph();
    await quota.wait(stop);
    const how = {
      operation: "resource-graph",
      timeoutMs: pageTimeoutMs,
      attemptsMax: ATTEMPTS_MAX,
      pauseMaxMs: PAUSE_MAX_MS,
      stop,
    };
    const answer = await calls.read(how, async (call) => {
      const paging = {
        top: PAGE_ROWS,
        resultFormat: "objectArray" as const,
        ...(skipToken !== undefined && { skipToken }),
      };
      const asked = { ...scope, query: QUERIES[query], options: paging };
      try {
        return await client.resources(asked, { abortSignal: call.signal });
      } finally {
        quota.note(call);
      }
    });
    const read = pageSchema.safeParse(answer);
    if (read.success) return read.data;
    const message = "Resource Graph's answer isn't a list of rows.";
    throw new Fault({ source: "azure", code: "UnreadableAnswer", message, retryable: true });
  }

  async function* pages(query: QueryName, stop?: AbortSignal) {
    for (const scope of scopes) {
      const follow = listLinks();
      let skipToken: string | undefined;
      for (let turned = 0; turned < PAGES_MAX; turned++) {
        const { data, ...next } = await page(query, { scope, skipToken, stop });
        yield data;
        skipToken = follow(next.skipToken);
        if (skipToken === undefined) {
          // Azure cut the result short without a way to go on.
          if (String(next.resultTruncated) === "true") log.warn({ query }, "rows are missing");
          break;
        }
      }
    }
  }

  return { pages };
}

/** Holds queries back while Azure says that the quota is used up. */
function quotaPause(clock: Clock) {
  /** By the monotonic clock. */
  let noneBeforeMs = 0;
  return {
    async wait(stop: AbortSignal | undefined): Promise<void> {
      const waitMs = noneBeforeMs - clock.monotonicMs();
      if (waitMs > 0) await clock.sleep(waitMs, stop);
    },
    note({ header }: Call): void {
      const resetsAfterMs = quotaResetsAfterMs(header);
      const remaining = header("x-ms-user-quota-remaining");
      if (remaining === undefined || Number(remaining) > 0 || resetsAfterMs === undefined) return;
      const pauseMs = Math.min(resetsAfterMs, PAUSE_MAX_MS);
      noneBeforeMs = Math.max(noneBeforeMs, clock.monotonicMs() + pauseMs);
    },
  };
}

/** Subscriptions and management groups are asked about apart: a query takes one kind of scope. */
function scopesOf(options: {
  subscriptions: readonly string[];
  managementGroups: readonly string[];
}): readonly Scope[] {
  const scopes = [
    ...chunks(options.subscriptions, SUBSCRIPTIONS_MAX).map((subscriptions) => ({ subscriptions })),
    ...chunks(options.managementGroups, MANAGEMENT_GROUPS_MAX).map((managementGroups) => ({
      managementGroups,
    })),
  ];
  return scopes.length === 0 ? [{}] : scopes;
}

function chunks(all: readonly string[], size: number): string[][] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size));
}
