// Each receiver of the audit's copy against a server of its kind, over real sockets: what it gets, and when it counts as got.
// Of src/adapters/receivers/syslog-receiver.ts.

import net, { type AddressInfo } from "node:net";
import tls from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { monitorReceiver } from "../../../src/adapters/azure/monitor-receiver.ts";
import { httpsReceiver } from "../../../src/adapters/receivers/https-receiver.ts";
import { syslogReceiver } from "../../../src/adapters/receivers/syslog-receiver.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { cefOf } from "../../../src/domain/audit/stream/cef.ts";
import { type StreamEntry, streamLine } from "../../../src/domain/audit/stream/stream-line.ts";
import type { Receiver } from "../../../src/ports/audit-stream.ts";
import { type Certificate, makeCertificate, trustInProcess } from "../../../src/sandbox/tls.ts";
import { eventually } from "../../support/eventually.ts";
import { type HttpsSink, startIngest, startMonitor } from "../../support/sinks/https-sink.ts";
import { type SyslogSink, startSyslogSink } from "../../support/sinks/syslog-sink.ts";

const KEY = "s".repeat(32);
const RULE = { ruleId: "dcr-0123", stream: "Custom-Jit_CL" };

const entry = (seq: number, what = "asked"): StreamEntry => ({
  seq,
  text: `{"seq":${seq},"atMs":1790000000000,"by":"P-x","id":"JIT-000001","what":"${what}","vm":"rg/vm=1|\\\\é"}`,
  team: "T0TEST",
  before: "b".repeat(43),
  seal: "s".repeat(43),
});
const SOME = [entry(7), entry(8, "broke-glass"), entry(9)];

let certificate: Certificate;
let tcp: SyslogSink;
let overTls: SyslogSink;
let ingest: HttpsSink;
let monitor: HttpsSink;

beforeAll(async () => {
  certificate = await makeCertificate();
  trustInProcess(certificate.certPem);
  tcp = await startSyslogSink();
  overTls = await startSyslogSink(certificate);
  ingest = await startIngest(certificate, KEY);
  monitor = await startMonitor(certificate, RULE);
});
afterAll(() => Promise.all([tcp, overTls, ingest, monitor].map((sink) => sink?.kill())));
afterEach(() => {
  for (const sink of [tcp, overTls]) {
    sink.fault = undefined;
    sink.messages.length = 0;
  }
  for (const sink of [ingest, monitor]) {
    sink.fault = undefined;
    sink.lines.length = 0;
    sink.refused.length = 0;
  }
});

function toSyslog({ url }: SyslogSink, format: "rfc5424" | "cef" = "rfc5424"): Receiver {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === "tls:";
  const sink = { kind: "syslog", host: hostname, port: Number(port), isTls, format } as const;
  return syslogReceiver(sink, { hostname: "höst 1", withinMs: 3_500 });
}

const toIngest = (key = KEY) => httpsReceiver({ url: ingest.url, key, clock: systemClock });

