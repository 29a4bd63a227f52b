// What must hold after every step, whatever happened: nobody decides for themselves, nothing widens, nothing leaks.

import type { Grant } from "../../src/domain/request/grant.ts";
import type { AccessRequest } from "../../src/domain/request/request.ts";
import { vmCode } from "../../src/domain/rules/vm-search.ts";
import type { UserId } from "../../src/domain/text/ids.ts";
import { plain } from "../../src/domain/text/words.ts";
import type { JitVmPolicy } from "../../src/domain/vm/vm.ts";
import type { InventorySnapshot } from "../../src/ports/azure.ts";
import type { Answer } from "../../src/ports/inbound.ts";
import {
  allows,
  canSee,
  isAdmin,
  isWithin,
  lately,
  type Moment,
  mayAskFor,
  mayAskUnder,
  mayDecide,
  momentOf,
  ruleNow,
  seesEverything,
} from "./oracle.ts";
import { type Done, NO_ID } from "./play.ts";
import type { World } from "./world.ts";

/** A moment with what the world was like beside people: at Azure, and whether anybody answered. */
export type Circumstances = {
  readonly moment: Moment;
  readonly vmPolicies: readonly JitVmPolicy[];
  readonly snapshot: InventorySnapshot;
  readonly slackAway: boolean;
  readonly nowMs: number;
  readonly moves: number;
  readonly audit: number;
};

export const circumstances = (world: World): Circumstances => ({
  moment: momentOf(world),
  vmPolicies: world.vmPolicies.now(),
  snapshot: world.snapshot(),
  slackAway: world.away.slack,
  nowMs: world.nowMs(),
  moves: world.moves.length,
  audit: world.store.recorded.length,
});

/** Which terms somebody approved: remembered from the step in which they did. */
export type Terms = Map<string, { readonly durationMs: number; readonly source: string }>;

export type Step = {
  readonly world: World;
  readonly done: readonly Done[];
  /** Nothing else happened meanwhile. */
  readonly isAlone: boolean;
  /** Before, and after; where one thing came in the middle of another, either may count. */
  readonly during: readonly Circumstances[];
  readonly terms: Terms;
};

type Finding = string | false | undefined;

export function faultsOf(step: Step): readonly string[] {
  const [before] = step.during;
  const moves = step.world.moves.slice(before?.moves ?? 0);
  return [
    ...moves.flatMap((move) => faultsOfMove(step, move)),
    ...step.world.store.all().flatMap((one) => faultsOfRequest(step.world, one)),
    ...(step.isAlone ? step.done.flatMap((done) => faultsOfAnswer(step, done)) : []),
  ].filter((one) => typeof one === "string");
}

type Move = World["moves"][number];

const grantIn = (request: AccessRequest | undefined): Grant | undefined =>
  request !== undefined && "grant" in request ? request.grant : undefined;

