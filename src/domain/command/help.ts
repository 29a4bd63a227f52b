// What can be typed after `/jit`, for the help and for sentences about what went wrong.

import { USUAL_PERIOD_MS } from "../audit/usual-period.ts";
import { formatDuration } from "../text/duration.ts";

export type CommandHelp = {
  readonly usage: string;
  /** One line about what it does. */
  readonly says: string;
  readonly example: string;
};

const ASK = "<vm> [<ports>] [<duration>] [from <source>]";
const POLICY = "<vm,…|rg:…|tag:k=v> [<ports>] [tcp|udp] [max <duration>] [from <source>]";

const HELP: CommandHelp = {
  usage: "/jit help",
  says: "Shows this list.",
  example: "/jit help",
};

export const commandHelp: readonly CommandHelp[] = [
  { usage: "/jit", says: "Opens the form to ask for access.", example: "/jit" },
  {
    usage: `/jit request ${ASK} [for <reason …>]`,
    says: "Asks for access to a VM.",
    example: "/jit request vm-01 22 2h for the certificate renewal",
  },
  {
    usage: `/jit breakglass ${ASK} for <reason …>`,
    says: "Opens access at once in an emergency; everybody is told and it is reviewed.",
    example: "/jit breakglass vm-01 ssh 1h for the outage of the shop",
  },
  {
    usage: `/jit explain ${ASK}`,
    says: "Tells what would happen if you asked, without asking.",
    example: "/jit explain vm-01 3389 2h",
  },
  {
    usage: "/jit status <id>",
    says: "Shows a request and what became of it.",
    example: "/jit status JIT-4K7QWD",
  },
  {
    usage: "/jit list [mine|open|pending|vm:<vm>]",
    says: "Lists requests.",
    example: "/jit list open",
  },
  {
    usage: "/jit cancel <id>",
    says: "Withdraws your request before it is decided.",
    example: "/jit cancel JIT-4K7QWD",
  },
  {
    usage: "/jit end <id>",
    says: "Ends access before its time.",
    example: "/jit end JIT-4K7QWD",
  },
  {
    usage: "/jit extend <id> <duration> [for <reason …>]",
    says: "Asks for more time.",
    example: "/jit extend JIT-4K7QWD 1h for the import that still runs",
  },
  {
    usage: "/jit review <id> ok|concern [<text …>]",
    says: "Closes the review of an emergency access.",
    example: "/jit review JIT-4K7QWD ok",
  },
  {
    usage: "/jit vms [<text>]",
    says: "Shows VMs and whether just-in-time access is configured for them.",
    example: "/jit vms prod",
  },
  {
    usage: `/jit enable ${POLICY} [in <JIT policy>]`,
    says: "Configures just-in-time access for VMs.",
    example: "/jit enable tag:env=prod 22,3389 max 3h from vpn",
  },
  {
    usage: `/jit change ${POLICY}`,
    says: "Changes what just-in-time access allows on VMs.",
    example: "/jit change vm-01 22 max 2h",
  },
  {
    usage: "/jit disable <vm,…|rg:…|tag:k=v> [<ports>]",
    says: "Takes VMs, or ports of them, out of just-in-time access.",
    example: "/jit disable rg:rg-test",
  },
  {
    usage: "/jit audit [vm:<vm>|@user] [<period>]",
    says: `Shows what was asked, decided and opened, of the last ${formatDuration(USUAL_PERIOD_MS)} unless you name a period.`,
    example: "/jit audit vm:vm-01 7d",
  },
  {
    usage: "/jit doctor",
    says: "Checks whether the bot has what it needs.",
    example: "/jit doctor",
  },
  HELP,
];

const helpOf = (verb: string): CommandHelp =>
  commandHelp.find(({ usage }) => usage.split(" ")[1] === verb) ?? HELP;

/** For the sentences about a command that went wrong. */
export const exampleOf = (verb: string): string => helpOf(verb).example;
export const usageOf = (verb: string): string => helpOf(verb).usage;
