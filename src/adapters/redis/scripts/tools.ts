// What every part of the store is made with: it runs scripts on one tenant's keys, and marks what it writes.

import type { SealKey } from "../../../domain/audit/audit-chain.ts";
import type { Keys } from "./keys.ts";
import type { Run } from "./script.ts";

/** Who writes: what its entries are marked with, so that the sealer takes them. */
export type Writer = {
  readonly tenant: string;
  /** Without a key nothing is marked. */
  readonly key: SealKey;
  readonly nowMs: () => number;
};

export type Tools = { readonly run: Run; readonly keys: Keys; readonly writer: Writer };
