// The request form's conversation: opened at once, filled in as people choose, checked again when it is sent.

import { askedDuration, askedReason, askedSource } from "../../domain/command/answer-fields.ts";
import type { SeveralVms } from "../../domain/command/several-vms.ts";
import type { VmRef } from "../../domain/command/vm-ref.ts";
import type { AccessRequest } from "../../domain/request/request.ts";
import { defaultPorts } from "../../domain/rules/check-ask.ts";
import { type VmIndex, vmOfCode } from "../../domain/rules/vm-search.ts";
import type { VmKey } from "../../domain/text/ids.ts";
import { momentAt, type SpokenMoment, spokenAt } from "../../domain/text/moments.ts";
import { formatPorts, parsePorts } from "../../domain/text/ports-list.ts";
import { isRefusal, type Refusal, refuse } from "../../domain/text/refusal.ts";
import { type Words, words } from "../../domain/text/words.ts";
import type { Vm } from "../../domain/vm/vm.ts";
import { isFault } from "../../ports/fault.ts";
import type { Answer, Sender } from "../../ports/inbound.ts";
import type { Found, RequestForm, SentForm } from "../../ports/screens/request-form.ts";
import { within } from "../../ports/within.ts";
import { answering, NOTHING, recordRefusal, said } from "../answering/answering.ts";
import { faultWords } from "../answering/fault-words.ts";
import type { Deps } from "../deps.ts";
import { refreshed } from "../inventory/find-vm.ts";
import type { WithDirectory } from "../inventory/vm-directory.ts";
import { refuseKnownOutsiders } from "../people/look-afresh.ts";
import { myAddressOf } from "../people/my-address.ts";
import {
  orCannotCheck,
  refuseOutsiders,
  refuseSharedChannel,
  SHOWING_AGE_MS,
} from "../people/people.ts";
import { askedVms } from "../requests/asking/asked-vms.ts";
import { askedWords, hadWords, severalWords } from "../requests/asking/asked-words.ts";
import type { Submitted } from "../requests/asking/create-request.ts";
import { knownVms } from "../requests/asking/known-vms.ts";
import { zoneOf } from "../requests/asking/moment-of.ts";
import { recentAsks } from "../requests/asking/recent-asks.ts";
import { submit, type Unproven } from "../requests/asking/submit.ts";
import { type Several, submitSeveral } from "../requests/asking/submit-several.ts";
import { bundleOfCode } from "./bundle-form.ts";
import {
  askerGroups,
  bareForm,
  fieldOf,
  formFor,
  found,
  NO_VM,
  NOTHING_FOUND,
  type Opening,
  shutForm,
} from "./form-contents.ts";
import { toldInForm } from "./told-in-form.ts";

type Needs = Pick<
  Deps,
  | "requests"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "freezes"
  | "log"
  | "policy"
  | "page"
  | "limits"
> &
  WithDirectory;

type Sending = Needs &
  Pick<
    Deps,
    | "absences"
    | "deliveries"
    | "rateLimits"
    | "auditNotes"
    | "storeClock"
    | "random"
    | "limits"
    | "onCommitted"
  >;

/** The form for what is filled in so far. What Slack doesn't tell is said in the form. */
export async function filledForm(
  deps: Needs,
  sender: Sender,
  opening: Opening,
): Promise<RequestForm> {
  const known = await orCannotCheck(async () => {
    const [outsider, shared, members] = await Promise.all([
      refuseKnownOutsiders(deps, sender, SHOWING_AGE_MS),
      refuseSharedChannel(deps.chat, sender.channel),
      askerGroups(deps),
      awaitFirstSnapshot(deps),
    ]);
    const listed = await deps.directory.current();
    const myAddress = await myAddressOf(deps, sender.user);
    const zone = await zoneOf(deps, sender.user);
    if (isRefusal(zone)) return zone;
    return outsider ?? shared ?? { members, listed, myAddress, zone };
  });
  if (!isRefusal(known)) {
    const shown = formFor(deps, sender, { ...known, opening: timed(deps, opening, known.zone) });
    const form = { ...shown, ...(await toldInForm(deps, shown)) };
    const isEmpty = form.vm === undefined && form.shut === undefined;
    return isEmpty ? { ...form, recent: await recentAsks(deps, sender.user) } : form;
  }
  if (known.refused === "cannot-check") return bareForm(opening, known.say);
  return shutForm(opening.draft, known);
}

