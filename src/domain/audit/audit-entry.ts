// An entry of the audit: how it is sealed, and how it is read. Pure.
//
// What is sealed is never changed again, so whatever may have to be erased one day isn't in it: a person
// stands there as a reference that only a table beside it can resolve, and free texts stand beside it,
// too. The reference and the hash of the texts are sealed, and each is made with a random salt: who changes
// the table or a text is found out, and once they are gone nobody can guess back what they were.

import { hash } from "node:crypto";
import type { AuditNote } from "../request/moved.ts";
import type { RequestId, UserId, VmKey } from "../text/ids.ts";

export type Detail = NonNullable<AuditNote["detail"]>;

/** What the store knows about the request that a note is about. */
export type About = {
  readonly id?: RequestId | undefined;
  readonly requester?: UserId | undefined;
  readonly vm?: VmKey | undefined;
};

/** A person, and the reference to use for them where they have none yet. */
type Referred = {
  readonly user: string;
  readonly reference: string;
  readonly salt: string;
};

/** An entry before Redis numbers it. */
export type Line = {
  readonly by?: Referred | undefined;
  /** The requester. */
  readonly of?: Referred | undefined;
  /** Everything else, as JSON without the brace at its beginning. */
  readonly rest: string;
  /** JSON with a salt: what may be erased. */
  readonly beside?: string | undefined;
  /** JSON: what proves that the bot wrote it, until it is sealed. */
  readonly mark?: string | undefined;
  /** What it is found by among the entries of its requester; left out where nobody looks for it. */
  readonly trail?: string | undefined;
};

/** What the seal covers, decoded. `by` and `of` are references. */
export type Sealed = {
  readonly seq: number;
  readonly atMs: number;
  readonly by?: string | undefined;
  readonly of?: string | undefined;
  /** When it was made, and what no other entry has; an entry that was written without a key has none. */
  readonly nonce?: string | undefined;
  readonly id?: RequestId | undefined;
  readonly what: string;
  /** `resource group/name`, in lower case. */
  readonly vm?: string | undefined;
  readonly detail?: Detail | undefined;
  /** The hash of the texts beside it. */
  readonly beside?: string | undefined;
};

/** An entry as people read it. */
export type AuditEntry = {
  readonly seq: number;
  readonly atMs: number;
  readonly what: string;
  /** Slack's id of the person, or a pseudonym where they were erased; `undefined`: the bot itself. */
  readonly by: string | undefined;
  readonly requester: string | undefined;
  readonly request: RequestId | undefined;
  readonly vm: string | undefined;
  readonly detail: Detail;
  /** Its texts were erased. */
  readonly erased: boolean;
  /** Its texts aren't those that it was written with: they aren't shown. */
  readonly altered?: true;
  /** Neither a seal nor a mark shows that the bot wrote it. */
  readonly unproven?: true;
  /** `undefined`: not sealed yet. */
  readonly seal: string | undefined;
};

/**
 * The details that say nothing about a person. Any other text stands beside the entry, where it can be
 * erased: so a detail that somebody adds later and doesn't name here is on the safe side.
 */
const IMPERSONAL: ReadonlySet<string> = new Set([
  "vm",
  "ports",
  "rule",
  "policy",
  "before",
  "why",
  "how",
  "closing",
  "code",
  "into",
  "extends",
  "network",
  "verdict",
  "act",
  "state",
  "key",
  "person",
  "policies",
  "refused",
  "jitPolicy",
  "outcome",
  "correlation",
  "status",
  "entries",
  "voucher",
  "sink",
]);

/** Longer than any reason may be, so that reasons are kept verbatim. */
const TEXT_CHARACTERS_MAX = 2_000;
const LIST_ITEMS_MAX = 100;
const DETAILS_MAX = 30;

/** `salt` draws a new one, of 12 random bytes in base64url, each time. Bounded: what is too long is cut. */
export function lineOf(note: AuditNote, about: About, salt: () => string, nonce?: string): Line {
  const kept = Object.entries(note.detail ?? {})
    .slice(0, DETAILS_MAX)
    .map(([name, value]) => [cut(name), bounded(value)] as const);
  const apart = kept.filter(
    ([name, value]) => typeof value !== "number" && !IMPERSONAL.has(name) && value.length > 0,
  );
  const plain = kept.filter((one) => !apart.includes(one));
  const beside =
    apart.length === 0 ? undefined : JSON.stringify({ salt: salt(), ...Object.fromEntries(apart) });
  const vm = about.vm === undefined || "vm" in (note.detail ?? {}) ? undefined : vmName(about.vm);
  const rest = {
    nonce,
    id: about.id,
    what: cut(note.what),
    vm,
    detail: plain.length === 0 ? undefined : Object.fromEntries(plain),
    beside: beside === undefined ? undefined : hashOf(beside),
  };
  const { requester } = about;
  return {
    ...(note.by !== undefined && { by: referred(cut(note.by), salt()) }),
    ...(requester !== undefined && { of: referred(requester, salt()) }),
    rest: JSON.stringify(rest).slice(1),
    beside,
  };
}

function referred(text: string, salt: string): Referred {
  // As Redis gets it: half of a surrogate pair is no JSON to it.
  const user = text.toWellFormed();
  return { user, reference: referenceTo(user, salt), salt };
}

/** 96 bits of a hash: nobody finds another person and salt with the same reference. */
export const referenceTo = (user: string, salt: string): string =>
  `P-${sha256(`${salt}|${user}`).slice(0, 16)}`;

/** What an entry holds of the texts beside it. */
export const hashOf = (beside: string): string => sha256(beside);

const sha256 = (text: string): string => hash("sha256", text, "base64url");

/** `resource group/name` of a VM's resource id. */
export function vmName(id: string): string {
  const [, , , , group = "", , , , name = ""] = id.toLowerCase().split("/");
  return cut(group === "" ? id.toLowerCase() : `${group}/${name}`);
}

function bounded(value: Detail[string]): Detail[string] {
  if (typeof value === "number") return value;
  return typeof value === "string" ? cut(value) : value.slice(0, LIST_ITEMS_MAX).map(cut);
}

const cut = (text: string): string =>
  text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX - 1)}…`;