function faultsOfMove(step: Step, { before, after }: Move): readonly Finding[] {
  const { during, terms, done } = step;
  const some = (holds: (now: Circumstances) => boolean) => during.some(holds);
  const decides = (user: UserId) =>
    before !== undefined && some(({ moment }) => mayDecide(moment, before, user));
  const actors = done.map(({ actor }) => actor);
  const found: Finding[] = [];
  for (const { by } of after.approvals) {
    if (before?.approvals.some((one) => one.by === by)) continue;
    terms.set(`${after.id} ${by}`, after.narrowed ?? after.ask);
    found.push(
      !decides(by) && `${by} approved ${after.id} and is no approver`,
      !actors.includes(by) && `${by} approved ${after.id} without a click`,
      during.every(({ slackAway }) => slackAway) && "an approval while Slack was away",
    );
  }
  const isRetry = before?.state === "failed" && after.state === "opening";
  if (isRetry || (after.state === "opening" && grantIn(before) === undefined)) {
    const sound = during.map((now) => faultsOfGrant(step, now, { before, after }));
    const best = sound.find((faults) => faults.length === 0);
    if (best === undefined) found.push(...(sound[0] ?? []));
    found.push(
      during.every(({ slackAway }) => slackAway) && "a grant while Slack was away",
      before?.state === "pending" &&
        during.every(({ nowMs }) => nowMs >= before.expiresAtMs) &&
        `${after.id} was granted after it had lapsed`,
    );
  }
  if (after.state === "denied" && before?.state === "pending") {
    found.push(!decides(after.deniedBy) && `${after.deniedBy} denied without being an approver`);
  }
  if (after.state === "cancelled" && before?.state === "pending") {
    const { cancelledBy } = after;
    found.push(
      cancelledBy !== undefined && cancelledBy !== after.ask.requester && "cancelled by another",
    );
  }
  if (after.state === "ending" && before?.state !== "ending" && after.endedBy !== undefined) {
    const { endedBy } = after;
    const may =
      endedBy === after.ask.requester ||
      decides(endedBy) ||
      some(({ moment }) => isAdmin(moment, endedBy));
    found.push(!may && `${endedBy} ended ${after.id}`);
  }
  const closed = after.review?.closed;
  if (closed !== undefined && before?.review?.closed === undefined) {
    const may = decides(closed.by) || some(({ moment }) => isAdmin(moment, closed.by));
    found.push(!may && `${closed.by} reviewed ${after.id}`);
  }
  const [was, is] = [grantIn(before), grantIn(after)];
  found.push(
    was !== undefined &&
      after.state !== "pending" &&
      is?.endsAtMs !== was.endsAtMs &&
      `the end of ${after.id} moved`,
    was !== undefined &&
      after.state === "pending" &&
      before?.state !== "failed" &&
      `${after.id} is pending again`,
    before !== undefined &&
      !["pending", "failed"].includes(before.state) &&
      after.state === "pending" &&
      !(before.state === "ready" && some(({ moment }) => lacksApproval(moment, after))) &&
      `${after.id} waits again after ${before.state}, and lacks no approval`,
    JSON.stringify(before?.ask ?? after.ask) !== JSON.stringify(after.ask) && "the ask changed",
  );
  return found;
}

/** An approval was taken back, or doesn't count any more, or the rule asks for more by now. */
const lacksApproval = (moment: Moment, request: AccessRequest): boolean =>
  request.approvals.length <
  Math.max(request.promised.approvals, ruleNow(moment, request)?.approvals ?? 0);