function toMonitor(audience = "https://monitor.azure.com"): Receiver {
  const credential = {
    getToken: async (scopes: string | string[]) => {
      const claims = JSON.stringify({ aud: String(scopes).replace("/.default", "") });
      const token = `h.${Buffer.from(claims).toString("base64url")}.s`;
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const sink = { kind: "azure-monitor", endpoint: monitor.url, ...RULE } as const;
  return monitorReceiver({ sink, credential, audience, clock: systemClock });
}

describe("a syslog receiver", () => {
  it.each([
    ["TCP", () => tcp],
    ["TLS", () => overTls],
  ])(
    "gets messages of RFC 5424 with the JSON in them, by octet counting over %s",
    async (_, sink) => {
      await toSyslog(sink()).send(SOME);
      expect(sink().messages.map(({ text }) => text)).toEqual([
        `<110>1 2026-09-21T14:13:20.000Z hst1 jit - asked - ${streamLine(entry(7))}`,
        `<110>1 2026-09-21T14:13:20.000Z hst1 jit - broke-glass - ${streamLine(entry(8, "broke-glass"))}`,
        `<110>1 2026-09-21T14:13:20.000Z hst1 jit - asked - ${streamLine(entry(9))}`,
      ]);
    },
  );

  it("gets CEF with its escapes right", async () => {
    await toSyslog(tcp, "cef").send([entry(8, "broke-glass")]);
    const [message] = tcp.messages;
    expect(message?.text).toContain(`jit - broke-glass - ${cefOf(entry(8, "broke-glass"))}`);
    expect(message?.text).toContain(
      "CEF:0|jit|jit|1|broke-glass|broke glass|8|rt=1790000000000 externalId=8 cn1Label=seq cn1=8 ",
    );
    expect(message?.text).toContain(String.raw` cs3=rg/vm\=1|\\é cs6Label=entry cs6={"seq":8,`);
  });

  it("that is only tried gets nothing", async () => {
    await toSyslog(overTls).send([]);
    expect(overTls.messages).toEqual([]);
  });

  it.each([
    ["dies in the middle", { kind: "dies-after", count: 1 }, /ClosedEarly|ECONNRESET/],
    [
      "dies before it has read anything",
      { kind: "dies-after", count: 0 },
      /ClosedEarly|ECONNRESET/,
    ],
    [
      "dies when it has read the last one, and may not have kept it",
      { kind: "dies-after", count: 3 },
      /ClosedEarly|ECONNRESET/,
    ],
  ] as const)("that %s hasn't got them", async (_, fault, code) => {
    for (const sink of [tcp, overTls]) {
      sink.fault = fault;
      const failed = await toSyslog(sink)
        .send(SOME)
        .catch((thrown: unknown) => thrown);
      expect(failed).toMatchObject({
        source: "receiver",
        retryable: true,
        code: expect.stringMatching(code),
      });
    }
  });

  it("that never closes has them where it still takes connections, and hasn't where it doesn't", async () => {
    for (const sink of [tcp, overTls]) {
      sink.fault = { kind: "unclosing" };
      await toSyslog(sink).send(SOME);
      expect(sink.messages).toHaveLength(3);
    }
    const sending = toSyslog(tcp).send(SOME);
    await eventually(() => expect(tcp.messages).toHaveLength(6));
    await tcp.deafen();
    await expect(sending).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await tcp.start();
  });

  it("is asked for by its name over TLS, and not by an address", async () => {
    const asked: (string | false | null)[] = [];
    const { keyPem: key, certPem: cert } = certificate;
    const server = tls.createServer({ key, cert }, (socket) => {
      asked.push(socket.servername);
      socket.resume();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    for (const host of ["localhost", "127.0.0.1"]) {
      const sink = { kind: "syslog", host, port, isTls: true, format: "rfc5424" } as const;
      await syslogReceiver(sink, { hostname: "h" }).send(SOME);
    }
    expect(asked).toEqual(["localhost", false]);
    server.close();
  });

  it("that hangs hasn't got them over TLS; over TCP, nobody can tell", async () => {
    const hung = net.createServer({ pauseOnConnect: true });
    await new Promise<void>((done) => hung.listen(0, "127.0.0.1", done));
    const { port } = hung.address() as AddressInfo;
    const to = (isTls: boolean) =>
      syslogReceiver(
        { kind: "syslog", host: "127.0.0.1", port, isTls, format: "rfc5424" },
        { hostname: "h", withinMs: 3_500 },
      );
    await expect(to(true).send(SOME)).rejects.toMatchObject({ code: "ETIMEDOUT" });
    await expect(to(false).send(SOME)).resolves.toBeUndefined();
    hung.close();
  });

  it("that never reads isn't waited for for ever", async () => {
    const many = Array.from({ length: 60 }, (_, n) => entry(n, "x".repeat(100_000)));
    await expect(toSyslog(tcp).send(many)).resolves.toBeUndefined();
    tcp.fault = { kind: "deaf" };
    await expect(toSyslog(tcp).send(many)).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });

  it("whose certificate nobody trusts gets nothing, and the fix is said", async () => {
    const stranger = await startSyslogSink(await makeCertificate());
    await expect(toSyslog(stranger).send(SOME)).rejects.toThrow(
      /isn't trusted: NODE_EXTRA_CA_CERTS/,
    );
    expect(stranger.messages).toEqual([]);
    await stranger.kill();
    await expect(toSyslog(stranger).send(SOME)).rejects.toThrow(
      "Nothing listens there (ECONNREFUSED)",
    );
  });
});

describe("an HTTPS receiver", () => {
  it("gets JSON lines, signed with a time and the numbers", async () => {
    await toIngest().send(SOME);
    expect(ingest.refused).toEqual([]);
    expect(ingest.lines.map(({ text }) => text)).toEqual(SOME.map(streamLine));
    await toIngest().send([]);
    expect(ingest.refused).toEqual([]);
  });

  it("refuses another key", async () => {
    await expect(toIngest("x").send(SOME)).rejects.toMatchObject({ code: "Status401" });
    expect(ingest.refused).toEqual(["the signature is wrong"]);
  });

  it.each([
    [{ status: 500 }, { code: "Status500", retryAfterMs: undefined }],
    [
      { status: 429, headers: { "retry-after": "7" } },
      { code: "Status429", retryAfterMs: 7_000 },
    ],
    [{ status: 302, headers: { location: "https://example.com" } }, { code: "Status302" }],
    [{}, { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) }],
  ])("that answers %o hasn't got them", async (fault, code) => {
    ingest.fault = { times: 1, ...fault };
    await expect(toIngest().send(SOME)).rejects.toMatchObject({
      source: "receiver",
      retryable: true,
      ...code,
    });
    await toIngest().send(SOME);
    expect(ingest.lines).toHaveLength(3);
  });
});

describe("Azure Monitor", () => {
  it("gets rows with the line in them, by its SDK and the bot's identity", async () => {
    await toMonitor().send(SOME);
    expect(monitor.refused).toEqual([]);
    expect(monitor.lines.map(({ text }) => JSON.parse(text))).toMatchObject([
      {
        TimeGenerated: "2026-09-21T14:13:20.000Z",
        seq: 7,
        team: "T0TEST",
        what: "asked",
        by: "P-x",
        requester: "",
        request: "JIT-000001",
        vm: "rg/vm=1|\\é",
        entry: streamLine(entry(7)),
      },
      { seq: 8 },
      { seq: 9 },
    ]);
  });

  it("has another audience in other clouds", async () => {
    await expect(toMonitor("https://monitor.azure.us").send(SOME)).rejects.toMatchObject({
      code: "InvalidToken",
      message: "The token's audience is wrong (InvalidToken).",
    });
  });

  it.each([
    [{ status: 500 }, { code: "Status500" }],
    [
      {
        status: 429,
        headers: { "retry-after": "7" },
        body: { error: { code: "TooManyRequests", message: "Slow down." } },
      },
      { code: "TooManyRequests", retryAfterMs: 7_000, message: "Slow down (TooManyRequests)." },
    ],
    [{}, { code: "ECONNRESET" }],
  ])("that answers %o hasn't got them, and is asked once", async (fault, said) => {
    monitor.fault = { times: 1, ...fault };
    await expect(toMonitor().send(SOME)).rejects.toMatchObject({
      source: "receiver",
      retryable: true,
      ...said,
    });
    expect(monitor.lines).toEqual([]);
    await toMonitor().send(SOME);
    expect(monitor.lines).toHaveLength(3);
  });
});
