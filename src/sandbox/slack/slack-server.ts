// The HTTP server of the simulated Slack: routes requests, and lets faults befall them.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { Fate, Faults, Reply } from "../faults.ts";
import { uploadedBytes } from "./api/decode-body.ts";
import { receiveUpload } from "./api/file-methods.ts";
import { type Api, type ApiCall, answerCall } from "./api/serve.ts";
import type { Hooks } from "./hooks.ts";
import { CONTROL_PATH, type Controlled, control } from "./slack-control.ts";

export type Served = Controlled & {
  api: Api;
  hooks: Hooks;
  faults: Faults;
  calls: ApiCall[];
  /** Answers what isn't Slack's, such as a web page of the demo. */
  fallback?: RequestListener | undefined;
};

export function createSlackServer(served: () => Served): Server {
  const server = createServer((request, response) => {
    serve(served(), request, response).catch((error: unknown) => {
      // A bug in the simulator must not pass for one of Slack's answers.
      console.error("simulated Slack failed:", error);
      response.destroy();
    });
  });
  server.on("upgrade", (request, socket, head) => {
    served().sockets.upgrade(request, socket, head);
  });
  return server;
}

export async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return `http://${host}:${bound}`;
}

export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

async function serve(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = request.url ?? "/";
  const isOurs = /^\/(api|upload|response|_sandbox)\//.test(path);
  if (!isOurs && served.fallback) {
    served.fallback(request, response);
    return;
  }
  const body = await readBody(request);
  if (path.startsWith(CONTROL_PATH)) {
    const reply = await control(served, request, response, body);
    if (reply !== "streaming") send(response, reply);
    return;
  }
  const fate = await underFaults(served, request, body);
  if (fate === "hang") return;
  if (fate === "reset") request.socket.resetAndDestroy();
  else send(response, fate);
}

/** Every request of the app's passes here, whatever it is for. */
async function underFaults(served: Served, request: IncomingMessage, body: Buffer): Promise<Fate> {
  const { method = "GET", url: path = "/" } = request;
  const target = { method, path, body: body.toString() };
  const { pathname, search } = new URL(path, "http://here");
  const around = (handle: () => Reply | Promise<Reply>) => served.faults.around(target, handle);
  const [, kind, ...rest] = pathname.split("/");
  if (kind === "response") return around(() => served.hooks.receive(pathname, body));
  if (kind === "upload") return around(() => upload(served, rest.at(-1) ?? "", request, body));
  if (kind !== "api") return { status: 404, headers: {}, body: "" };
  const { world } = served;
  const call: ApiCall = {
    atMs: world.nowMs(),
    method: rest.join("/"),
    args: {},
    tokenOk: false,
    handled: false,
    status: "pending",
  };
  served.calls.push(call);
  const fate = await around(() => {
    call.handled = true;
    return answerCall(served.api, call, { headers: request.headers, query: search, body });
  });
  call.status = typeof fate === "string" ? fate : fate.status;
  world.changes.tell({ kind: "call" });
  return fate;
}

async function upload(
  { world }: Served,
  id: string,
  request: IncomingMessage,
  body: Buffer,
): Promise<Reply> {
  const answer = receiveUpload(world, id, await uploadedBytes(request.headers, body));
  return { status: answer ? 200 : 404, headers: {}, body: answer ?? "no such upload" };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, reply.headers);
  response.end(reply.body);
}
