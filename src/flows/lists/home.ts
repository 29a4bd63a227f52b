// The home tab: what concerns one person now. Shown when somebody looks, and again when that changes.

import { goesOn } from "../../domain/request/offers.ts";
import { mainCard } from "../../domain/request/outstanding.ts";
import { type AccessRequest, isWaiting } from "../../domain/request/request.ts";
import type { RequestId, UserId } from "../../domain/text/ids.ts";
import { isRefusal } from "../../domain/text/refusal.ts";
import { isFault } from "../../ports/fault.ts";
import type { Sender } from "../../ports/inbound.ts";
import type { Entry, Home, HomeScreen, Some } from "../../ports/screens/screens.ts";
import type { Service } from "../../ports/service.ts";
import type { Deps } from "../deps.ts";
import { KNOWN_AGE_MS, SHOWING_AGE_MS } from "../people/people.ts";
import { recentAsks } from "../requests/asking/recent-asks.ts";
import { foundIn, type Visibility, visibilityFor } from "../requests/visibility.ts";
import { parkedFor } from "./list-dead-letters.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "azure"
  | "freezes"
  | "requests"
  | "deadLetters"
  | "rateLimits"
  | "homeReaders"
  | "storeClock"
  | "chat"
  | "onCall"
  | "clock"
  | "log"
  | "policy"
>;

export type Homes = Service & {
  /** Somebody looks: it is published now, and kept up to date for an hour. Never rejects. */
  opened(sender: Pick<Sender, "user" | "outsider">): Promise<void>;
  /** A request was written: people who looked recently and can see it get the tab again. */
  changed(request: AccessRequest): void;
};

/** How many of each are shown; with their buttons they keep to Slack's hundred blocks. */
export const SHOWN = {
  open: 10,
  pending: 5,
  toDecide: 10,
  toReview: 5,
  everything: 7,
  parked: 4,
} as const;

/** Limits per person are settings; what is beyond them is in the list. */
const OWN_MAX = 200;

async function homeOf(
  deps: Needs,
  sender: Pick<Sender, "user" | "outsider">,
  age: { readonly personAgeMs: number },
): Promise<Home> {
  const visibility = await visibilityFor(deps, sender, age);
  if (isRefusal(visibility)) return { screen: "closed", say: visibility.say };
  const { user } = sender;
  const [frozen, own, toDecide, toReview, everything, parked, recent] = await Promise.all([
    deps.freezes.now(),
    foundIn(deps, { of: user }, { wanted: (one) => goesOn(one, visibility.nowMs), most: OWN_MAX }),
    offered(deps, visibility, { which: "pending", offer: "decide", most: SHOWN.toDecide }),
    offered(deps, visibility, { which: "to-review", offer: "review-ok", most: SHOWN.toReview }),
    visibility.isAdmin ? othersOpen(deps, visibility, user) : undefined,
    visibility.isAdmin ? parkedFor(deps, visibility, SHOWN.parked) : undefined,
    recentAsks(deps, user),
  ]);
  const mine = own.requests.map(visibility.entryOf);
  const isPending = ({ request }: Entry) => isWaiting(request);
  return {
    screen: "home",
    nowMs: visibility.nowMs,
    frozen,
    open: some(
      mine.filter((one) => !isPending(one)),
      SHOWN.open,
    ),
    pending: some(mine.filter(isPending), SHOWN.pending),
    toDecide,
    toReview,
    everything,
    parked,
    recent,
  } satisfies HomeScreen;
}

const some = (entries: readonly Entry[], most: number): Some => ({
  entries: entries.slice(0, most),
  isMore: entries.length > most,
});

type Offered = {
  readonly which: "pending" | "to-review";
  readonly offer: Entry["offers"][number];
  readonly most: number;
};

async function offered(
  deps: Needs,
  visibility: Visibility,
  { which, offer, most }: Offered,
): Promise<Some> {
  const wanted = (one: AccessRequest) => visibility.entryOf(one).offers.includes(offer);
  const { requests } = await foundIn(deps, which, { wanted, most: most + 1 });
  return some(requests.map(visibility.entryOf), most);
}

async function othersOpen(deps: Needs, visibility: Visibility, user: UserId): Promise<Some> {
  const most = SHOWN.everything;
  // What is parked stands by itself.
  const wanted = (one: AccessRequest) => one.ask.requester !== user && one.deadLetter === undefined;
  const { requests } = await foundIn(deps, "open", { wanted, most: most + 1 });
  return some(requests.map(visibility.entryOf), most);
}

/** Slack is asked who somebody is when they look, and not at every change of what they see. */
const ASKED = { personAgeMs: KNOWN_AGE_MS } as const;
const UNASKED = { personAgeMs: SHOWING_AGE_MS } as const;

