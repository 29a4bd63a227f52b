// The Activity Log: several events for each operation, minutes late, behind a narrow filter.

import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import {
  type ArmCall,
  ArmRefusal,
  type ArmReply,
  type Azure,
  azureTime,
  page,
  param,
} from "./arm.ts";
import type { LoggedEvent } from "./world/azure-estate.ts";

const KEPT_MS = 90 * 86_400_000;

/** What an operation was: the action that it needed, and the resource that it was done to. */
export type Operation = { action: string; scope: string };

/** Records the events of a finished write or action. Reads are never in the log. */
export function recordOperation(
  azure: Azure,
  call: ArmCall,
  operation: Operation & { reply: ArmReply },
): void {
  const { reply, action, scope } = operation;
  const [, subscriptionId = ""] = /^\/subscriptions\/([^/]+)/i.exec(scope) ?? [];
  const [, resourceGroup = ""] = /\/resourceGroups\/([^/]+)/i.exec(scope) ?? [];
  const provider = action.split("/")[0] ?? "";
  const clientRequestId = call.headers["x-ms-client-request-id"]?.toString() ?? randomUUID();
  for (const status of statusesOf(reply.status)) {
    const atMs = azure.nowMs();
    const event: LoggedEvent = {
      atMs,
      subscriptionId,
      resourceGroup,
      resourceId: scope,
      provider,
      correlationId: call.correlationId,
      body: {},
    };
    event.body = eventBody(azure, call, { event, action, status, reply, clientRequestId });
    azure.world.events.push(event);
  }
  const sinceMs = azure.nowMs() - KEPT_MS;
  while ((azure.world.events[0]?.atMs ?? Infinity) < sinceMs) azure.world.events.shift();
}

/** GET …/eventtypes/management/values?$filter=…. This provider's own refusals are flat. */
export function listEvents(azure: Azure, call: ArmCall): ArmReply {
  try {
    return listed(azure, call);
  } catch (thrown) {
    if (thrown instanceof ArmRefusal) thrown.isFlat = true;
    throw thrown;
  }
}

/** The newest first, none younger than the delay. */
function listed(azure: Azure, call: ArmCall): ArmReply {
  const subscription = param(call, "subscription").toLowerCase();
  const filter = readFilter(call.query.get("$filter") ?? "");
  const visibleMs = azure.nowMs() - azure.switches.activityDelayMs;
  const all = azure.world.events
    .filter((event) => event.subscriptionId.toLowerCase() === subscription)
    .filter(({ atMs }) => atMs <= visibleMs && atMs >= azure.nowMs() - KEPT_MS)
    .filter((event) => filter.every((condition) => condition(event)))
    .reverse();
  const { value, nextLink = null } = page(azure, call, {
    all,
    size: azure.switches.activityPageSize,
  });
  const names = call.query.get("$select")?.split(",");
  const bodies = value.map(({ body }) => (names ? select(body, names) : body));
  return { status: 200, body: { value: bodies, nextLink } };
}

function statusesOf(httpStatus: number): string[] {
  // A caller without the right has started nothing.
  if (httpStatus === 403) return ["Failed"];
  if (httpStatus >= 400) return ["Started", "Failed"];
  return httpStatus === 202 ? ["Started", "Accepted", "Succeeded"] : ["Started", "Succeeded"];
}

