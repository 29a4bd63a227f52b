// A proxy before Redis that holds every answer back for a while: commands arrive at once, as in a brown-out.

import net, { type AddressInfo } from "node:net";

export type SlowRedis = {
  readonly port: number;
  /** From now on each answer takes this much longer. Answers keep their order. */
  delay(ms: number): void;
  close(): Promise<void>;
};

export async function slowRedis(redisPort: number): Promise<SlowRedis> {
  let delayMs = 0;
  const open = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const redis = net.connect(redisPort, "127.0.0.1");
    let freeAtMs = 0;
    client.pipe(redis);
    redis.on("data", (bytes) => {
      freeAtMs = Math.max(freeAtMs, Date.now() + delayMs);
      setTimeout(() => client.writable && client.write(bytes), freeAtMs - Date.now());
    });
    for (const socket of [client, redis]) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        redis.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    delay: (ms) => {
      delayMs = ms;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
