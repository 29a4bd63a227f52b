// PagerDuty, incident.io and calendars over the wire, and every way in which they may fail.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openRotas } from "../../../src/adapters/on-call/open-rotas.ts";
import type { RotaSource } from "../../../src/domain/on-call/rota.ts";
import { type SimulatedRotas, startRotas } from "../../../src/sandbox/on-call/server.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 1, 12);
const WINDOW = { fromMs: NOW, untilMs: NOW + 24 * HOUR };

let rotas: SimulatedRotas;
const folder = mkdtempSync(join(tmpdir(), "rotas-"));
beforeAll(async () => {
  rotas = await startRotas();
});
afterEach(() => {
  for (const one of providers()) one.faults.clear();
  rotas.world.shifts.length = 0;
  rotas.world.unused.clear();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await rotas.close();
});

const providers = () => [rotas.pagerDuty, rotas.incidentIo, rotas.calendar];
const open = (tokens: { pagerDuty?: string; incidentIo?: string } = {}) =>
  openRotas(
    {
      pagerDuty: { url: rotas.pagerDuty.url, token: tokens.pagerDuty ?? rotas.pagerDuty.token },
      incidentIo: { url: rotas.incidentIo.url, token: tokens.incidentIo ?? rotas.incidentIo.token },
    },
    folder,
  );
const sources = (): readonly (readonly [string, RotaSource, SimulatedRotas["calendar"]])[] => [
  ["PagerDuty", { kind: "pagerduty", schedules: ["PABC123"] }, rotas.pagerDuty],
  ["incident.io", { kind: "incident.io", schedules: ["PABC123"] }, rotas.incidentIo],
  ["a calendar", { kind: "calendar", at: `${rotas.calendar.url}/PABC123.ics` }, rotas.calendar],
];

function put(who: string, fromHours: number, hours: number, schedule = "PABC123"): void {
  const fromMs = NOW + fromHours * HOUR;
  const address = `${who}@Example.com`;
  rotas.world.shifts.push({ schedule, name: who, address, fromMs, untilMs: fromMs + hours * HOUR });
}

describe("every source", () => {
  it("tells the shifts that touch the window, and no other schedule's", async () => {
    put("lea", -2, 4);
    put("omar", 2, 8);
    put("sam", -4, 2);
    put("erin", 40, 1);
    put("ada", -1, 3, "POTHER");
    for (const [, source] of sources()) {
      const { shifts, unread } = await open()(source, WINDOW);
      expect(shifts).toEqual([
        { address: "lea@example.com", fromMs: NOW - 2 * HOUR, untilMs: NOW + 2 * HOUR },
        { address: "omar@example.com", fromMs: NOW + 2 * HOUR, untilMs: NOW + 10 * HOUR },
      ]);
      expect(unread).toBe(0);
    }
  });

  it("is read to its last page", async () => {
    for (let n = 0; n < 260; n++) put(`p${String(n).padStart(3, "0")}`, 0, 1);
    for (const [, source] of sources()) {
      expect((await open()(source, WINDOW)).shifts).toHaveLength(260);
    }
    expect(rotas.pagerDuty.calls.slice(-3).map((one) => /offset=\d+/.exec(one)?.[0])).toEqual([
      "offset=0",
      "offset=100",
      "offset=200",
    ]);
  });

  it.each<[string, Parameters<SimulatedRotas["calendar"]["faults"]["add"]>[0], object]>([
    ["is down", { act: { status: 503 } }, { code: "503", retryable: true }],
    ["cuts the connection", { act: "reset" }, { code: "UND_ERR_SOCKET", retryable: true }],
    ["refuses", { act: { status: 403 } }, { code: "403", retryable: false }],
    [
      "has moved",
      { act: { status: 302, headers: { location: "http://127.0.0.1:1/" } } },
      { code: "302" },
    ],
    [
      "throttles",
      { act: { status: 429, headers: { "ratelimit-reset": "7" } } },
      { code: "ratelimited", retryAfterMs: 7_000 },
    ],
    [
      "throttles without saying for how long",
      { act: { status: 429 } },
      { code: "ratelimited", retryAfterMs: 10_000 },
    ],
    [
      "answers a page to sign in",
      { act: { status: 200, body: "<html>Sign in</html>" } },
      { code: "nonsense" },
    ],
    [
      "answers something of another shape",
      { act: { status: 200, body: { oncalls: "all" } } },
      { code: "nonsense" },
    ],
    ["answers nothing", { act: { status: 200, body: "" } }, { code: "nonsense" }],
  ])("that %s is a fault, and its secrets stay out of it", async (_, rule, fault) => {
    for (const [, source, provider] of sources()) {
      provider.faults.add(rule);
      const thrown = await open()(source, WINDOW).catch((one: unknown) => one);
      expect(thrown).toMatchObject({ name: "Fault", source: "rota", ...fault });
      expect(String(thrown)).not.toContain(rotas.pagerDuty.token);
      expect(String(thrown)).not.toContain(provider.url);
    }
  });

  it("that hangs is a fault within seconds", async () => {
    const all = sources().map(async ([, source, provider]) => {
      provider.faults.add({ act: "hang" });
      return open()(source, WINDOW).catch((one: unknown) => one);
    });
    for (const thrown of await Promise.all(all)) {
      expect(thrown).toMatchObject({ source: "rota", code: "ETIMEDOUT", retryable: true });
    }
  });
});

