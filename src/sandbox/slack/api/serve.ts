// Answers a Web API call: token, rate, scope, method, in the order in which Slack looks at them.

import type { IncomingHttpHeaders } from "node:http";
import type { Reply } from "../../faults.ts";
import type { Json } from "../json.ts";
import type { SlackWorkspace } from "../slack-workspace.ts";
import { ApiFault, type Args, type Surroundings, type TokenKind } from "./call.ts";
import { missingScope } from "./conversation-methods.ts";
import { argumentsOf } from "./decode-body.ts";
import type { Limits } from "./limits.ts";
import { METHODS, type MethodRule } from "./methods.ts";

/** One call as it came in and as it was answered. */
export type ApiCall = {
  atMs: number;
  method: string;
  /** Without the token. */
  args: Args;
  tokenOk: boolean;
  /** False where a fault kept it from being handled at all. */
  handled: boolean;
  /** The HTTP status; or what a fault did to the call; `pending` while it is under way. */
  status: number | "reset" | "hang" | "pending";
  answer?: Json;
};

type Tokens = { bots: readonly string[]; app?: string | undefined };

export type Api = {
  world: SlackWorkspace;
  tokens: Tokens;
  limits: Limits;
  around: Omit<Surroundings, "token">;
};

export type ApiRequest = { headers: IncomingHttpHeaders; query: string; body: Buffer };

/** Handles the call and notes in `call` what it was. */
export function answerCall(api: Api, call: ApiCall, request: ApiRequest): Reply {
  const rule = Object.hasOwn(METHODS, call.method) ? METHODS[call.method] : undefined;
  const headers = scopeHeaders(api.world, rule);
  try {
    const { token, ...args } = argumentsOf(request.headers, request.query, request.body);
    call.args = args;
    if (!rule) throw new ApiFault("unknown_method");
    const kind = checkToken(api, rule, tokenOf(request.headers, token, rule));
    call.tokenOk = true;
    const retryAfter = api.limits.take(call.method, rule, args);
    if (retryAfter !== undefined) return tooMany(call, retryAfter);
    checkScopes(api.world, rule);
    const answer = rule.handle(api.world, args, { ...api.around, token: kind });
    return reply(call, 200, headers, { ok: true, ...answer });
  } catch (error) {
    if (!(error instanceof ApiFault)) throw error;
    return reply(call, 200, headers, { ok: false, error: error.code, ...error.extra });
  }
}

function tooMany(call: ApiCall, retryAfter: number): Reply {
  const headers = { "retry-after": String(retryAfter) };
  return reply(call, 429, headers, { ok: false, error: "ratelimited" });
}

function reply(
  call: ApiCall,
  status: number,
  headers: Record<string, string>,
  answer: Json,
): Reply {
  call.answer = answer;
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(answer),
  };
}

function tokenOf(
  headers: IncomingHttpHeaders,
  inForm: unknown,
  rule: MethodRule,
): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  // App-level tokens are taken from the header only.
  if (rule.token === "app" || typeof inForm !== "string") return bearer;
  return inForm;
}

function checkToken(
  { world, tokens }: Api,
  rule: MethodRule,
  given: string | undefined,
): TokenKind {
  if (!given) throw new ApiFault("not_authed");
  const kind = tokens.bots.includes(given) ? "bot" : given === tokens.app ? "app" : undefined;
  if (!kind) throw new ApiFault("invalid_auth");
  if (world.switches.tokens !== "good") throw new ApiFault(world.switches.tokens);
  if (rule.token !== "either" && kind !== rule.token) throw new ApiFault("not_allowed_token_type");
  return kind;
}

function checkScopes(world: SlackWorkspace, rule: MethodRule): void {
  if (rule.scopes.length === 0 || rule.scopes.some((one) => world.scopes.has(one))) return;
  throw missingScope(world, rule.scopes.join(","));
}

function scopeHeaders(world: SlackWorkspace, rule: MethodRule | undefined): Record<string, string> {
  const scopes = rule?.token === "app" ? "connections:write" : [...world.scopes].join(",");
  return {
    "x-oauth-scopes": scopes,
    ...(rule && rule.scopes.length > 0 ? { "x-accepted-oauth-scopes": rule.scopes.join(",") } : {}),
  };
}
