// The bot's Azure identity, and the tokens it gives: had once, shared by all clients, never logged.

import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/identity";
import { z } from "zod";
import { inRealTime } from "../../real-time.ts";
import { noToken } from "./azure-faults.ts";

/**
 * `DefaultAzureCredential`: managed or workload identity, environment, or a developer's sign-in. It is
 * loaded when the first token is asked for, because that takes longer than the rest of the start.
 */
export function azureCredential(authorityHost: string): TokenCredential {
  let loading: Promise<TokenCredential> | undefined;
  const load = async () => {
    const { DefaultAzureCredential } = await import("@azure/identity");
    return new DefaultAzureCredential({ authorityHost });
  };
  return {
    async getToken(scopes, options) {
      loading ??= load();
      return (await loading).getToken(scopes, options);
    },
  };
}

/** A token is renewed this long before its end, as the SDKs do. */
const RENEW_BEFORE_MS = 2 * 60_000;
/** With less left than this, a token isn't worth sending. */
const USABLE_MS = 10_000;
/** No identity endpoint takes this long; one that hangs must not hang all that is to come. */
const TIMEOUT_MS = 20_000;

type Cached = { token: AccessToken; scope: string };

export type SharedCredential = TokenCredential & {
  /** Azure refused the token: the next call asks for another. */
  forget(): void;
  /** The object id in the newest token, lower case: what Azure's logs call the bot. `undefined`: not known. */
  objectId(): string | undefined;
};

/**
 * Keeps one token for all clients; every failure is a `Fault`. By the wall clock, as tokens are.
 *
 * The tokens that it hands out claim to end at once, which keeps the SDKs from holding tokens of their
 * own: those are renewed in the background, where nobody hears a failure, and an unheard rejection
 * ends the process.
 */
export function sharedCredential(
  credential: TokenCredential,
  timeoutMs = TIMEOUT_MS,
): SharedCredential {
  let cached: Cached | undefined;
  let known: string | undefined;
  const asking = new Map<string, Promise<AccessToken>>();

  async function ask(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    // Not the caller's signal: others wait for the same token.
    const { abortSignal: _, ...rest } = options ?? {};
    try {
      const token = await inRealTime(credential.getToken(scopes, rest), timeoutMs);
      const seconds = Math.ceil(timeoutMs / 1_000);
      if (token === "late") throw noToken(undefined, `No answer within ${seconds} s.`);
      if (token === null) throw noToken(undefined);
      cached = { token, scope: String(scopes) };
      known = objectIdIn(token.token) ?? known;
      return token;
    } catch (thrown) {
      throw noToken(thrown);
    }
  }

  function askOnce(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    const key = `${scopes} ${options?.claims ?? ""}`;
    const under = asking.get(key) ?? ask(scopes, options).finally(() => asking.delete(key));
    asking.set(key, under);
    return under;
  }

  async function fresh(scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken> {
    const old = cached?.scope === String(scopes) ? cached.token : undefined;
    const leftMs = (old?.expiresOnTimestamp ?? 0) - Date.now();
    // Claims come with Azure's refusal of the token that we have.
    if (old === undefined || options?.claims || leftMs < USABLE_MS) return askOnce(scopes, options);
    const renewAtMs = old.refreshAfterTimestamp ?? old.expiresOnTimestamp - RENEW_BEFORE_MS;
    if (Date.now() < renewAtMs) return old;
    return askOnce(scopes, options).catch(() => old);
  }

  return {
    async getToken(scopes, options) {
      const { token, tokenType } = await fresh(scopes, options);
      return { token, expiresOnTimestamp: Date.now(), ...(tokenType && { tokenType }) };
    },
    forget() {
      cached = undefined;
    },
    objectId: () => known,
  };
}

const claims = z.object({ oid: z.string().min(1) });

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
function objectIdIn(token: string): string | undefined {
  try {
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
    return claims.parse(JSON.parse(payload)).oid.toLowerCase();
  } catch {
    // Azure takes the token anyway, and whose it is stays unknown.
    return undefined;
  }
}