/** What changes within this time is shown together. */
const MERGE_MS = 2_000;
/** Slack allows some hundred in a minute: all replicas together publish one a second. */
const BUCKET = "views.publish";
const TRIES_MAX = 3;
const TRY_AGAIN_MS = 5_000;
/** What was shown is remembered for this many requests; a forgotten one is only looked at once more. */
const SEEN_MAX = 10_000;

/** What of a request a tab shows: its revision, and the link to its card, which is there a moment later. */
const shownOf = (request: AccessRequest): string =>
  `${request.revision} ${mainCard(request)?.ts ?? ""}`;

export function homeKeeper(deps: Needs): Homes {
  const stopping = new AbortController();
  const publish = homePublisher(deps, stopping.signal);
  const inOrder = oneByOne();
  const seen = new Map<RequestId, string>();
  const dirty = new Map<RequestId, AccessRequest>();
  let isRunning = false;

  const run = async (): Promise<void> => {
    while (dirty.size > 0 && !stopping.signal.aborted) {
      const requests = [...dirty.values()];
      dirty.clear();
      for (const reader of await deps.homeReaders.latest()) {
        if (await concerns(deps, reader, requests)) await inOrder(reader, () => publish(reader));
      }
      await deps.clock.sleep(MERGE_MS, stopping.signal);
    }
  };

  const wake = (): void => {
    if (isRunning || stopping.signal.aborted) return;
    isRunning = true;
    run()
      .catch((thrown: unknown) => {
        deps.log.warn({ err: thrown }, "home tabs couldn't be kept up to date");
      })
      .finally(() => {
        isRunning = false;
        if (dirty.size > 0) wake();
      });
  };

  return {
    async opened({ user, outsider }) {
      try {
        // First: what changes from here on, while this is read and on its way, is shown, too.
        await deps.homeReaders.add(user);
        await inOrder(user, async () => {
          await deps.chat.publishHome(user, await homeOf(deps, { user, outsider }, ASKED));
        });
      } catch (thrown) {
        deps.log.warn({ user, err: thrown }, "the home tab couldn't be shown");
      }
    },
    changed(request) {
      // Most writes record only what was done; people see nothing of them.
      const shown = shownOf(request);
      if (seen.get(request.id) === shown) return;
      if (seen.size >= SEEN_MAX) seen.clear();
      seen.set(request.id, shown);
      dirty.set(request.id, request);
      wake();
    },
    // Changes start it.
    start: () => {},
    stop: () => stopping.abort(),
  };
}

/** What is published for one person follows in order: what was read earlier must not stand on what was read later. */
function oneByOne(): (user: UserId, work: () => Promise<void>) => Promise<void> {
  const last = new Map<UserId, Promise<void>>();
  return (user, work) => {
    const before = last.get(user) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    last.set(user, mine);
    const forget = () => {
      if (last.get(user) === mine) last.delete(user);
    };
    mine.then(forget, forget);
    return mine;
  };
}

/** Publishes a reader's home tab when it's this replica's turn; gives up without a word once `stop` is aborted. */
function homePublisher(deps: Needs, stop: AbortSignal): (user: UserId) => Promise<void> {
  const turn = async (): Promise<void> => {
    while (!stop.aborted) {
      const waitMs = await deps.rateLimits.takeTurn(BUCKET);
      if (waitMs === 0) return;
      await deps.clock.sleep(waitMs, stop);
    }
  };

  /** Tries again where Slack or Redis is away for a moment; what is missed is shown at the next look. */
  return async (user) => {
    for (let tried = 1; !stop.aborted; tried++) {
      try {
        await turn();
        if (stop.aborted) return;
        const home = await homeOf(deps, { user, outsider: false }, UNASKED);
        return await deps.chat.publishHome(user, home);
      } catch (thrown) {
        if (!isFault(thrown)) throw thrown;
        deps.log.info({ user, code: thrown.code }, "a home tab couldn't be published");
        if (!thrown.retryable || tried >= TRIES_MAX) return;
        await deps.clock.sleep(thrown.retryAfterMs ?? TRY_AGAIN_MS, stop);
      }
    }
  };
}

/** Whether a change of one of these can be seen on this reader's home tab. */
async function concerns(
  deps: Needs,
  reader: UserId,
  requests: readonly AccessRequest[],
): Promise<boolean> {
  if (requests.some((one) => one.ask.requester === reader)) return true;
  const visibility = await visibilityFor(deps, { user: reader, outsider: false }, UNASKED);
  return !isRefusal(visibility) && requests.some(visibility.canSee);
}
