// A syslog receiver for the tests: octet counting over TCP or TLS, with whatever goes wrong on the way.

import net, { type AddressInfo, type Server, type Socket } from "node:net";
import tls from "node:tls";
import type { Certificate } from "../../../src/sandbox/tls.ts";

export type SyslogSink = {
  /** `tls://127.0.0.1:<port>` or `tcp://…`. */
  readonly url: string;
  /** Every message in the order in which it was read, with when. */
  readonly messages: { readonly text: string; readonly atMs: number }[];
  readonly connections: () => number;
  /** What it does instead of reading to the end and closing. */
  fault: SyslogFault | undefined;
  /** Listens no more, and breaks what is connected, as a process that is killed does. */
  kill(): Promise<void>;
  /** Takes no more connections, and leaves those that it has open. */
  deafen(): Promise<void>;
  start(): Promise<void>;
};

type SyslogFault =
  /** Dies after this many messages of a connection: what it has read besides is lost. */
  | { readonly kind: "dies-after"; readonly count: number }
  /** Never reads anything. */
  | { readonly kind: "deaf" }
  /** Reads everything, and never closes. */
  | { readonly kind: "unclosing" };

export async function startSyslogSink(certificate?: Certificate): Promise<SyslogSink> {
  const sockets = new Set<Socket>();
  const secure = certificate && { key: certificate.keyPem, cert: certificate.certPem };
  let server: Server | undefined;
  let port = 0;
  let connections = 0;

  const serve = (socket: Socket): void => {
    connections++;
    socket.on("error", () => undefined);
    const { fault } = sink;
    if (fault?.kind === "deaf") return void socket.pause();
    let unread: Buffer = Buffer.alloc(0);
    let count = 0;
    socket.on("data", (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      for (;;) {
        if (fault?.kind === "dies-after" && count >= fault.count) return void socket.destroy();
        const [frame, rest] = frameIn(unread);
        if (frame === undefined) return;
        unread = rest;
        count++;
        sink.messages.push({ text: frame, atMs: Date.now() });
      }
    });
    socket.on("end", () => {
      if (fault?.kind !== "unclosing") socket.end();
    });
  };

  const sink: SyslogSink = {
    get url() {
      return `${secure ? "tls" : "tcp"}://127.0.0.1:${port}`;
    },
    messages: [],
    connections: () => connections,
    fault: undefined,
    start: async () => {
      const options = { allowHalfOpen: true };
      const made = secure
        ? tls.createServer({ ...secure, ...options }, serve)
        : net.createServer(options, serve);
      server = made;
      made.on("tlsClientError", () => undefined);
      made.on("connection", (socket: Socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
      });
      await new Promise<void>((done) => made.listen(port, "127.0.0.1", done));
      port = (made.address() as AddressInfo).port;
    },
    deafen: async () => {
      server?.close();
      server = undefined;
    },
    kill: async () => {
      const closed = new Promise<void>((done) => {
        if (server === undefined) done();
        else server.close(() => done());
      });
      for (const socket of sockets) socket.destroy();
      await closed;
      server = undefined;
    },
  };
  await sink.start();
  return sink;
}

/** `<length> <message>`: RFC 6587, section 3.4.1. Anything else is refused. */
function frameIn(bytes: Buffer): readonly [string | undefined, Buffer] {
  const space = bytes.indexOf(" ");
  if (space < 0) return [undefined, bytes];
  const digits = bytes.subarray(0, space).toString();
  if (!/^[1-9]\d*$/.test(digits)) throw new Error(`no length: ${digits.slice(0, 50)}`);
  const end = space + 1 + Number(digits);
  if (bytes.length < end) return [undefined, bytes];
  return [bytes.subarray(space + 1, end).toString(), bytes.subarray(end)];
}
