// The identifiers of the domain. Each is a branded string, so that one kind can't be passed as another.

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A Slack member, e.g. `U0LEAD`. */
export type UserId = Branded<"UserId">;
/** A Slack user group, e.g. `S0ONCALL`. */
export type GroupId = Branded<"GroupId">;
/** A Slack conversation, e.g. `C0PROD`; direct messages begin with `D`. */
export type ChannelId = Branded<"ChannelId">;
/** `JIT-` and six characters of Crockford's base 32, upper case. */
export type RequestId = Branded<"RequestId">;
/** An Azure resource id in lower case: ids are compared without regard to case. */
export type VmKey = Branded<"VmKey">;

/** A key of the policy file's `onCall`, e.g. `payments`. */
export type RotaName = Branded<"RotaName">;

/** Slack's ids of people begin so, and of no place. */
export const isUserId = (id: UserId | ChannelId): id is UserId => /^[UW]/.test(id);

export const userId = (text: string): UserId => text as UserId;
export const groupId = (text: string): GroupId => text as GroupId;
export const channelId = (text: string): ChannelId => text as ChannelId;
export const rotaName = (text: string): RotaName => text as RotaName;
export const vmKey = (resourceId: string): VmKey => resourceId.toLowerCase() as VmKey;

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 6;

/** Makes an identifier of six random bytes; 32^6 is about a thousand million. */
export function requestIdFrom(randomBytes: Uint8Array): RequestId {
  let code = "";
  for (let i = 0; i < LENGTH; i++) code += ALPHABET[(randomBytes[i] ?? 0) & 31];
  return `JIT-${code}` as RequestId;
}

/**
 * Reads an identifier as a person types it: any case, with or without the prefix. As Crockford has it,
 * O is read as 0, I and L as 1. Answers `undefined` for anything else.
 */
export function parseRequestId(text: string): RequestId | undefined {
  const match = /^(?:JIT-?)?([0-9A-TV-Z]{6})$/.exec(text.trim().toUpperCase());
  const code = match?.[1]?.replaceAll("O", "0").replace(/[IL]/g, "1");
  return code === undefined ? undefined : (`JIT-${code}` as RequestId);
}
