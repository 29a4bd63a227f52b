// What is out of the ordinary about any of several VMs, with the VMs that it is so of. Pure.

import { factWords } from "../../../../../domain/facts/fact-words.ts";
import { labelOf } from "../../../../../domain/request/batch/label.ts";
import type { Lead } from "../../../../../domain/request/batch/roles.ts";
import { membersOf } from "../../../../../domain/request/members.ts";
import { FACTS_SHOWN_MAX, type Fact } from "../../../../../domain/rules/fact.ts";
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
      kind: fact.kind,
      rank,
      said: factWords(fact),
    })),
  );
  const groups = [...Map.groupBy(found, ({ said }) => plain(said)).values()].toSorted(
    (some, others) => rankOf(some) - rankOf(others) || others.length - some.length,
  );
  if (groups.length === 0) return [];
  const lines = groups.slice(0, FACTS_SHOWN_MAX).map((group): Words => {
    const [{ said } = { said: [] }] = group;
    const isOfAll = group.length === pending.length && group.length > 1;
    const vms = isOfAll ? "Each of them" : vmsShort(group.map(({ vm }) => vm));
    return words`• ${{ strong: `${vms}:` }} ${said}`;
  });
  const more = groups.length - lines.length;
  const rest = more > 0 ? [words`• ${more} more: see Details`] : [];
  return withButton([...lines, ...rest], button(lead, "facts"));
}

type Found = { readonly kind: Fact["kind"]; readonly rank: number };

/** Of what is wrong with a VM itself, nobody is reminded by what others have. */
const GRAVE: ReadonlySet<Fact["kind"]> = new Set(["exposed", "off"]);

const rankOf = (group: readonly Found[]): number =>
  Math.min(...group.map(({ kind, rank }) => (GRAVE.has(kind) ? -1 : rank)));
