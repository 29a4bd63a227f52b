// Reads JIT policies as the SDK hands them over: what each VM's ports allow, and who was let in.

import { z } from "zod";
import { parseIsoDuration } from "../../request/duration.ts";
import { vmKey } from "../../request/ids.ts";
import { ANY_SOURCE, parseSource } from "../../request/source.ts";
import type { JitCover, JitEntry, JitPolicy, JitPort } from "../../request/vm.ts";

const text = z.string().catch("");
/** The SDK makes dates of times; seven digits behind the second are no trouble to it. */
const time = z.date();
const portNumber = z.int().min(0).max(65_535);
const list = z.array(z.unknown()).catch([]);

const policySchema = z
  .object({
    id: text,
    virtualMachines: z.array(z.unknown()).nullish().catch(undefined),
    requests: z.array(z.unknown()).nullish().catch(undefined),
  })
  // The SDK makes an empty policy of whatever is none: that must not read as "nobody was let in".
  .refine((policy) => policy.id !== "" || policy.virtualMachines || policy.requests);

const vmSchema = z.object({ id: z.string().min(1), ports: list, publicIpAddress: text });

const sourcesSchema = z.object({
  allowedSourceAddressPrefix: text,
  allowedSourceAddressPrefixes: z.array(text).catch([]),
});

const portSchema = sourcesSchema.extend({
  number: portNumber,
  protocol: z.string().min(1).catch("*"),
  maxRequestAccessDuration: z.string(),
});

const requestSchema = z.object({
  virtualMachines: list,
  startTimeUtc: time.optional().catch(undefined),
  requestor: text,
  justification: text,
});

const entrySchema = sourcesSchema.extend({
  number: portNumber,
  endTimeUtc: time,
  status: text,
  statusReason: text,
  mappedPort: portNumber.optional().catch(undefined),
});

/** Something was left out because it could not be understood. */
type Lost = () => void;

/** `askedId` stands in where the answer has no id of its own. */
export function readPolicyBody(body: unknown, askedId: string, lost: Lost): JitPolicy | undefined {
  const policy = read(policySchema, body, lost);
  if (policy === undefined) return undefined;
  const id = policy.id || askedId;
  return {
    id,
    covers: coversIn(id, policy.virtualMachines ?? [], lost),
    entries: (policy.requests ?? []).flatMap((one, nth) => entriesIn(one, nth, lost)),
  };
}

/** Only what a policy allows: its requests may be many, and the picture has no use for them. */
export function readCovers(body: unknown, lost: Lost): readonly JitCover[] {
  const policy = read(policySchema, body, lost);
  if (policy === undefined) return [];
  // Without an id it could never be asked.
  if (policy.id !== "") return coversIn(policy.id, policy.virtualMachines ?? [], lost);
  lost();
  return [];
}

function coversIn(policyId: string, vms: readonly unknown[], lost: Lost): readonly JitCover[] {
  return vms.flatMap((one) => {
    const vm = read(vmSchema, one, lost);
    if (vm === undefined) return [];
    return Object.freeze({
      policyId,
      vm: vmKey(vm.id),
      ports: Object.freeze(vm.ports.flatMap((port) => portIn(port, lost))),
      firewallAddress: vm.publicIpAddress || undefined,
    });
  });
}

function portIn(value: unknown, lost: Lost): readonly JitPort[] {
  const port = read(portSchema, value, lost);
  if (port === undefined) return [];
  const maxDurationMs = parseIsoDuration(port.maxRequestAccessDuration);
  if (maxDurationMs === undefined) {
    lost();
    return [];
  }
  const { number, protocol } = port;
  const sources = sourcesIn(port);
  // A policy without a source lets everybody ask.
  const allowed = sources.length === 0 ? [ANY_SOURCE] : sources;
  return [Object.freeze({ number, protocol, sources: Object.freeze(allowed), maxDurationMs })];
}

function entriesIn(value: unknown, nth: number, lost: Lost): readonly JitEntry[] {
  const request = read(requestSchema, value, lost);
  if (request === undefined) return [];
  const common = {
    nth,
    startedAtMs: request.startTimeUtc?.getTime() ?? 0,
    requestor: request.requestor,
    justification: request.justification,
  };
  return request.virtualMachines.flatMap((one) => {
    const vm = read(vmSchema, one, lost);
    if (vm === undefined) return [];
    return vm.ports.flatMap((port) => {
      const entry = read(entrySchema, port, lost);
      if (entry === undefined) return [];
      const { number, endTimeUtc, status, statusReason, mappedPort } = entry;
      const sources = sourcesIn(entry);
      // Where Azure names no source, the entry still stands, for nobody's source in particular.
      return (sources.length === 0 ? [""] : sources).map((source) => ({
        ...common,
        vm: vmKey(vm.id),
        port: number,
        source,
        endsAtMs: endTimeUtc.getTime(),
        status,
        statusReason,
        mappedPort,
      }));
    });
  });
}

/** The plural and the singular field are never both in use. */
function sourcesIn(port: z.output<typeof sourcesSchema>): readonly string[] {
  const { allowedSourceAddressPrefixes: several, allowedSourceAddressPrefix: one } = port;
  const given = several.some((source) => source !== "") ? several : [one];
  return given.filter((source) => source !== "").map(canonical);
}

/** The same few networks stand in thousands of ports and entries. */
const known = new Map<string, string>();
const KNOWN_MAX = 10_000;

/** Written as we write it, so that it can be compared; service tags and IPv6 stay as they are. */
function canonical(source: string): string {
  const before = known.get(source);
  if (before !== undefined) return before;
  const parsed = parseSource(source);
  const written =
    parsed === undefined
      ? source
      : "any" in parsed
        ? ANY_SOURCE
        : "cidr" in parsed
          ? parsed.cidr
          : source;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(source, written);
  return written;
}

function read<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  lost: Lost,
): z.output<Schema> | undefined {
  const result = schema.safeParse(value);
  if (!result.success) lost();
  return result.data;
}
