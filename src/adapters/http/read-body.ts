// Reads a request's body as it came, byte for byte, and never more than is allowed: of one, and of all at once.

import type { IncomingMessage } from "node:http";

/** How much of all bodies together may be in memory while they come in. */
export type BodyBudget = {
  /** Whether there is room for this many more bytes of a body that may get as long as this; they are taken. */
  take(bytes: number, bodyBytes: number): boolean;
  giveBack(bytes: number, bodyBytes: number): void;
};

/** What Slack sends is mostly shorter; long bodies leave room for such. */
const SHORT_BYTES = 16_384;
const SHORT_SHARE = 1 / 4;

export function bodyBudget(bytesMax: number): BodyBudget {
  const left = { short: bytesMax * SHORT_SHARE, long: bytesMax * (1 - SHORT_SHARE) };
  const roomOf = (bodyBytes: number) => (bodyBytes <= SHORT_BYTES ? "short" : "long");
  return {
    take(bytes, bodyBytes) {
      const room = roomOf(bodyBytes);
      if (left[room] < bytes) return false;
      left[room] -= bytes;
      return true;
    },
    giveBack(bytes, bodyBytes) {
      left[roomOf(bodyBytes)] += bytes;
    },
  };
}

export type Unread = "too-large" | "too-many" | "gone";

/**
 * What is beyond the limit is thrown away as it comes, so that the client is still there to read the
 * answer. `too-many`: others' bodies take all the room now. `gone`: the client left in the middle. Never
 * rejects.
 */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  budget: BodyBudget,
): Promise<Buffer | Unread> {
  const length = request.headers["content-length"];
  const announced = Number(length ?? 0);
  if (announced > bytesMax) {
    request.resume();
    return Promise.resolve("too-large");
  }
  const mayGetAsLongAs = length === undefined ? bytesMax : announced;
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    let taken = 0;
    let over = false;
    const finish = (outcome: Buffer | Unread): void => {
      over = true;
      chunks = [];
      budget.giveBack(taken, mayGetAsLongAs);
      taken = 0;
      resolve(outcome);
    };
    request.on("data", (chunk: Buffer) => {
      if (over) return;
      bytes += chunk.length;
      if (bytes > bytesMax) return finish("too-large");
      if (!budget.take(chunk.length, mayGetAsLongAs)) return finish("too-many");
      taken += chunk.length;
      chunks.push(chunk);
    });
    request.once("end", () => over || finish(Buffer.concat(chunks)));
    request.once("error", () => over || finish("gone"));
    request.once("close", () => over || finish("gone"));
  });
}
