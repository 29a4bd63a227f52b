// The control surface: lets a web page, or a person with curl, do and see what tests do and see.

import type { IncomingMessage, ServerResponse } from "node:http";
import { answerFaultControl, type Faults, type Reply } from "../faults.ts";
import type { Acts } from "./acts/acts.ts";
import type { ApiCall } from "./api/serve.ts";
import { asObject, asText, parseJson } from "./json.ts";
import type { Delivery } from "./out/parcel.ts";
import type { DisconnectReason, Sockets } from "./out/sockets.ts";
import type { Reading } from "./read.ts";
import type { SlackWorkspace } from "./slack-workspace.ts";

export type Controlled = {
  world: SlackWorkspace;
  acts: Acts;
  reading: Reading;
  faults: Faults;
  sockets: Sockets;
  calls: ApiCall[];
  deliveries: Delivery[];
};

export const CONTROL_PATH = "/_sandbox/";

/** Answers anything beneath `/_sandbox/`; the event stream stays open. */
export async function control(
  on: Controlled,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<Reply | "streaming"> {
  const { method = "GET", url = "/" } = request;
  const refused = refuseStrangers(request);
  if (refused) return refused;
  const { pathname, searchParams } = new URL(url, "http://here");
  const target = { method, path: url, body: body.toString() };
  const faultReply = answerFaultControl(on.faults, target);
  if (faultReply) return faultReply;
  switch (`${method} ${pathname}`) {
    case "GET /_sandbox/state": {
      const user = searchParams.get("as") ?? "";
      if (!on.world.users.has(user)) return json(404, { error: `there is no user ${user}` });
      return json(200, on.reading.stateAs(user));
    }
    case "GET /_sandbox/calls":
      return json(200, { calls: on.calls, deliveries: on.deliveries });
    case "GET /_sandbox/events":
      streamChanges(on.world, response);
      return "streaming";
    case "POST /_sandbox/act":
      return act(on, parseJson(body.toString()));
    case "POST /_sandbox/socket":
      return socket(on, parseJson(body.toString()));
    default:
      return json(404, { error: "there is nothing here" });
  }
}

/** Keeps web pages of other origins from acting through the visitor's browser. */
function refuseStrangers(request: IncomingMessage): Reply | undefined {
  const host = request.headers.host?.replace(/:\d+$/, "") ?? "";
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)) {
    return json(403, { error: "ask by a loopback name" });
  }
  const isJson = request.headers["content-type"]?.startsWith("application/json");
  if (request.method === "POST" && !isJson) return json(415, { error: "send application/json" });
  return undefined;
}

async function act(on: Controlled, input: unknown): Promise<Reply> {
  const { act: name, ...rest } = asObject(input) ?? {};
  if (typeof name !== "string" || !Object.hasOwn(on.acts, name)) {
    return json(400, { error: `act must be one of ${Object.keys(on.acts).join(", ")}` });
  }
  const perform = on.acts[name as keyof Acts] as (input: unknown) => Promise<unknown>;
  try {
    return json(200, { result: (await perform(rest)) ?? null });
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

const REASONS: DisconnectReason[] = ["warning", "refresh_requested", "link_disabled"];

function socket({ sockets }: Controlled, input: unknown): Reply {
  const wanted = asText(asObject(input)?.do);
  const reason = REASONS.find((one) => one === wanted);
  if (reason) sockets.disconnect(reason);
  else if (wanted === "drop") sockets.drop();
  else if (wanted === "freeze") sockets.freeze();
  else
    return json(400, { error: `do must be one of ${[...REASONS, "drop", "freeze"].join(", ")}` });
  return json(200, { connections: sockets.count() });
}

function streamChanges(world: SlackWorkspace, response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    connection: "keep-alive",
  });
  response.write(": changes follow\n\n");
  const stop = world.changes.listen((change) => {
    response.write(`data: ${JSON.stringify(change)}\n\n`);
  });
  response.on("close", stop);
}

function json(status: number, body: unknown): Reply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  };
}
