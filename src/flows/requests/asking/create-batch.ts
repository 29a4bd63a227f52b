// Keeps checked asks that fall under one rule as a batch: each a request of its own, with one card for all.
//
// The lead is kept first, and names the others: so whatever a crash leaves unmade has its line on the card, and
// nothing opens without one.

import { born } from "../../../domain/request/birth/birth.ts";
import type { Batch } from "../../../domain/request/document/batch.ts";
import { memberOf } from "../../../domain/request/members.ts";
import type { Moved } from "../../../domain/request/moved.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { nameAmong } from "../../../domain/rules/ask.ts";
import type { Policy } from "../../../domain/rules/policy.ts";
import type { Refusal } from "../../../domain/text/refusal.ts";
import { plain, type Words } from "../../../domain/text/words.ts";
import { isFault } from "../../../ports/fault.ts";
import type { Sender } from "../../../ports/inbound.ts";
import { faultWords } from "../../answering/fault-words.ts";
import type { Deps } from "../../deps.ts";
import { createRequest, newsFor } from "../change-request.ts";
import { BATCH_NONCE } from "../deciding/together.ts";
import {
  type Around,
  type CheckedAsk,
  drawn,
  limitReached,
  limitsFor,
  notesOf,
  type Submitted,
  surroundingsOf,
  type With,
} from "./create-request.ts";
import { factsAbout } from "./facts.ts";

type Needs = Parameters<typeof surroundingsOf>[0] &
  Pick<Deps, "requests" | "random" | "onCommitted">;

export type Together = {
  /** The lead first. */
  readonly made: readonly Submitted[];
  readonly unmade: readonly Unmade[];
};

/** Nothing was requested for this VM, and why. */
export type Unmade = {
  readonly vm: string;
  readonly refusal: Refusal;
  /** What they type for this VM and no other; left out where it isn't clear which VM it is. */
  readonly typedAs?: string;
};

const ID_DRAWS_MAX = 5;

/** `all` fall under one rule, and are at least two. What a limit leaves out harms no other. */
export async function submitTogether(
  deps: Needs,
  sender: Sender,
  all: readonly CheckedAsk[],
  { along, together }: With = {},
): Promise<Together | "repeated"> {
  const [first, ...others] = all;
  if (first === undefined) return { made: [], unmade: [] };
  const vms = all.map(({ ask }) => ask.vm);
  const nowMs = await deps.storeClock.nowMs();
  const around = await surroundingsOf(deps, first, { nowMs, together });
  const rest = await Promise.all(
    others.map(async (checked) => ({
      checked,
      // Who decides is the same for all; what is unusual isn't.
      facts: around.known.facts && (await factsAbout(deps, checked.ask, { nowMs, together })),
    })),
  );
  for (let draw = 0; draw < ID_DRAWS_MAX; draw++) {
    const { lead, followers } = drawnBatch(deps, { first, rest, around, sender, nowMs });
    const { policy } = first;
    const limits = limitsFor(first, all.length);
    const created = await createRequest(deps, lead, {
      policy,
      limits: { ...limits, along },
      delivery: sender.delivery,
    });
    if (created.outcome === "repeated") return "repeated";
    if (created.outcome === "id-taken") continue;
    if (created.outcome !== "created") {
      const refusal = limitReached(policy, created, { along, isOfSeveral: true });
      return { made: [], unmade: all.map(({ ask }) => ({ vm: nameAmong(ask.vm, vms), refusal })) };
    }
    return withFollowers(deps, { lead: lead.request, followers, around, first, limits });
  }
  throw new Error("no free request id was drawn");
}

type Drawing = {
  readonly first: CheckedAsk;
  readonly rest: readonly {
    readonly checked: CheckedAsk;
    readonly facts: Around["known"]["facts"];
  }[];
  readonly around: Around;
  readonly sender: Sender;
  readonly nowMs: number;
};

type Follower = { readonly checked: CheckedAsk; readonly made: Moved };

function drawnBatch(
  deps: Needs,
  { first, rest, around, sender, nowMs }: Drawing,
): { readonly lead: Moved; readonly followers: readonly Follower[] } {
  const shared = { nowMs, askedIn: sender.channel, ...around.known };
  const own = drawn(deps);
  const follower: Batch = { role: "member", lead: own.id, heard: 0 };
  const followers = rest.map(({ checked, facts }) => ({
    checked,
    made: born(checked, { ...shared, ...drawn(deps), facts, batch: follower }),
  }));
  const members = followers.map(({ made }) => ({
    ...memberOf(made.request),
    heard: 0,
    stepsTo: 0,
  }));
  const nonce = `${BATCH_NONCE}${drawn(deps).nonce}`;
  const batch: Batch = { role: "lead", nonce, members };
  return { lead: born(first, { ...shared, ...own, batch }), followers };
}

async function withFollowers(
  deps: Needs,
  about: {
    readonly lead: AccessRequest;
    readonly followers: readonly Follower[];
    readonly around: Around;
    readonly first: CheckedAsk;
    readonly limits: Policy["limits"];
  },
): Promise<Together> {
  const { lead, followers, around, first, limits } = about;
  const made: Submitted[] = [{ request: lead, notes: [...first.notes, ...notesOf(around, lead)] }];
  const unmade: Unmade[] = [];
  const vms = [first.ask.vm, ...followers.map(({ made: { request } }) => request.ask.vm)];
  for (const follower of followers) {
    const { request } = follower.made;
    const refusal = await kept(deps, follower, limits);
    if (refusal === undefined) {
      made.push({ request, notes: follower.checked.notes });
      continue;
    }
    unmade.push({ vm: nameAmong(request.ask.vm, vms), refusal });
    const fault = { code: refusal.refused, message: plain(refusal.say) };
    // Where this fails, too, the lead finds out by itself.
    await newsFor(deps, lead.id, { act: "unmade", id: request.id, fault }).catch(() => undefined);
  }
  return { made, unmade };
}

/** Why it wasn't kept; `undefined`: it was. */
async function kept(
  deps: Needs,
  { checked, made }: Follower,
  limits: Policy["limits"],
): Promise<Refusal | undefined> {
  const { policy } = checked;
  try {
    const created = await createRequest(deps, made, { policy, limits });
    switch (created.outcome) {
      case "created":
        return undefined;
      case "too-many-open":
      case "too-many-pending":
        return limitReached(policy, created, { isOfSeveral: true });
      default:
        return { refused: "cannot-check", say: TAKEN };
    }
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return { refused: "cannot-check", say: faultWords(thrown) };
  }
}

const TAKEN: Words = ["Its ID was already in use: request it again."];
