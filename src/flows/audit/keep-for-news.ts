// A shorter `audit.keepFor` deletes what was kept until then: the audit and the admins hear of it.

import type { Policy } from "../../domain/rules/policy.ts";
import { formatDuration } from "../../domain/text/duration.ts";
import type { StoreClock } from "../../ports/storage/store-server.ts";
import { type Announcing, announce } from "../channels/announce.ts";
import { toAdmins } from "../channels/to-admins.ts";

type Needs = Announcing & { readonly storeClock: StoreClock };

/** Answers what to call at each look; once over all replicas, also where the file was changed while none ran. */
export function keepForNews(deps: Needs, policy: () => Policy): () => Promise<void> {
  let announcedMs: number | undefined;
  return async () => {
    const { keepForMs } = policy().audit;
    if (announcedMs === keepForMs) return;
    const before = await deps.announcements.last("keep-for");
    if (before !== String(keepForMs)) await tell(deps, policy(), Number(before));
    announcedMs = keepForMs;
  };
}

async function tell(deps: Needs, policy: Policy, beforeMs: number): Promise<void> {
  const { keepForMs } = policy.audit;
  const value = String(keepForMs);
  // The first time, there is nothing that it is shorter than.
  if (!(beforeMs > 0)) {
    await announce(deps, "keep-for", { value, notices: [] });
    return;
  }
  const detail = { policy: policy.hash, keepForMs, beforeMs };
  const note = { what: "audit-keep-for", detail };
  const now = formatDuration(keepForMs);
  const before = formatDuration(beforeMs);
  const text = `audit.keepFor was shortened from ${before} to ${now}: older entries of the audit log are being deleted. Export what you need for longer (jit audit export).`;
  const isShorter = keepForMs < beforeMs;
  const notice = {
    what: "alarm" as const,
    atMs: isShorter ? await deps.storeClock.nowMs() : 0,
    text,
  };
  const notices = isShorter ? toAdmins(policy, notice) : [];
  await announce(deps, "keep-for", { value, note, notices });
}
