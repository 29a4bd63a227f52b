// Which changes of a request the notices channel hears of.

import { isFollower } from "../../domain/request/batch/roles.ts";
import type { Step, StepKind } from "../../domain/request/document/step.ts";
import { type AccessRequest, grantOf, type In, inForce } from "../../domain/request/request.ts";
import type { Policy } from "../../domain/rules/policy.ts";
import { type ChannelId, channelId, isUserId } from "../../domain/text/ids.ts";
import { isFault } from "../../ports/fault.ts";
import type { Notice } from "../../ports/storage/notices.ts";
import type { Requests } from "../../ports/storage/requests.ts";

const NOTICED: Partial<Record<StepKind, Notice["what"]>> = {
  "broke-glass": "break-glass",
  "opened-by-rule": "opened",
  "no-approvers": "no-approvers",
  "review-reminded": "review",
  unasked: "unasked",
  left: "left",
  recovered: "recovered",
  ended: "ended",
  failed: "failed",
  "still-open": "still-open",
  "closed-late": "closed-late",
  parked: "parked",
};

/**
 * Whether admins hear of it beside the notices channel, even where nobody reads that: of what happened to a request by
 * what is below, of everything else because `toAdmins` sends it to them. Where outsiders read the channel, they are told
 * everything else there as well.
 */
const FOR_ADMINS: Readonly<Record<Notice["what"], boolean>> = {
  ended: false,
  "still-open": true,
  "closed-late": false,
  failed: false,
  parked: true,
  alarm: true,
  "break-glass": true,
  opened: false,
  "no-approvers": true,
  unasked: true,
  review: true,
  concern: true,
  left: false,
  "opened-elsewhere": false,
  "jit-policy-changed-elsewhere": false,
  "jit-policy-deleted-elsewhere": false,
  exposed: false,
  "glass-wanted": false,
  mended: true,
  "jit-changed": false,
  recovered: true,
  frozen: false,
  breaker: true,
  unfrozen: false,
  "ended-all": false,
};

export const isForAdmins = (what: Notice["what"]): boolean => FOR_ADMINS[what];

const concern = ({ review }: AccessRequest, step: Step): boolean =>
  step.what === "reviewed" && review?.closed?.verdict === "concern";

function textOf({ ask, review, deadLetter }: AccessRequest, step: Step): string | undefined {
  if (step.what === "parked") return deadLetter?.why;
  if (step.fault !== undefined) return `${step.fault.code}: ${step.fault.message}`;
  if (step.what === "reviewed") return review?.closed?.text;
  return step.what === "broke-glass" ? ask.reason : undefined;
}

/** Who Azure says opened it, who had approved it, and the way to end it at once. */
function recoveredIn(policy: Policy, request: AccessRequest): Partial<Notice> {
  const grant = grantOf(request);
  return {
    by: grant?.recovered?.requestor ?? "",
    source: inForce(request).source,
    untilMs: grant?.endsAtMs,
    ...(grant !== undefined && grant.approvedBy.length > 0 && { approvedBy: grant.approvedBy }),
    ...(policy.endEarly !== "off" && { nonce: request.nonce }),
  };
}

/** Nobody requested what was taken over: Azure says who opened it. */
function openedBy(request: AccessRequest): Partial<Notice> {
  const recovered = grantOf(request)?.recovered;
  return recovered?.adopted === undefined ? {} : { by: recovered.requestor };
}

type Reads = Pick<Requests, "read">;
type Addressed = { readonly channel: ChannelId; readonly notice: Notice };

/** Nothing has to be done about these, and a card in the rule's channel says the same. */
const ON_CARD: ReadonlySet<Notice["what"]> = new Set(["ended", "opened"]);

const hasCard = ({ cards }: AccessRequest): boolean =>
  cards.some(({ to, dead }) => !isUserId(to) && dead === undefined);

/** Whether a card in a channel tells of it: of a batch, that is the lead's, if there is one. */
async function isOnCard(requests: Reads, request: AccessRequest): Promise<boolean> {
  if (!isFollower(request)) return hasCard(request);
  try {
    const lead = await requests.read(request.batch.lead);
    return lead !== undefined && hasCard(lead.request);
  } catch (thrown) {
    // What can't be read shows its card no more.
    if (isFault(thrown) && !thrown.retryable) return false;
    throw thrown;
  }
}

/** Those that the notices channel need not hear of, where the file says so. */
async function withoutShown(
  policy: Policy,
  news: readonly News[],
  { requests, request }: { readonly requests: Reads; readonly request: AccessRequest },
): Promise<readonly News[]> {
  if (policy.notices !== "exceptions" || !news.some(({ what }) => ON_CARD.has(what))) return news;
  if (!(await isOnCard(requests, request))) return news;
  return news.filter(({ what }) => !ON_CARD.has(what));
}

type News = { readonly step: Step; readonly what: Notice["what"] };

function newsOf(before: AccessRequest | undefined, after: AccessRequest): readonly News[] {
  const steps = after.steps.filter((step) => step.n > (before?.toldUpTo.last ?? 0));
  return steps.flatMap((step) => {
    // What happened to another one of its batch, that one tells.
    if (step.of !== undefined) return [];
    const what = concern(after, step) ? "concern" : NOTICED[step.what];
    // An access that goes on hasn't ended, whatever became of the request.
    if (what === undefined || (after.state === "ended" && after.how === "extended")) return [];
    return [{ step, what }];
  });
}

const howEnded = ({ how, newer }: In<"ended">): string =>
  newer === undefined ? how : "newer-request";

/** The notices for what is new in `after`; they are stored in the same step as the change itself. */
export async function noticesOf(
  { policy, requests }: { readonly policy: Policy; readonly requests: Reads },
  before: AccessRequest | undefined,
  after: AccessRequest,
): Promise<readonly Addressed[]> {
  const told = await withoutShown(policy, newsOf(before, after), { requests, request: after });
  return told.flatMap(({ step, what }) => {
    const notice: Notice = {
      what,
      id: after.id,
      requester: after.ask.requester,
      vm: after.ask.vm.name,
      ports: after.ask.ports,
      atMs: step.what === "ended" && after.state === "ended" ? after.endedAtMs : step.atMs,
      how: what === "ended" && after.state === "ended" ? howEnded(after) : undefined,
      text: textOf(after, step),
      ...openedBy(after),
      ...(what === "recovered" && recoveredIn(policy, after)),
    };
    const admins = isForAdmins(what) ? [...policy.admins.users, ...policy.admins.groups] : [];
    return [policy.channels.notices, ...admins.map(channelId)].map((channel) => ({
      channel,
      notice,
    }));
  });
}
