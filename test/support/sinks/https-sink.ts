// HTTPS receivers for the tests: one that takes signed JSON lines, and one that answers as Azure Monitor's Logs
// Ingestion API does; and whatever goes wrong on the way.

import { createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import type { Certificate } from "../../../src/sandbox/tls.ts";

/** What it does with the next requests instead of answering that it has them. */
type HttpsFault = {
  readonly times: number;
  /** Keeps what came before it fails: then all of it comes again. */
  readonly takes?: boolean;
  /** Left out: the connection is reset in the middle. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly delayMs?: number;
};

export type HttpsSink = {
  readonly url: string;
  /** Every line, or row, in the order in which they came, with when. */
  readonly lines: { readonly text: string; readonly atMs: number }[];
  /** Of each request that it answered with a yes: how many lines it had. */
  readonly batches: number[];
  /** Why it refused requests, the signature or the shape being wrong. */
  readonly refused: string[];
  fault: HttpsFault | undefined;
  kill(): Promise<void>;
  start(): Promise<void>;
};

/** Answers the lines in a request, or why it isn't right. */
type Read = (request: IncomingMessage, body: Buffer) => readonly string[] | Refused;
type Refused = { readonly status: number; readonly code: string; readonly message: string };

const SIGNATURE = /^t=(\d{10}),seq=(\d+-\d+),v1=([0-9a-f]{64})$/;
const SKEW_MAX_S = 300;

/** Checks the signature as a receiver should. */
export const startIngest = (certificate: Certificate, key: string): Promise<HttpsSink> =>
  startSink({ certificate, path: "/ingest", status: 200 }, (request, body) => {
    const [, time = "", numbers = "", mac = ""] =
      SIGNATURE.exec(String(request.headers["x-jit-signature"])) ?? [];
    const refused = (message: string) => ({ status: 401, code: "Unauthorized", message });
    const right = createHmac("sha256", key)
      .update(`${time}.${numbers}.`)
      .update(body)
      .digest("hex");
    if (right !== mac) return refused("the signature is wrong");
    if (Math.abs(Date.now() / 1_000 - Number(time)) > SKEW_MAX_S) return refused("it is stale");
    const lines = body.toString().split("\n").slice(0, -1);
    const seqs = lines.map((line) => (JSON.parse(line) as { seq: number }).seq);
    const said = `${seqs[0] ?? 0}-${seqs.at(-1) ?? 0}`;
    return said === numbers ? lines : refused(`${numbers} isn't ${said}`);
  });

const LARGEST_BYTES = 1_048_576;

/** By its published shape: https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview */
export const startMonitor = (
  certificate: Certificate,
  { ruleId, stream }: { readonly ruleId: string; readonly stream: string },
): Promise<HttpsSink> =>
  startSink({ certificate, path: "", status: 204 }, (request, body) => {
    const url = new URL(request.url ?? "/", "https://localhost");
    const refused = (status: number, code: string, message: string) => ({ status, code, message });
    if (audienceOf(request.headers.authorization) !== "https://monitor.azure.com") {
      return refused(401, "InvalidToken", "The token's audience is wrong.");
    }
    if (url.searchParams.get("api-version") !== "2023-01-01") {
      return refused(400, "InvalidApiVersion", "The api-version is missing or unknown.");
    }
    if (url.pathname !== `/dataCollectionRules/${ruleId}/streams/${stream}`) {
      return refused(404, "NotFound", "Data collection rule with immutable Id not found.");
    }
    if (!/^application\/json/.test(String(request.headers["content-type"]))) {
      return refused(415, "UnsupportedMediaType", "Content-Type must be application/json.");
    }
    const isZipped = request.headers["content-encoding"] === "gzip";
    const text = (isZipped ? gunzipSync(body) : body).toString();
    if (text.length > LARGEST_BYTES)
      return refused(413, "ContentLengthLimitExceeded", "Too large.");
    const rows: unknown = JSON.parse(text);
    if (!Array.isArray(rows)) return refused(400, "InvalidPayload", "The payload isn't an array.");
    return rows.map((row) => JSON.stringify(row));
  });

function audienceOf(authorization = ""): string | undefined {
  const payload = authorization.replace(/^Bearer /, "").split(".")[1] ?? "";
  try {
    return (JSON.parse(Buffer.from(payload, "base64url").toString()) as { aud?: string }).aud;
  } catch {
    return undefined;
  }
}

type Served = { readonly certificate: Certificate; readonly path: string; readonly status: number };

async function startSink({ certificate, path, status }: Served, read: Read): Promise<HttpsSink> {
  let server: https.Server | undefined;
  let port = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const lines = read(request, body);
    const { fault } = sink;
    const failing = fault !== undefined && fault.times > 0 ? fault : undefined;
    if (fault !== undefined) sink.fault = { ...fault, times: fault.times - 1 };
    if (!("status" in lines) && (failing === undefined || failing.takes === true)) {
      for (const text of lines) sink.lines.push({ text, atMs: Date.now() });
    }
    if (failing?.delayMs) await new Promise((done) => setTimeout(done, failing.delayMs));
    if (failing !== undefined && failing.status === undefined)
      return void request.socket.resetAndDestroy();
    if (failing !== undefined) {
      response.writeHead(failing.status ?? 500, { ...failing.headers });
      return void response.end(JSON.stringify(failing.body ?? {}));
    }
    if ("status" in lines) {
      sink.refused.push(lines.message);
      response.writeHead(lines.status, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ error: lines }));
    }
    sink.batches.push(lines.length);
    response.writeHead(status).end();
  };
  const sink: HttpsSink = {
    get url() {
      return `https://127.0.0.1:${port}${path}`;
    },
    lines: [],
    batches: [],
    refused: [],
    fault: undefined,
    start: async () => {
      const made = https.createServer(
        { key: certificate.keyPem, cert: certificate.certPem },
        (request, response) => void answer(request, response).catch(() => response.destroy()),
      );
      server = made;
      await new Promise<void>((done) => made.listen(port, "127.0.0.1", done));
      port = (made.address() as AddressInfo).port;
    },
    kill: async () => {
      const closed = new Promise<void>((done) => {
        if (server === undefined) done();
        else server.close(() => done());
      });
      server?.closeAllConnections();
      await closed;
      server = undefined;
    },
  };
  await sink.start();
  return sink;
}
