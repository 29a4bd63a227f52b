// One replica's side of the shared snapshot: takes over what others read, and gives what it read itself.

import type { InventorySnapshot } from "../../../ports/azure.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Fault, isFault } from "../../../ports/fault.ts";
import type { Claimed, SnapshotShare } from "../../../ports/storage/inventory-share.ts";
import type { FaultLog } from "../client/fault-log.ts";
import { createIntern } from "./intern.ts";
import {
  type Part,
  partFrom,
  partsOf,
  type Root,
  rootFrom,
  rootText,
  snapshotFrom,
  textsOf,
} from "./snapshot-parts.ts";

/** `away`: the share can't be asked, and everybody reads for themselves. */
export type Taken =
  | {
      readonly is: "newer";
      readonly snapshot: InventorySnapshot;
      readonly agoMs: number;
      readonly tookMs: number;
    }
  | { readonly is: "known" | "nothing" | "away" };

/** No method rejects: without the share each replica is as well off as alone. */
export type Exchange = {
  /** The newest that others published, unless it was taken before, is our own or is older than `than`. */
  take(than: InventorySnapshot): Promise<Taken>;
  /** Changes whenever somebody published. */
  version(): string | undefined;
  claim(isUrgent: boolean): Promise<Claimed | "away">;
  /** Keeps what was claimed until it is given or released. */
  hold(): Disposable;
  /** Whether it is there for the others now. What hasn't changed isn't written. */
  give(snapshot: InventorySnapshot, tookMs: number): Promise<boolean>;
  release(restMs: number): Promise<void>;
};

const SUBJECT = "the inventory that replicas share";

/** The parts of these digests, without those that are missing or can't be read. */
async function partsAt(
  digests: readonly string[],
  share: SnapshotShare,
): Promise<ReadonlyMap<string, Part>> {
  const same = createIntern();
  const loaded = new Map<string, Part>();
  for (const some of portions(digests)) {
    for (const [one, text] of await share.load(some)) {
      const part = partFrom(text, same);
      if (part !== undefined) loaded.set(one, part);
    }
  }
  return loaded;
}

type Needs = {
  readonly share: SnapshotShare;
  readonly clock: Clock;
  readonly faultLog: FaultLog;
  readonly leaseMs: number;
};

/** What this replica last took over or published. */
type Known = {
  version: string | undefined;
  root: string | undefined;
  /** By digest, in the order of the snapshot; the root's own digest isn't among them. */
  parts: ReadonlyMap<string, Part>;
  /** Something that was stored couldn't be read: what is there isn't to be relied on. */
  isSuspect: boolean;
};

export function createExchange(deps: Needs): Exchange {
  const { share, faultLog, leaseMs } = deps;
  const known: Known = { version: undefined, root: undefined, parts: new Map(), isSuspect: false };

  async function orAway<Result>(work: () => Promise<Result>): Promise<Result | "away"> {
    const [result, fault] = await outcomeOf(work);
    faultLog.note(SUBJECT, fault);
    return fault === undefined ? (result as Result) : "away";
  }

  return {
    take: async (than) => {
      const taken = await orAway(() => takeNewest(deps, known, than));
      return taken === "away" ? { is: "away" } : taken;
    },
    version: () => known.version,
    claim: (isUrgent) => orAway(() => share.claim({ leaseMs, isUrgent })),
    hold() {
      // A real timer, not the clock's: the claim runs out in the store's time.
      const timer = setInterval(() => {
        void outcomeOf(() => share.claim({ leaseMs, isUrgent: true }));
      }, leaseMs / 3);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
    give: async (snapshot, tookMs) =>
      (await orAway(() => publish(deps, known, { snapshot, tookMs }))) === true,
    release: async (restMs) => {
      await orAway(() => share.release(restMs));
    },
  };
}

async function takeNewest(
  { share, clock, faultLog }: Needs,
  known: Known,
  than: InventorySnapshot,
): Promise<Taken> {
  const shared = await share.look();
  if (shared === undefined) return { is: "nothing" };
  if (shared.version === known.version) return { is: "known" };
  const atMs = clock.nowMs() - shared.ageMs;
  if (atMs <= than.atMs) return { is: "known" };
  const found = await load(share, shared.root, known.parts);
  known.version = shared.version;
  faultLog.note("the shared inventory", found ? undefined : UNREADABLE);
  known.isSuspect = found === undefined;
  if (found === undefined) return { is: "known" };
  known.root = shared.root;
  known.parts = found.parts;
  const { unread } = found.root;
  const snapshot = await snapshotFrom([...found.parts.values()], { atMs, unread });
  return { is: "newer", snapshot, agoMs: shared.publishedAgeMs, tookMs: shared.tookMs };
}

/** `undefined`: something of it is missing or can't be read; then it is read from Azure. */
async function load(
  share: SnapshotShare,
  digest: string,
  known: Known["parts"],
): Promise<{ root: Root; parts: Known["parts"] } | undefined> {
  const root = rootFrom((await share.load([digest])).get(digest) ?? "");
  if (root === undefined) return undefined;
  const unknown = root.parts.filter((one) => !known.has(one));
  const loaded = await partsAt(unknown, share);
  const parts = new Map<string, Part>();
  for (const one of root.parts) {
    const part = known.get(one) ?? loaded.get(one);
    if (part === undefined) return undefined;
    parts.set(one, part);
  }
  return { root, parts };
}

/** Whether it was published: another replica may have claimed since. */
async function publish(
  { share, clock }: Needs,
  known: Known,
  { snapshot, tookMs }: { snapshot: InventorySnapshot; tookMs: number },
): Promise<boolean> {
  const before = [...known.parts.keys()];
  if (known.root !== undefined) before.push(known.root);
  const parts = await putParts(share, snapshot, { evenIfThere: known.isSuspect });
  const written = rootText({ parts: [...parts.keys()], unread: snapshot.unread });
  const root = share.digest(written);
  if ((await share.keep([root])).length > 0) await share.put(written);
  const ageMs = Math.max(0, clock.nowMs() - snapshot.atMs);
  const version = await share.publish({ root, ageMs, tookMs });
  if (version === undefined) return false;
  Object.assign(known, { version, root, parts, isSuspect: false } satisfies Known);
  await share.drop(before.filter((one) => one !== root && !parts.has(one)));
  return true;
}

/** Part by part, so that never more than one of them is held as a text. */
async function putParts(
  share: SnapshotShare,
  snapshot: InventorySnapshot,
  { evenIfThere }: { evenIfThere: boolean },
): Promise<Known["parts"]> {
  const parts = new Map<string, Part>();
  for (const part of partsOf(snapshot)) {
    for (const [text, of] of textsOf(part)) parts.set(share.digest(text), of);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const missing = new Set(await share.keep([...parts.keys()]));
  for (const [digest, part] of parts) {
    if (!missing.has(digest) && !evenIfThere) continue;
    for (const [text] of textsOf(part)) await share.put(text);
  }
  return parts;
}

const UNREADABLE = {
  code: "unreadable",
  message: "Part of it is missing or has another format.",
};

async function outcomeOf<Result>(
  work: () => Promise<Result>,
): Promise<[Result, undefined] | [undefined, Fault]> {
  try {
    return [await work(), undefined];
  } catch (thrown) {
    if (isFault(thrown)) return [undefined, thrown];
    throw thrown;
  }
}

/** So that texts are turned into VMs before the next ones come. */
const PORTION = 8;

const portions = (digests: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(digests.length / PORTION) }, (_, index) =>
    digests.slice(index * PORTION, (index + 1) * PORTION),
  );
