// A sealed entry as it leaves for others: one line of JSON with its number and its seals, so that a copy can be
// verified without Redis. Pure.
//
// The line is the sealed text itself, to the byte, with three fields after it. People are references in it and free
// texts are hashes, as they are sealed: nobody is named by a copy who was erased here.

export type StreamEntry = {
  readonly seq: number;
  /** Verbatim as it is sealed. */
  readonly text: string;
  /** The workspace: one receiver may collect those of several. */
  readonly team: string;
  /** The seal of the entry that was sealed before this one. */
  readonly before: string;
  readonly seal: string;
};

const TAIL = /,"team":"([\w-]{1,64})","before":"([\w-]{43})","seal":"([\w-]{43})"\}$/;
const NUMBER = /^\{"seq":(\d{1,15})[,}]/;
/** Bare line breaks and the like, which no JSON has inside a text. */
const CONTROL = /\p{Cc}/u;

/** In one line, without the line break at its end. */
export function streamLine({ seq, text, team, before, seal }: StreamEntry): string {
  // Without a key, what was planted in Redis is sealed, too: it leaves as it is, and breaks no line.
  const isPlain = numberIn(text) === seq && text.endsWith("}") && !CONTROL.test(text);
  const own = isPlain ? text : JSON.stringify({ seq, text });
  return `${own.slice(0, -1)},"team":"${team}","before":"${before}","seal":"${seal}"}`;
}

/** The number that is sealed: the one around a text isn't. `undefined`: the text is none that the bot writes. */
export function numberIn(text: string): number | undefined {
  const digits = NUMBER.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** `undefined`: it isn't a line that `streamLine` makes. */
export function parseStreamLine(line: string): StreamEntry | undefined {
  const seq = numberIn(line) ?? 0;
  const tail = TAIL.exec(line);
  if (seq === 0 || tail === null) return undefined;
  const [, team = "", before = "", seal = ""] = tail;
  const entry = { seq, text: textOf(`${line.slice(0, tail.index)}}`), team, before, seal };
  return streamLine(entry) === line ? entry : undefined;
}

const WRAPPED = /^\{"seq":\d{1,15},"text":"/;

function textOf(own: string): string {
  if (!WRAPPED.test(own)) return own;
  const { text } = parsed(own);
  return typeof text === "string" ? text : own;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What receivers sort and search by. */
export type StreamFields = {
  readonly atMs: number;
  readonly what: string;
  /** References; empty: the bot itself, or no request. */
  readonly by: string;
  readonly requester: string;
  readonly request: string;
  readonly vm: string;
};

/** Empty, and at 0, where the entry doesn't say. */
export function streamFields({ text }: StreamEntry): StreamFields {
  const { atMs, what, by, of, id, vm } = parsed(text);
  const textual = (value: unknown) => (typeof value === "string" ? value : "");
  const isTime = typeof atMs === "number" && !Number.isNaN(new Date(atMs).getTime());
  return {
    atMs: isTime ? atMs : 0,
    what: textual(what) || "unreadable",
    by: textual(by),
    requester: textual(of),
    request: textual(id),
    vm: textual(vm),
  };
}
