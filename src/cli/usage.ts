// How each command of the terminal is used, as `jit help`, `--help` and every refusal say it.

import { nearestWord } from "../domain/text/nearest-names.ts";

export const USAGE = `Usage: jit init             asks a few questions, and writes the files that a start needs
       jit start            starts one replica of the bot
       jit check <file>     checks a policy file, and runs the tests beside it
       jit explain <vm> …   shows what a request would lead to, without making it
       jit advise           a tighter policy file as a diff, from what was used
       jit report --month … who had access in a month, as Markdown or CSV, verified
       jit audit <what>     exports or verifies the audit, or erases a person from it
       jit enable <vms> …   previews just-in-time access for VMs, and configures it with --apply;
                            jit change and jit disable likewise
       jit requeue <id> …   brings back requests that were parked after an error; --all: all of them
       jit doctor           looks at every part that the bot needs, and says what to do
       jit demo             shows the bot in your browser, with a simulated Slack and Azure
       jit version          prints which version this is
       jit <command> --help says more about one of them`;

const ENABLE = `Usage: jit enable|change|disable <vm,…|rg:…|tag:k=v> [<ports>] [tcp|udp] [max <duration>] [from <source>] [--apply]
       jit enable <file.yaml> [--apply]`;

const SIGNALS = "Exits with 0 after SIGTERM or SIGINT.";

export const USAGES = {
  init: `Usage: jit init [--yes] [--url <https://…>|--socket-mode] [--scopes <id,…>] [--redis <url>]
                [--admin <U…>] [--approvers <U…,S…>] [--channel <C…>] [--from <cidr>]
       It asks what isn't given; with --yes it asks nothing.`,
  start: `Usage: jit start
       Reads its settings from the environment and from .env, and the policy file that JIT_CONFIG names (jit.yaml). ${SIGNALS}`,
  check: `Usage: jit check <file> [--strict] [--tests <file>]
                      checks a policy file, and runs the tests beside it (jit.test.yaml)`,
  explain:
    "Usage: jit explain <vm> [<ports>] [<duration>] [from <source>] --user <U…> [--groups <S…,S…>]",
  advise: `Usage: jit advise [<file>] [--days <n>] [--tests <file>] [--json] [--team T…]
       <file> is the policy file, JIT_CONFIG if none is given; the tests beside it have to pass with the advised one.`,
  report: `Usage: jit report --month <2026-11> [--format md|csv] [--head <seq>:<seal>] [--team T…]
       Months are in UTC. --head compares with a head from the bot's log.`,
  audit: `Usage: jit audit export [--from <day>] [--to <day>] [--format jsonl|csv] [--request JIT-…] [--user U…]
       jit audit verify [--from <file> [--since <seq>]] [--head <seq>:<seal>]
       jit audit erase <user> [--as <pseudonym>]
A day is 2026-11-01, the last one included, or a time such as 2026-11-01T12:00:00Z, always in UTC.
--from verifies a copy that audit.stream sent; with --head, it needs neither Redis nor Slack.
Each takes --team T…; without it, the workspace of SLACK_BOT_TOKEN is meant.`,
  enable: ENABLE,
  change: ENABLE,
  disable: ENABLE,
  requeue: `Usage: jit requeue <id> …      brings parked requests back; or the parked notices of a channel, by its ID
       jit requeue --all       brings back everything that is parked`,
  doctor: `Usage: jit doctor
Exits with 0 where there's nothing to do, with 1 where it finds an error or a warning.`,
  demo: `Usage: jit demo [--transcript]
       In a clone; the transcript plays one life, and prints what went over the wire.`,
} as const;

/** `undefined`: it isn't asked for. */
export function usageAskedFor(command: string, args: readonly string[]): string | undefined {
  if (["help", "--help", "-h"].includes(command)) return usageOf(args[0] ?? "");
  return args.includes("--help") || args.includes("-h") ? usageOf(command) : undefined;
}

const usageOf = (command: string): string =>
  Object.hasOwn(USAGES, command) ? USAGES[command as keyof typeof USAGES] : USAGE;

/** One sentence; with the command that was probably meant. */
export function unknownCommand(command: string): string {
  const meant = nearestWord(command, [...Object.keys(USAGES), "version", "help"]);
  return `Unknown command ${command}${meant === undefined ? "." : `: did you mean jit ${meant}?`}`;
}
