// From a request over the wire to the answer of the simulated Resource Manager.

import { randomUUID } from "node:crypto";
import type { Reply } from "../faults.ts";
import { type ArmCall, ArmRefusal, type ArmReply, type Azure, refusalReply } from "./arm.ts";
import { type GraphMemory, queryGraph } from "./graph/graph.ts";
import { checkToken, type Tokens } from "./managed-identity.ts";
import { refusal } from "./refusals.ts";
import { answering, checkCall, findRoute, perform } from "./routes.ts";
import { type Buckets, spend } from "./throttle.ts";
import { jsonReply, type ReceivedRequest } from "./traffic.ts";

/** What lasts from one call to the next, beside the world. */
export type ArmState = { buckets: Buckets; graph: GraphMemory; tokens: Tokens };

const GRAPH_PATH = "/providers/microsoft.resourcegraph/resources";
const GRAPH_VERSIONS = ["2021-03-01", "2022-10-01", "2024-04-01"];

export function answerArm(azure: Azure, state: ArmState, request: ReceivedRequest): Reply {
  const correlationId = request.headers["x-ms-correlation-request-id"]?.toString() ?? randomUUID();
  const { bot, tenantId } = azure.world;
  const call: Omit<ArmCall, "body"> = {
    method: request.method,
    path: request.path,
    query: request.query,
    headers: request.headers,
    params: {},
    caller: { id: bot.objectId, name: bot.name, address: request.callerAddress },
    correlationId,
  };
  const limits: Record<string, string> = {};
  const reply = guarded(() => {
    checkToken(state.tokens, request.headers.authorization, tenantId);
    if (request.path.toLowerCase() === GRAPH_PATH) return graph(azure, state, { call, request });
    const { route, params } = findRoute(request.method, request.path);
    call.params = params;
    checkCall(azure, route, call);
    const { subscription } = params;
    if (subscription !== undefined) {
      const on = { method: request.method, subscription, caller: call.caller.id };
      Object.assign(limits, spend(azure, state.buckets, on));
    }
    return perform(azure, route, { ...call, body: bodyOf(request) });
  });
  return jsonReply({
    ...reply,
    headers: {
      "cache-control": "no-cache",
      "x-ms-request-id": randomUUID(),
      "x-ms-correlation-request-id": correlationId,
      ...limits,
      ...reply.headers,
    },
  });
}

function graph(
  azure: Azure,
  state: ArmState,
  of: { call: Omit<ArmCall, "body">; request: ReceivedRequest },
): ArmReply {
  const { call, request } = of;
  if (request.method !== "POST") {
    const message = `The requested resource does not support http method '${request.method}'.`;
    throw new ArmRefusal(405, { code: "MethodNotAllowed", message });
  }
  const version = call.query.get("api-version");
  if (!version) throw refusal("api-version-missing");
  if (!GRAPH_VERSIONS.includes(version)) {
    const supported = GRAPH_VERSIONS.join(", ");
    const type = "Microsoft.ResourceGraph/resources";
    throw refusal("api-version-unsupported", { version, supported, location: "global", type });
  }
  return queryGraph(azure, { ...call, body: bodyOf(request) }, state.graph);
}

function bodyOf(request: ReceivedRequest): unknown {
  if (request.body === "") return undefined;
  try {
    return JSON.parse(request.body);
  } catch (fault) {
    throw refusal("body-malformed", { fault: fault instanceof Error ? fault.message : "" });
  }
}

/** A bug of the simulator is a 500 whose message is the bug, and not a silent hang. */
function guarded(work: () => ArmReply): ArmReply {
  try {
    return answering(work);
  } catch (fault) {
    const message = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
    return refusalReply(new ArmRefusal(500, { code: "InternalServerError", message }));
  }
}
