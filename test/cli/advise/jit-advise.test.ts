// `jit advise` as a process: the audit in Redis, VMs in Azure and people in Slack, all read by the real clients.

import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type UserId, userId, vmKey } from "../../../src/domain/text/ids.ts";
import { idOf } from "../../adapters/redis/with-store.ts";
import { folderOf, jit } from "../../support/jit.ts";
import { type Raw, writeInBulk } from "../../support/long-audit.ts";
import { HOUR } from "../../support/requests.ts";
import { BOT_TOKEN, startWorld, type TestWorld } from "../../support/world.ts";

const POLICY = `channels: { notices: C0NOTICES }
admins: { users: [U0ADMIN] }
networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24 }
rules:
  # What customers see.
  - name: production
    match: { tags: { env: prod }, ports: [3389, 22] }   # the usual ones
    requesters: anyone
    approvers: { users: [U0LEAD, U0OMAR, U0SAM] }
    channel: C0PROD
    maxDuration: 4h
    networks: [vpn, office]
`;
const TESTS = `tests:
  - name: ssh
    person: U0ERIN
    vm: { name: vm-01, tags: { env: prod } }
    ports: [22]
    expect: { outcome: asked }
`;

let world: TestWorld;
beforeAll(async () => {
  world = await startWorld({ policy: POLICY });
  const redis = new Redis(world.redis.url);
  await writeInBulk(redis, "T0HOME", history());
  redis.disconnect();
});
afterAll(() => world?.close());

/** Two weeks of one request a day. */
function history(): readonly Raw[] {
  const vm = [...world.azure.world.vms.values()].find(({ name }) => name === "vm-01")?.id ?? "";
  const requester = userId("U0P1");
  const approvers: readonly UserId[] = [userId("U0LEAD"), userId("U0OMAR")];
  const entries = Array.from({ length: 14 }, (_, n) => {
    const atMs = Date.now() - (n + 1) * 24 * HOUR;
    const of = { requester, vm: vmKey(vm), request: idOf(n) };
    const rule = "production";
    const network = { source: "203.0.113.0/24", network: "vpn" };
    const detail = { vm, ports: "3389", ...network, durationMs: 2 * HOUR, reason: "x", rule };
    const endsAtMs = atMs + 2 * HOUR;
    const by = approvers[n % 2];
    return [
      { ...of, atMs, what: "asked", detail },
      { ...of, atMs: atMs + 1, what: "granted", by, detail: { rule, endsAtMs } },
      { ...of, atMs: atMs + 2, what: "opened", detail: { rule, endsAtMs } },
      { ...of, atMs: endsAtMs, what: "ended", detail: { how: "expired", endedAtMs: endsAtMs } },
    ];
  });
  return entries
    .flat()
    .toSorted((a, b) => a.atMs - b.atMs)
    .map((entry, at) => ({ ...entry, seq: at + 1 }));
}

const advise = (args: readonly string[], files: Readonly<Record<string, string>> = {}) =>
  jit(["advise", ...args], {
    cwd: folderOf({ "jit.yaml": POLICY, ...files }),
    env: {
      NODE_EXTRA_CA_CERTS: world.azure.caFile,
      IDENTITY_ENDPOINT: world.azure.identityEndpoint,
      IDENTITY_HEADER: world.azure.identityHeader,
      AZURE_RESOURCE_MANAGER_URL: world.azure.url,
      SLACK_API_URL: world.slack.url,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      REDIS_URL: world.redis.url,
    },
  });

describe("jit advise", () => {
  it("prints what nobody used with its evidence, and a diff that can be applied", async () => {
    const { code, out, err } = await advise([]);
    expect({ code, err }).toEqual({ code: 1, err: "" });
    expect(out).toMatch(/^jit\.yaml: \d+ findings \(14 requests in 90 days, 14 used\)\.\n/);
    expect(out).toMatch(
      /jit\.yaml:7:\d+: rules\[0\]\.match\.ports: Nobody used 22 under rule "production"\. In use: 3389 \(14 times, last \d{4}-\d\d-\d\d\)\.\n/,
    );
    expect(out).toContain('Nobody requested more than 2h under rule "production" (14 times');
    expect(out).toContain('Nobody came from office under rule "production"');
    expect(out).toContain('@sam (U0SAM) decided nothing under rule "production"');
    expect(out).toMatch(/\n {2}jit change vm-01 3389 max 2h from vpn\n {6}Requested 14 times/);
    expect(out).toContain("none of the 14 used requests would have been refused.\n");
    const [, diff = ""] = /\n(--- a\/jit\.yaml\n.*)$/s.exec(out) ?? [];
    expect(diff.split("\n").filter((line) => /^[-+](?![-+])/.test(line))).toEqual([
      "-networks: { vpn: 203.0.113.0/24, office: 198.51.100.0/24 }",
      "+networks: { vpn: 203.0.113.0/24 }",
      "-    match: { tags: { env: prod }, ports: [3389, 22] }   # the usual ones",
      "+    match: { tags: { env: prod }, ports: [3389] }   # the usual ones",
      "-    approvers: { users: [U0LEAD, U0OMAR, U0SAM] }",
      "+    approvers: { users: [U0LEAD, U0OMAR] }",
      "-    maxDuration: 4h",
      "-    networks: [vpn, office]",
      "+    maxDuration: 2h",
      "+    networks: [vpn]",
    ]);
  });

  it("prints the same as JSON, and keeps what the tests beside the file ask for", async () => {
    const { code, out, err } = await advise(["--json", "--days", "30"], { "jit.test.yaml": TESTS });
    expect({ code, err }).toEqual({ code: 1, err: "" });
    const advice = JSON.parse(out);
    expect(advice).toMatchObject({
      days: 30,
      requests: 14,
      refused: 0,
      tests: { passed: 1, of: 1 },
    });
    const ports = advice.findings.find(({ kind }: { kind: string }) => kind === "ports");
    expect(ports).toMatchObject({
      ...{ about: "production", unused: ["22"], edited: false, line: 7 },
      notChanged: 'the policy test "ssh" would fail',
    });
    expect(advice.diff).toContain("maxDuration: 2h");
    expect(advice.diff).not.toMatch(/^\+.*ports/m);
  });

  it.each([
    [["--days", "0"], "--days takes a number from 1 to 3660."],
    [["a.yaml", "b.yaml"], "advise takes one file."],
    [["none.yaml"], "none.yaml can't be read (ENOENT)."],
    [["--tests", "none.yaml"], "none.yaml can't be read (ENOENT)."],
    [["--team", "{x}"], "--team takes a workspace's ID, such as T0123456789."],
  ])("is told what is wrong with %j, with exit code 2", async (args, says) => {
    const { code, out, err } = await advise(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(says);
  });
});
