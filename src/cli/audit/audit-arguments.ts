// What can stand behind `jit audit`.

import type { Head } from "../../domain/audit/audit-chain.ts";
import { FORMATS, type Format } from "../../domain/audit/audit-export.ts";
import { parseRequestId, type RequestId } from "../../domain/text/ids.ts";
import { readOptions } from "../options.ts";

export type AuditArguments = { readonly team: string | undefined } & (
  | {
      readonly verb: "export";
      readonly format: Format;
      readonly fromMs: number | undefined;
      /** The first moment that doesn't belong to it any more. */
      readonly untilMs: number | undefined;
      readonly request: RequestId | undefined;
      readonly user: string | undefined;
    }
  | {
      readonly verb: "verify";
      readonly head: Head | undefined;
      /** A copy in a file, which is verified in place of what is in Redis. */
      readonly copy: Copy | undefined;
    }
  | { readonly verb: "erase"; readonly user: string; readonly label: string }
);

type Copy = {
  readonly file: string;
  /** The number that it begins with; `undefined`: the first of all. */
  readonly since: number | undefined;
};

type Wrong = { readonly wrong: string };

const OPTIONS = {
  export: {
    from: "text",
    to: "text",
    format: "text",
    request: "text",
    user: "text",
    team: "text",
  },
  verify: { head: "text", from: "text", since: "text", team: "text" },
  erase: { as: "text", team: "text" },
} as const;

type Options = ReadonlyMap<string, string>;

export function readAuditArguments(args: readonly string[]): AuditArguments | Wrong {
  const [verb, ...rest] = args;
  if (verb !== "export" && verb !== "verify" && verb !== "erase") {
    return {
      wrong: verb === undefined ? "Which audit command?" : `unknown command: audit ${verb}`,
    };
  }
  const read = readOptions<string>(rest, OPTIONS[verb]);
  if ("wrong" in read) return read;
  const { options, words } = read;
  const team = options.get("team");
  if (team !== undefined && !/^[A-Z0-9]{2,64}$/.test(team)) {
    return { wrong: "--team takes a workspace's ID, such as T0123456789" };
  }
  if (words.length !== (verb === "erase" ? 1 : 0)) {
    return {
      wrong: verb === "erase" ? "erase takes one person's Slack ID" : `${verb} takes options only`,
    };
  }
  switch (verb) {
    case "export":
      return exportOf(options, team);
    case "verify":
      return verifyOf(options, team);
    case "erase":
      return eraseOf(words[0] ?? "", options, team);
  }
}

function exportOf(options: Options, team: string | undefined): AuditArguments | Wrong {
  const from = timeOf(options.get("from"));
  const to = timeOf(options.get("to"));
  if (from === "wrong" || to === "wrong") {
    return { wrong: `${from === "wrong" ? "--from" : "--to"} takes a day such as 2026-11-01` };
  }
  const untilMs = to?.isDay ? to.ms + DAY_MS : to?.ms;
  if (from !== undefined && untilMs !== undefined && untilMs <= from.ms) {
    return { wrong: "--to is before --from" };
  }
  const format = FORMATS.find((one) => one === (options.get("format") ?? "jsonl"));
  if (format === undefined) return { wrong: `--format takes ${FORMATS.join(" or ")}` };
  const asked = options.get("request");
  const request = asked === undefined ? undefined : parseRequestId(asked);
  if (asked !== undefined && request === undefined) {
    return { wrong: "--request takes an ID such as JIT-4K7QWD" };
  }
  const user = options.get("user");
  return { verb: "export", team, format, fromMs: from?.ms, untilMs, request, user };
}

const DAY_MS = 24 * 3_600_000;
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/;

function timeOf(
  text: string | undefined,
): { readonly ms: number; readonly isDay: boolean } | "wrong" | undefined {
  if (text === undefined) return undefined;
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  // February 30 would be read as March 2.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 10))) return "wrong";
  return { ms, isDay: text.length === 10 };
}

function verifyOf(options: Options, team: string | undefined): AuditArguments | Wrong {
  const copy = copyOf(options);
  if (copy !== undefined && "wrong" in copy) return copy;
  const text = options.get("head");
  if (text === undefined) return { verb: "verify", team, head: undefined, copy };
  const [, seq, seal] = /^(\d{1,15}):([\w-]{43})$/.exec(text) ?? [];
  if (seq === undefined || seal === undefined) {
    return { wrong: "--head takes a number and a seal from the log, as <seq>:<seal>" };
  }
  return { verb: "verify", team, head: { seq: Number(seq), seal }, copy };
}

function copyOf(options: Options): Copy | Wrong | undefined {
  const file = options.get("from");
  const since = options.get("since");
  if (file === undefined) {
    return since === undefined ? undefined : { wrong: "--since goes with --from" };
  }
  if (since !== undefined && !/^[1-9]\d{0,14}$/.test(since)) {
    return { wrong: "--since takes the number of the entry that the copy begins with" };
  }
  return { file, since: since === undefined ? undefined : Number(since) };
}

/** A copy with a head from the log can be verified where there is no Redis. */
export function isOffline(args: readonly string[]): boolean {
  const command = readAuditArguments(args);
  if ("wrong" in command || command.verb !== "verify") return false;
  return command.copy !== undefined && command.head !== undefined;
}

function eraseOf(user: string, options: Options, team: string | undefined): AuditArguments | Wrong {
  const label = options.get("as") ?? "";
  if (!/^[UW][A-Z0-9]{2,20}$/.test(user)) {
    return { wrong: "erase takes a person's Slack ID, such as U0123456789" };
  }
  // It must not pass for a person, nor break what it is stored in.
  if (!/^[\w .()-]{0,60}$/.test(label) || /^[UWP][A-Z0-9-]/.test(label)) {
    return { wrong: "--as takes up to 60 letters, digits and spaces that aren't a Slack ID" };
  }
  return { verb: "erase", team, user, label };
}
