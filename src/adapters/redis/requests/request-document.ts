// How a request is written into Redis and read back: `<version>|<JSON>`, with short names on the wire.

import type { AccessRequest } from "../../../domain/request/request.ts";
import { requestSchema } from "./request-schema.ts";

/** Goes up when what is stored changes so that an older bot would misread it. */
const FORMAT = 1;

/**
 * The short names. An open grant rests in memory for hours, and names are a third of it; those that are
 * not here are written in full. None may be the long name of something else.
 */
const NAMES = {
  accepted: "acc",
  address: "adr",
  alarmed: "alm",
  answer: "ans",
  approvals: "apv",
  approvedBy: "ab",
  approvers: "apr",
  askedAtMs: "at",
  azure: "az",
  cards: "cs",
  channel: "ch",
  durationMs: "dur",
  endsAtMs: "end",
  endedAtMs: "ea",
  // What was called otherwise once, in documents that are kept.
  expiredAtMs: "lapsedAtMs",
  expiresAtMs: "lapsesAtMs",
  grant: "g",
  groups: "gs",
  jitPolicyId: "jp",
  jitPolicyTail: "jt",
  mappedPorts: "mp",
  message: "msg",
  nextAtMs: "nx",
  nonce: "nc",
  openedAtMs: "oa",
  policyHash: "ph",
  ports: "ps",
  postingSinceMs: "psm",
  promised: "pr",
  reads: "rd",
  reason: "rs",
  requester: "rq",
  revision: "rv",
  seenPorts: "sp",
  shown: "sh",
  source: "src",
  sourceName: "sn",
  startsAtMs: "st",
  state: "s",
  steps: "sts",
  thread: "th",
  users: "us",
  warnBeforeMs: "wb",
  warnedAtMs: "wa",
  wayIn: "wi",
};

const SHORT_NAMES: ReadonlyMap<string, string> = new Map(Object.entries(NAMES));
const LONG_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).map(([long, short]) => [short, long]),
);

/** What could not be read, and why: other documents are none the worse for it. */
export type Unreadable = { readonly unreadable: string };
export type Document = { readonly version: number; readonly request: AccessRequest };

/** The document without its version, which the script that stores it puts in front. */
export function encodeRequest(request: AccessRequest): string {
  return JSON.stringify(renamed({ f: FORMAT, ...withoutRepetition(request) }, SHORT_NAMES));
}

export function decodeDocument(text: string): Document | Unreadable {
  const match = /^([1-9]\d{0,14})\|(.*)$/s.exec(text);
  if (match === null) return { unreadable: "It has no version." };
  const json = parseJson(match[2] ?? "");
  if (!isObject(json)) return { unreadable: "It is not a JSON object." };
  if (json.f !== FORMAT) {
    return { unreadable: `It is written in format ${String(json.f)}; this bot reads ${FORMAT}.` };
  }
  const decoded = requestSchema.safeParse(withRepetition(renamed(json, LONG_NAMES)));
  if (decoded.success) return { version: Number(match[1]), request: decoded.data };
  const issue = decoded.error.issues[0];
  return { unreadable: `${issue?.path.join(".") ?? "document"}: ${issue?.message ?? "invalid"}` };
}

/** The ids of Azure are long: what follows from something else in the document is not written twice. */
function withoutRepetition(request: AccessRequest): object {
  const { vm, jitPolicyId, ...ask } = request.ask;
  const { key, ...named } = vm;
  const head = headOf(vm.id);
  const short = {
    ...request,
    ask: {
      ...ask,
      vm: key === vm.id.toLowerCase() ? named : vm,
      ...(head !== "" && jitPolicyId.startsWith(head)
        ? { jitPolicyTail: jitPolicyId.slice(head.length) }
        : { jitPolicyId }),
    },
  };
  if (!("grant" in request)) return short;
  const { policyHash, ...grant } = request.grant;
  return policyHash === request.promised.policyHash ? { ...short, grant } : short;
}

function withRepetition(document: unknown): unknown {
  if (!isObject(document)) return document;
  const { ask, grant, promised } = document;
  return {
    ...document,
    ...(isObject(ask) && isObject(ask.vm) && { ask: fullAsk(ask, ask.vm) }),
    ...(isObject(grant) &&
      isObject(promised) && { grant: { policyHash: promised.policyHash, ...grant } }),
  };
}

function fullAsk(ask: Fields, vm: Fields): Fields {
  const id = String(vm.id);
  const { jitPolicyTail: tail, ...rest } = ask;
  return {
    ...rest,
    vm: { key: id.toLowerCase(), ...vm },
    ...(tail !== undefined && { jitPolicyId: `${headOf(id)}${String(tail)}` }),
  };
}

/** `/subscriptions/…/resourceGroups/…/providers/`: mostly the same for a VM and its policy. */
const headOf = (id: string): string => /^.*?\/providers\//.exec(id)?.[0] ?? "";

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (!isObject(value)) return value;
  // Every document that is read or written passes here, field by field: no lists are made on the way.
  const result: Record<string, unknown> = {};
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    const to = names.get(name) ?? name;
    const inner = renamed(value[name], names);
    // As a field of its own, whatever it is called.
    if (to === "__proto__") Object.defineProperty(result, to, { value: inner, enumerable: true });
    else result[to] = inner;
  }
  return result;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
