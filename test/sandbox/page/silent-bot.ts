// Stands in for a bot that says it is ready, takes everything, and does nothing.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((_request, response) => response.end());
server.listen(0, "127.0.0.1", () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.once("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(1));
