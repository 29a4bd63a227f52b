// Resource Graph: POST /providers/Microsoft.ResourceGraph/resources, with its pages and its quota.

import { type ArmCall, type ArmReply, type Azure, isRecord } from "../arm.ts";
import { refusal } from "../refusals.ts";
import { mayDo } from "../rights.ts";
import { hash, type Subscription } from "../world/azure-estate.ts";
import { evaluate, typesAskedFor } from "./graph-evaluate.ts";
import { parseQuery, type Query } from "./graph-parser.ts";
import { type Entry, entriesOf, type Row } from "./graph-tables.ts";
import { graphRefusal, QueryFault, queryRefusal } from "./graph-tokens.ts";

const PAGE_MAX = 1_000;
/** "About 15 queries per 5 seconds", as Microsoft's guidance for throttled requests has it. */
const QUOTA = 15;
const QUOTA_WINDOW_MS = 5_000;
/** Results that are kept while a caller turns their pages. */
const RESULTS_KEPT = 8;

/** What a running Resource Graph remembers between calls. */
export type GraphMemory = {
  window: { startMs: number; used: number };
  results: Map<string, Row[]>;
};

export function graphMemory(): GraphMemory {
  return { window: { startMs: -Infinity, used: 0 }, results: new Map() };
}

/** Answers a query, or 400 in Resource Graph's own error shape, or 429 beyond the quota. */
export function queryGraph(azure: Azure, call: ArmCall, memory: GraphMemory): ArmReply {
  const headers = spendQuota(azure, call, memory);
  const asked = readAsked(call);
  const key = hash(JSON.stringify([asked.text, asked.subscriptions, asked.managementGroups]));
  const from = asked.skipToken === undefined ? 0 : offsetIn(azure, call, asked.skipToken, key);
  const query = parse(azure, call, asked.text);
  const rows =
    (from > 0 ? memory.results.get(key) : undefined) ?? run(azure, call, { ...asked, query });
  const data = rows.slice(from, from + asked.top);
  const next = from + data.length;
  const more = next < rows.length;
  // No token where the query itself cuts the result short, or leaves out the column of ids.
  const turns = Object.hasOwn(rows[0] ?? {}, "id") && !query.steps.some(({ is }) => is === "take");
  if (more && turns) keep(memory, key, rows);
  const body = {
    totalRecords: rows.length,
    count: data.length,
    data,
    facets: [],
    resultTruncated: String(more && !turns),
    ...(more && turns && { $skipToken: tokenFor(key, next) }),
  };
  return { status: 200, body, headers };
}

type Asked = {
  text: string;
  subscriptions: string[] | undefined;
  managementGroups: string[] | undefined;
  top: number;
  skipToken: string | undefined;
};

function readAsked(call: ArmCall): Asked {
  const { body } = call;
  if (!isRecord(body) || typeof body.query !== "string") {
    throw refusal("body-malformed", { fault: "query is missing" });
  }
  const options = isRecord(body.options) ? body.options : {};
  const { $top: top, $skipToken: skipToken } = options;
  const format = options.resultFormat;
  if (format !== undefined && format !== "objectArray") {
    throw refusal("body-malformed", { fault: `the sandbox has no resultFormat '${format}'` });
  }
  if (top !== undefined && (typeof top !== "number" || top < 1 || top > PAGE_MAX)) {
    throw refusal("body-malformed", { fault: `$top is not between 1 and ${PAGE_MAX}` });
  }
  return {
    text: body.query,
    subscriptions: namesIn(body.subscriptions),
    managementGroups: namesIn(body.managementGroups),
    top: top ?? PAGE_MAX,
    skipToken: typeof skipToken === "string" ? skipToken : undefined,
  };
}

function parse(azure: Azure, call: ArmCall, text: string): Query {
  try {
    return parseQuery(text);
  } catch (fault) {
    if (!(fault instanceof QueryFault)) throw fault;
    throw queryRefusal(fault, { nowMs: azure.nowMs(), correlationId: call.correlationId });
  }
}

function run(azure: Azure, call: ArmCall, asked: Asked & { query: Query }): Row[] {
  const { table, steps } = asked.query;
  const scope = scopeOf(azure, call, asked);
  const readable = readableEntries(azure);
  const entries = entriesOf(azure, table, typesAskedFor(steps)).filter(
    (entry) => scope.has(entry.subscriptionId.toLowerCase()) && readable(entry),
  );
  return evaluate(
    entries.map(({ row }) => row()),
    steps,
  );
}

