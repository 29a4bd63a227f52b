// Traces that can't be sent: nobody waits for them, what waits is bounded, and it is said once, by the host alone.

import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { openTraces, type Traces } from "../../../src/adapters/tracing/otlp.ts";
import type { EndedScope } from "../../../src/adapters/tracing/scopes.ts";
import { lookAtTraces } from "../../../src/adapters/tracing/traces-look.ts";
import type { TraceSettings } from "../../../src/config/environment/trace-settings.ts";
import type { RequestId } from "../../../src/domain/text/ids.ts";
import { makeCertificate, trustInProcess } from "../../../src/sandbox/tls.ts";
import { eventually } from "../../support/eventually.ts";
import { type OtlpSink, startOtlpSink } from "../../support/sinks/otlp-sink.ts";

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

async function sinkOf(...tls: Parameters<typeof startOtlpSink>): Promise<OtlpSink> {
  const sink = await startOtlpSink(...tls);
  open.push({ stop: sink.close });
  return sink;
}

const settingsFor = (url: string, more: Partial<TraceSettings> = {}): TraceSettings => ({
  url: `${url}/v1/traces`,
  headers: { "x-key": "s3cr3t" },
  serviceName: "jit-bot",
  resource: {},
  sampler: { keeps: 1 },
  ...more,
});

type Line = { readonly level: string; readonly facts: object; readonly text: string };

function traces(settings: TraceSettings): Traces & { readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (facts: object, text: string) =>
    void lines.push({ level, facts, text });
  const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { ...openTraces({ settings, log, replica: "r.1", version: "1.0.0" }), lines };
}

const scope = (n = 0): EndedScope => ({
  kind: "inbound",
  name: "click approve",
  request: `JIT-AAAA${n}` as RequestId,
  within: undefined,
  spanId: n.toString(16).padStart(16, "a"),
  startedAtMs: 1_000,
  endedAtMs: 1_010,
  notes: [],
  refused: undefined,
  isFailed: false,
});

const NOWHERE = "http://127.0.0.1:1";

describe("a receiver", () => {
  it("gets what is left at the end", async () => {
    const sink = await sinkOf();
    const sent = traces(settingsFor(sink.url));
    for (let n = 0; n < 1_200; n++) sent.ended(scope(n));
    await sent.stop();
    expect(sink.spans).toHaveLength(1_200);
    expect(sent.lines).toEqual([]);
  });

  it("is trusted as Node trusts, where it has a certificate", async () => {
    const { keyPem, certPem } = await makeCertificate();
    const sink = await sinkOf({ key: keyPem, cert: certPem });
    const distrusted = traces(settingsFor(sink.url));
    distrusted.ended(scope());
    await distrusted.stop();
    expect(sink.spans).toEqual([]);
    trustInProcess(certPem);
    const trusted = traces(settingsFor(sink.url));
    trusted.ended(scope());
    await trusted.stop();
    expect(sink.spans).toHaveLength(1);
    expect(await lookAtTraces(settingsFor(sink.url))).toEqual({ host: new URL(sink.url).host });
  });

  it.each([400, 401, 404, 413, 500])(
    "that answers %d costs one line, and nothing else",
    async (status) => {
      const sink = await sinkOf();
      sink.fault = status;
      const failing = traces(settingsFor(sink.url));
      failing.ended(scope());
      await failing.stop();
      expect(failing.lines).toEqual([
        {
          level: "warn",
          facts: { host: new URL(sink.url).host, code: String(status) },
          text: "traces can't be sent: they are dropped",
        },
      ]);
      expect(JSON.stringify(failing.lines)).not.toMatch(/s3cr3t|own words|v1\/traces/);
    },
  );

  it("that is away is told of once, and so is that it is back", async () => {
    const sink = await sinkOf();
    sink.fault = 404;
    const sent = traces(settingsFor(sink.url));
    open.push(sent);
    // A full batch goes at once.
    const send = async (bodies: number) => {
      for (let n = 0; n < 512; n++) sent.ended(scope(n));
      await eventually(() => expect(sink.headers.length).toBe(bodies));
      await sleep(20);
    };
    await send(1);
    await send(2);
    expect(sent.lines.map(({ text }) => text)).toEqual(["traces can't be sent: they are dropped"]);
    sink.fault = undefined;
    await send(3);
    await eventually(() => expect(sent.lines.at(-1)?.text).toBe("traces are sent again"));
    expect(sent.lines).toHaveLength(2);
  });

  it("that hangs or isn't there lets no more than its queue pile up, and takes no time", async () => {
    const hanging = await sinkOf();
    hanging.fault = "hang";
    for (const url of [NOWHERE, hanging.url]) {
      const sent = traces(settingsFor(url));
      const beforeMs = performance.now();
      for (let n = 0; n < 20_000; n++) sent.ended(scope(n));
      expect(performance.now() - beforeMs).toBeLessThan(5_000);
      await eventually(() => expect(hanging.headers).toHaveLength(url === NOWHERE ? 0 : 1));
      if (url === hanging.url) hanging.fault = undefined;
      void sent.stop();
    }
    // The first batch hangs; of all that came after it, that much was kept.
    await eventually(() => expect(hanging.spans.length).toBe(2_048));
    await sleep(100);
    expect(hanging.spans).toHaveLength(2_048);
  });

  it("is looked at by the doctor", async () => {
    const sink = await sinkOf();
    const host = new URL(sink.url).host;
    expect(await lookAtTraces(settingsFor(sink.url))).toEqual({ host });
    expect(sink.headers.at(-1)).toMatchObject({ "x-key": "s3cr3t" });
    sink.fault = 401;
    expect(await lookAtTraces(settingsFor(sink.url))).toEqual({ host, code: "401" });
    expect(await lookAtTraces(settingsFor(NOWHERE))).toMatchObject({ host: "127.0.0.1:1" });
    expect((await lookAtTraces(settingsFor("http://127.0.0.1:2"))).code).toBe("ECONNREFUSED");
  });
});

describe("a sampler", () => {
  const keptBy = async (keeps: number): Promise<ReadonlySet<string>> => {
    const sink = await sinkOf();
    const sent = traces(settingsFor(sink.url, { sampler: { keeps } }));
    for (let n = 0; n < 400; n++) sent.ended(scope(n));
    await sent.stop();
    return new Set(sink.spans.map(({ traceId }) => traceId));
  };

  it("keeps the share that is asked for, and the same requests on every replica", async () => {
    const [some, same, all, none] = await Promise.all([
      keptBy(0.5),
      keptBy(0.5),
      keptBy(1),
      keptBy(0),
    ]);
    expect(all.size).toBe(400);
    expect(none.size).toBe(0);
    expect(some.size).toBeGreaterThan(140);
    expect(some.size).toBeLessThan(260);
    expect(same).toEqual(some);
  });
});
