// One number of the audit as it is found, and the table of its people.

import type { Detail, Sealed } from "./audit-entry.ts";

/** What proves that the bot wrote an entry, as long as it isn't sealed. */
export type Mark = {
  /** The fingerprint of the key that made it. */
  readonly key: string;
  readonly by?: string | undefined;
  readonly of?: string | undefined;
  readonly mac: string;
};

export type Row = {
  readonly seq: number;
  /** Set where it doesn't bear a number that the bot gave. */
  readonly foreign?: string | undefined;
  readonly text?: string | undefined;
  readonly entry?: Sealed | undefined;
  readonly seal?: string | undefined;
  /** The texts, or their tombstone; `undefined`: nothing is there. */
  readonly beside?: string | undefined;
  /** The texts, decoded, where they are there. */
  readonly texts?: Detail | undefined;
  readonly mark?: Mark | undefined;
};

/** What the table says about a reference. */
export type Known =
  | { readonly user: string; readonly salt: string }
  | { readonly label: string; readonly tombstone: string };

export type People = ReadonlyMap<string, Known>;
