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
const readWell = (env: Record<string, string>) => {
  const { traces, faults } = read(env);
  expect(faults).toEqual([]);
  return traces;
};
const tracesOf = (env: Record<string, string>) => {
  const traces = readWell(env);
  if ("off" in traces) throw new Error(`they are off: ${traces.off}`);
  return traces;
};

describe("traces are off", () => {
  const UNSET = "OTEL_EXPORTER_OTLP_ENDPOINT isn't set";
  it.each([
    [{}, UNSET],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "" }, UNSET],
    [{ OTEL_SERVICE_NAME: "jit", OTEL_TRACES_SAMPLER: "traceidratio" }, UNSET],
    [{ ...ON, OTEL_TRACES_EXPORTER: "none" }, "OTEL_TRACES_EXPORTER is none"],
    [{ ...ON, OTEL_SDK_DISABLED: "True" }, "OTEL_SDK_DISABLED is true"],
    // What nobody reads can't be wrong.
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_TRACES_SAMPLER: "mine" }, UNSET],
  ])("with %j, and it is said why", (env: Record<string, string>, off) => {
    expect(readWell(env)).toEqual({ off });
  });

  // As the agent of an environment of Azure Container Apps sets them, for everything that runs there:
  // https://learn.microsoft.com/azure/container-apps/opentelemetry-agents
  it.each(["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"])(
    "where a platform sets %s to another one, and nobody asked for traces",
    (name) => {
      const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://otel.service.k8se-apps:4317/" };
      expect(readWell({ ...endpoint, [name]: "grpc" })).toEqual({
        off: `${name} isn't supported: set it to http/protobuf, or OTEL_SDK_DISABLED to true`,
        isUnwilling: true,
      });
    },
  );
});

describe("traces go", () => {
  it.each([
    [ON, `${COLLECTOR}/v1/traces`],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${COLLECTOR}/base/` }, `${COLLECTOR}/base/v1/traces`],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${COLLECTOR}/mine` }, `${COLLECTOR}/mine`],
    [{ ...ON, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://other/x" }, "http://other/x"],
    [{ OTEL_TRACES_EXPORTER: "otlp" }, "http://localhost:4318/v1/traces"],
    [{ ...ON, OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf" }, `${COLLECTOR}/v1/traces`],
    [
      {
        ...ON,
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/protobuf",
      },
      `${COLLECTOR}/v1/traces`,
    ],
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
  const ASKED = { ...ON, OTEL_TRACES_EXPORTER: "otlp" };
  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, "isn't a URL"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "https://u:p@h" }, "has a user name or password"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: "http://h:4318", [HEADERS]: "a=b" }, "in the clear"],
    [{ ...ASKED, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, "set it to http/protobuf"],
    [{ ...ASKED, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" }, "isn't supported"],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: `${COLLECTOR}/v1/traces` }, "ends in /v1/traces"],
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
