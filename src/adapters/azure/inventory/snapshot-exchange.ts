// One replica's side of the shared picture: takes over what others read, and gives what it read itself.

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

/** `away`: the share cannot be asked, and everybody reads for themselves. */
type Taken =
  | {
      readonly is: "newer";
      readonly picture: InventorySnapshot;
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
  /** Whether it is there for the others now. What has not changed is not written. */
  give(picture: InventorySnapshot, tookMs: number): Promise<boolean>;
  release(restMs: number): Promise<void>;
};

const SUBJECT = "the picture that replicas share";

/** The parts of these digests, without those that are missing or cannot be read. */
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

export function createExchange(world: {
  share: SnapshotShare;
  clock: Clock;
  troubles: FaultLog;
  leaseMs: number;
}): Exchange {
  const { share, clock, troubles, leaseMs } = world;
  let version: string | undefined;
  let root: string | undefined;
  /** Something that was stored could not be read: what is there is not to be relied on. */
  let isSuspect = false;
  /** By digest, in the order of the picture; the root's own digest is not among them. */
  let known: ReadonlyMap<string, Part> = new Map();

  async function orAway<Result>(work: () => Promise<Result>): Promise<Result | "away"> {
    const [result, fault] = await outcomeOf(work);
    troubles.note(SUBJECT, fault);
    return fault === undefined ? (result as Result) : "away";
  }

  /** `undefined`: something of it is missing or cannot be read; then it is read from Azure. */
  async function load(digest: string): Promise<[Root, ReadonlyMap<string, Part>] | undefined> {
    const read = rootFrom((await share.load([digest])).get(digest) ?? "");
    if (read === undefined) return undefined;
    const unknown = read.parts.filter((one) => !known.has(one));
    const loaded = await partsAt(unknown, share);
    const parts = new Map<string, Part>();
    for (const one of read.parts) {
      const part = known.get(one) ?? loaded.get(one);
      if (part === undefined) return undefined;
      parts.set(one, part);
    }
    return [read, parts];
  }

  async function take(than: InventorySnapshot): Promise<Taken> {
    const shared = await share.look();
    if (shared === undefined) return { is: "nothing" };
    if (shared.version === version) return { is: "known" };
    const atMs = clock.nowMs() - shared.ageMs;
    if (atMs <= than.atMs) return { is: "known" };
    const found = await load(shared.root);
    version = shared.version;
    troubles.note("what replicas share", found ? undefined : UNREADABLE);
    isSuspect = found === undefined;
    if (found === undefined) return { is: "known" };
    const [{ unread }, parts] = found;
    [root, known] = [shared.root, parts];
    const picture = await snapshotFrom([...parts.values()], { atMs, unread });
    return { is: "newer", picture, agoMs: shared.publishedAgeMs, tookMs: shared.tookMs };
  }

  /** Part by part, so that never more than one of them is held as a text. */
  async function give(picture: InventorySnapshot, tookMs: number): Promise<boolean> {
    const before = [...known.keys(), ...(root === undefined ? [] : [root])];
    const parts = new Map<string, Part>();
    for (const part of partsOf(picture)) {
      for (const [text, of] of textsOf(part)) parts.set(share.digest(text), of);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const missing = new Set(await share.keep([...parts.keys()]));
    for (const [digest, part] of parts) {
      if (!missing.has(digest) && !isSuspect) continue;
      for (const [text] of textsOf(part)) await share.put(text);
    }
    const written = rootText({ parts: [...parts.keys()], unread: picture.unread });
    const next = share.digest(written);
    if ((await share.keep([next])).length > 0) await share.put(written);
    const ageMs = Math.max(0, clock.nowMs() - picture.atMs);
    const published = await share.publish({ root: next, ageMs, tookMs });
    if (published === undefined) return false;
    [version, root, known, isSuspect] = [published, next, parts, false];
    await share.drop(before.filter((one) => one !== next && !parts.has(one)));
    return true;
  }

  return {
    take: async (than) => {
      const taken = await orAway(() => take(than));
      return taken === "away" ? { is: "away" } : taken;
    },
    version: () => version,
    claim: (isUrgent) => orAway(() => share.claim({ leaseMs, isUrgent })),
    hold() {
      // A real timer, not the clock's: the claim runs out in the store's time.
      const timer = setInterval(() => {
        void outcomeOf(() => share.claim({ leaseMs, isUrgent: true }));
      }, leaseMs / 3);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
    give: async (picture, tookMs) => (await orAway(() => give(picture, tookMs))) === true,
    release: async (restMs) => {
      await orAway(() => share.release(restMs));
    },
  };
}

const UNREADABLE = {
  code: "unreadable",
  message: "Something of it is missing or of another form.",
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
