// Every way of connecting, against real servers: with passwords, over TLS, a cluster, sentinels.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PeerCertificate } from "node:tls";
import { describe, expect, it } from "vitest";
import { connectRedis, isOneOf } from "../../../../src/adapters/redis/connection/connect.ts";
import { redisStorage } from "../../../../src/adapters/redis/storage.ts";
import { makeCertificate, trustInProcess } from "../../../../src/sandbox/tls.ts";
import {
  answering,
  cleanups,
  connected,
  freePort,
  server,
  startedCluster,
  wholeLife,
  withAdmin,
} from "../servers.ts";
import { TENANT, targetOf } from "../with-store.ts";

describe("one server", () => {
  it("is used with a user's name, password and database", async () => {
    const { port, admin } = await withAdmin();
    await admin.acl("SETUSER", "jit", "on", ">pw%@", "~*", "+@all");
    await admin.config("SET", "requirepass", "other");
    await wholeLife(connected(targetOf(port, { username: "jit", password: "pw%@", database: 3 })));
    await admin.select(3);
    expect(await admin.dbsize()).toBeGreaterThan(0);
  });

  it("is not used with a wrong password, which is never logged", async () => {
    const { port, admin } = await withAdmin();
    await admin.config("SET", "requirepass", "right");
    const lines: string[] = [];
    const line = (facts: object, text: string) => lines.push(`${text} ${JSON.stringify(facts)}`);
    const log = { debug: line, info: line, warn: line, error: line };
    const connection = connectRedis(targetOf(port, { password: "wr0ng" }), log);
    cleanups.push(() => connection.disconnect());
    await expect(redisStorage(connection, { tenant: TENANT }).ping()).rejects.toMatchObject({
      retryable: true,
    });
    expect(lines.join("\n")).toContain("WRONGPASS");
    expect(lines.join("\n")).not.toContain("wr0ng");
  });

  it("is used over TLS, and only with a certificate that is trusted", async () => {
    const directory = mkdtempSync(join(tmpdir(), "jit-tls-"));
    cleanups.push(() => rmSync(directory, { recursive: true }));
    const { keyPem, certPem } = await makeCertificate();
    writeFileSync(join(directory, "key.pem"), keyPem);
    writeFileSync(join(directory, "cert.pem"), certPem);
    const port = await freePort();
    await server(
      ...["--tls-port", String(port), "--tls-auth-clients", "no"],
      ...["--tls-key-file", join(directory, "key.pem")],
      ...["--tls-cert-file", join(directory, "cert.pem")],
      ...["--tls-ca-cert-file", join(directory, "cert.pem")],
    );
    const untrusting = connected(targetOf(port, { tls: true }));
    await expect(untrusting.ping()).rejects.toMatchObject({ code: "Disconnected" });
    trustInProcess(certPem);
    const store = connected(targetOf(port, { tls: true }));
    await answering(store);
    await wholeLife(store);
  });
});

describe("a cluster", () => {
  it("keeps everything of a tenant in one slot", async () => {
    const { port, admin, kill, restart } = await startedCluster();
    const store = connected(targetOf(port, { mode: "cluster" }));
    await answering(store);
    await wholeLife(store);
    const slots = await Promise.all(
      (await admin.keys("*")).map((key) => admin.call("CLUSTER", "KEYSLOT", key)),
    );
    expect(new Set(slots).size).toBe(1);
    // And after it was away.
    await kill();
    await expect(store.ping()).rejects.toMatchObject({ source: "redis", retryable: true });
    await restart();
    await answering(store);
  }, 30_000);
});

describe("the certificate of a cluster's node", () => {
  const certificate = (subjectaltname: string) =>
    ({ subject: {}, subjectaltname }) as unknown as PeerCertificate;
  const check = isOneOf([{ host: "jit.redis.example.com", port: 10_000 }]);

  it("may be that of the host that was configured, where the node is known by its address", () => {
    expect(check("10.0.0.7", certificate("DNS:jit.redis.example.com"))).toBeUndefined();
    expect(check("10.0.0.7", certificate("DNS:*.redis.example.com"))).toBeUndefined();
  });

  it("may be the node's own", () => {
    expect(check("10.0.0.7", certificate("IP Address:10.0.0.7"))).toBeUndefined();
  });

  it("may be nobody else's", () => {
    expect(check("10.0.0.7", certificate("DNS:other.example.com"))).toBeInstanceOf(Error);
  });
});

describe("sentinels", () => {
  it("say which server it is, whether or not they want a password themselves", async () => {
    const redis = await withAdmin();
    await redis.admin.config("SET", "requirepass", "pw");
    const directory = mkdtempSync(join(tmpdir(), "jit-sentinel-"));
    const port = await freePort();
    const file = join(directory, "sentinel.conf");
    const watched = `sentinel monitor main 127.0.0.1 ${redis.port} 1\nsentinel auth-pass main pw\n`;
    writeFileSync(file, `port ${port}\nbind 127.0.0.1\ndir ${directory}\n${watched}`);
    const sentinel = spawn("redis-server", [file, "--sentinel"], { stdio: "ignore" });
    cleanups.push(async () => {
      const gone = once(sentinel, "exit");
      sentinel.kill();
      await gone;
      rmSync(directory, { recursive: true });
    });
    const asked = { mode: "sentinel", sentinelName: "main", password: "pw" } as const;
    const store = connected(targetOf(port, asked));
    await answering(store);
    await wholeLife(store);
  });
});
