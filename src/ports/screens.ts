// What a person is shown of several requests at once, or of one with all that happened. Rendering is the adapter's.

import type { Offer } from "../request/offers.ts";
import type { AccessRequest } from "../request/request.ts";
import type { Words } from "../request/words.ts";

/** A request, and what this reader can do about it. */
export type Entry = { readonly request: AccessRequest; readonly offers: readonly Offer[] };

/** A page of a list, the first being 1. */
export type ListScreen = {
  readonly screen: "list";
  readonly nowMs: number;
  readonly heading: string;
  readonly entries: readonly Entry[];
  readonly page: number;
  /** Whether there are pages after this one. */
  readonly isMore: boolean;
  /** What the list was asked for with, as it was typed: for the buttons that turn the pages. */
  readonly asked: string;
  /** What there is to say beside: that nothing was found, and what to do. */
  readonly note: Words | undefined;
};

/** One request, with everything that is known of it. */
export type StatusScreen = {
  readonly screen: "status";
  readonly nowMs: number;
  readonly entry: Entry;
  /** The requests that extend it or asked to. */
  readonly extensions: readonly AccessRequest[];
};

export type Screen = ListScreen | StatusScreen;

/** Some of the requests of a kind, the rest counted or only known to exist. */
export type Some = { readonly entries: readonly Entry[]; readonly isMore: boolean };

/** The home tab of somebody who may use the bot. */
export type HomeScreen = {
  readonly screen: "home";
  readonly nowMs: number;
  /** Opening, open, ending, and failed as long as it can be retried. */
  readonly open: Some;
  readonly pending: Some;
  readonly toDecide: Some;
  readonly toReview: Some;
  /** Everything open of others; for admins alone. */
  readonly everything: Some | undefined;
};

/** The home tab, or the sentence that is all that this person sees of it. */
export type Home = HomeScreen | { readonly screen: "closed"; readonly say: Words };
