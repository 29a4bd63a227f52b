// Says how old the inventory snapshot is, where that could be why an answer is wrong.

import { type Words, words } from "../../domain/text/words.ts";
import type { InventorySnapshot } from "../../ports/azure.ts";

/** It is made again every minute; a large tenant's takes some minutes. */
const OLD_MS = 5 * 60_000;

/** `undefined`: it is as fresh as can be expected. */
export const asOf = ({ atMs }: InventorySnapshot, nowMs: number): Words | undefined =>
  nowMs - atMs > OLD_MS ? words`Azure couldn't be read recently: updated ${{ atMs }}.` : undefined;