function eventBody(
  azure: Azure,
  call: ArmCall,
  of: {
    event: LoggedEvent;
    action: string;
    status: string;
    reply: ArmReply;
    clientRequestId: string;
  },
): Record<string, unknown> {
  const { event, action, status, reply, clientRequestId } = of;
  const eventDataId = randomUUID();
  const ticks = BigInt(event.atMs) * 10_000n + 621_355_968_000_000_000n;
  return {
    authorization: { action, scope: event.resourceId },
    caller: call.caller.id,
    channels: "Operation",
    claims: { name: call.caller.name },
    correlationId: event.correlationId,
    description: "",
    eventDataId,
    eventName: { value: "EndRequest", localizedValue: "End request" },
    category: { value: "Administrative", localizedValue: "Administrative" },
    httpRequest: {
      clientRequestId,
      clientIpAddress: call.caller.address,
      method: call.method,
    },
    id: `${event.resourceId}/events/${eventDataId}/ticks/${ticks}`,
    level: status === "Failed" ? "Error" : "Informational",
    resourceGroupName: event.resourceGroup,
    resourceProviderName: { value: event.provider, localizedValue: event.provider },
    resourceId: event.resourceId,
    resourceType: typeOf(action),
    operationId: event.correlationId,
    operationName: { value: action, localizedValue: action },
    properties: { statusCode: STATUS_CODES[reply.status] ?? "", serviceRequestId: randomUUID() },
    status: { value: status, localizedValue: status },
    subStatus: subStatus(status, reply.status),
    eventTimestamp: azureTime(event.atMs),
    submissionTimestamp: azureTime(event.atMs + azure.switches.activityDelayMs),
    subscriptionId: event.subscriptionId,
    tenantId: azure.world.tenantId,
  };
}

function subStatus(status: string, httpStatus: number) {
  if (status === "Started") return { value: "", localizedValue: "" };
  const text = STATUS_CODES[httpStatus] ?? "";
  return {
    value: text.replaceAll(" ", ""),
    localizedValue: `${text} (HTTP Status Code: ${httpStatus})`,
  };
}

function typeOf(action: string) {
  const value = action.replace(/\/(write|delete|[^/]+\/action)$/i, "");
  return { value, localizedValue: value };
}

type Condition = (event: LoggedEvent) => boolean;

const CLAUSE = /^(\w+)\s+(ge|le|eq)\s+(?:'([^']*)'|(\S+))$/;

/**
 * The documented patterns and no others: eventTimestamp ge and le, and one of resourceGroupName,
 * resourceUri, resourceProvider and correlationId. The beginning must be given.
 */
function readFilter(text: string): Condition[] {
  const clauses = text
    .trim()
    .split(/\s+and\s+/i)
    .map((clause) => CLAUSE.exec(clause));
  const conditions = clauses.map((clause) => {
    const [, name = "", operator = "", quoted, bare] = clause ?? [];
    const condition = conditionFor(name, operator, quoted ?? bare ?? "");
    if (!condition) throw badFilter(text);
    return condition;
  });
  const begins = clauses.some((clause) => clause?.[1] === "eventTimestamp" && clause[2] === "ge");
  const narrowing = clauses.filter((clause) => clause?.[2] === "eq");
  if (!begins || narrowing.length > 1) throw badFilter(text);
  return conditions;
}

function conditionFor(name: string, operator: string, value: string): Condition | undefined {
  const wanted = value.toLowerCase();
  switch (`${name} ${operator}`) {
    case "eventTimestamp ge":
    case "eventTimestamp le": {
      const ms = Date.parse(value);
      if (Number.isNaN(ms)) return undefined;
      return operator === "ge" ? ({ atMs }) => atMs >= ms : ({ atMs }) => atMs <= ms;
    }
    case "resourceGroupName eq":
      return (event) => event.resourceGroup.toLowerCase() === wanted;
    case "resourceUri eq":
      return (event) => event.resourceId.toLowerCase() === wanted;
    case "resourceProvider eq":
      return (event) => event.provider.toLowerCase() === wanted;
    case "correlationId eq":
      return (event) => event.correlationId.toLowerCase() === wanted;
    default:
      return undefined;
  }
}

function badFilter(text: string): ArmRefusal {
  const message = `The filter '${text}' is not one of the supported patterns.`;
  return new ArmRefusal(400, { code: "BadRequest", message });
}

function select(body: Record<string, unknown>, names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name.trim(), body[name.trim()]]));
}
