// What the requester reads at once: what was understood, where it went, who decides.

import { onDutyWords } from "../../../domain/on-call/source-words.ts";
import type { AccessRequest } from "../../../domain/request/request.ts";
import { NOT_REQUESTED } from "../../../domain/request/state-words.ts";
import { nameAmong } from "../../../domain/rules/ask.ts";
import { groundWords } from "../../../domain/rules/auto-approval.ts";
import { frozenWords } from "../../../domain/rules/freeze.ts";
import { portsInWords } from "../../../domain/rules/rule-match.ts";
import { formatDuration } from "../../../domain/text/duration.ts";
import { channelId } from "../../../domain/text/ids.ts";
import { listed, plain, type Words, words } from "../../../domain/text/words.ts";
import type { Submitted } from "./create-request.ts";
import { type Several, unmadeLines } from "./submit-several.ts";

export function askedWords({ request, notes }: Submitted): readonly Words[] {
  const { ask, id, promised } = request;
  const asked = words`Requested ${{ strong: id }}: ${portsInWords(ask.ports)} on ${{ strong: ask.vm.name }} for ${formatDuration(ask.durationMs)} from ${sourceWords(request)}.`;
  return [asked, ...notes, ...whatNext(request), ...(promised.nobody ? [nobody(request)] : [])];
}

/** Of several VMs: what was requested under each rule, and what wasn't and why. */
export function severalWords({ batches, unmade }: Several): readonly Words[] {
  return [
    ...batches.flatMap(batchWords),
    ...(unmade.length === 0
      ? []
      : [words`${{ strong: `${NOT_REQUESTED}:` }}`, ...unmadeLines(unmade)]),
  ];
}

function batchWords(made: readonly Submitted[]): readonly Words[] {
  const [lead, ...others] = made;
  if (lead === undefined) return [];
  if (others.length === 0) return askedWords(lead);
  const { request } = lead;
  const vms = made.map(({ request: { ask } }) => ask.vm);
  const each = made.map(({ request: { id, ask } }) => [
    ...words`${{ strong: nameAmong(ask.vm, vms) }} (${portsInWords(ask.ports)}, ${formatDuration(ask.durationMs)}, ${{ code: id }})`,
  ]);
  const asked = words`Requested ${made.length} VMs from ${sourceWords(request)}: ${listed(each)}.`;
  const notes = new Map(made.flatMap((one) => one.notes).map((note) => [plain(note), note]));
  const { nobody: isNobody } = request.promised;
  return [asked, ...notes.values(), ...whatNext(request), ...(isNobody ? [nobody(request)] : [])];
}

/** Instead of asking for the same a second time. */
export function hadWords(request: AccessRequest): Words {
  if (request.state === "ready") {
    if (request.unchecked) {
      return words`You've already requested this: ${{ strong: request.id }} is approved. It isn't open yet, because the bot can't check right now whether it may open; it keeps trying.`;
    }
    if (request.fromMs !== undefined && request.heldUp === undefined) {
      return words`You've already requested this: ${{ strong: request.id }} is approved, for ${{ atMs: request.fromMs }}.`;
    }
    return request.frozen === undefined
      ? words`You've already requested this: ${{ strong: request.id }} is approved. Open it by ${{ atMs: request.expiresAtMs }}.`
      : words`You've already requested this: ${{ strong: request.id }} is approved, and opens when an admin lifts the freeze.`;
  }
  return request.state === "pending"
    ? words`You've already requested this, and ${{ strong: request.id }} is waiting for approval.`
    : words`You already have this access: ${{ strong: request.id }}. No second request was made.`;
}

function whatNext(request: AccessRequest): readonly Words[] {
  const { ask, promised, cards, state } = request;
  const rule = { code: promised.rule };
  if (ask.breakGlass === true) {
    return [
      words`Break-glass: opening now. The approvers, the admins and the notices channel are notified, and somebody else has to review it.`,
    ];
  }
  if (state === "opening") {
    const why =
      ask.onCall === undefined
        ? words`Rule ${rule} needs no approval${ask.autoApproved === true ? " from you" : ""}.`
        : words`Rule ${rule} needs no approval: you're ${groundWords(ask.onCall)}.`;
    return [words`${why} Opening now; I'll tell you when it's ready.`];
  }
  if (request.state === "ready" && request.fromMs !== undefined) {
    const how = promised.keepForMs === undefined ? "It opens" : "You can open it from";
    return [words`Rule ${rule} needs no approval. ${how} ${{ atMs: request.fromMs }}.`];
  }
  if (request.state === "ready" && request.frozen === undefined) {
    return [
      words`Rule ${rule} needs no approval. Open it with ${{ code: `/jit open ${request.id}` }} by ${{ atMs: request.expiresAtMs }}; the time starts then.`,
    ];
  }
  if (request.state === "ready" && request.frozen !== undefined) {
    return [
      words`Rule ${rule} needs no approval, but access is ${frozenWords(request.frozen)}. It opens when an admin lifts the freeze; I'll tell you.`,
    ];
  }
  const [card] = cards;
  if (card === undefined) return [];
  return [
    words`Waiting for approval under rule ${rule} in ${{ channel: channelId(card.to) }}; I'll tell you the decision.`,
    ...(state === "pending" ? (request.onDuty ?? []).map(onDutyWords) : []),
  ];
}

const nobody = ({ promised }: AccessRequest): Words =>
  words`Nobody else can approve this right now, and you can't approve your own request: an admin has to add an approver to rule ${{ code: promised.rule }}.`;

const sourceWords = ({ ask }: AccessRequest): Words =>
  ask.source === "*"
    ? words`any address`
    : ask.sourceName === undefined
      ? words`${{ code: ask.source }}`
      : words`${ask.sourceName} (${{ code: ask.source }})`;
