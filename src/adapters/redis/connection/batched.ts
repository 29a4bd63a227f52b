// Sends what is asked of Redis in the same moment as one write: a system call each is a tenth of the bot's time.

import { Cluster } from "ioredis";
import type { Connection } from "./connection.ts";

/** Whose writes are being held back at this moment. */
const corked = new WeakSet<object>();

/** Holds back what is written to the connection until everything that is ready to run has run. */
export function batch(connection: Connection): void {
  // A cluster has a connection for each node, and says none of them.
  if (connection instanceof Cluster || connection.status !== "ready") return;
  const { stream } = connection;
  if (corked.has(stream)) return;
  corked.add(stream);
  stream.cork();
  setImmediate(() => {
    corked.delete(stream);
    stream.uncork();
  });
}
