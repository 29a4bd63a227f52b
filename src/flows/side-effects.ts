// What a held request needs of its surroundings: the wait for a decision, reviews, taking over from another.

import { transition } from "../request/transition.ts";
import type { Deps } from "./deps.ts";
import type { Held } from "./held.ts";
import { noticesOf } from "./notices.ts";

/** How often taking over is tried when others write at the same time; else it comes due again. */
const CONFLICTS_MAX = 20;

/** The request that this one extends ends, without a notice of ending: its access goes on. */
export async function succeedEffect(deps: Deps, held: Held): Promise<void> {
  const { id, ask } = held.current();
  if (ask.extends === undefined) return;
  for (let round = 0; round < CONFLICTS_MAX; round++) {
    const first = await deps.store.read(ask.extends);
    if (first === undefined) break;
    const moved = transition(first.request, { act: "extended", into: id }, first.nowMs);
    if ("refused" in moved || moved.request === first.request) break;
    const write = {
      next: moved.request,
      audit: moved.audit,
      notices: noticesOf(deps.policy(), first.request, moved.request),
    };
    if ((await deps.store.commit(first.version, write)).outcome === "written") break;
  }
  await held.news({ act: "succeeded" });
}
