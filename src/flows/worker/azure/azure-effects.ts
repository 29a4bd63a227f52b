// What a held request needs of Azure. Faults are recorded with their own pace, never thrown.

import { type Fault, isFault, noteOf } from "../../../ports/fault.ts";
import type { Deps } from "../../deps.ts";
import { tryAgainMs } from "../../try-again.ts";
import type { LeasedRequest } from "../leased-request.ts";
import type { Worker } from "./azure-calls.ts";
import { closeStep } from "./closing.ts";
import { openStep } from "./opening.ts";
import { noteWithFix } from "./refusal-advice.ts";

type Needs = Pick<
  Deps,
  | "absences"
  | "requests"
  | "freezes"
  | "leases"
  | "callKeys"
  | "storeClock"
  | "primary"
  | "azure"
  | "chat"
  | "onCall"
  | "clock"
  | "random"
  | "log"
  | "policy"
  | "onCommitted"
>;

/** Brings an opening or an ending one step further. Faults are recorded, not thrown. */
export async function azureEffect(
  deps: Needs,
  worker: Worker,
  leased: LeasedRequest,
): Promise<void> {
  const request = leased.current();
  try {
    if (request.state === "opening") await openStep(deps, worker, { leased, request });
    else if (request.state === "ending") await closeStep(deps, worker, { leased, request });
  } catch (thrown) {
    if (!isFault(thrown) || thrown.source !== "azure") throw thrown;
    await answerFault(deps, leased, thrown);
  }
}

async function answerFault(deps: Needs, leased: LeasedRequest, fault: Fault): Promise<void> {
  const { id, attempts } = leased.current();
  const facts = { request: id, code: fault.code, retryable: fault.retryable };
  deps.log.warn(facts, `Azure: ${fault.message}`);
  if (!fault.retryable) {
    const isOpening = leased.current().state === "opening";
    const note = isOpening ? await noteWithFix(deps, leased, fault) : noteOf(fault);
    return leased.news({ act: "refused", fault: note });
  }
  const nextAtMs = leased.nowMs() + tryAgainMs(attempts.azure?.count ?? 0, fault);
  const { ambiguous } = fault;
  return leased.news({ act: "unanswered", fault: noteOf(fault), ambiguous, nextAtMs });
}
