// The commands about VMs: request, breakglass, explain, enable, change, disable.

import { isRefusal, type Refusal, refuse } from "../text/refusal.ts";
import { words } from "../text/words.ts";
import { askedVm } from "./answer-fields.ts";
import { NO_PARTS, type Parts, readParts } from "./ask-parts.ts";
import { exampleOf } from "./help.ts";
import type { VmRef } from "./vm-ref.ts";
import { type Selector, selectorAt } from "./vm-selector.ts";
import { wordAt } from "./word-reader.ts";

/** Access asked for. Whatever was left out is `undefined`: the VM's policy knows the defaults. */
export type RequestCommand = Omit<Parts, "protocol" | "into"> & {
  readonly verb: "request" | "breakglass";
  readonly vm: VmRef | undefined;
};

export type ExplainCommand = Pick<Parts, "ports" | "durationMs" | "source"> & {
  readonly verb: "explain";
  readonly vm: VmRef;
};

export type PolicyCommand = Pick<Parts, "ports" | "protocol" | "source" | "into"> & {
  readonly verb: "enable" | "change" | "disable";
  readonly selector: Selector;
  readonly maxDurationMs: number | undefined;
};

export function readRequest(
  verb: RequestCommand["verb"],
  text: string,
  at: number,
): RequestCommand | Refusal {
  const word = wordAt(text, at);
  if (word === undefined) return { verb, vm: undefined, ...NO_PARTS };
  const vm = askedVm(word.text);
  if (isRefusal(vm)) return vm;
  const hint = words`a reason comes after ${{ code: "for" }}, as in ${{ code: exampleOf(verb) }}`;
  const parts = readParts(text, word.end, { reason: true, policy: false, hint });
  return isRefusal(parts) ? parts : { verb, vm, ...parts };
}

/** A reason is read and left out, so that a request can be tried by changing its first word. */
export function readExplain(text: string, at: number): ExplainCommand | Refusal {
  const example = { code: exampleOf("explain") };
  const word = wordAt(text, at);
  if (word === undefined) return refuse("incomplete")`Say which VM, for example ${example}.`;
  const vm = askedVm(word.text);
  if (isRefusal(vm)) return vm;
  const hint = words`write for example ${example}`;
  const parts = readParts(text, word.end, { reason: true, policy: false, hint });
  if (isRefusal(parts)) return parts;
  if (parts.unclear === "duration-or-reason") {
    const [lead, full] = [{ code: "for" }, { code: "22 2h" }];
    return refuse("ambiguous")`Leave out ${lead} before a duration: write for example ${full}.`;
  }
  if (parts.unclear === "source") return noSource();
  const { ports, durationMs, source } = parts;
  return { verb: "explain", vm, ports, durationMs, source };
}

export function readPolicy(
  verb: PolicyCommand["verb"],
  text: string,
  at: number,
): PolicyCommand | Refusal {
  const found = selectorAt(text, at);
  if (isRefusal(found)) return found;
  const hint = words`write for example ${{ code: exampleOf(verb) }}`;
  // Only what is new is put somewhere: what is configured is changed where it is.
  const into = verb === "enable";
  const parts = readParts(text, found.end, { reason: false, policy: true, into, hint });
  if (isRefusal(parts)) return parts;
  if (parts.unclear === "source") return noSource();
  const { ports, protocol, durationMs: maxDurationMs, source } = parts;
  const put = parts.into === undefined ? {} : { into: parts.into };
  return { verb, selector: found.selector, ports, protocol, maxDurationMs, source, ...put };
}

function noSource(): Refusal {
  const [lead, example] = [{ code: "from" }, { code: "from 203.0.113.0/24" }];
  return refuse("incomplete")`Write a source after ${lead}, for example ${example}.`;
}
