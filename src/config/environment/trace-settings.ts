// Where traces go, by OpenTelemetry's own variables. None of them set: nowhere.

import type { Variables } from "./variables.ts";

export type TraceSettings = {
  /** Where OTLP is taken over HTTP, with its path. */
  readonly url: string;
  /** Secret. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** What the operator wants each span to say beside. */
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: {
    /** Of all traces, from 0 to 1. */
    readonly keeps: number;
  };
};

const PATH = "/v1/traces";
/** Where a collector beside the bot listens. */
const BESIDE = "http://localhost:4318";
const EXAMPLE = "https://collector.example.com:4318";

/** Nothing is sent, and why, for the doctor. */
export type TracesOff = {
  readonly off: string;
  /** Somebody wants them, and they can't be sent so. */
  readonly isUnwilling?: true;
};

/** What is wrong is among the faults. */
export function readTraces(from: Variables): TraceSettings | TracesOff {
  const exporter = from.text("OTEL_TRACES_EXPORTER");
  if (exporter === "none") return { off: "OTEL_TRACES_EXPORTER is none" };
  if (from.text("OTEL_SDK_DISABLED")?.toLowerCase() === "true")
    return { off: "OTEL_SDK_DISABLED is true" };
  const isOn =
    exporter !== undefined ||
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].some(from.isSet);
  if (!isOn) return { off: "OTEL_EXPORTER_OTLP_ENDPOINT isn't set" };
  if (exporter !== undefined && exporter !== "otlp")
    from.fault("OTEL_TRACES_EXPORTER", "isn't supported: set it to otlp or none");
  const foreign = foreignProtocol(from);
  // A platform may set address and protocol for everything that runs on it: nobody asked the bot for traces.
  if (foreign !== undefined && exporter === undefined) {
    const fix = "set it to http/protobuf, or OTEL_SDK_DISABLED to true";
    return { off: `${foreign} isn't supported: ${fix}`, isUnwilling: true };
  }
  if (foreign !== undefined)
    from.fault(foreign, "isn't supported: set it to http/protobuf, or leave it out");
  const headers = {
    ...readPairs(from, "OTEL_EXPORTER_OTLP_HEADERS", from.secret),
    ...readPairs(from, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", from.secret),
  };
  const { "service.name": serviceName = "jit-bot", ...resource } = readPairs(
    from,
    "OTEL_RESOURCE_ATTRIBUTES",
    from.text,
  );
  return {
    url: readUrl(from, Object.keys(headers).length > 0),
    headers,
    serviceName: from.text("OTEL_SERVICE_NAME") ?? serviceName,
    resource,
    sampler: { keeps: readShare(from) },
  };
}

/** The variable that asks for another protocol than ours; the one for traces has the say. */
function foreignProtocol(from: Variables): string | undefined {
  const set = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"].find(
    (name) => from.text(name) !== undefined,
  );
  return set !== undefined && from.text(set) !== "http/protobuf" ? set : undefined;
}

/** The one for traces is taken to the letter; the one for everything gets the path of traces. */
function readUrl(from: Variables, getsSecrets: boolean): string {
  const shape = { protocols: ["https:", "http:"], getsSecrets, example: EXAMPLE };
  const traces = from.url("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", shape);
  const all = from.url("OTEL_EXPORTER_OTLP_ENDPOINT", shape);
  if (all?.endsWith(PATH) === true && traces === undefined) {
    const fix = "leave that out, or set OTEL_EXPORTER_OTLP_TRACES_ENDPOINT instead";
    from.fault("OTEL_EXPORTER_OTLP_ENDPOINT", `ends in ${PATH}, which is added to it: ${fix}`);
  }
  return traces ?? `${all ?? BESIDE}${PATH}`;
}

/** `key=value,key2=value2`, percent-encoded. */
function readPairs(
  from: Variables,
  name: string,
  read: Variables["text"],
): Readonly<Record<string, string>> {
  const pairs = (read(name) ?? "").split(",").filter((pair) => pair.trim() !== "");
  const found = pairs.map((pair) => {
    const at = pair.indexOf("=");
    const key = decoded(pair.slice(0, Math.max(0, at)));
    const value = decoded(pair.slice(at + 1));
    return key && value !== undefined ? [key, value] : undefined;
  });
  if (found.includes(undefined)) {
    from.fault(
      name,
      "can't be read: write it like key=value,key2=value2, with other characters percent-encoded",
    );
  }
  return Object.fromEntries(found.filter((pair) => pair !== undefined));
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}

/** The spec's names. A request's trace is kept or dropped as a whole, so a parent never has another opinion. */
function readShare(from: Variables): number {
  const sampler = (from.text("OTEL_TRACES_SAMPLER") ?? "always_on").replace("parentbased_", "");
  const share = Number(from.text("OTEL_TRACES_SAMPLER_ARG") ?? "1");
  if (sampler === "always_on") return 1;
  if (sampler === "always_off") return 0;
  if (sampler !== "traceidratio") {
    from.fault(
      "OTEL_TRACES_SAMPLER",
      "isn't supported: set it to always_on, always_off or traceidratio, or leave it out",
    );
    return 1;
  }
  if (share >= 0 && share <= 1) return share;
  from.fault("OTEL_TRACES_SAMPLER_ARG", "isn't a share of traces: set it to a number from 0 to 1");
  return 1;
}
