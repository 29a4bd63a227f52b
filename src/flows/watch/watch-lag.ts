// How far behind the watch of the Activity Log is.

import type { StoreFigures } from "../../ports/metrics/figures.ts";
import type { Watching } from "./watching.ts";

type Watched = Pick<Watching, "policy"> & { readonly azure: Pick<Watching["azure"], "snapshot"> };

/** The policy file's subscriptions, which may have no VM yet, and those that VMs were seen in. */
export function watchedSubscriptions({ azure, policy }: Watched): readonly string[] {
  const { vms, unread } = azure.snapshot();
  const ids = new Set<string>(policy().azure.subscriptions);
  for (const { subscriptionId } of unread) ids.add(subscriptionId);
  for (const { subscriptionId } of vms.values()) ids.add(subscriptionId);
  return [...new Map([...ids].map((id) => [id.toLowerCase(), id])).values()];
}

/**
 * How long ago the log was read of the subscription that was read longest ago; `undefined`: nothing is
 * watched, or was read yet. One that isn't there any more doesn't count.
 */
export function watchLagMs(
  watching: Watched,
  { nowMs, watchedUntilMs }: Pick<StoreFigures, "nowMs" | "watchedUntilMs">,
): number | undefined {
  if (watching.policy().watch === undefined) return undefined;
  const read = watchedSubscriptions(watching).flatMap(
    (id) => watchedUntilMs[id.toLowerCase()] ?? [],
  );
  return read.length === 0 ? undefined : Math.max(0, nowMs - Math.min(...read));
}
