// Where traces go, by OpenTelemetry's own variables, and what of them can't be used.

import { describe, expect, it } from "vitest";
import { readTraces } from "../../../src/config/environment/trace-settings.ts";
import { variables } from "../../../src/config/environment/variables.ts";

const COLLECTOR = "https://collector.example.com:4318";
const ON = { OTEL_EXPORTER_OTLP_ENDPOINT: COLLECTOR };

function read(env: Record<string, string>) {
  const from = variables(env);
  return { traces: readTraces(from), faults: from.faults };
}
const tracesOf = (env: Record<string, string>) => {
  const { traces, faults } = read(env);
  expect(faults).toEqual([]);
  return traces;
};

describe("traces are off", () => {
  it.each([
    {},
    { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
    { OTEL_SERVICE_NAME: "jit", OTEL_TRACES_SAMPLER: "traceidratio" },
    { ...ON, OTEL_TRACES_EXPORTER: "none" },
    { ...ON, OTEL_SDK_DISABLED: "True" },
    // What nobody reads can't be wrong.
    { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_TRACES_SAMPLER: "mine" },
  ])("with %j", (env: Record<string, string>) => {
    expect(tracesOf(env)).toBeUndefined();
  });
});

describe("traces go", () => {
  it.each([
    [ON, `${COLLECTOR}/v1/traces`],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${COLLECTOR}/base/` }, `${COLLECTOR}/base/v1/traces`],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${COLLECTOR}/mine` }, `${COLLECTOR}/mine`],
    [{ ...ON, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://other/x" }, "http://other/x"],
    [{ OTEL_TRACES_EXPORTER: "otlp" }, "http://localhost:4318/v1/traces"],
    [{ ...ON, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" }, `${COLLECTOR}/v1/traces`],
    [{ ...ON, OTEL_SDK_DISABLED: "false" }, `${COLLECTOR}/v1/traces`],
  ])("with %j to %s", (env: Record<string, string>, url) => {
    expect(tracesOf(env)?.url).toBe(url);
  });

  it("with headers and attributes as written, the narrower first", () => {
    const traces = tracesOf({
      ...ON,
      OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Basic%20YTpi,tenant=a%2Cb",
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: "tenant=c",
      OTEL_RESOURCE_ATTRIBUTES: "service.name=mine, cloud.region = eu,",
    });
    expect(traces?.headers).toEqual({ Authorization: "Basic YTpi", tenant: "c" });
    expect(traces?.resource).toEqual({ "cloud.region": "eu" });
    expect(traces?.serviceName).toBe("mine");
    expect(tracesOf(ON)?.serviceName).toBe("jit-bot");
    const named = { ...ON, OTEL_SERVICE_NAME: "a", OTEL_RESOURCE_ATTRIBUTES: "service.name=b" };
    expect(tracesOf(named)?.serviceName).toBe("a");
  });

  it.each([
    [{}, 1],
    [{ OTEL_TRACES_SAMPLER: "always_off" }, 0],
    [{ OTEL_TRACES_SAMPLER: "parentbased_always_on" }, 1],
    [{ OTEL_TRACES_SAMPLER: "traceidratio" }, 1],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25" }, 0.25],
    [{ OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, 0],
  ])("with %j, of which that share is kept: %d", (env: Record<string, string>, keeps) => {
    expect(tracesOf({ ...ON, ...env })?.sampler).toEqual({ keeps });
  });
});

describe("a fault", () => {
  const HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";
  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, "isn't a URL"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://u:p@h" }, "has a user name or password"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://h:4318", [HEADERS]: "a=b" }, "in the clear"],
    [{ ...ON, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "isn't spoken here: set it to http/protobuf"],
    [{ ...ON, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }, "isn't spoken here"],
    [{ ...ON, OTEL_TRACES_EXPORTER: "console" }, "set it to otlp or none"],
    [{ ...ON, [HEADERS]: "s3cr3t" }, "write it like key=value"],
    [{ ...ON, [HEADERS]: "k=%zz" }, "percent-encoded"],
    [{ ...ON, OTEL_RESOURCE_ATTRIBUTES: "=a" }, "write it like key=value"],
    [{ ...ON, OTEL_TRACES_SAMPLER: "jaeger_remote" }, "always_on, always_off or traceidratio"],
    [
      { ...ON, OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "25%" },
      "a number from 0 to 1",
    ],
  ])("of %j is told in one sentence, without the value", (env: Record<string, string>, says) => {
    const { faults } = read(env);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(says);
    expect(faults[0]).not.toMatch(/s3cr3t|u:p|%zz/);
  });

  it("isn't made of http on this machine", () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318", [HEADERS]: "a=b" };
    expect(tracesOf(env)?.headers).toEqual({ a: "b" });
  });
});
