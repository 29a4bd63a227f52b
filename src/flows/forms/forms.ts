// The forms that buttons open, because what they do needs words; what they offer is checked again when they are sent.

import { openQuestion } from "../../domain/request/acts/talk-acts.ts";
import { labelOf } from "../../domain/request/batch/label.ts";
import { isLead, type Lead } from "../../domain/request/batch/roles.ts";
import type { Member } from "../../domain/request/document/batch.ts";
import { membersOf, shownTerms } from "../../domain/request/members.ts";
import { type AccessRequest, inForce } from "../../domain/request/request.ts";
import { typedSource } from "../../domain/rules/ask.ts";
import { formatDuration, HOUR_MS } from "../../domain/text/duration.ts";
import { portsWords } from "../../domain/text/port-words.ts";
import { listed, type Words, words } from "../../domain/text/words.ts";
import { type Answer, type Button, type Click, UNCHANGED } from "../../ports/inbound.ts";
import type { Deps } from "../deps.ts";

type Needs = Pick<Deps, "requests">;

/** The buttons whose act needs words. */
const FORM_BUTTONS = ["deny", "review-concern", "change", "ask", "answer", "extend"] as const;
type FormButton = (typeof FORM_BUTTONS)[number];

/** Whether a button opens a form; else the click itself decides. */
export const opensForm = (button: Button): button is FormButton =>
  FORM_BUTTONS.some((one) => one === button);

/** The form that a button opens. Whether this person may is asked before. */
export async function formAfter(
  deps: Needs,
  button: FormButton,
  { id, nonce, question }: Pick<Click, "id" | "nonce" | "question">,
): Promise<Answer> {
  switch (button) {
    case "deny":
      return { answer: "deny-form", id, nonce, about: await aboutIt(deps, { id, nonce }) };
    case "review-concern":
      return { answer: "concern-form", id, nonce };
    case "ask":
      return { answer: "ask-form", id, nonce };
    case "answer":
      return answerForm(deps, { id, nonce, question });
    case "change":
      return changeForm(deps, { id, nonce });
    case "extend":
      return { answer: "extend-form", id, nonce, durations: EXTENSIONS };
  }
}

/** The question of the button; without one, the oldest that waits for an answer. */
async function answerForm(
  deps: Needs,
  { id, nonce, question }: Pick<Click, "id" | "nonce" | "question">,
): Promise<Answer> {
  const stored = await deps.requests.read(id);
  const asked =
    stored?.request.questions?.find(({ n }) => n === question) ??
    (stored && openQuestion(stored.request));
  if (asked === undefined) return { answer: "nothing" };
  return { answer: "answer-form", id, nonce, question: asked.n, asked: asked.text };
}

async function aboutIt(
  deps: Needs,
  { id, nonce }: Pick<Click, "id" | "nonce">,
): Promise<Words | undefined> {
  const stored = await deps.requests.read(id);
  return stored && aboutWords(stored.request, nonce);
}

/** Who asks for what: a phone shows a form without the card behind it. */
function aboutWords(request: AccessRequest, nonce: string): Words {
  const { requester, vm, ports } = request.ask;
  if (isOfBatch(request, nonce)) {
    const pending = pendingOf(request);
    const { durations } = termsOf(request);
    const names = pending.map((member) => {
      const own = durations.length > 1 ? ` (${formatDuration(member.durationMs)})` : "";
      return words`${{ code: labelOf(request, member) }}${own}`;
    });
    const all = durations.length === 1 ? ` for ${durations.map(formatDuration).join()}` : "";
    return words`${{ user: requester }}: ${listed(names)}${all}`;
  }
  const duration = formatDuration(inForce(request).durationMs);
  return words`${{ user: requester }}: ${portsWords(ports)} on ${{ code: vm.name }} for ${duration}`;
}

/** What is offered; what is too long for the rule or for Azure is answered with how much is possible. */
const EXTENSIONS: readonly string[] = ["30m", "1h", "2h", "4h"];

/** Shorter times than this are seldom wanted; any can be typed. */
const OFFERED_DURATIONS_MS = [8, 4, 3, 2, 1, 0.5, 0.25].map((hours) => hours * HOUR_MS);

async function changeForm(
  deps: Needs,
  { id, nonce }: Pick<Click, "id" | "nonce">,
): Promise<Answer> {
  const stored = await deps.requests.read(id);
  if (stored === undefined) return { answer: "nothing" };
  const { request } = stored;
  const isOfMany = isOfBatch(request, nonce);
  const { durations, source } = isOfMany ? termsOf(request) : ownTerms(request);
  const [longestMs = 0] = durations;
  const shorter = OFFERED_DURATIONS_MS.filter((ms) => ms < longestMs);
  return {
    answer: "change-form",
    id,
    nonce,
    about: aboutWords(request, nonce),
    durations: [asRequested(durations), ...shorter.map(formatDuration)],
    source,
    ...(isOfMany && {
      vms: pendingOf(request).map((member) => ({
        id: member.id,
        terms: shownTerms(member),
        vm: labelOf(request, member),
      })),
    }),
  };
}

const isOfBatch = (request: AccessRequest, nonce: string): request is Lead =>
  isLead(request) && request.batch.nonce === nonce;

/** Those that the form decides about: what was decided before has no say in what it offers. */
const pendingOf = (lead: Lead): readonly Member[] =>
  membersOf(lead).filter(({ state }) => state === "pending");

type TermsShown = {
  /** Each once, the longest first. */
  readonly durations: readonly number[];
  readonly source: string;
};

function ownTerms(request: AccessRequest): TermsShown {
  const terms = inForce(request);
  return { durations: [terms.durationMs], source: typedSource(terms) };
}

function termsOf(lead: Lead): TermsShown {
  const pending = pendingOf(lead);
  const durations = new Set(pending.map(({ durationMs }) => durationMs));
  const sources = new Set(
    pending.map(({ source = lead.ask.source, sourceName }) => typedSource({ source, sourceName })),
  );
  const [source = UNCHANGED] = sources;
  return {
    durations: [...durations].toSorted((one, other) => other - one),
    source: sources.size === 1 ? source : UNCHANGED,
  };
}

function asRequested(durations: readonly number[]): string {
  const [longestMs = 0] = durations;
  const shortestMs = durations.at(-1) ?? longestMs;
  return shortestMs === longestMs
    ? formatDuration(longestMs)
    : `${formatDuration(shortestMs)} to ${formatDuration(longestMs)}`;
}
