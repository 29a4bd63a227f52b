// What one command or click asks of Slack and Azure: everything once, and not more than one person may.

import type { UserId } from "../../domain/text/ids.ts";
import type { Azure } from "../../ports/azure.ts";
import type { ReadAs } from "../../ports/chat.ts";
import type { OnCommitted } from "../../ports/commit-heard.ts";
import type { OnCall } from "../../ports/rotas.ts";
import type { Deps } from "../deps.ts";

/**
 * The same ports for one act. What it reads afresh is as fresh as the act itself: what was read since it
 * began isn't read again.
 */
export function forOneAct<D extends Pick<Deps, "chat" | "clock"> & { readonly onCall?: OnCall }>(
  deps: D,
  as: ReadAs = "usual",
): D {
  const { chat, clock, onCall } = deps;
  const beganMs = clock.monotonicMs();
  const ageMs = (maxAgeMs: number) => Math.max(maxAgeMs, clock.monotonicMs() - beganMs);
  return {
    ...deps,
    ...(onCall && {
      onCall: (rotas, maxAgeMs) => onCall(rotas, ageMs(maxAgeMs)),
    }),
    chat: {
      ...chat,
      person: (user, maxAgeMs) => chat.person(user, ageMs(maxAgeMs), as),
      groupMembers: (group, maxAgeMs) => chat.groupMembers(group, ageMs(maxAgeMs), as),
    },
  };
}

/** The same ports, and whether something was committed through them: from then on nobody may say that nothing was. */
export function noticing<D extends { readonly onCommitted: OnCommitted }>(
  deps: D,
): { readonly noticed: D; readonly hasCommitted: () => boolean } {
  let isCommitted = false;
  const onCommitted: OnCommitted = (heard) => {
    isCommitted = true;
    deps.onCommitted(heard);
  };
  return { noticed: { ...deps, onCommitted }, hasCommitted: () => isCommitted };
}

/** Azure as one person may have it read before its time: after some times what is known has to do. */
export function sparing<D extends { readonly azure: Azure; readonly limits?: Deps["limits"] }>(
  deps: D,
  user: UserId,
): D {
  const { azure, limits } = deps;
  if (limits === undefined) return deps;
  const refresh = async () => {
    const known = azure.snapshot();
    const hadTooMany = known.atMs > 0 && limits.take(user, "azure") !== undefined;
    return hadTooMany ? known : azure.refresh();
  };
  return { ...deps, azure: { ...azure, refresh } };
}
