// What the doctor says of the bot itself, of hosts, of how Redis keeps things, and of optional scopes.

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { createServer as createTlsServer, type Server } from "node:tls";
import { generate } from "selfsigned";
import { describe, expect, it, onTestFinished } from "vitest";
import { keptBy } from "../../../src/adapters/redis/connection/redis-checkup.ts";
import { lookAtHost } from "../../../src/adapters/tls-look.ts";
import { findingLine } from "../../../src/domain/doctor/finding.ts";
import { redisFindings, slackFindings } from "../../../src/flows/doctor/doctor-findings.ts";
import { hostFindings } from "../../../src/flows/doctor/doctor-hosts.ts";
import { botFindings, replicaFindings } from "../../../src/flows/doctor/doctor-replicas.ts";
import type { HostFacts } from "../../../src/ports/checkup.ts";
import { outsideHosts, ownHosts } from "../../../src/replica/hosts.ts";

describe("the bot", () => {
  const one = { name: "a.1", version: "1.0.0", hash: "a".repeat(64) };
  const lines = (...replicas: Parameters<typeof replicaFindings>[0] & object) =>
    replicaFindings(replicas).map(findingLine);

  it("says its version, and where it runs from", () => {
    expect(botFindings({ version: "1.0.0", from: "the image" }).map(findingLine)).toEqual([
      "✓ Bot: version 1.0.0, from the image.",
    ]);
  });

  it("names the replicas that live, with version and policy file", () => {
    expect(lines()).toEqual(["✓ Bot: no replica is running."]);
    expect(lines(one)).toEqual([
      "✓ Bot: 1 replica is running: a.1 (version 1.0.0, policy file aaaaaaaaaaaa).",
    ]);
    expect(replicaFindings(undefined)).toEqual([]);
  });

  it("warns where they differ", () => {
    const other = { name: "b.2", version: "1.1.0", hash: "b".repeat(64) };
    expect(lines(one, other)).toEqual([
      "✓ Bot: 2 replicas are running: a.1 (version 1.0.0, policy file aaaaaaaaaaaa), b.2 (version 1.1.0, policy file bbbbbbbbbbbb).",
      "! Bot: warning: versions differ: finish the upgrade.",
      "! Bot: warning: policy files differ: give all replicas the same.",
    ]);
  });

  it("counts very many", () => {
    const many = Array.from({ length: 9 }, (_, n) => ({ ...one, name: `r${n}` }));
    expect(lines(...many)[0]).toMatch(/^✓ Bot: 9 replicas are running: r0 .* and 3 more\.$/);
  });
});

describe("hosts", () => {
  const lines = (...hosts: readonly HostFacts[]) => hostFindings(hosts).map(findingLine);

  it("that are reached are one line; each other has its own", () => {
    expect(
      lines(
        { host: "slack.com", use: "slack", daysLeft: 3 },
        { host: "management.azure.com", use: "azure", daysLeft: 90 },
        { host: "login.microsoftonline.com", use: "sign-in", code: "ENOTFOUND" },
      ),
    ).toEqual([
      "✓ Hosts: slack.com, management.azure.com can be reached.",
      "✗ Hosts: login.microsoftonline.com, which issues its tokens for Azure, can't be reached by TLS from here (ENOTFOUND): check DNS, the firewall, and the certificate.",
    ]);
  });

  it("of one's own have to have their certificates renewed", () => {
    expect(lines({ host: "jit.example.com", use: "page", daysLeft: 14 })).toContain(
      "! Hosts: warning: jit.example.com's certificate ends in 14 days: renew it.",
    );
    expect(lines({ host: "redis.example.com", use: "redis", daysLeft: 15 })).toHaveLength(1);
  });

  it("are those of the settings, and no others", () => {
    const nodes = [{ host: "redis.example.com", port: 6380 }];
    const settings = {
      slack: { apiUrl: "https://slack.com/api/" },
      redis: { tls: true, nodes },
      publicUrl: "https://[2001:db8::1]:8443/jit",
    };
    expect(ownHosts(settings)).toEqual([
      { use: "redis", host: "redis.example.com", port: 6380 },
      { use: "page", host: "2001:db8::1", port: 8443 },
    ]);
    expect(ownHosts({ redis: { tls: false, nodes }, publicUrl: "http://jit.example.com" })).toEqual(
      [],
    );
    const outside = outsideHosts(settings, { cloud: "public", hasIdentity: false });
    expect(outside.map(({ host }) => host)).toEqual([
      ...["slack.com", "management.azure.com", "login.microsoftonline.com"],
    ]);
    const managed = outsideHosts(settings, { cloud: "usgov", hasIdentity: true });
    expect(managed.map(({ host }) => host)).toEqual(["slack.com", "management.usgovcloudapi.net"]);
  });

  const listening = async (server: Server | ReturnType<typeof createServer>) => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  };

  it("that speak no TLS, or whose certificate nobody vouches for, say why", async () => {
    const plain = await listening(createServer((socket) => socket.end("hello\r\n")));
    const { private: key, cert } = await generate([{ name: "commonName", value: "localhost" }]);
    const signed = await listening(createTlsServer({ key, cert }));
    const look = (port: number) =>
      lookAtHost({ host: "127.0.0.1", use: "redis", port }, Date.now());
    expect((await look(plain)).code).toMatch(/^(?:ERR_SSL_|EPROTO|ECONNRESET)/);
    expect((await look(signed)).code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect((await look(1)).code).toBe("ECONNREFUSED");
  });
});

