// What `/jit vms` narrows by: states, open access, a group, tags, and words that are looked for as in the form.

import type { JitState } from "../jit-state.ts";
import type { Vm } from "../vm.ts";
import { tagOf } from "../vm.ts";

/** Everything given must be so. */
export type VmsFilter = {
  readonly state: JitState | undefined;
  /** Ports stand open in spite of JIT. */
  readonly exposed: boolean;
  readonly open: boolean;
  readonly resourceGroup: string | undefined;
  readonly tags: readonly { readonly name: string; readonly value: string }[];
  /** In lower case; each has to occur. */
  readonly words: readonly string[];
};

const STATES: ReadonlyMap<string, JitState> = new Map([
  ["configured", "configured"],
  ["unconfigured", "not-configured"],
  ["not-configured", "not-configured"],
  ["unsupported", "unsupported"],
]);

/** Reads any text; what is no filter is a word to look for. */
export function vmsFilter(text: string): VmsFilter {
  let filter: VmsFilter = {
    state: undefined,
    exposed: false,
    open: false,
    resourceGroup: undefined,
    tags: [],
    words: [],
  };
  const together = text.toLowerCase().replace(/\bnot\s+configured\b/g, "not-configured");
  for (const quoted of together.match(/(?:tag|rg):"[^"]*"|(?:tag):[^=\s]+="[^"]*"|\S+/g) ?? []) {
    const word = quoted.replaceAll('"', "");
    const [, kind, value = ""] = /^(rg|tag):(.+)$/.exec(word) ?? [];
    const equals = value.indexOf("=");
    const state = STATES.get(word);
    if (state !== undefined) filter = { ...filter, state };
    // The second is what it was called before.
    else if (word === "exposed" || word === "unprotected") filter = { ...filter, exposed: true };
    else if (word === "open") filter = { ...filter, open: true };
    else if (kind === "rg") filter = { ...filter, resourceGroup: value };
    else if (kind === "tag" && equals > 0) {
      const tag = { name: value.slice(0, equals), value: value.slice(equals + 1) };
      filter = { ...filter, tags: [...filter.tags, tag] };
    } else filter = { ...filter, words: [...filter.words, word] };
  }
  return filter;
}

/** What only the VM itself says. */
export function fitsVm({ resourceGroup, tags }: VmsFilter, vm: Vm): boolean {
  return (
    (resourceGroup === undefined || vm.resourceGroup.toLowerCase() === resourceGroup) &&
    tags.every(({ name, value }) => tagOf(vm, name)?.toLowerCase() === value)
  );
}
