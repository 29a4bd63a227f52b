// The request form between the bot and what shows it: what can be chosen, what is filled in, what was sent.

import type { OnDuty } from "../../domain/on-call/rota.ts";
import type { Choices, Draft } from "../../domain/rules/form-options.ts";
import type { Freeze } from "../../domain/rules/freeze.ts";
import type { Rule } from "../../domain/rules/policy.ts";
import type { RequestId } from "../../domain/text/ids.ts";
import type { SpokenMoment } from "../../domain/text/moments.ts";
import type { Words } from "../../domain/text/words.ts";
import type { Off } from "../../domain/vm/vm-power.ts";
import type { RecentAsk } from "./screens.ts";

export type RequestForm = {
  /** The VM that is chosen, or the bundle, if one is. */
  readonly vm: VmChoice | BundleChoice | undefined;
  /** What may be chosen for that VM; `undefined`: no VM yet, or `problem` says why there is nothing. */
  readonly choices: Choices | undefined;
  readonly draft: Omit<FormDraft, "vmCode">;
  /** Why it can't be asked like this, or what isn't clear. */
  readonly problem: Words | undefined;
  /** Why nothing can be asked for here at all; then there is nothing to fill in. */
  readonly shut: Words | undefined;
  /** By whose clocks Slack shows them times; `undefined`: that isn't known yet. */
  readonly zone?: string | undefined;
  /** What the person requested last; left out once a VM is chosen. */
  readonly recent?: readonly RecentAsk[] | undefined;
  /** Other VMs that are filled in to get the same. */
  readonly more?: readonly VmChoice[] | undefined;
  /** The VM is being looked up; the form will be shown again. */
  readonly filling: boolean;
  /** While it is, what is approved waits. */
  readonly frozen?: Freeze | undefined;
  /** Who is on call by the rotas that approve. */
  readonly onDuty?: readonly OnDuty[] | undefined;
  /** Under which rules the VMs of a bundle fall; left out: under the one of `choices`. */
  readonly rules?: readonly Rule[];
};

/** What a search finds. */
export type Found = {
  readonly bundles: readonly BundleChoice[];
  readonly vms: readonly VmChoice[];
};

/** VMs that the policy file lets people request together, in the place of one VM. */
export type BundleChoice = {
  readonly code: string;
  readonly bundle: string;
  /** Of how many VMs the person can request access now. */
  readonly count: number;
  /** Too many for one request: `count` is how many it can have. */
  readonly isTooMany: boolean;
};

export type VmChoice = {
  readonly code: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly address: string | undefined;
  readonly availability: VmAvailability;
  /** Left out: it runs, or nobody knows. */
  readonly off?: Off;
};

/** Whether access can be requested, as far as memory tells; if not, the reason that the person can act on. */
export type VmAvailability =
  | "requestable"
  | "outside-hours"
  | "no-port"
  | "not-configured"
  | "unsupported";

export type FormDraft = Draft & {
  readonly vmCode?: string | undefined;
  /** When to open it, as somebody typed it: until it is known by the clocks of which zone. */
  readonly at?: SpokenMoment | undefined;
  /** It is filled in with this request of the person's. */
  readonly again?: RequestId | undefined;
};

export type FormField = "vm" | "ports" | "duration" | "at" | "source" | "reason";

export type SentForm = {
  /** Of a VM or of a bundle. */
  readonly vmCode: string;
  /** Each as chosen or typed; empty where nothing was. */
  readonly ports: string;
  readonly duration: string;
  /** `undefined`: at once, unless `at` says a time. */
  readonly opensAtMs?: number | undefined;
  /** As it was typed, where the form never came to show it. */
  readonly at?: SpokenMoment | undefined;
  readonly source: string;
  readonly reason: string;
  /** Other VMs that are to get the same. */
  readonly moreCodes: readonly string[];
  /** Nothing is requested where one of them can't be. */
  readonly isAllOrNone: boolean;
};