describe("how Redis keeps things", () => {
  const NOW_MS = 1_800_000_000_000;
  const info = (change: Readonly<Record<string, string | number>> = {}) =>
    Object.entries({
      ...{ role: "master", maxmemory_policy: "noeviction", aof_enabled: 1 },
      ...{ rdb_last_save_time: NOW_MS / 1_000 - 7_260, rdb_last_bgsave_status: "ok" },
      ...change,
    })
      .map(([name, value]) => `${name}:${value}\r\n`)
      .join("");
  const lines = (text: string) =>
    redisFindings({
      ...{ version: "7.2", latencyMs: 0.34, refusesWrites: undefined, skewMs: 20, findings: [] },
      ...keptBy(text, NOW_MS),
    })
      .map(findingLine)
      .slice(1);

  it("is one line", () => {
    expect(lines(info())).toEqual([
      "✓ Redis: it is a primary, maxmemory-policy noeviction, appendonly yes, last snapshot 2h1m ago.",
    ]);
    expect(lines(info({ aof_enabled: 0, rdb_last_save_time: NOW_MS / 1_000 }))).toEqual([
      "✓ Redis: it is a primary, maxmemory-policy noeviction, appendonly no, last snapshot less than 1m ago.",
    ]);
  });

  it("is left out where a managed Redis doesn't say", () => {
    expect(lines("redis_version:7.2\r\n")).toEqual(["✓ Redis: last snapshot unknown."]);
  });

  it("is a fault where it couldn't", () => {
    expect(lines(info({ rdb_last_bgsave_status: "err", aof_last_write_status: "err" }))).toContain(
      "✗ Redis: it couldn't write to its disk (rdb_last_bgsave_status, aof_last_write_status): look at its disk and its log.",
    );
  });
});

it("says what lacks without each optional scope", () => {
  const needed = ["commands", "chat:write", "im:write", "users:read"];
  const lesser = ["usergroups:read", "channels:read", "groups:read"];
  const lines = (...scopes: readonly string[]) =>
    slackFindings({ team: "T", skewMs: 0, channels: [], scopes: [...needed, ...lesser, ...scopes] })
      .map(findingLine)
      .slice(1);
  expect(lines("channels:history", "files:write")).toEqual([
    "✓ Slack: without the optional groups:history, im:history, after a lost answer of Slack's a message may appear twice.",
    "✓ Slack: without the optional im:history, nobody who writes to the bot gets an answer (it needs the event message.im, too).",
    "✓ Slack: without the optional users:read.email, Azure's log doesn't name people by their addresses, and nobody can review an adopted opening unless people.map has their address.",
  ]);
});
