// Traces over the wire: one for each request, from the command over two replicas to the opening; and what isn't in it.

import { hash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  asked,
  click,
  type FaultWorld,
  fault,
  faultWorld,
  INITIATE,
  shows,
  soon,
} from "../faults/steps.ts";
import { type OtlpSink, type SpanSeen, startOtlpSink } from "../support/sinks/otlp-sink.ts";
import { BOT, BOT_TOKEN } from "../support/world.ts";

let world: FaultWorld;
let sink: OtlpSink;
beforeAll(async () => {
  [world, sink] = await Promise.all([faultWorld(), startOtlpSink()]);
}, 40_000);
afterAll(() => Promise.all([world?.close(), sink?.close()]));

const REASON = "swordfish for the print spooler";
const AUDIT_KEY = "0123456789abcdef0123456789abcdef";
const HEADER = "collector-key-77";

const traced = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
  OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${HEADER}`,
  OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  AUDIT_KEY,
});

const traceIdOf = (id: string) => hash("sha256", id).slice(0, 32);
const ofTrace = (id: string) => sink.spans.filter(({ traceId }) => traceId === traceIdOf(id));
const only = (spans: readonly SpanSeen[], name: string): SpanSeen => {
  const [one, ...more] = spans.filter((span) => span.name === name);
  if (one === undefined || more.length > 0)
    throw new Error(`${more.length + (one ? 1 : 0)} of ${name}: ${spans.map((s) => s.name)}`);
  return one;
};
const replicaOf = ({ resource }: SpanSeen) => resource["service.instance.id"];

/** From a span up to its root, by name. */
function wayUp(spans: readonly SpanSeen[], span: SpanSeen): readonly string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentId);
  return parent === undefined ? [span.name] : [span.name, ...wayUp(spans, parent)];
}

describe("a request's life over two replicas", () => {
  let id: string;
  let spans: readonly SpanSeen[];
  let lines: readonly Record<string, unknown>[];
  beforeAll(async () => {
    const first = await world.startBot({ env: traced() });
    const request = await asked(world, `vm-01 3389 1h for ${REASON}`);
    id = request.id;
    await first.terminate();
    const second = await world.startBot({ env: traced() });
    await click(world, request, { user: "U0ERIN" });
    await click(world, request);
    await shows(world, request, "Open until");
    await second.terminate();
    spans = ofTrace(id);
    lines = [first, second]
      .flatMap((bot) => bot.output().split("\n"))
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  }, 60_000);

  it("is one trace, whose root is the command", () => {
    const root = only(spans, "command request");
    expect(root).toMatchObject({ parentId: "", attributes: { "jit.request.id": id } });
    expect(spans.filter(({ parentId }) => parentId === "")).toEqual([root]);
    const known = new Set(spans.map(({ spanId }) => spanId));
    expect(known.size).toBe(spans.length);
    expect(spans.filter(({ parentId }) => parentId !== "" && !known.has(parentId))).toEqual([]);
  });

  it("has what each service was asked, below what it was asked for", () => {
    const ways = new Set(spans.map((span) => wayUp(spans, span).join(" < ")));
    for (const way of [
      "redis write < command request",
      "slack chat.postMessage < effect card < work < command request",
      "step pending < command request",
      "redis write < click approve < command request",
      "step opening < click approve < command request",
      "azure jit-open < effect azure < work < command request",
      "step open < effect azure < work < command request",
      "slack chat.update < effect card < work < command request",
    ]) {
      expect([...ways]).toContain(way);
    }
  });

  it("goes over both replicas, and each span names its own", () => {
    const root = only(spans, "command request");
    const opening = only(spans, "azure jit-open");
    expect(replicaOf(root)).not.toEqual(replicaOf(opening));
    expect(new Set(spans.map(replicaOf)).size).toBe(2);
    expect(root.resource).toMatchObject({
      "service.name": "jit-bot",
      "deployment.environment.name": "test",
    });
  });

  it("links the work to the step that made it due, over the time that it waited", () => {
    const steps = new Map(
      spans.filter(({ name }) => name.startsWith("step")).map((span) => [span.spanId, span]),
    );
    const works = spans.filter(({ name }) => name === "work");
    for (const { links } of works) {
      expect(links).toHaveLength(1);
      expect(links[0]?.traceId).toBe(traceIdOf(id));
      expect(steps.has(links[0]?.spanId ?? "")).toBe(true);
    }
    const opening = only(spans, "azure jit-open");
    const work = works.find(({ spanId }) =>
      spans.some((one) => one.spanId === opening.parentId && one.parentId === spanId),
    );
    expect(steps.get(work?.links[0]?.spanId ?? "")?.name).toBe("step opening");
  });

  it("has times that fit: nothing begins before the command, or ends before it began", () => {
    const { startedAtMs } = only(spans, "command request");
    for (const span of spans) {
      expect(span.startedAtMs).toBeGreaterThanOrEqual(startedAtMs - 5);
      expect(span.endedAtMs).toBeGreaterThanOrEqual(span.startedAtMs);
    }
  });

  it("has the refused click with its cause", () => {
    expect(spans.filter(({ name }) => name === "click approve")).toHaveLength(2);
    const refused = spans.filter(({ attributes }) => "jit.refused" in attributes);
    expect(refused.map(({ attributes }) => attributes["jit.refused"])).toEqual(["own-request"]);
  });

  it("is in the log by the same id, in every line that is about the request", () => {
    const about = lines.filter((line) => line.request === id);
    expect(about.length).toBeGreaterThan(3);
    for (const line of about) expect(line).toMatchObject({ trace: traceIdOf(id) });
    expect(new Set(about.map(({ replica }) => replica)).size).toBe(2);
    expect(new Set(about.map(({ replica }) => replica))).toEqual(new Set(spans.map(replicaOf)));
  });

  it("says nothing but what is listed", () => {
    const keys = new Set(sink.spans.flatMap(({ attributes }) => Object.keys(attributes)));
    const allowed = [
      ...["jit.request.id", "jit.request.version", "jit.request.state", "jit.refused"],
      ...["peer.service", "error.type"],
    ];
    expect([...keys].filter((key) => !allowed.includes(key))).toEqual([]);
  });

  it("has no secret, and nothing that was typed or names anybody", () => {
    const bytes = Buffer.concat(sink.bodies).toString("latin1");
    expect(bytes).toContain(id);
    for (const planted of [
      ...[BOT_TOKEN, "8f742231b10e8888", AUDIT_KEY, HEADER, "swordfish", "print spooler"],
      ...["vm-01", "3389", "203.0.113", "U0ERIN", "U0LEAD", "C0PROD", "C0GENERAL", "erin"],
      ...[new URL(world.redis.url).port, "127.0.0.1", "subscriptions"],
    ]) {
      expect(bytes.includes(planted), planted).toBe(false);
    }
    expect(sink.headers.every((one) => one["x-api-key"] === HEADER)).toBe(true);
  });
});

describe("a replica that is killed midway", () => {
  it("leaves a trace that goes on, linked to what it did", async () => {
    const first = await world.startBot({ env: traced() });
    const request = await asked(world, "web-02 22 1h");
    const hanging = fault(world.azure, { ...INITIATE, when: "after", act: "hang", times: 1 });
    await click(world, request);
    await soon(world, "Azure to be asked", () => hanging.struck() > 0);
    await soon(world, "the click to be sent", () =>
      ofTrace(request.id).some(({ name }) => name === "click approve"),
    );
    await first.kill();
    const second = await world.startBot({ env: traced() });
    await shows(world, request, "Open until");
    await second.terminate();
    const trace = ofTrace(request.id);
    const root = only(trace, "command request");
    const after = trace.filter((span) => replicaOf(span) !== replicaOf(root));
    const works = after.filter(({ name }) => name === "work");
    expect(works.length).toBeGreaterThan(0);
    for (const { parentId, links } of works) {
      expect(parentId).toBe(root.spanId);
      expect(links.map(({ traceId }) => traceId)).toEqual([traceIdOf(request.id)]);
    }
    expect(only(after, "step open")).toBeDefined();
  }, 60_000);
});

describe("a collector that fails", () => {
  afterEach(() => {
    sink.fault = undefined;
  });

  it("holds nothing up: the port opens, it's said once, and the bot stops in time", async () => {
    sink.fault = 500;
    const bot = await world.startBot({ env: traced() });
    const request = await asked(world, "jump-01 22 1h");
    const warned = () => bot.output().split("traces can't be sent").length - 1;
    await soon(world, "it to be said", () => warned() > 0);
    sink.fault = "hang";
    await click(world, request);
    await shows(world, request, "Open until");
    const told = Date.now();
    expect(await bot.terminate()).toBe(0);
    expect(Date.now() - told).toBeLessThan(10_000);
    expect(warned()).toBe(1);
    const [line = ""] = bot
      .output()
      .split("\n")
      .filter((one) => one.includes("can't be sent"));
    expect(JSON.parse(line)).toMatchObject({ host: new URL(sink.url).host, code: "500" });
    expect(bot.output()).not.toMatch(/collector-key|own words|v1\/traces/);
  }, 60_000);
});

describe("a bot without traces", () => {
  /** Names every module of OpenTelemetry that is loaded. */
  const LISTENS = `--import=data:text/javascript,${encodeURIComponent(
    'import{registerHooks}from"node:module";registerHooks({load(u,c,n){if(u.includes("@opentelemetry"))process.stderr.write("loads:"+u+"\\n");return n(u,c)}})',
  )}`;
  const loadedBy = async (env: Record<string, string>): Promise<ReadonlySet<string>> => {
    const bot = await world.startBot({ program: BOT, env: { ...env, NODE_OPTIONS: LISTENS } });
    await fetch(`${bot.url}/readyz`);
    await bot.terminate();
    const found = bot.output().matchAll(/^loads:.*@opentelemetry\/([\w-]+)/gm);
    return new Set([...found].map(([, name = ""]) => name));
  };

  it.each([
    ["nothing is set", {}],
    ["traces are none", { OTEL_TRACES_EXPORTER: "none" }],
    ["the SDK is disabled", { OTEL_SDK_DISABLED: "true" }],
  ])(
    "loads nothing of OpenTelemetry where %s",
    async (_why, env) => {
      const before = sink.spans.length;
      const on = Object.keys(env).length > 0 ? traced() : {};
      // The exporter of metrics has the interfaces, which do nothing, as a dependency of its own.
      expect([...(await loadedBy({ ...on, ...env }))].filter((name) => name !== "api")).toEqual([]);
      expect(sink.spans).toHaveLength(before);
    },
    30_000,
  );

  it("and it would be seen", async () => {
    expect(await loadedBy(traced())).toContain("sdk-trace");
  }, 30_000);
});
