// Resource Graph's query text cut into words, with the place of each for the error messages.

import { ArmRefusal, azureTime, type ErrorDetail } from "../arm.ts";

export type Token = {
  kind: "name" | "text" | "number" | "sign" | "end";
  text: string;
  line: number;
  column: number;
};

/** A query that Azure would refuse, or that the simulator doesn't know how to evaluate. */
export class QueryFault extends Error {
  readonly token: Token;

  constructor(token: Token, message: string) {
    super(message);
    this.token = token;
  }
}

const WORDS: [Token["kind"] | "space", RegExp][] = [
  ["space", /^(?:\s+|\/\/[^\n]*)/],
  ["text", /^(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|@'[^']*'|@"[^"]*")/],
  ["number", /^\d+/],
  // The operators that are written with a sign before or after their name are one word.
  [
    "name",
    /^(?:mv-expand|project-\w+|order(?=\s+by\b)|in~|!in~|!in\b|!contains\b|!has\b|[A-Za-z_]\w*)/,
  ],
  ["sign", /^(?:==|=~|!=|!~|<=|>=|[|=<>()[\],.])/],
];

export function tokens(query: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < query.length) {
    const place = placeOf(query, at);
    const rest = query.slice(at);
    const hit = WORDS.map(([kind, pattern]) => ({ kind, text: pattern.exec(rest)?.[0] })).find(
      ({ text }) => text !== undefined,
    );
    const text = hit?.text ?? rest.slice(0, 1);
    if (!hit) throw new QueryFault({ kind: "sign", text, ...place }, `'${text}' isn't a word`);
    if (hit.kind !== "space") found.push({ kind: hit.kind, text, ...place });
    at += text.length;
  }
  return [...found, { kind: "end", text: "<EOF>", ...placeOf(query, at) }];
}

/** What a text between quotes stands for. */
export function unquoted(token: Token): string {
  if (token.text.startsWith("@")) return token.text.slice(2, -1);
  return token.text.slice(1, -1).replace(/\\(.)/g, "$1");
}

/** Azure's answer to a bad query, in the shape that has been seen; the last detail is our own. */
export function queryRefusal(fault: QueryFault, at: { nowMs: number; correlationId: string }) {
  const { line, column, text } = fault.token;
  return graphRefusal(400, { code: "BadRequest", ...at }, [
    {
      code: "InvalidQuery",
      message:
        "Query is invalid. Please refer to the documentation for the Azure Resource Graph " +
        "service and fix the error before retrying.",
    },
    {
      code: "ParserFailure",
      message: "ParserFailure",
      line,
      characterPositionInLine: column,
      token: text,
    },
    { code: "Sandbox", message: fault.message },
  ]);
}

/** Resource Graph says nothing in its message: what is wrong stands in the details. */
export function graphRefusal(
  status: number,
  of: { code: string; nowMs: number; correlationId: string },
  details: ErrorDetail[],
  headers: Record<string, string> = {},
): ArmRefusal {
  const { code, nowMs, correlationId } = of;
  const message =
    `Please provide below info when asking for support: timestamp = ${azureTime(nowMs)}, ` +
    `correlationId = ${correlationId}.`;
  return new ArmRefusal(status, { code, message, details }, headers);
}

function placeOf(query: string, at: number): { line: number; column: number } {
  const lines = query.slice(0, at).split("\n");
  return { line: lines.length, column: lines.at(-1)?.length ?? 0 };
}