/** Everything that makes a grant unsound in these circumstances. */
function faultsOfGrant(
  { world, terms }: Step,
  { moment, vmPolicies, nowMs }: Circumstances,
  { before, after }: Move,
): readonly string[] {
  const grant = grantIn(after);
  if (grant === undefined) return ["no grant"];
  const { ask, id } = after;
  const asked = world.moves.find((move) => move.after.id === id)?.after.promised ?? after.promised;
  const rule = ruleNow(moment, after);
  if (rule === undefined) return [`${id} was granted and its rule decides no more`];
  const first = world.store.all().find((one) => one.id === ask.extends);
  const fromMs = ask.extends === undefined ? grant.startsAtMs : (grantIn(first)?.endsAtMs ?? 0);
  const source = after.narrowed?.source ?? ask.source;
  const lengthMs = grant.endsAtMs - fromMs;
  const atAzure = vmPolicies.find((one) => one.policyId === ask.jitPolicyId);
  const ports = ask.ports.map((port) => atAzure?.ports.find((one) => one.number === port));
  const inForce = ask.extends === undefined ? rule.approvals : (rule.extend?.approvals ?? 99);
  const unapproved = first?.ask.breakGlass === true ? rule.approvals : 0;
  const needed = Math.max(asked.approvals, inForce, unapproved);
  const by = new Set(after.approvals.map((one) => one.by).filter((user) => user !== ask.requester));
  const valid = [...by].filter(
    (user) => before !== undefined && mayDecide(moment, before, user),
  ).length;
  const agreed = [...by].flatMap((user) => terms.get(`${id} ${user}`) ?? []);
  const findings: Finding[] = [
    !mayAskUnder(moment, rule, ask.requester, ask.breakGlass === true) &&
      `${id} was granted to somebody who may not ask`,
    ask.breakGlass !== true && valid < needed && `${id} has ${valid} approvals of ${needed}`,
    ask.breakGlass === true && after.review === undefined && "break-glass without a review",
    lengthMs > (after.narrowed?.durationMs ?? ask.durationMs) && `${id} is longer than asked`,
    after.narrowed !== undefined && after.narrowed.durationMs > ask.durationMs && "widened: time",
    !isWithin(ask.source, source) && `${id} is open to more than was asked`,
    !allows(rule, source) && `${id} is open to what the rule doesn't allow`,
    grant.endsAtMs - nowMs > rule.maxDurationMs && `${id} is longer than the rule allows`,
    ...ports.flatMap((port) => [
      port === undefined && `${id} opens a port that Azure does not know`,
      port !== undefined && grant.endsAtMs - nowMs > port.maxDurationMs && "longer than Azure",
      port !== undefined &&
        !port.sources.some((own) => isWithin(own, source)) &&
        `${id} is open to what Azure doesn't allow`,
    ]),
    ...agreed.flatMap((one) => [
      lengthMs > one.durationMs && `${id} is longer than one of its approvers approved`,
      !isWithin(one.source, source) && `${id} is open to more than an approver approved`,
    ]),
  ];
  return findings.filter((one) => typeof one === "string");
}

function faultsOfRequest(world: World, request: AccessRequest): readonly Finding[] {
  const { id, ask, approvals, review } = request;
  const { requester } = ask;
  const all = world.moves.filter((move) => move.after.id === id);
  // What waits again, after it failed or because an approval is missing, is decided once more.
  const again = all.findLastIndex(({ before, after }) => {
    return after.state === "pending" && before !== undefined && before.state !== "pending";
  });
  const own = all.slice(again + 1);
  const decisions = own.filter(
    ({ before, after }) => before?.state === "pending" && after.state !== "pending",
  );
  const heirs = world.store
    .all()
    .filter((one) => one.ask.extends === id)
    .filter(({ state }) => ["pending", "opening", "open", "ending"].includes(state));
  return [
    approvals.some(({ by }) => by === requester) && `${requester} approved ${id} themselves`,
    grantIn(request)?.approvedBy.includes(requester) && `${requester} granted ${id} themselves`,
    request.state === "denied" && request.deniedBy === requester && "denied by the requester",
    review?.closed?.by === requester && `${requester} reviewed ${id} themselves`,
    new Set(approvals.map(({ by }) => by)).size < approvals.length && "one approver counted twice",
    decisions.length > 1 && `${id} was decided ${decisions.length} times`,
    heirs.length > 1 && `${id} is extended ${heirs.length} times at once`,
  ];
}

/** As the person gets it, to the letter. */
const textOf = (answer: Answer): string =>
  answer.answer === "said" ? answer.lines.map(plain).join("\n") : JSON.stringify(answer);

const refusalIn = (answer: Answer): string | undefined =>
  answer.answer === "said" ? answer.refused : undefined;

