// Every key name, in one place. A tenant's keys share one hash tag, so that one script may use them all.
//
// What people type and what Azure names things never stands in a key: it is hashed.

import { hash } from "node:crypto";
import type { Door } from "../../../domain/request/doors/doors.ts";
import type { UserId, VmKey } from "../../../domain/text/ids.ts";
import type { LeaseName } from "../../../ports/storage/leases.ts";

export type Keys = {
  /** Hash: request id → `<version>|<document>`. */
  readonly documents: string;
  /** Sorted set of request ids and `n:<channel>`, by when they are due or their lease ends. */
  readonly due: string;
  /**
   * Hash: member of `due` → `<lease ends>|<lease>|<failures>|<owner>|<1: begun>`. At rest a request has none,
   * or `0|0|<failures>|` where it failed.
   */
  readonly held: string;
  /** Sorted set of replicas, by until when they are known to live; 0: gone. */
  readonly alive: string;
  /** Written now and then, to see whether anything can be. */
  readonly probe: string;
  /** Channel: `<now> <due>`, where something is due before the next look of those who sleep. */
  readonly wake: string;
  /** Hash: request id or `n:<channel>` → `<since>|<why>`; what is parked. Its name is that of version 0.1. */
  readonly parked: string;
  /** Sorted set of request ids that are over, by when their documents are garbage. */
  readonly over: string;
  /** Sorted sets of request ids, by when they were asked. */
  readonly pending: string;
  readonly open: string;
  /** Sorted set of the ids of requests whose review isn't closed, by when they were asked. */
  readonly toReview: string;
  /** Sorted set of people, by when they looked at the home tab. */
  readonly homes: string;
  /** Sorted set of people and user groups, by when Slack last told that they changed. */
  readonly changed: string;
  /** Hash: channel → `<first> <last>`, and `<channel> <n>` → notice, for n from first to last. */
  readonly notices: string;
  /** Stream of entries `<sequence>-0`. */
  readonly audit: string;
  /** Stream of the entries' seals, with the same numbers. */
  readonly seals: string;
  /** Hash: `keys` that sealed, since when; `checkpoint` before which entries were deleted. */
  readonly chain: string;
  /** The worker that seals: `<lease ends>|<worker>`. */
  readonly sealer: string;
  /** The worker that sends copies of the audit: `<lease ends>|<worker>`. */
  readonly streamer: string;
  /** Hash: a receiver of copies, hashed → `<number> <seal>` of the last entry that it has got. */
  readonly streamed: string;
  /** Hash: `u:<user>` → `<reference>|<salt>|<last entry>`; reference → user, or `|<tombstone> <label>|<last entry>`. */
  readonly people: string;
  /** Hash: number of an entry → the texts beside it, or a tombstone. */
  readonly texts: string;
  /** Hash: number of an entry → what proves that the bot wrote it, until it is sealed. */
  readonly marks: string;
  /** Hash: `<reference>|<trail>` → numbers of entries; `from`: since which number all are there. */
  readonly trails: string;
  /** Hash: `<user>|<why>` → `<since>|<count>|<note>`; refusals of the last minute. */
  readonly floods: string;
  /** Sorted set of the ids of changes of JIT policies that aren't over, by since when. */
  readonly changing: string;
  /** Sorted set of the ids of what is being ended at once, by since when. */
  readonly endings: string;
  /** Hash: user → `<until>|<since>|<delegate>`; who is away, and who decides for them. */
  readonly away: string;
  /** Hash: what was announced of policy files, and which replica holds which. */
  readonly policies: string;
  /** Who froze access, and why: `<since>|<user, empty: the bot>|<reason>`; missing where it isn't frozen. */
  readonly freeze: string;
  /** Sorted set of the ids of requests that Azure was asked to open, and that aren't seen open, by when. */
  readonly underway: string;
  /** Sorted set of what was opened within the last minute, by when: `{"id":…,"requester":…,"vm":…}`. */
  readonly openings: string;
  /** What the bot's own calls to Azure are known by. */
  readonly calls: string;
  /** Hash: `next` turn of the watch, `worker` that has it, `read`: how far it got. */
  readonly watch: string;
  /** Sorted set of what the Activity Log was seen to tell, hashed, by when it happened. */
  readonly activities: string;
  /** Sorted set of a person's request ids, by when they were asked. */
  mine(requester: UserId): string;
  /** Hash: a person's request id → `p` pending or `o` opening, open or ending. */
  live(requester: UserId): string;
  /** Sorted set of the ids of the live grants on a door, by their ends. */
  door(door: Door): string;
  /** Sorted set of the ids of the live requests for a VM, by their ends. */
  inside(vm: VmKey): string;
  /** Whose a lease is: `<lease ends>|<owner>`. */
  lease(what: LeaseName): string;
  /** A change of JIT policies: `<version>|<document>`. */
  change(id: string): string;
  /** What is being ended at once: `<version>|<document>`. */
  endAll(id: string): string;
  delivery(delivery: string): string;
  /** What waits for somebody to prove their address: `<ends>|<used>|<draft>`. The secret is only hashed. */
  proof(secret: string): string;
  /** Where a person was seen: `<seen>|<address>`. */
  address(user: UserId): string;
  /** List: when somebody asked within the last minute; a second one of when they broke the glass. */
  asks(user: UserId, kind: "usual" | "break-glass"): string;
  /** When the next message to a channel would be on time. */
  rate(channel: string): string;
  /** What waits for its turn in a channel. */
  queue(channel: string): QueueKeys;
  /** What replicas share of Azure, as one format writes it and as seen from one place. */
  snapshot(format: number, view: string): SnapshotKeys;
};

