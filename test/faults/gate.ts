// A gate before a server: while it is shut, connections are refused, as by a machine that is not there.

import { connect, createServer, type Server, type Socket } from "node:net";

export type Gate = {
  readonly port: number;
  shut(): Promise<void>;
  open(): Promise<void>;
};

/** An open gate before a port of this machine. */
export async function gateBefore(target: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;

  const pass = (inside: Socket): void => {
    const outside = connect({ port: target, host: "127.0.0.1" });
    for (const socket of [inside, outside]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        inside.destroy();
        outside.destroy();
      });
    }
    inside.pipe(outside).pipe(inside);
  };

  const open = async (): Promise<void> => {
    server = createServer(pass);
    const listening = server;
    await new Promise<void>((resolve, reject) => {
      listening.once("error", reject);
      listening.listen(port, "127.0.0.1", resolve);
    });
    const address = listening.address();
    if (typeof address === "object" && address !== null) port = address.port;
  };
  await open();

  return {
    get port() {
      return port;
    },
    open,
    shut: async () => {
      const closing = new Promise((resolve) => server?.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closing;
    },
  };
}
