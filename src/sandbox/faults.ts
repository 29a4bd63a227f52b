// Faults to order, for both simulated servers: delays, error answers, cut and hanging connections.

import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";

/** What a simulated server answers: the text of the body, and headers in lower case. */
export type Reply = { status: number; headers: Record<string, string>; body: string };

/** What of a request a rule is matched against. `path` carries the query string, if any. */
export type FaultTarget = { method: string; path: string; body: string };

/** What becomes of a request: an answer, a cut connection, or silence until the client gives up. */
export type Fate = Reply | "reset" | "hang";

const answerSchema = z.strictObject({
  status: z.int().min(100).max(599),
  headers: z.record(z.string(), z.string()).default({}),
  /** Text is sent as it is; anything else as JSON. */
  body: z.unknown().optional(),
});

const ruleSchema = z.strictObject({
  /** Left out: every method. */
  method: z.string().optional(),
  /** A regular expression, any case, searched in path and query. Left out: every path. */
  path: z.string().refine(isPattern, "isn't a regular expression").optional(),
  /** Only requests whose body contains this text. */
  bodyIncludes: z.string().optional(),
  /** How many matching requests go by untouched first. */
  skip: z.int().min(0).default(0),
  /** How many requests it then befalls. Left out: all, until it is cleared. */
  times: z.int().min(1).optional(),
  /** Before the request is handled, or after: then the work is done and only the reply suffers. */
  when: z.enum(["before", "after"]).default("before"),
  /** Real milliseconds to wait first. */
  delayMs: z.number().min(0).default(0),
  /** `hold` waits until the rule is cleared and then goes on; left out: only the delay. */
  act: z.union([answerSchema, z.enum(["reset", "hang", "hold"])]).optional(),
});

export type FaultRule = z.input<typeof ruleSchema>;
type Rule = z.output<typeof ruleSchema>;

/** A rule in force, with the number of matching requests that it saw and that it befell. */
type FaultInForce = Rule & { id: string; seen: number; befell: number };

type Entry = FaultInForce & { pattern: RegExp; cleared: Promise<void>; release: () => void };

export type Faults = {
  /** Puts a rule in force, after those already there; answers its id. Throws on a wrong rule. */
  add(rule: FaultRule): string;
  /** Ends one rule, or all: held requests go on, hanging ones hang until the server closes. */
  clear(id?: string): void;
  list(): FaultInForce[];
  /** Handles a request under the first rule that matches it and isn't used up. */
  around(target: FaultTarget, handle: () => Promise<Reply> | Reply): Promise<Fate>;
};

export function createFaults(): Faults {
  const entries = new Map<string, Entry>();
  let lastId = 0;

  const clear = (id?: string): void => {
    for (const entry of [...entries.values()]) {
      if (id !== undefined && entry.id !== id) continue;
      entries.delete(entry.id);
      entry.release();
    }
  };

  return {
    add(rule) {
      lastId += 1;
      const id = `fault-${lastId}`;
      entries.set(id, { ...ruleSchema.parse(rule), id, seen: 0, befell: 0, ...parts(rule) });
      return id;
    },
    clear,
    list: () =>
      [...entries.values()].map(({ pattern, cleared, release, ...inForce }) => ({ ...inForce })),
    async around(target, handle) {
      const entry = claim(entries.values(), target);
      if (!entry) return handle();
      if (entry.when === "before") return (await strike(entry)) ?? handle();
      const reply = await handle();
      return (await strike(entry)) ?? reply;
    },
  };
}

/**
 * Answers `/_sandbox/faults`: GET lists the rules, POST adds one or a list of them, DELETE clears
 * all or the one named behind the path. `undefined`: the path is none of these.
 */
export function answerFaultControl(faults: Faults, target: FaultTarget): Reply | undefined {
  const match = /^\/_sandbox\/faults(?:\/([^/?]+))?(?:\?.*)?$/.exec(target.path);
  if (!match) return undefined;
  if (target.method === "GET") return json(200, { faults: faults.list() });
  if (target.method === "DELETE") {
    faults.clear(match[1]);
    return json(200, { faults: faults.list() });
  }
  if (target.method !== "POST") return json(405, { error: "GET, POST or DELETE" });
  try {
    const rules = z.array(ruleSchema).parse([JSON.parse(target.body)].flat());
    return json(200, { ids: rules.map((rule) => faults.add(rule as FaultRule)) });
  } catch (fault) {
    return json(400, { error: fault instanceof Error ? fault.message : String(fault) });
  }
}

function claim(entries: Iterable<Entry>, target: FaultTarget): Entry | undefined {
  for (const entry of entries) {
    if (!matches(entry, target)) continue;
    entry.seen += 1;
    if (entry.seen <= entry.skip) continue;
    if (entry.times !== undefined && entry.befell >= entry.times) continue;
    entry.befell += 1;
    return entry;
  }
  return undefined;
}

function matches(entry: Entry, target: FaultTarget): boolean {
  if (entry.method && entry.method.toUpperCase() !== target.method.toUpperCase()) return false;
  if (entry.bodyIncludes !== undefined && !target.body.includes(entry.bodyIncludes)) return false;
  return entry.pattern.test(target.path);
}

async function strike(entry: Entry): Promise<Fate | undefined> {
  if (entry.delayMs > 0) await wait(entry.delayMs);
  if (entry.act === undefined || entry.act === "reset" || entry.act === "hang") return entry.act;
  if (entry.act === "hold") {
    await entry.cleared;
    return undefined;
  }
  const { status, headers, body } = entry.act;
  if (typeof body === "string") return { status, headers: lowerCased(headers), body };
  const reply = body === undefined ? { status, headers: {}, body: "" } : json(status, body);
  return { ...reply, headers: { ...reply.headers, ...lowerCased(headers) } };
}

function parts(rule: FaultRule): Pick<Entry, "pattern" | "cleared" | "release"> {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { pattern: new RegExp(rule.path ?? "", "i"), cleared: promise, release: resolve };
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toLowerCase(), v]));
}

function json(status: number, body: unknown): Reply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  };
}
