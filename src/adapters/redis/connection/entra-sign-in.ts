// Signs in to Redis with tokens of Microsoft Entra ID, which must be renewed while the connection lives.

import { Cluster, type Redis } from "ioredis";
import { z } from "zod";
import { type Backoff, backoffMs } from "../../../ports/backoff.ts";
import type { Log } from "../../../ports/log.ts";
import type { Connection } from "./connection.ts";

/** A token for `https://redis.azure.com/.default`, and the object id of whom it was issued to. */
type RedisToken = {
  readonly token: string;
  readonly expiresOnTimestamp: number;
  readonly objectId: string;
};
export type GetRedisToken = () => Promise<RedisToken>;

/** What Azure's credentials have. */
type Credential = {
  getToken(scope: string): Promise<{ token: string; expiresOnTimestamp: number } | null>;
};

/** https://learn.microsoft.com/azure/redis/entra-for-authentication */
const SCOPE = "https://redis.azure.com/.default";

/** Gets tokens from a credential. Redis knows a user by the object id that the token carries. */
export function redisTokens(credential: Credential): GetRedisToken {
  return async () => {
    const given = await credential.getToken(SCOPE);
    if (given === null) throw new Error("The credential has no token for Redis.");
    const payload = Buffer.from(given.token.split(".")[1] ?? "", "base64url").toString();
    const { oid } = z.object({ oid: z.string() }).parse(JSON.parse(payload));
    return { token: given.token, expiresOnTimestamp: given.expiresOnTimestamp, objectId: oid };
  };
}

/**
 * Redis shuts the connections of expired tokens. Azure's client keeps a token until five minutes before:
 * asked any earlier it would give the old one again.
 */
const RENEW_BEFORE_MS = 3 * 60_000;
const RENEW_AFTER_MS_MIN = 1_000;
const RETRIES: Backoff = { firstMs: 1_000, mostMs: 30_000 };

/**
 * Connects as soon as there is a token, and from then on signs every connection in again before its
 * token expires; connections made later use the newest token. Ends when the connection is closed.
 */
export function keepSignedIn(connection: Connection, getToken: GetRedisToken, log: Log): void {
  let current: RedisToken | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isClosed = false;

  const renew = async () => {
    try {
      current = await getToken();
      failures = 0;
      if (isClosed) return;
      signIn(connection, current, log);
      const waitMs = current.expiresOnTimestamp - Date.now() - RENEW_BEFORE_MS;
      again(Math.max(waitMs, RENEW_AFTER_MS_MIN));
    } catch (error) {
      failures++;
      log.warn({ error: String(error), failures }, "No token for Redis: trying again");
      again(backoffMs(failures, RETRIES));
    }
  };
  const again = (waitMs: number) => {
    if (isClosed) return;
    timer = setTimeout(renew, waitMs);
    timer.unref();
  };

  connection.on("end", () => {
    isClosed = true;
    clearTimeout(timer);
  });
  // A cluster's nodes come and go; each is told before it connects.
  connection.on("+node", (node: Redis) => {
    if (current !== undefined) setCredentials(node, current);
  });
  void renew();
}

function signIn(connection: Connection, token: RedisToken, log: Log): void {
  const servers = connection instanceof Cluster ? connection.nodes() : [connection];
  for (const server of servers) {
    setCredentials(server, token);
    if (server.status !== "ready") continue;
    server.auth(token.objectId, token.token).catch((error: unknown) => {
      // It stays signed in with the old token; when that expires it reconnects with the new one.
      log.warn({ error: messageOf(error) }, "Redis didn't accept the renewed token");
    });
  }
  // Rejects where the first attempt fails; the connection goes on trying by itself.
  if (connection.status === "wait") connection.connect().catch(() => undefined);
}

function setCredentials(server: Redis, { objectId, token }: RedisToken): void {
  server.options.username = objectId;
  server.options.password = token;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : "unknown");
