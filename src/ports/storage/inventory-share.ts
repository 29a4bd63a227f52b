// How replicas share the inventory snapshot: one of them reads at a time, and the others take over what changed.

/** What is stored last. Ages are by the store's own clock, so that replicas' clocks need not agree. */
export type Shared = {
  /** Another one after every publishing. */
  readonly version: string;
  /** The digest of the text that tells what the snapshot consists of. */
  readonly root: string;
  /** Since its reading began, and since it was published. */
  readonly ageMs: number;
  readonly publishedAgeMs: number;
  /** How long the reading took. */
  readonly tookMs: number;
};

/** Whether this replica is to read now; resting: the last reading failed, and Azure is left alone a while. */
export type Claimed = "claimed" | "held" | "resting";

/**
 * Texts, each kept under its own digest, and one small entry that names the newest root. Every method
 * throws a `Fault` where the store is away. Nothing is guarded by it: what is lost is read again.
 */
export type SnapshotShare = {
  digest(text: string): string;
  /** `undefined`: nothing is stored. */
  look(): Promise<Shared | undefined>;
  /** By digest. A text that isn't there, or isn't what its digest says, is left out, and may be put again. */
  load(digests: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Keeps these for another day, and answers those that aren't there. */
  keep(digests: readonly string[]): Promise<readonly string[]>;
  put(text: string): Promise<void>;
  /** Texts that the newest root doesn't name any more: they go when nobody can be loading them. */
  drop(digests: readonly string[]): Promise<void>;
  /**
   * From now on, for `leaseMs`, nobody else is to read; asked again it is so for longer. Who is urgent does
   * not rest.
   */
  claim(how: { readonly leaseMs: number; readonly isUrgent: boolean }): Promise<Claimed>;
  /**
   * Makes this the newest, ends the claim, and answers the version. `undefined`: the claim had run out, and
   * another replica has claimed since.
   */
  publish(what: Pick<Shared, "root" | "ageMs" | "tookMs">): Promise<string | undefined>;
  /** Ends the claim, if there is one; only who is urgent reads before `restMs` are over. */
  release(restMs: number): Promise<void>;
};