describe("a provider", () => {
  it("that doesn't take the token refuses, and without a token isn't asked", async () => {
    const wrong = open({ pagerDuty: "wrong", incidentIo: "wrong" });
    const none = openRotas(
      {
        pagerDuty: { url: rotas.pagerDuty.url, token: undefined },
        incidentIo: { url: rotas.incidentIo.url, token: undefined },
      },
      folder,
    );
    for (const [, source, provider] of sources().slice(0, 2)) {
      await expect(wrong(source, WINDOW)).rejects.toMatchObject({ code: "401", retryable: false });
      const asked = provider.calls.length;
      await expect(none(source, WINDOW)).rejects.toMatchObject({ code: "not-set" });
      expect(provider.calls).toHaveLength(asked);
    }
  });

  it("is asked with the token that is in force by then", async () => {
    put("lea", -1, 2);
    let newer: string | undefined;
    const settings = {
      pagerDuty: { url: rotas.pagerDuty.url, token: "old" },
      incidentIo: { url: rotas.incidentIo.url, token: undefined },
    };
    const changing = openRotas(settings, folder, () => newer);
    const tokens = [rotas.pagerDuty.token, rotas.incidentIo.token];
    for (const [at, [, source]] of sources().slice(0, 2).entries()) {
      newer = undefined;
      await expect(changing(source, WINDOW)).rejects.toBeDefined();
      newer = tokens[at];
      await expect(changing(source, WINDOW)).resolves.toMatchObject({ shifts: [{}] });
    }
  });

  it("of PagerDuty's that names somebody by an escalation policy itself puts nobody on call", async () => {
    const end = new Date(NOW + HOUR).toISOString();
    const user = { id: "P1", type: "user", email: "boss@example.com" };
    const oncalls = [
      { user, schedule: null, start: null, end: null, escalation_level: 3 },
      { user, schedule: { id: "POTHER" }, start: null, end, escalation_level: 1 },
      { user: { id: "P2", type: "user_reference" }, schedule: { id: "PABC123" }, start: null, end },
    ];
    rotas.pagerDuty.faults.add({ act: { status: 200, body: { oncalls, more: false } } });
    const source = { kind: "pagerduty", schedules: ["PABC123"] } as const;
    expect(await open()(source, WINDOW)).toEqual({ shifts: [], unread: 1 });
  });
});

describe("a calendar's file", () => {
  const calendar = (at: string) => open()({ kind: "calendar", at }, WINDOW);

  it("stands beside the policy file", async () => {
    const text =
      "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261101T080000Z\r\nDTEND:20261101T160000Z\r\nSUMMARY:lea@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    writeFileSync(join(folder, "oncall.ics"), text);
    expect((await calendar("oncall.ics")).shifts).toHaveLength(1);
  });

  it("that isn't there is a fault", async () => {
    await expect(calendar("none.ics")).rejects.toMatchObject({ source: "rota", code: "ENOENT" });
  });
});
