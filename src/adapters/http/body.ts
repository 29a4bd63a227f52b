// Reads a request's body as it came, byte for byte, and never more than is allowed.

import type { IncomingMessage } from "node:http";

/**
 * What is beyond the limit is thrown away as it comes, so that the client is still there to read the
 * answer. `gone`: the client left in the middle. Never rejects.
 */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Buffer | "too-large" | "gone"> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > bytesMax) {
    request.resume();
    return Promise.resolve("too-large");
  }
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      resolve("too-large");
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", () => resolve("gone"));
    request.once("close", () => resolve("gone"));
  });
}
