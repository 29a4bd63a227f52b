// A receiver of traces for the tests: takes OTLP over HTTP, reads the protobuf as its specification has it, and keeps
// every byte; and whatever goes wrong with one.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";

export type SpanSeen = {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: it is a root. */
  readonly parentId: string;
  readonly name: string;
  readonly kind: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly isError: boolean;
  readonly resource: Readonly<Record<string, string | number>>;
};

export type OtlpSink = {
  readonly url: string;
  readonly spans: readonly SpanSeen[];
  /** The bodies as they came. */
  readonly bodies: readonly Buffer[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** Instead of taking what comes: answers a status, or nothing at all. */
  fault: number | "hang" | undefined;
  close(): Promise<void>;
};

type Tls = { readonly key: string; readonly cert: string };

export async function startOtlpSink(tls?: Tls): Promise<OtlpSink> {
  const spans: SpanSeen[] = [];
  const bodies: Buffer[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const sink = { fault: undefined as OtlpSink["fault"] };
  const answer = (path: string | undefined, body: Buffer, response: ServerResponse): void => {
    if (sink.fault === "hang") return;
    if (sink.fault === undefined && path === "/v1/traces") {
      bodies.push(body);
      spans.push(...spansIn(body));
    }
    response.writeHead(sink.fault ?? (path === "/v1/traces" ? 200 : 404), {
      "content-type": "application/x-protobuf",
    });
    // Nothing of this may be in a log: it could be anything.
    response.end(sink.fault === undefined ? "" : "the receiver's own words");
  };
  const listener = (
    request: import("node:http").IncomingMessage,
    response: ServerResponse,
  ): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      headers.push(request.headers);
      answer(request.url, Buffer.concat(chunks), response);
    });
  };
  const server = tls === undefined ? createServer(listener) : https.createServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(sink, {
    url: tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    spans,
    bodies,
    headers,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  });
}

/** The fields of a protobuf message by their numbers, unread. */
type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

function fieldsIn(message: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Buffer => {
    at += length;
    if (at > message.length) throw new Error("A message ends too early.");
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const value =
      wire === 0
        ? varint()
        : wire === 1
          ? bytes(8).readBigUInt64LE()
          : wire === 2
            ? bytes(Number(varint()))
            : BigInt(bytes(4).readUInt32LE());
    const number = tag >> 3;
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const messages = (fields: Fields, number: number): readonly Fields[] =>
  (fields.get(number) ?? []).map((one) => fieldsIn(one as Buffer));
const text = (fields: Fields, number: number): string =>
  String((fields.get(number)?.[0] as Buffer | undefined) ?? "");
const hex = (fields: Fields, number: number): string =>
  ((fields.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)).toString("hex");
const whole = (fields: Fields, number: number): bigint =>
  (fields.get(number)?.[0] as bigint | undefined) ?? 0n;

const attributesIn = (fields: Fields, number: number): Record<string, string | number> =>
  Object.fromEntries(
    messages(fields, number).map((pair) => {
      const [value = new Map()] = messages(pair, 2);
      return [text(pair, 1), value.has(1) ? text(value, 1) : Number(whole(value, 3))];
    }),
  );

/** ExportTraceServiceRequest, down to its spans. */
function spansIn(body: Buffer): readonly SpanSeen[] {
  return messages(fieldsIn(body), 1).flatMap((of) => {
    const [made = new Map()] = messages(of, 1);
    const resource = attributesIn(made, 1);
    return messages(of, 2).flatMap((scope) =>
      messages(scope, 2).map((span) => ({
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentId: hex(span, 4),
        name: text(span, 5),
        kind: Number(whole(span, 6)),
        startedAtMs: Number(whole(span, 7)) / 1e6,
        endedAtMs: Number(whole(span, 8)) / 1e6,
        attributes: attributesIn(span, 9),
        links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
        isError: messages(span, 15).some((status) => whole(status, 3) === 2n),
        resource,
      })),
    );
  });
}
