// Which changes of a request the notices channel hears of.

import type { Notice } from "../ports/store.ts";
import type { ChannelId } from "../request/ids.ts";
import type { Policy } from "../request/policy.ts";
import type { AccessRequest, StepKind } from "../request/request.ts";

const NOTICED: Partial<Record<StepKind, Notice["what"]>> = {
  ended: "ended",
  failed: "failed",
  "still-open": "still-open",
  "closed-late": "closed-late",
};

type Addressed = { readonly channel: ChannelId; readonly notice: Notice };

/** The notices for what is new in `after`; they are stored in the same step as the change itself. */
export function noticesOf(
  policy: Policy,
  before: AccessRequest,
  after: AccessRequest,
): readonly Addressed[] {
  const news = after.steps.filter((step) => step.n > before.told.last);
  return news.flatMap((step) => {
    const what = NOTICED[step.what];
    if (what === undefined) return [];
    const notice: Notice = {
      what,
      id: after.id,
      requester: after.ask.requester,
      vm: after.ask.vm.name,
      ports: after.ask.ports,
      atMs: step.atMs,
      how: after.state === "ended" ? after.how : undefined,
      text: step.fault === undefined ? undefined : `${step.fault.code}: ${step.fault.message}`,
    };
    return [{ channel: policy.channels.notices, notice }];
  });
}
