// How a request is written into Redis and read back: `<version>|<JSON>`, in the names that the source has, so that
// `redis-cli` shows a document that can be read.

import { tellsOfWhatPasses } from "../../../domain/request/messages/passing-news.ts";
import { type AccessRequest, grantOf, isWaiting } from "../../../domain/request/request.ts";
import { requestSchema } from "./request-schema.ts";

/** Version 0.1 reads this one alone, and only where it has names for all the steps and attempts that it holds. */
const FORMAT = 1;
/** Version 0.1 would do the wrong thing if it read this without what it doesn't know: so it must not. */
const FORMAT_BEYOND_0_1 = 2;
const FORMATS: readonly unknown[] = [FORMAT, FORMAT_BEYOND_0_1];

const formatOf = (request: AccessRequest): number =>
  isMisread(request) ? FORMAT_BEYOND_0_1 : FORMAT;

/** It would be opened at once, part with the card that it shares, or be taken for closed. */
function isMisread(request: AccessRequest): boolean {
  const { ask, promised, batch } = request;
  // Once it is opened, 0.1 knows all that matters, and brings it to its end.
  const waits = ask.opensAtMs !== undefined || promised.keepForMs !== undefined;
  const isAdopted = grantOf(request)?.recovered?.adopted !== undefined;
  return (waits && isWaiting(request)) || batch !== undefined || isAdopted;
}

/** Version 0.1 knows these by other names, and may run beside this one. */
const WRITTEN_AS: ReadonlyMap<string, string> = new Map([
  ["expiresAtMs", "lapsesAtMs"],
  ["expiredAtMs", "lapsedAtMs"],
  ["toldUpTo", "told"],
  ["attempts", "tries"],
  ["tookOver", "succeeded"],
]);

/** Names that version 0.1 wrote short. Its documents are still read. */
export const SHORT_NAMES: Readonly<Record<string, string>> = {
  ab: "approvedBy",
  acc: "accepted",
  adr: "address",
  alm: "alarmed",
  ans: "answer",
  apr: "approvers",
  apv: "approvals",
  at: "askedAtMs",
  az: "azure",
  ch: "channel",
  cs: "cards",
  dur: "durationMs",
  ea: "endedAtMs",
  end: "endsAtMs",
  g: "grant",
  gs: "groups",
  jp: "jitPolicyId",
  jt: "jitPolicyTail",
  mp: "mappedPorts",
  msg: "message",
  nc: "nonce",
  nx: "nextAtMs",
  oa: "openedAtMs",
  ph: "policyHash",
  pr: "promised",
  ps: "ports",
  psm: "postingSinceMs",
  rd: "reads",
  rq: "requester",
  rs: "reason",
  rv: "revision",
  s: "state",
  sh: "shown",
  sn: "sourceName",
  sp: "seenPorts",
  src: "source",
  st: "startsAtMs",
  sts: "steps",
  th: "thread",
  us: "users",
  wa: "warnedAtMs",
  wb: "warnBeforeMs",
  wi: "wayIn",
};

const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(SHORT_NAMES),
  ...[...WRITTEN_AS].map(([name, written]) => [written, name] as const),
]);

/** What couldn't be read, and why: other documents are none the worse for it. */
export type Unreadable = { readonly unreadable: string };
export type Document = { readonly version: number; readonly request: AccessRequest };

/** The document without its version, which the script that stores it puts in front. */
export function encodeRequest(request: AccessRequest): string {
  const fields = Object.entries({
    f: formatOf(request),
    ...withoutRepetition(request),
    ...messagesApart(request),
  });
  return JSON.stringify(
    Object.fromEntries(fields.map(([name, value]) => [WRITTEN_AS.get(name) ?? name, value])),
  );
}

export function decodeDocument(text: string): Document | Unreadable {
  const match = /^([1-9]\d{0,14})\|(.*)$/s.exec(text);
  if (match === null) return { unreadable: "It has no version." };
  const json = parseJson(match[2] ?? "");
  if (!isObject(json)) return { unreadable: "It isn't a JSON object." };
  if (!FORMATS.includes(json.f)) {
    const read = FORMATS.join(" and ");
    return { unreadable: `It is written in format ${String(json.f)}; this bot reads ${read}.` };
  }
  const decoded = requestSchema.safeParse(messagesTogether(withRepetition(inFull(json))));
  if (decoded.success) return { version: Number(match[1]), request: decoded.data };
  const issue = decoded.error.issues[0];
  return { unreadable: `${issue?.path.join(".") ?? "document"}: ${issue?.message ?? "invalid"}` };
}

/** Version 0.1 has no names for the steps of news that passes: it doesn't look at a field that it doesn't know. */
function messagesApart({ endMessages }: AccessRequest): object {
  const passing = endMessages?.filter(({ steps }) => tellsOfWhatPasses(steps)) ?? [];
  if (passing.length === 0) return {};
  const others = endMessages?.filter((one) => !passing.includes(one)) ?? [];
  return {
    endMessages: others.length === 0 ? undefined : others,
    passingMessages: passing,
  };
}

function messagesTogether(document: unknown): unknown {
  if (!isObject(document) || !Array.isArray(document.passingMessages)) return document;
  const { passingMessages, endMessages, ...rest } = document;
  const others = Array.isArray(endMessages) ? endMessages : [];
  return { ...rest, endMessages: [...others, ...passingMessages] };
}

/** The ids of Azure are long: what follows from something else in the document isn't written twice. */
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

function inFull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inFull);
  if (!isObject(value)) return value;
  // Every document that is read passes here, field by field: no lists are made on the way.
  const result: Record<string, unknown> = {};
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    const full = LONG_NAMES.get(name) ?? name;
    const inner = inFull(value[name]);
    // As a field of its own, whatever it is called.
    if (full === "__proto__") {
      Object.defineProperty(result, full, { value: inner, enumerable: true });
    } else result[full] = inner;
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
