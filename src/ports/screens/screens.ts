// What a person is shown of several requests at once, or of one with all that happened. Rendering is the adapter's.

import type { AuditEntry } from "../../domain/audit/audit-entry.ts";
import type { AuditLife } from "../../domain/audit/audit-lives.ts";
import type { EndAll } from "../../domain/brake/end-all.ts";
import type { Change } from "../../domain/policies/policy-change.ts";
import type { Offer } from "../../domain/request/offers.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import type { Ask } from "../../domain/rules/ask.ts";
import type { Freeze } from "../../domain/rules/freeze.ts";
import type { Words } from "../../domain/text/words.ts";
import type { JitState } from "../../domain/vm/jit-state.ts";
import type { JitPort, Vm } from "../../domain/vm/vm.ts";
import type { ParkedWork } from "../storage/dead-letters.ts";

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
  /** Why it is shown, where it wasn't asked for. */
  readonly note?: Words | undefined;
};

/** A VM, and how it stands with just-in-time access. */
export type VmEntry = {
  readonly vm: Vm;
  /** `unknown`: its subscription's policies couldn't be read. */
  readonly state: JitState | "unknown";
  /** What its policies let people ask for. */
  readonly ports: readonly JitPort[];
  /** What of its policies can't be read. */
  readonly unreadable?: readonly string[];
  /** How many requests are open now, as far as this reader may see them. */
  readonly open: number;
};

/** A page of VMs, the first being 1. */
export type VmsScreen = {
  readonly screen: "vms";
  /** Of all that were found, on whatever page. */
  readonly counts: {
    readonly configured: number;
    readonly notConfigured: number;
    readonly unknown: number;
    readonly unsupported: number;
    readonly exposed: number;
  };
  readonly entries: readonly VmEntry[];
  readonly page: number;
  readonly isMore: boolean;
  /** The command that was asked with, without `/jit`: for the buttons that turn the pages. */
  readonly asked: string;
  readonly notes: readonly Words[];
};

/** A page of what is on record, the first being 1. */
export type AuditScreen = {
  readonly screen: "audit";
  readonly fromMs: number;
  readonly untilMs: number;
  readonly lives: readonly AuditLife[];
  /** The cloud's portal, for links to what is named. */
  readonly portal: string;
  /** Of all requests in the period, on whatever page. */
  readonly count: number;
  /** What others did at Azure in the period, the latest first. */
  readonly elsewhere: readonly AuditEntry[];
  /** How often what else happened, of which no request tells. */
  readonly others: ReadonlyMap<string, number>;
  /** What is older than this wasn't looked at; `undefined`: all of the period was. */
  readonly stoppedAtMs: number | undefined;
  /** Nobody asked for a period: it is the one that is shown then. */
  readonly isUsual: boolean;
  readonly page: number;
  readonly isMore: boolean;
  /** The command that was asked with, without `/jit`. */
  readonly asked: string;
};

/** A change of JIT policies: previewed, applied or over. */
type ChangeScreen = { readonly screen: "change"; readonly change: Change };

/** Everything that is to be ended at once, before anything is. */
type EndAllScreen = { readonly screen: "end-all"; readonly endAll: EndAll };

/** What no worker takes up until an admin brings it back: how much there is, and the oldest of it. */
export type Parked = {
  readonly count: number;
  readonly requests: readonly Entry[];
  /** Notices, and requests that can't be read. */
  readonly others: readonly ParkedWork[];
};

/** What the doctor found, where something is parked that can be brought back beside it. */
export type DoctorScreen = {
  readonly screen: "doctor";
  readonly nowMs: number;
  readonly lines: readonly Words[];
  readonly parked: Parked;
};

export type Screen =
  | ListScreen
  | StatusScreen
  | VmsScreen
  | AuditScreen
  | ChangeScreen
  | EndAllScreen
  | DoctorScreen;

/** Some of the requests of a kind, the rest counted or only known to exist. */
export type Some = { readonly entries: readonly Entry[]; readonly isMore: boolean };

/** What somebody requested, to be requested again. */
export type RecentAsk = {
  /** Of several VMs the one that leads. */
  readonly request: AccessRequest;
  /** One for each VM. */
  readonly asks: readonly [Ask, ...Ask[]];
};

/** The home tab of somebody who may use the bot. */
export type HomeScreen = {
  readonly screen: "home";
  readonly nowMs: number;
  /** Everybody reads it; left out: access isn't frozen. */
  readonly frozen?: Freeze | undefined;
  /** Opening, open, ending, and failed as long as it can be retried. */
  readonly open: Some;
  readonly pending: Some;
  readonly toDecide: Some;
  readonly toReview: Some;
  /** What is over, the newest first. */
  readonly recent: readonly RecentAsk[];
  /** Everything open of others; for admins alone. */
  readonly everything: Some | undefined;
  /** For admins alone. */
  readonly parked: Parked | undefined;
};

/** The home tab, or the sentence that is all that this person sees of it. */
export type Home = HomeScreen | { readonly screen: "closed"; readonly say: Words };
