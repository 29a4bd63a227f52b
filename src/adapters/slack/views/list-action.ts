// The buttons that belong to no request: turning a page, asking for access, changing JIT policies.

import { vmKey } from "../../../domain/text/ids.ts";
import type { OpeningRef } from "../../../domain/vm/activity-log/opening-ref.ts";

/** Two, because Slack takes each action id once in a row of buttons. */
export const LIST_MORE_ACTION = "jit.list.more";
export const LIST_BACK_ACTION = "jit.list.back";
export const ASK_ACTION = "jit.ask";
/** Its value is the id of what is requested again. */
export const SAME_AGAIN_ACTION = "jit.same";
export const APPLY_ACTION = "jit.apply";
export const DROP_ACTION = "jit.drop";
export const REQUEUE_ACTION = "jit.requeue.aside";
export const AUDIT_CSV_ACTION = "jit.audit.csv";
export const AUDIT_JSONL_ACTION = "jit.audit.jsonl";
export const CLOSE_OPENING_ACTION = "jit.opening.close";
export const ADOPT_OPENING_ACTION = "jit.opening.adopt";
export const ASK_OTHERS_ACTION = "jit.others";
export const RESTORE_ACTION = "jit.restore";
/** Its value is the command. Each of a row has a number: Slack takes an action id once. */
export const insteadAction = (n: number): string => `jit.instead.${n}`;
export const isInsteadAction = (actionId: string): boolean => /^jit\.instead\.\d$/.test(actionId);

/** Slack takes no longer value. */
export const VALUE_CHARACTERS_MAX = 2_000;

/** `undefined`: Azure's names in it are too long for a button. */
export function encodeOpening({
  jitPolicyId,
  vm,
  ports,
  startedAtMs,
}: OpeningRef): string | undefined {
  const value = `${startedAtMs} ${ports.join()} ${vm} ${jitPolicyId}`;
  return value.length > VALUE_CHARACTERS_MAX ? undefined : value;
}

/** Answers `undefined` for whatever `encodeOpening` can't have made. */
export function decodeOpening(value: string): OpeningRef | undefined {
  const [, started, ports, vm, jitPolicyId] =
    /^(\d{1,15}) (\d{1,5}(?:,\d{1,5})*) (\/\S+) (\/.+)$/.exec(value) ?? [];
  if (ports === undefined || vm === undefined || jitPolicyId === undefined) return undefined;
  return {
    startedAtMs: Number(started),
    ports: ports.split(",").map(Number),
    vm: vmKey(vm),
    jitPolicyId,
  };
}

const PAGE_MAX = 1_000;

/** What `<page> <what the list was asked for with>` says; `undefined` for what we can't have made. */
export function decodePage(
  value: string,
): { readonly page: number; readonly asked: string } | undefined {
  const [, page, asked] = /^(\d{1,4}) (\S.{0,500})$/.exec(value) ?? [];
  if (page === undefined || asked === undefined || Number(page) > PAGE_MAX) return undefined;
  return { page: Number(page), asked };
}
