// The managed identity of the simulated machine: its token endpoint, and the check of its tokens.

import { createHmac } from "node:crypto";
import { ArmRefusal } from "./arm.ts";
import { type AzureEstate, guid } from "./world/azure-estate.ts";

/** The audiences that Azure Resource Manager takes in the public cloud. */
export const AUDIENCES = [
  "https://management.core.windows.net/",
  "https://management.core.windows.net",
  "https://management.azure.com/",
  "https://management.azure.com",
];

/**
 * Tokens follow the wall clock and not the simulated one: the SDKs keep them by the wall clock, and
 * share them between all clients of a process, so that one may outlive the simulator that made it.
 */
export type Tokens = {
  header: string;
  audiences: readonly string[];
  lifetimeMs: number;
  /** Tokens made up to this moment are expired. */
  voidUntilMs: number;
};

/** One for all simulators, for the reason above. It protects nothing. */
const SIGNING_KEY = "sandbox";
const API_VERSION = "2019-08-01";

export type TokenRequest = { query: URLSearchParams; header: string | undefined };

/** Answers the App Service form of the endpoint that managed identity credentials ask. */
export function answerTokenRequest(world: AzureEstate, tokens: Tokens, asked: TokenRequest) {
  const resource = asked.query.get("resource");
  if (asked.header !== tokens.header) return failure(401, "x-identity-header is missing or wrong");
  if (asked.query.get("api-version") !== API_VERSION) {
    return failure(400, `the api-version must be ${API_VERSION}`);
  }
  if (!resource) return failure(400, "resource is missing");
  const clientId = asked.query.get("client_id");
  if (clientId !== null && clientId !== world.bot.clientId) {
    return failure(400, "no identity with that client id is assigned");
  }
  const expiresS = Math.floor((Date.now() + tokens.lifetimeMs) / 1_000);
  return {
    status: 200,
    body: {
      access_token: makeToken(world, resource, expiresS),
      expires_on: String(expiresS),
      resource,
      token_type: "Bearer",
      client_id: world.bot.clientId,
    },
  };
}

/** Throws ARM's 401 for a header without a good token for one of the audiences. */
export function checkToken(
  tokens: Tokens,
  authorization: string | undefined,
  tenantId: string,
): void {
  if (authorization === undefined) {
    throw unauthorized(tenantId, {
      code: "AuthenticationFailed",
      message: "Authentication failed. The 'Authorization' header is missing.",
    });
  }
  const claims = readToken(/^Bearer (.+)$/i.exec(authorization)?.[1] ?? "");
  if (!claims) {
    throw unauthorized(tenantId, {
      code: "InvalidAuthenticationToken",
      message: "The access token is invalid.",
    });
  }
  const nowMs = Date.now();
  const expiresMs = claims.madeAtMs <= tokens.voidUntilMs ? tokens.voidUntilMs : claims.exp * 1_000;
  if (expiresMs <= nowMs) {
    const expiry = new Date(expiresMs).toISOString();
    const now = new Date(nowMs).toISOString();
    throw unauthorized(tenantId, {
      code: "ExpiredAuthenticationToken",
      message:
        `The access token expiry UTC time '${expiry}' is earlier than current UTC time ` +
        `'${now}'.`,
    });
  }
  if (tokens.audiences.includes(claims.aud)) return;
  throw unauthorized(tenantId, {
    code: "InvalidAuthenticationTokenAudience",
    message:
      `The access token has been obtained for wrong audience or resource '${claims.aud}'. It ` +
      "should exactly match with one of the allowed audiences " +
      `${tokens.audiences.map((audience) => `'${audience}'`).join(",")}.`,
  });
}

type Claims = { aud: string; exp: number; madeAtMs: number };

function makeToken(world: AzureEstate, audience: string, expiresS: number): string {
  const madeAtMs = Date.now();
  const issuedS = Math.floor(madeAtMs / 1_000);
  const claims = {
    aud: audience,
    iss: `https://sts.windows.net/${world.tenantId}/`,
    iat: issuedS,
    nbf: issuedS,
    exp: expiresS,
    appid: world.bot.clientId,
    idtyp: "app",
    oid: world.bot.objectId,
    sub: world.bot.objectId,
    tid: world.tenantId,
    uti: guid(`${audience} ${madeAtMs}`),
    madeAtMs,
  };
  const signed = [{ typ: "JWT", alg: "HS256" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${signed}.${signature(signed)}`;
}

function readToken(token: string): Claims | undefined {
  const [head = "", body = "", sign] = token.split(".");
  if (sign !== signature(`${head}.${body}`)) return undefined;
  return JSON.parse(Buffer.from(body, "base64url").toString());
}

function signature(text: string): string {
  return createHmac("sha256", SIGNING_KEY).update(text).digest("base64url");
}

function unauthorized(tenantId: string, error: { code: string; message: string }): ArmRefusal {
  const challenge =
    `Bearer authorization_uri="https://login.windows.net/${tenantId}", error="invalid_token", ` +
    `error_description="${error.message.replaceAll('"', "'")}"`;
  return new ArmRefusal(401, error, { "www-authenticate": challenge });
}

function failure(status: number, message: string) {
  return { status, body: { statusCode: status, message } };
}
