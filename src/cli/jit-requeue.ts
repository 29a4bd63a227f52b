// `jit requeue`: brings back what is parked, by its id or all of it, and tells what became of each.

import { parseArgs } from "node:util";
import { parseRequestId } from "../domain/text/ids.ts";
import type { Deps } from "../flows/deps.ts";
import { type BroughtBack, requeue } from "../flows/requests/parked/requeue.ts";
import { type ExitCode, FINDINGS, FINE, type Terminal } from "./terminal.ts";

export type RequeueAsked = { readonly all: true } | { readonly ids: readonly string[] };

/** More are taken up the next time. */
const AT_ONCE_MAX = 10_000;

/** Answers what is asked for, or a sentence about what is wrong. */
export function readRequeueArguments(args: readonly string[]): RequeueAsked | string {
  let parsed: { values: { all?: boolean }; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...args],
      options: { all: { type: "boolean" } },
      allowPositionals: true,
    });
  } catch (thrown) {
    return thrown instanceof Error ? `${thrown.message.split(/[.\n]/, 1)[0]}.` : String(thrown);
  }
  const { values, positionals } = parsed;
  if (values.all === true) {
    return positionals.length === 0 ? { all: true } : "Give IDs or --all, not both.";
  }
  if (positionals.length === 0) return "Which request? Give an ID, or --all.";
  const wrong = positionals.find((one) => nameOf(one) === undefined);
  return wrong === undefined
    ? { ids: positionals }
    : `${wrong} isn't a request ID like JIT-4K7QWD, nor a channel's like C0123456.`;
}

/** A request's id, or the channel whose notices are meant. */
function nameOf(text: string): string | undefined {
  const channel = /^[CGDUWS][A-Z0-9]{6,}$/i.exec(text)?.[0];
  return parseRequestId(text) ?? channel?.toUpperCase();
}

type Needs = Pick<Deps, "deadLetters" | "requests" | "policy" | "onCommitted"> & {
  /** The operator, as the audit names them. */
  readonly operator: string;
};

/**
 * Answers the exit code: 0 everything that was meant is being worked on again, 1 something wasn't parked.
 * Rejects with a `Fault` where Redis doesn't answer.
 */
export async function requeueCommand(
  asked: RequeueAsked,
  deps: Needs,
  { say }: Pick<Terminal, "say">,
): Promise<ExitCode> {
  const { some } = await deps.deadLetters.list(AT_ONCE_MAX);
  const listed = some.map(({ member }) => member);
  let code: ExitCode = FINE;
  if ("all" in asked) {
    if (listed.length === 0) say("Nothing is parked.");
    for (const member of listed) if (!(await broughtBack(deps, member, say))) code = FINDINGS;
    return code;
  }
  for (const text of asked.ids) {
    const name = nameOf(text) ?? text;
    const notices = listed.filter((member) => member.startsWith(`n:${name} `));
    for (const member of notices.length > 0 ? notices : [name]) {
      if (!(await broughtBack(deps, member, say))) code = FINDINGS;
    }
  }
  return code;
}

async function broughtBack(
  deps: Needs,
  member: string,
  say: (line: string) => void,
): Promise<boolean> {
  const outcome = await requeue(deps, member, { by: deps.operator });
  const channel = /^n:(\S+)/.exec(member)?.[1];
  say(SAID[outcome](channel === undefined ? member : `The notices for ${channel}`));
  return outcome === "requeued" || outcome === "gone";
}

const SAID: Readonly<Record<BroughtBack, (name: string) => string>> = {
  requeued: (name) => `${name}: trying again.`,
  gone: (name) => `${name}: there's nothing left to do for it. It's no longer listed.`,
  "not-parked": (name) => `${name}: not parked, so nothing to try again.`,
  unknown: (name) => `${name}: no such request. jit doctor lists what is parked.`,
  repeated: (name) => `${name}: trying again.`,
};
