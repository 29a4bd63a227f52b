// One HTTP server for everything that is asked of the process; who answers what is a table of routes.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../../ports/log.ts";
import { type BodyBudget, bodyBudget, readBody } from "./read-body.ts";

export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Decoded as far as a URL is; without the query. */
  readonly path: string;
  /**
   * Reads the whole body, at most `bytesMax`. `undefined`: it was longer (413), there was no room for it
   * among others' (503), or the client has gone; there is nothing left to answer.
   */
  readBody(bytesMax: number): Promise<Buffer | undefined>;
};

export type Route = {
  /** `GET` answers `HEAD`, too. */
  readonly method: "GET" | "POST";
  /** The exact path, or everything below one: `/my-ip/*`. */
  readonly path: string;
  handle(exchange: Exchange): void | Promise<void>;
};

export type HttpServer = {
  /** Adds a route; a path and method that are there already are a mistake of the program's. */
  route(route: Route): void;
  /**
   * Listens on one address, or left out, on all; answers the port, which differs from the one asked for if
   * that was 0.
   */
  start(port: number, address?: string): Promise<number>;
  /** No new connections; what is being answered gets `limitMs`, then every connection is cut. */
  close(limitMs: number): Promise<void>;
};

export type HttpLimits = {
  /** Headers, and the whole request with its body, must have arrived within these. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Longer than the idle time of usual load balancers (60 s): the side that closes first must be theirs. */
  readonly keepAliveMs: number;
  /** Of all bodies together, while they come in. */
  readonly bodyBytesMax: number;
  /** More are closed at once. A load balancer before the bot has some dozens. */
  readonly connectionsMax: number;
};

const LIMITS: HttpLimits = {
  headersMs: 10_000,
  requestMs: 15_000,
  keepAliveMs: 75_000,
  bodyBytesMax: 16 * 1024 * 1024,
  connectionsMax: 1_000,
};

export function httpServer(options: {
  log: Log;
  routes?: readonly Route[];
  limits?: Partial<HttpLimits>;
}): HttpServer {
  const { log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const routes: Route[] = [];
  const budget = bodyBudget(limits.bodyBytesMax);
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      // Node looks for late requests only this often, every 30 s if not told.
      connectionsCheckingInterval: Math.min(limits.headersMs, 5_000),
    },
    (request, response) => void answer({ routes, log, budget }, request, response),
  );
  server.maxConnections = limits.connectionsMax;
  let closing = false;
  // A connection that was busy when we closed becomes idle after its answer, and nobody else looks.
  server.on("request", (_request, response) => {
    response.once("close", () => closing && setImmediate(() => server.closeIdleConnections()));
  });

  const route = (added: Route): void => {
    const taken = routes.some((r) => r.path === added.path && r.method === added.method);
    if (taken) throw new Error(`Two routes for ${added.method} ${added.path}`);
    routes.push(added);
  };
  options.routes?.forEach(route);

  return {
    route,
    start: (port, address) => listen(server, log, { port, host: address }),
    close(limitMs) {
      closing = true;
      return close(server, limitMs);
    },
  };
}

function listen(
  server: Server,
  log: Log,
  on: { readonly port: number; readonly host: string | undefined },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(on, () => {
      server.off("error", reject);
      server.on("error", (error) => log.error({ err: error }, "HTTP server"));
      // A server that listens on a port has an address with a port.
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function close(server: Server, limitMs: number): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), limitMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function answer(
  { routes, log, budget }: { routes: readonly Route[]; log: Log; budget: BodyBudget },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const path = pathOf(request.url);
    if (path === undefined) return plain(response, 400);
    const there = routes.filter((route) => matches(route.path, path));
    if (there.length === 0) return plain(response, 404);
    const method = request.method === "HEAD" ? "GET" : request.method;
    const found = there.find((route) => route.method === method);
    if (found === undefined) {
      const allowed = there.flatMap((r) => (r.method === "GET" ? ["GET", "HEAD"] : [r.method]));
      response.setHeader("allow", allowed.join(", "));
      return plain(response, 405);
    }
    await found.handle({
      request,
      response,
      path,
      readBody: (bytesMax) => bodyOrRefusal({ request, response }, bytesMax, budget),
    });
  } catch (error) {
    log.error({ err: error, method: request.method }, "A request couldn't be answered");
    plain(response, 500);
  }
}

const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad request",
  404: "Not found",
  405: "Method not allowed",
  413: "Too large",
  500: "Something went wrong",
  503: "Too busy",
};

/** Answers with a status and its phrase, unless something else was answered before. */
function plain(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    // Half an answer must not look like a whole one.
    if (!response.writableEnded) response.destroy();
    return;
  }
  const text = `${PHRASES[status] ?? ""}\n`;
  send(response, { status, type: "text/plain; charset=utf-8", text });
}

/** Answers with a text; nothing of ours is ever to be kept by a cache. */
export function send(
  response: ServerResponse,
  { status, type, text }: { status: number; type: string; text: string },
): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}

async function bodyOrRefusal(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  bytesMax: number,
  budget: BodyBudget,
): Promise<Buffer | undefined> {
  const body = await readBody(request, bytesMax, budget);
  if (body === "gone") return undefined;
  if (typeof body !== "string") return body;
  // The connection stays: cut while the rest still comes, it could take our answer with it. What comes is
  // thrown away, until it ends or the time for a whole request is over.
  if (body === "too-many") response.setHeader("retry-after", "1");
  plain(response, body === "too-large" ? 413 : 503);
  return undefined;
}

/** The path of `/path?query` or `http://host/path`; `undefined` for anything that is neither. */
function pathOf(target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  if (target.startsWith("/")) return target.split(/[?#]/, 1)[0];
  return URL.canParse(target) ? new URL(target).pathname : undefined;
}

const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