function faultsOfAnswer({ world, during }: Step, done: Done): readonly Finding[] {
  const [before, after] = [during[0], during.at(-1)];
  const { actor, answer, step, found = [] } = done;
  if (before === undefined || after === undefined) return [];
  const changed = world.moves.length > before.moves;
  const shown = [...found, ...(done.form?.vm === undefined ? [] : [done.form.vm.code])];
  const notes = world.store.recorded
    .slice(before.audit)
    .filter(({ note }) => note.what === "refused");
  const isOutside = !before.moment.full.has(actor) && !after.moment.full.has(actor);
  const text = `${answer === undefined ? "" : textOf(answer)} ${JSON.stringify(done.form ?? "")}`;
  const refused = answer && refusalIn(answer);
  const recorded = notes.map(({ note }) => note.detail?.why).join();
  return [
    step.does === "replay" && changed && "a repeated delivery changed something",
    isForeign(done) && changed && "a button that isn't the card's changed something",
    isOutside && changed && step.does !== "replay" && `${actor}, an outsider, changed something`,
    refused !== undefined && changed && `refused (${refused}), and changed something`,
    refused !== undefined && recorded !== refused && `refused (${refused}), recorded: ${recorded}`,
    ...(step.does === "replay"
      ? []
      : leaks({ world, during }, actor, { text, found: shown, knows: done.knows })),
  ];
}

/** With a nonce that isn't the request's, or for a decision, in a message that is none of its cards. */
const isForeign = ({ step, on }: Done): boolean =>
  "how" in step &&
  (step.how === "forged" ||
    (step.how === "elsewhere" &&
      ["approve", "take-back"].includes(step.does) &&
      on?.cards.some(({ ts }) => ts !== undefined) === true));

/** What somebody was told of requests and VMs that are none of theirs. */
function leaks(
  { world, during }: Pick<Step, "world" | "during">,
  actor: UserId,
  { text, found, knows }: { text: string; found: readonly string[]; knows: string },
): readonly Finding[] {
  const moment = lately(world);
  const own = world.store.all().filter((one) => canSee(moment, one, actor));
  // Whoever may decide about an extension reads what it extends.
  const read = own.map(({ ask }) => ask.extends);
  const hidden = world.store.all().filter((one) => !own.includes(one) && !read.includes(one.id));
  // Shown is what the snapshot has, decided about is what is so. Between drawing a form and sending it another is taken.
  const seen = during.map(({ snapshot }) => snapshot.vms);
  const vms = moment.vms.filter(
    (vm) =>
      !seesEverything(moment, actor) &&
      !mayAskFor(moment, vm, actor) &&
      seen.every((vms) => !mayAskFor(moment, vms.get(vm.key) ?? vm, actor)),
  );
  const isOwn = (name: string) => own.some(({ ask }) => ask.vm.name === name);
  const shows = (name: string) => moment.vms.some((vm) => vm.name === name && !vms.includes(vm));
  return [
    ...hidden.map((one) => {
      const isTold = !knows.includes(one.id) && text.includes(one.id);
      const isOwnToo = own.some(({ ask }) => ask.reason.includes(one.ask.reason));
      const isTyped = isOwnToo || knows.includes(one.ask.reason);
      const isReason = !isTyped && text.includes(one.ask.reason);
      return (isTold || isReason) && `${actor} was told of ${one.id}: ${text}`;
    }),
    ...vms.map((vm) => {
      const isNamed = !knows.includes(vm.name) && text.includes(vm.name);
      const long = `${vm.resourceGroup}/${vm.name}`;
      const isLong = !knows.includes(vm.resourceGroup) && text.includes(long);
      const isTold = isLong || (isNamed && !isOwn(vm.name) && !shows(vm.name));
      return (
        (isTold || found.includes(vmCode(vm.key))) && `${actor} was told of ${vm.name}: ${text}`
      );
    }),
  ];
}

/** Whoever may not see a request is answered as for one that there is not. */
export async function confirms(world: World, done: Done): Promise<Finding> {
  const { on, command, answer, actor } = done;
  if (on === undefined || command === undefined || answer === undefined) return undefined;
  const request = world.store.all().find((one) => one.id === on.id) ?? on;
  if (canSee(lately(world), request, actor) || canSee(lately(world), on, actor)) return undefined;
  const none = await world.inbound.command(world.sender(actor), command.replaceAll(on.id, NO_ID));
  return (
    textOf(none).replaceAll(NO_ID, on.id) !== textOf(answer) &&
    `${actor} learns that there is ${on.id}: ${textOf(answer)}`
  );
}