/** The subscriptions asked for, of those that the bot can read; lower-cased ids. */
function scopeOf(azure: Azure, call: ArmCall, asked: Asked): Set<string> {
  const { subscriptions, managementGroups } = asked;
  const wanted = (one: Subscription): boolean => {
    if (subscriptions && !subscriptions.includes(one.id.toLowerCase())) return false;
    if (!managementGroups) return true;
    return one.managementGroups.some((name) => managementGroups.includes(name.toLowerCase()));
  };
  const found = [...azure.world.subscriptions.values()]
    .filter((one) => canRead(azure, one))
    .filter(wanted);
  if (found.length > 0) return new Set(found.map(({ id }) => id.toLowerCase()));
  const { correlationId } = call;
  throw graphRefusal(400, { code: "BadRequest", nowMs: azure.nowMs(), correlationId }, [
    {
      code: "NoValidSubscriptionsInQueryRequest",
      message: "There must be at least one subscription that is eligible to contain resources.",
    },
  ]);
}

function canRead(azure: Azure, subscription: Subscription): boolean {
  const action = "Microsoft.Resources/subscriptions/read";
  return mayDo(azure.world, action, `/subscriptions/${subscription.id}`);
}

/** Rows that the bot isn't allowed to read are left out silently, as Azure does. */
function readableEntries(azure: Azure): (entry: Entry) => boolean {
  const { grants, withheld } = azure.world;
  const everywhere = [...grants, ...withheld].every(({ scope }) => scope === "/");
  const known = new Map<string, boolean>();
  return ({ id, type }) => {
    // With grants on everything, the answer is the same for all resources of a type.
    const key = everywhere ? type : id;
    const may = known.get(key) ?? mayDo(azure.world, `${type}/read`, id);
    known.set(key, may);
    return may;
  };
}

function spendQuota(azure: Azure, call: ArmCall, { window }: GraphMemory): Record<string, string> {
  const nowMs = azure.nowMs();
  if (nowMs >= window.startMs + QUOTA_WINDOW_MS || nowMs < window.startMs) {
    window.startMs = nowMs;
    window.used = 0;
  }
  window.used += 1;
  const resetsInS = Math.ceil((window.startMs + QUOTA_WINDOW_MS - nowMs) / 1_000);
  const headers = {
    "x-ms-user-quota-remaining": String(Math.max(0, QUOTA - window.used)),
    "x-ms-user-quota-resets-after": `00:00:${String(resetsInS).padStart(2, "0")}`,
  };
  if (window.used <= QUOTA || !azure.switches.graphThrottled) return headers;
  const detail = {
    code: "RateLimiting",
    message:
      "Client application has been throttled and should not attempt to repeat the request until " +
      "an amount of time has elapsed. Please see https://aka.ms/resourcegraph-throttling for help.",
  };
  const { correlationId } = call;
  throw graphRefusal(429, { code: "RateLimiting", nowMs, correlationId }, [detail], headers);
}

function keep(memory: GraphMemory, key: string, rows: Row[]): void {
  memory.results.delete(key);
  memory.results.set(key, rows);
  const [oldest] = memory.results.keys();
  if (memory.results.size > RESULTS_KEPT && oldest !== undefined) memory.results.delete(oldest);
}

function tokenFor(key: string, offset: number): string {
  return Buffer.from(JSON.stringify({ key, offset })).toString("base64");
}

/** A token is good for the query that it came with, and for no other. */
function offsetIn(azure: Azure, call: ArmCall, token: string, key: string): number {
  const text = Buffer.from(token, "base64").toString();
  const found = /^\{"key":"([0-9a-f]+)","offset":(\d+)\}$/.exec(text);
  if (found?.[1] === key) return Number(found[2]);
  const { correlationId } = call;
  throw graphRefusal(400, { code: "BadRequest", nowMs: azure.nowMs(), correlationId }, [
    { code: "InvalidSkipToken", message: "The skip token does not belong to this query." },
  ]);
}

function namesIn(list: unknown): string[] | undefined {
  return Array.isArray(list) && list.length > 0
    ? list.map((name) => String(name).toLowerCase())
    : undefined;
}
