// What is out of the ordinary about any of several VMs, with the VMs that it is so of. Pure.

import { factWords } from "../../../../../domain/facts/fact-words.ts";
import { labelOf } from "../../../../../domain/request/batch/label.ts";
import type { Lead } from "../../../../../domain/request/batch/pace.ts";
import { membersOf } from "../../../../../domain/request/members.ts";
import { FACTS_SHOWN_MAX } from "../../../../../domain/rules/fact.ts";
import { plain, type Words, words } from "../../../../../domain/text/words.ts";
import { type Block, withButton } from "../../blocks.ts";
import { vmsShort } from "../batch-lines.ts";
import { button } from "../buttons.ts";

/** As many as beside one VM, the most important first; what they rest on is a tap away. */
export function batchFacts(lead: Lead): Block[] {
  const pending = membersOf(lead).filter(({ state }) => state === "pending");
  const found = pending.flatMap((member) =>
    (member.facts ?? []).map((fact, rank) => ({
      vm: labelOf(lead, member),
      rank,
      said: factWords({ vm: { ...lead.ask.vm, name: member.vm } }, fact),
    })),
  );
  const groups = [...Map.groupBy(found, ({ said }) => plain(said)).values()].toSorted(
    (some, others) => rankOf(some) - rankOf(others) || others.length - some.length,
  );
  if (groups.length === 0) return [];
  const lines = groups.slice(0, FACTS_SHOWN_MAX).map((group): Words => {
    const [{ said } = { said: [] }] = group;
    const vms = vmsShort(group.map(({ vm }) => vm));
    return group.length === pending.length && group.length > 1
      ? words`• ${said}`
      : words`• ${{ strong: `${vms}:` }} ${said}`;
  });
  const more = groups.length - lines.length;
  const rest = more > 0 ? [words`• ${more} more: see Details`] : [];
  return withButton([...lines, ...rest], button(lead, "facts"));
}

const rankOf = (group: readonly { readonly rank: number }[]): number =>
  Math.min(...group.map(({ rank }) => rank));
