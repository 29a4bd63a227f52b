// Tokens of Entra ID in the password's place, and what is found wrong with a Redis that answers.

import { describe, expect, it } from "vitest";
import { connectRedis } from "../../../../src/adapters/redis/connection/connect.ts";
import { redisTokens } from "../../../../src/adapters/redis/connection/entra-sign-in.ts";
import {
  findingsIn,
  redisFindings,
} from "../../../../src/adapters/redis/connection/settings-findings.ts";
import { eventually } from "../../../support/eventually.ts";
import { startRedis } from "../../../support/redis.ts";
import {
  answering,
  cleanups,
  connected,
  server,
  startedCluster,
  wholeLife,
  withAdmin,
} from "../servers.ts";
import { quietLog, targetOf } from "../with-store.ts";

describe("tokens of Entra ID", () => {
  const objectId = "8f9a0000-0000-0000-0000-00000000abcd";

  it("take the password's place, and are renewed while the connection lives", async () => {
    const { port, admin } = await withAdmin();
    await admin.acl("SETUSER", objectId, "on", ">token-1", "~*", "+@all");
    let given = 0;
    // Due for renewal after a second.
    const expiresOnTimestamp = Date.now() + 3 * 60_000;
    const getToken = async () => {
      given++;
      return { token: `token-${given}`, objectId, expiresOnTimestamp };
    };
    const store = connected(targetOf(port, { auth: "entra" }), getToken);
    await answering(store);
    await admin.acl("SETUSER", objectId, ">token-2", ">token-3", ">token-4", "<token-1");
    const known = String(await admin.client("LIST")).match(/^id=(\d+) .* user=8f9a/m)?.[1];
    await eventually(() => expect(given).toBeGreaterThan(1));
    await eventually(async () => {
      const log = await admin.info("commandstats");
      expect(log).toMatch(/cmdstat_auth:calls=[1-9]/);
    });
    // Still the same connection, signed in again; and a new one knows the new token.
    expect(String(await admin.client("LIST"))).toContain(`id=${known} `);
    await admin.call("CLIENT", "KILL", "USER", objectId);
    await answering(store);
    await wholeLife(store);
  }, 20_000);

  it("are asked for again where there is none yet", async () => {
    const { port, admin } = await withAdmin();
    await admin.acl("SETUSER", objectId, "on", ">token", "~*", "+@all");
    let asked = 0;
    const getToken = async () => {
      if (++asked === 1) throw new Error("no network yet");
      return { token: "token", objectId, expiresOnTimestamp: Date.now() + 3_600_000 };
    };
    const store = connected(targetOf(port, { auth: "entra" }), getToken);
    await expect(store.ping()).rejects.toMatchObject({ code: "Disconnected", retryable: true });
    await answering(store);
  });

  it("sign in to every node of a cluster, also to those that come later", async () => {
    const { port, admin } = await startedCluster();
    await admin.acl("SETUSER", objectId, "on", ">token", "~*", "+@all");
    await admin.acl("SETUSER", "default", "resetpass", ">other");
    const getToken = async () => ({
      ...{ token: "token", objectId, expiresOnTimestamp: Date.now() + 3_600_000 },
    });
    const store = connected(targetOf(port, { mode: "cluster", auth: "entra" }), getToken);
    await answering(store);
    await admin.call("CLIENT", "KILL", "USER", objectId);
    await answering(store);
    await wholeLife(store);
  }, 30_000);

  it("come from a credential, for Redis, in the name of the object that they carry", async () => {
    const payload = Buffer.from(JSON.stringify({ oid: objectId, aud: "x" })).toString("base64url");
    const token = `e30.${payload}.c2ln`;
    const scopes: string[] = [];
    const getToken = redisTokens({
      getToken: async (scope) => {
        scopes.push(scope);
        return { token, expiresOnTimestamp: 7 };
      },
    });
    expect(await getToken()).toEqual({ token, expiresOnTimestamp: 7, objectId });
    expect(scopes).toEqual(["https://redis.azure.com/.default"]);
  });

  it.each([
    ["none", null],
    ["one without a name", { token: "e30.e30.c2ln", expiresOnTimestamp: 7 }],
    ["one that can't be read", { token: "opaque", expiresOnTimestamp: 7 }],
  ])("are not made up where a credential gives %s", async (_what, given) => {
    await expect(redisTokens({ getToken: async () => given })()).rejects.toThrow();
  });

  it("are needed where they are wanted", () => {
    expect(() => connectRedis(targetOf(1, { auth: "entra" }), quietLog)).toThrow("tokens");
  });
});

describe("the findings", () => {
  it("are none for a Redis that keeps what it is given", async () => {
    const redis = await startRedis({ appendOnly: true });
    cleanups.push(redis.stop);
    const connection = connectRedis(targetOf(redis.port), quietLog);
    cleanups.push(() => connection.disconnect());
    expect(await redisFindings(connection, 0)).toEqual([]);
  });

  it("name what would lose grants, and the fix, even where CONFIG is forbidden", async () => {
    const redis = await server(
      ...["--maxmemory-policy", "allkeys-lru", "--rename-command", "CONFIG", ""],
    );
    const connection = connectRedis(targetOf(redis.port), quietLog);
    cleanups.push(() => connection.disconnect());
    expect(await redisFindings(connection, 0)).toEqual([
      expect.stringContaining("maxmemory-policy is allkeys-lru"),
      expect.stringContaining("set appendonly to yes"),
    ]);
  });

  it.each([
    ["redis_version:6.2.0\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n", []],
    ["redis_version:7.2.4\r\nserver_name:valkey\r\nmaxmemory_policy:noeviction\r\n", []],
    [
      "redis_version:6.0.16\r\nmaxmemory_policy:noeviction\r\n",
      ["Redis is 6.0.16: use 6.2 or later, or Valkey."],
    ],
    [
      "redis_version:7.4.0\r\n",
      ["Redis doesn't say whether it evicts: set maxmemory-policy to noeviction."],
    ],
  ])("are read off INFO: %j", (info, findings) => {
    expect(findingsIn(info, 0)).toEqual(findings);
  });

  it.each([
    [0, 2, undefined],
    [2, 2, undefined],
    [1, 2, "Redis has 2 replicas, and REDIS_WAIT_REPLICAS is 1, so a failover can lose"],
    [2, 1, "Redis has 1 replica, and REDIS_WAIT_REPLICAS is 2, so nothing can be requested"],
  ])("say what waiting for %d of %d replicas comes to", (wait, connected, finding) => {
    const info = `redis_version:7.2.4\r\nmaxmemory_policy:noeviction\r\nconnected_slaves:${connected}\r\n`;
    expect(findingsIn(info, wait)).toEqual(finding ? [expect.stringContaining(finding)] : []);
  });
});