type QueueKeys = {
  /** Sorted set of what waits, by its place. */
  readonly places: string;
  /** Sorted set of the same, by when it is to ask again. */
  readonly back: string;
  /** Hash: the round of each rank, and the last round of each person in it. */
  readonly rounds: string;
};

type SnapshotKeys = {
  readonly alive: string;
  /** Hash: which snapshot is the newest, and how old. */
  readonly shared: string;
  /** Who reads Azure now: `<lease ends>|<reader>`, or until when nobody does: `<ends>|`. */
  readonly reader: string;
  /** A compressed text, by its digest. */
  text(digest: string): string;
};

export function redisKeys(tenant: string): Keys {
  // Slack's team ids are such; anything else could break out of the hash tag.
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(tenant)) throw new Error("The tenant isn't a Slack team id.");
  const named = (name: string) => `{jit:${tenant}}:${name}`;
  return {
    documents: named("requests"),
    due: named("due"),
    held: named("held"),
    alive: named("alive"),
    wake: named("wake"),
    probe: named("probe"),
    parked: named("aside"),
    over: named("over"),
    pending: named("pending"),
    open: named("open"),
    toReview: named("review"),
    homes: named("homes"),
    changed: named("changed"),
    notices: named("notices"),
    audit: named("audit"),
    seals: named("seals"),
    chain: named("chain"),
    sealer: named("sealer"),
    streamer: named("streamer"),
    streamed: named("streamed"),
    people: named("people"),
    texts: named("texts"),
    marks: named("marks"),
    trails: named("trails"),
    floods: named("floods"),
    changing: named("changing"),
    endings: named("endings"),
    away: named("away"),
    policies: named("policies"),
    freeze: named("freeze"),
    underway: named("underway"),
    openings: named("openings"),
    calls: named("calls"),
    watch: named("watch"),
    activities: named("activities"),
    mine: (requester) => named(`of:${requester}`),
    live: (requester) => named(`live:${requester}`),
    door: ({ vm, port, source }) => named(`door:${hashed(`${vm}\n${port}\n${source}`)}`),
    inside: (vm) => named(`inside:${hashed(vm)}`),
    // Two prefixes, as replicas of earlier versions beside this one have them.
    lease: (what) =>
      named(`${/^(?:change|policy):/.test(what) ? "writing" : "lock"}:${hashed(what)}`),
    change: (id) => named(`change:${hashed(id)}`),
    endAll: (id) => named(`ending:${hashed(id)}`),
    delivery: (delivery) => named(`seen:${hashed(delivery)}`),
    proof: (secret) => named(`proof:${hashed(secret)}`),
    address: (user) => named(`address:${user}`),
    asks: (user, kind) => named(`asks:${user}${kind === "usual" ? "" : `:${kind}`}`),
    rate: (channel) => named(`rate:${hashed(channel)}`),
    queue: (channel) => {
      const own = named(`queue:${hashed(channel)}`);
      return { places: own, back: `${own}:back`, rounds: `${own}:rounds` };
    },
    snapshot: (format, view) => {
      const own = named(`picture:${format}:${hashed(view)}`);
      return {
        alive: named("alive"),
        shared: own,
        reader: `${own}:reader`,
        text: (digest) => `${own}:${digest}`,
      };
    },
  };
}

/** 128 bits: two doors never share a key by chance, and a key stays short. */
const hashed = (text: string): string => hash("sha256", text, "base64url").slice(0, 22);
