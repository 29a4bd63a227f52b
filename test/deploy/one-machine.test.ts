// One machine: the compose file, Caddy's file and the systemd unit say what the bot needs, and the back-up backs up.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { SECRETS } from "../../src/config/environment/secret-names.ts";
import { read } from "../docs/documents.ts";
import { startRedis } from "../support/redis.ts";

const run = promisify(execFile);

const SERVICE = z.looseObject({
  image: z.string(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  restart: z.string(),
  volumes: z.array(z.string()).default([]),
});
const COMPOSE = z.looseObject({
  services: z.object({ bot: SERVICE, redis: SERVICE, backup: SERVICE, caddy: SERVICE }),
  volumes: z.record(z.string(), z.unknown()),
});

const compose = COMPOSE.parse(parse(read("compose.yml").text, { merge: true }));

describe("the compose file", () => {
  it.each(Object.entries(compose.services))("pins and confines %s", (_, service) => {
    expect(service.image).toMatch(/^[\w/-]+:\d+\.\d+\.\d+(?:-alpine)?$/);
    expect(service).toMatchObject({
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      restart: "unless-stopped",
      logging: { driver: "local", options: { "max-size": "10m" } },
    });
  });

  it("starts two read-only replicas that have the time to stop", () => {
    expect(compose.services.bot).toMatchObject({
      read_only: true,
      deploy: { replicas: 2 },
      stop_grace_period: "12s",
      env_file: ".env",
      environment: { REDIS_URL: "redis://redis:6379" },
    });
  });

  it("keeps what was acknowledged, and mounts what is there or declared", () => {
    expect(compose.services.redis.command).toBe(
      "valkey-server --appendonly yes --appendfsync always --maxmemory-policy noeviction",
    );
    const named = Object.values(compose.services)
      .flatMap(({ volumes }) => volumes)
      .map((volume) => volume.split(":")[0] ?? "")
      .filter((source) => !source.startsWith("."));
    expect([...new Set(named)].sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  it("opens nothing to the outside but Caddy, and that only with HTTP", () => {
    const open = Object.entries(compose.services).filter(([, service]) => "ports" in service);
    expect(open.map(([name]) => name)).toEqual(["caddy"]);
    expect(compose.services.caddy.profiles).toEqual(["http"]);
  });
});

describe("the back-up", () => {
  it("is a snapshot that a Redis starts from, of which the last 48 are kept", async () => {
    const folder = mkdtempSync(join(tmpdir(), "jit-backup-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (let hour = 0; hour < 50; hour++) {
      const day = String(1 + Math.floor(hour / 24)).padStart(2, "0");
      const at = String(hour % 24).padStart(2, "0");
      writeFileSync(join(folder, `jit-202601${day}T${at}0000Z.rdb`), "");
    }
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const client = new Redis(redis.url);
    await client.set("jit:kept", "yes");
    client.disconnect();
    const [, , script = ""] = z.array(z.string()).parse(compose.services.backup.command);
    const once = script
      .replaceAll("$$", "$")
      .replaceAll("/backup/", `${folder}/`)
      .replace("valkey-cli -h redis", `redis-cli -p ${redis.port}`)
      .replace("sleep 3600", "exit 0");
    await run("sh", ["-c", once]);

    const kept = readdirSync(folder).sort();
    expect(kept).toHaveLength(48);
    expect(kept[0]).toBe("jit-20260101T030000Z.rdb");
    const latest = kept.at(-1) ?? "";
    expect(latest).toMatch(/^jit-\d{8}T\d{6}Z\.rdb$/);
    const again = await startRedis({ args: ["--dir", folder, "--dbfilename", latest] });
    onTestFinished(() => again.stop());
    const reader = new Redis(again.url);
    expect(await reader.get("jit:kept")).toBe("yes");
    reader.disconnect();
  });
});

describe("Caddy's file", () => {
  it("lets in what Slack sends and the page that sees an address, and nothing else", () => {
    const { text } = read("docs/deploy/one-machine/Caddyfile");
    expect(text).toContain("@bot path /slack/events /my-ip/*\n");
    expect(text).toContain("health_uri /readyz");
    expect(text).toMatch(/handle \{\s*respond 404\s*\}/);
  });
});

describe("the systemd unit", () => {
  const { text } = read("docs/deploy/one-machine/jit-bot.service");

  it("is one that systemd takes, and confines what it starts", async () => {
    const folder = mkdtempSync(join(tmpdir(), "jit-unit-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const unit = join(folder, "jit-bot.service");
    // The command has to be there.
    writeFileSync(unit, text.replace("/usr/local/bin/jit", process.execPath));
    const { stdout, stderr } = await run("systemd-analyze", ["verify", unit]);
    expect(`${stdout}${stderr}`.split("\n").filter((line) => line.includes("jit-bot"))).toEqual([]);
    const strict = ["security", "--offline=true", "--threshold=20", unit];
    await expect(run("systemd-analyze", strict)).resolves.toBeDefined();
  });

  it("hands each secret over as a file, and leaves a wrong setting to people", () => {
    const credentials = [...text.matchAll(/^LoadCredential=([\w-]+):/gm)].map(([, name]) => name);
    const files = [...text.matchAll(/^Environment=(\w+)_FILE=%d\/([\w-]+)$/gm)];
    expect(files.map(([, , name]) => name)).toEqual(credentials);
    for (const [, secret = ""] of files) expect(SECRETS).toContain(secret);
    expect(text).toContain("RestartPreventExitStatus=2\n");
  });
});
