// What a fault of the campaign is: something that is begun, lasts a while, and is put right again.

import type { Random } from "./random.ts";

export type Side = "bot" | "redis" | "slack" | "azure" | "admin";

/** What the table counts lives by. */
export type Kind =
  | "kill"
  | "pause"
  | "redis"
  | "sentinel"
  | "cluster"
  | "slack"
  | "azure"
  | "admin";

export type CampaignFault = {
  readonly name: string;
  readonly side: Side;
  readonly kind: Kind;
  /** How often it is chosen among those of its side. */
  readonly weight: number;
  /** How long it lasts, in real milliseconds. */
  readonly lastsMs: readonly [least: number, most: number];
  /** Begins it; answers how to put it right. */
  begin(random: Random): Promise<() => Promise<void>>;
};