/** With the time that was typed; one that is over is refused when the form is sent. */
function timed({ clock }: Needs, opening: Opening, zone: string): Opening {
  const { at, ...draft } = opening.draft;
  if (at === undefined) return opening;
  return { ...opening, draft: { ...draft, opensAtMs: momentAt(at, clock.nowMs(), zone) } };
}

/** How long somebody may look at a form without VMs, while the bot reads them for the first time. */
const FIRST_SNAPSHOT_PATIENCE_MS = 15_000;

async function awaitFirstSnapshot(deps: Needs): Promise<void> {
  if (deps.azure.snapshot().atMs > 0) return;
  await within(refreshed(deps), FIRST_SNAPSHOT_PATIENCE_MS, deps.clock);
}

/** Options must be there within three seconds; the rest is the way to Slack. */
const SEARCH_PATIENCE_MS = 2_000;

/** What this person may ask for, as one types; nothing where Slack doesn't say in time who that is. */
export async function searched(deps: Needs, sender: Sender, text: string): Promise<Found> {
  const known = orCannotCheck(async () => {
    const [outsider, members, listed, recent] = await Promise.all([
      refuseOutsiders(deps.chat, sender, SHOWING_AGE_MS),
      askerGroups(deps),
      deps.directory.recent(),
      recentVms(deps, sender),
    ]);
    return outsider ?? { members, listed, recent };
  });
  const inTime = await within(known, SEARCH_PATIENCE_MS, deps.clock);
  if (inTime === "late" || isRefusal(inTime)) {
    const why = inTime === "late" ? "Slack or the list takes too long" : inTime.refused;
    deps.log.info({ user: sender.user, why }, "a search finds nothing");
    return NOTHING_FOUND;
  }
  const { listed, members, recent } = inTime;
  return found(listed, sender, { text, members, recent, nowMs: deps.clock.nowMs() });
}

/** How many of the person's requests say which VMs they need. */
const RECENT_READ_MAX = 20;

/** How long the store may take: the order of a list isn't worth more. */
const RECENT_PATIENCE_MS = 500;

/** The VMs that somebody requested last, the newest first; none where the store doesn't say in time. */
async function recentVms(
  deps: Pick<Deps, "requests" | "clock" | "log">,
  { user }: Sender,
): Promise<readonly VmKey[]> {
  try {
    const reading = deps.requests.list({ of: user }, RECENT_READ_MAX);
    const requests = await within(reading, RECENT_PATIENCE_MS, deps.clock);
    return requests === "late" ? [] : requests.map(({ ask }) => ask.vm.key);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    deps.log.warn({ user, code: thrown.code }, "a search leaves out what was requested last");
    return [];
  }
}

/** The form was sent: a request is made, or the form says beside the field why not. */
export function formSent(deps: Sending, sender: Sender, sent: SentForm): Promise<Answer> {
  const about = { about: "form" };
  return answering(deps, sender, about, async (noticed, hasCommitted) => {
    try {
      const submitted = await asked(noticed, sender, sent);
      if (submitted === "repeated") return NOTHING;
      if ("prove" in submitted) return said(...submitted.prove);
      if (!isRefusal(submitted)) return said(...outcomeWords(submitted));
      if ((await recordRefusal(deps, sender, about, submitted)) === "repeated") return NOTHING;
      return { answer: "form-error", field: fieldOf(submitted), say: inForm(submitted) };
    } catch (thrown) {
      // What was filled in isn't lost, unless it may have been kept already.
      if (!isFault(thrown) || thrown.ambiguous || hasCommitted()) throw thrown;
      deps.log.error(
        { user: sender.user, source: thrown.source, code: thrown.code },
        thrown.message,
      );
      return { answer: "form-error", field: "vm", say: faultWords(thrown) };
    }
  });
}

const outcomeWords = (made: Submitted | Several): readonly Words[] =>
  "batches" in made ? severalWords(made) : askedWords(made);

/** A command is told to write something behind it; a form has a field for that. */
const inForm = ({ refused, say }: Refusal): Words =>
  refused === "reason-required" ? words`Give a reason: the rule requires one.` : say;

