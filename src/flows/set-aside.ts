// What cannot be worked on is put where it harms nothing, and the admins are told.

import type { Claim } from "../ports/work.ts";
import { words } from "../request/words.ts";
import type { Deps } from "./deps.ts";

export async function setAside(deps: Deps, claim: Claim): Promise<void> {
  const id = claim.kind === "notices" ? `n:${claim.channel}` : claim.id;
  const why = claim.kind === "unreadable" ? claim.why : `failed ${claim.failures} times in a row`;
  const facts = { due: id, why, failures: claim.failures };
  deps.log.error(facts, "set aside: an admin has to look at it");
  await deps.store.setAside(id, why);
  const policy = deps.policy();
  await deps.store.notify(policy.channels.notices, {
    what: "set-aside",
    atMs: await deps.store.nowMs(),
    text: `${id}: ${why}`,
  });
  const sentence = words`${{ strong: id }} was set aside because it could not be worked on (${why}). Look at the bot's log; what it opened at Azure ends by itself.`;
  await Promise.allSettled(policy.admins.users.map((user) => deps.chat.tell(user, sentence)));
}
