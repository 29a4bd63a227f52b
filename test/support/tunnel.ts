// A proxy that stands in for the internet: it leads each host by name to a server on this machine, and keeps a list.

import http from "node:http";
import net, { type AddressInfo } from "node:net";

export type Tunnel = {
  /** For HTTPS_PROXY. */
  readonly url: string;
  /** Every host and port that somebody asked for, in order: known or not. */
  readonly asked: readonly string[];
  close(): Promise<void>;
};

/** `ports` are of servers on 127.0.0.1, by host name; what is not in it is refused. */
export async function startTunnel(ports: Readonly<Record<string, number>>): Promise<Tunnel> {
  const asked: string[] = [];
  const open = new Set<net.Socket>();
  const server = http.createServer((_, response) => response.writeHead(405).end());
  server.on("connect", ({ url = "" }, client: net.Socket) => {
    asked.push(url);
    const port = ports[url.replace(/:443$/, "")];
    if (port === undefined) {
      client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    const there = net.connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      there.pipe(client).pipe(there);
    });
    for (const socket of [client, there]) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        there.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