/** Checks every field as a command's parts are, and asks. */
async function asked(
  deps: Sending,
  sender: Sender,
  sent: SentForm,
): Promise<Submitted | Several | Refusal | Unproven | "repeated"> {
  const { index } = await deps.directory.current();
  const bundle = bundleOfCode(sent.vmCode);
  const vm = vmOfCode(index, sent.vmCode);
  if (vm === undefined && bundle === undefined) return GONE;
  const ports = sent.ports.trim() === "" ? undefined : parsePorts(sent.ports);
  if (isRefusal(ports)) return ports;
  const durationMs = sent.duration.trim() === "" ? undefined : askedDuration(sent.duration);
  if (isRefusal(durationMs)) return durationMs;
  const source = sent.source.trim() === "" ? undefined : askedSource(sent.source);
  if (isRefusal(source)) return source;
  const reason = askedReason(sent.reason);
  if (isRefusal(reason)) return reason;
  const at = await momentSent(deps, sender, sent);
  if (isRefusal(at)) return at;
  const verb = "request";
  const parts = { verb, ports, durationMs, ...at, source, reason, unclear: undefined } as const;
  if (vm === undefined || sent.moreCodes.length > 0) {
    const several = await severalSent(deps, sender, { index, sent, bundle });
    if (isRefusal(several)) return several;
    const each = vm === undefined ? ports : unlessUsual(deps, vm, ports);
    const command = { ...parts, ports: each, vm: undefined, several };
    const how = { isAllOrNone: sent.isAllOrNone, notTwice: true };
    return submitSeveral(deps, sender, command, how);
  }
  const command = { ...parts, vm: refTo(vm) };
  const submitted = await submit(deps, sender, command, { notTwice: true });
  if (submitted !== "repeated" && "had" in submitted) return hadAlready(submitted.had);
  return isRefusal(submitted) && submitted.refused === "no-such-vm" ? GONE : submitted;
}

/** The first VM's usual ports, left as they stood, are nobody's choice for the others: each gets its own usual ones. */
function unlessUsual({ azure }: Sending, vm: Vm, ports: readonly number[] | undefined) {
  const usual = defaultPorts(vm, azure.snapshot().vmPolicies.get(vm.key) ?? []);
  const isUsual = !isRefusal(usual) && formatPorts(usual) === formatPorts(ports ?? []);
  return isUsual ? undefined : ports;
}

type SeveralSent = {
  readonly index: VmIndex;
  readonly sent: SentForm;
  readonly bundle: string | undefined;
};

/** A bundle as a command names it, unless other VMs are chosen beside it: then all are named. */
async function severalSent(
  deps: Sending,
  sender: Sender,
  { index, sent: { vmCode, moreCodes }, bundle }: SeveralSent,
): Promise<SeveralVms | Refusal> {
  if (bundle !== undefined && moreCodes.length === 0) return { bundle };
  const codes = bundle === undefined ? [vmCode, ...moreCodes] : moreCodes;
  const named = await knownOnes(deps, sender, { index, codes });
  if (isRefusal(named)) return named;
  const bundled = bundle === undefined ? [] : await askedVms(deps, sender.user, { bundle });
  if (isRefusal(bundled)) return bundled;
  const [first, ...also] = [...bundled, ...named];
  return { selector: { vm: first, also, resourceGroup: undefined, tags: [] } };
}

/** The time that was chosen, as it could be typed. */
async function momentSent(
  deps: Sending,
  { user }: Sender,
  { opensAtMs, at }: SentForm,
): Promise<{ readonly at?: SpokenMoment } | Refusal> {
  if (opensAtMs === undefined) return at === undefined ? {} : { at };
  const zone = await zoneOf(deps, user);
  if (isRefusal(zone)) return zone;
  return { at: spokenAt(opensAtMs, zone) };
}

/** By their codes. One that isn't there for this person is answered as one that isn't there at all, and never named. */
async function knownOnes(
  deps: Sending,
  { user }: Sender,
  { index, codes }: { readonly index: VmIndex; readonly codes: readonly string[] },
): Promise<readonly VmRef[] | Refusal> {
  const about = { policy: deps.policy(), user, everything: false };
  const known = await knownVms(deps, about, SHOWING_AGE_MS);
  if (isRefusal(known)) return known;
  const refs: VmRef[] = [];
  for (const code of codes) {
    const vm = vmOfCode(index, code);
    if (vm === undefined || !known.isKnown(vm)) return GONE;
    refs.push(refTo(vm));
  }
  return refs;
}

const refTo = ({ name, id }: Pick<Vm, "name" | "id">): VmRef => ({ typed: name, name, id });

/** The form stays, with what was typed. */
const hadAlready = (had: AccessRequest): Refusal =>
  refuse("already-requested")`${hadWords(had)} To see it: ${{ code: `/jit status ${had.id}` }}.`;

/** One answer to a VM that isn't there, and to one that isn't there for this person. */
const GONE: Refusal = { refused: "no-such-vm", say: NO_VM };
