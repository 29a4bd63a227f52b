// Whether a VM runs: JIT opens ports of one that is off, and nobody gets in.

import { type Words, words } from "../text/words.ts";

export type Off = "stopped" | "deallocated";

/** `power` as Azure says it. `undefined`: it runs, is about to, or nobody knows. */
export function offOf(power: string | undefined): Off | undefined {
  const [, said = ""] = /^PowerState\/(\w+)$/i.exec(power ?? "") ?? [];
  if (/^(?:stopped|stopping)$/i.test(said)) return "stopped";
  return /^(?:deallocated|deallocating)$/i.test(said) ? "deallocated" : undefined;
}

/** For the requester, and for anyone who wants to connect. */
export const offNote = (name: string, off: Off): Words =>
  words`⚠️ ${{ code: name }} is ${off}: nobody can connect until it's started.`;

/** For approvers, some time after the request. */
export const wasOffNote = (name: string, off: Off): Words =>
  words`⚠️ ${{ code: name }} was ${off} when this was requested: nobody can connect until it's started.`;
