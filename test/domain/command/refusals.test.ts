// Commands that went wrong: the exact sentence for each, which names the fault and the fix.
// Of src/domain/command/command.ts.

import { describe, expect, it } from "vitest";
import { isUnsure } from "../../../src/domain/command/ask-parts.ts";
import { parseCommand } from "../../../src/domain/command/command.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";

function refusalOf(text: string): string {
  const answer = parseCommand(text);
  // The form for one VM asks what was meant.
  const unclear =
    !isRefusal(answer) && answer.verb === "request" && isUnsure(answer.unclear)
      ? answer.unclear
      : undefined;
  const refusal = isRefusal(answer) ? answer : unclear;
  return refusal ? `${refusal.refused}: ${plain(refusal.say)}` : JSON.stringify(answer);
}

const DURATION = "isn't a duration I understand: write for example 90m, 2h or 1h30m.";
const ADDRESS =
  "isn't an IPv4 address or network: write for example 203.0.113.7 or 203.0.113.0/24.";
const REASON =
  "a reason comes after for, as in /jit request vm-01 22 2h for the certificate renewal.";
const NO_VM = "isn't the name of a VM: write a name, resource-group/name or a resource ID.";
const PERIOD = "isn't a period I understand: write for example 7d or 2026-11-01..2026-11-08.";
const EXTEND = "/jit extend JIT-4K7QWD 1h for the import that still runs.";
const LIST = "write /jit list [mine|open|pending|vm:<vm>].";
const AUDIT = "write /jit audit [vm:<vm>|@user] [<period>].";
const TAG = `isn't a tag and a value: write for example tag:env=prod or tag:team="data platform".`;

describe("a command is refused", () => {
  it.each(
    [
      // the verb
      ["reqest vm-01", "unknown-command: Unknown command reqest: did you mean /jit request?"],
      ["xyzzy", "unknown-command: Unknown command xyzzy: /jit help all lists all commands."],
      ['"request" vm', "unknown-command: Unknown command request: did you mean /jit request?"],
      [
        "constructor",
        "unknown-command: Unknown command constructor: /jit help all lists all commands.",
      ],
      [
        "x".repeat(5000),
        `unknown-command: Unknown command ${"x".repeat(59)}…: /jit help all lists all commands.`,
      ],
      [
        "x".repeat(100_000),
        "unknown-command: That's too long for a command: a reason can have 1,000 characters.",
      ],
      [
        "a\u0000b",
        "unknown-command: That has an invisible character in it (U+0000): type it by hand.",
      ],
      [
        "request vm for \ud800",
        "unknown-command: That has an invisible character in it (U+D800): type it by hand.",
      ],
      // the VM
      ["request a//b", `no-such-vm: a//b ${NO_VM}`],
      ['request ""', `no-such-vm: "" ${NO_VM}`],
      [`request ${"x".repeat(401)}`, `no-such-vm: ${"x".repeat(59)}… ${NO_VM}`],
      ["explain a,b", "ambiguous: a,b looks like several VMs: name one at a time."],
      // words that were probably meant, and those that only look alike
      ["and", "unknown-command: Unknown command and: /jit help all lists all commands."],
      ["it", "unknown-command: Unknown command it: /jit help all lists all commands."],
      ["an", "unknown-command: Unknown command an: /jit help all lists all commands."],
      ["edn", "unknown-command: Unknown command edn: did you mean /jit end?"],
      ["glass", "unknown-command: Unknown command glass: did you mean /jit breakglass?"],
      ["lst", "unknown-command: Unknown command lst: did you mean /jit list?"],
      ["end alll", "bad-id: alll isn't a request ID: did you mean /jit end all?"],
      ["end al vm:vm-01", "bad-id: al isn't a request ID: did you mean /jit end all vm:vm-01?"],
      [
        "end everything",
        "bad-id: everything isn't a request ID: write for example /jit end JIT-4K7QWD.",
      ],
      // several VMs without commas
      [
        "request vm-01 web-02 1h for x",
        "unknown-command: I didn't understand web-02. If it's a VM, separate VMs with commas: /jit request vm-01,web-02 1h for x.",
      ],
      [
        "request vm-01,web-02 db-01 and rg-a/win-02 22 for a look",
        "unknown-command: I didn't understand db-01. If it's a VM, separate VMs with commas: /jit request vm-01,web-02,db-01,rg-a/win-02 22 for a look.",
      ],
      [
        "breakglass vm-01 web-02",
        "unknown-command: I didn't understand web-02. If it's a VM, separate VMs with commas: /jit breakglass vm-01,web-02.",
      ],
      [
        "enable vm-01 web-02 22",
        "unknown-command: I didn't understand web-02. If it's a VM, separate VMs with commas: /jit enable vm-01,web-02 22.",
      ],
      [
        `request vm-01 web-02 for ${"x".repeat(400)}`,
        "unknown-command: I didn't understand web-02. If it's a VM, separate VMs with commas: /jit request vm-01,web-02.",
      ],
      // ports
      ["request vm 70000", "bad-ports: 70000 isn't a valid port (1–65535)."],
      ["request vm 0", "bad-ports: 0 isn't a valid port (1–65535)."],
      ["request vm -1", "bad-ports: -1 isn't a valid port (1–65535)."],
      ["request vm 22,http", "bad-ports: http isn't a port: write for example 22, 22,3389 or ssh."],
      [
        "request vm 22/tcp",
        "bad-ports: 22/tcp isn't a port: write for example 22, 22,3389 or ssh.",
      ],
      [
        "request vm 8000-8010",
        "bad-ports: 8000-8010 is a range of ports: name each port, for example 22,3389.",
      ],
      [
        `request vm ${Array.from({ length: 21 }, (_, index) => index + 1).join(", ")}`,
        "bad-ports: That's more than 20 ports: request fewer at once.",
      ],
      [
        "request vm 22 24",
        "ambiguous: I'm not sure about 24: is it a port or a duration? Write 22,24 or 24h.",
      ],
      [
        "request vm 22 2h 24",
        "ambiguous: I read the ports as 22,24: in a command, separate them with commas.",
      ],
      [
        "request vm ssh rdp",
        "ambiguous: I read the ports as 22,3389: in a command, separate them with commas.",
      ],
      [
        "request vm ::1",
        "bad-source: ::1 is an IPv6 source, and JIT rules take only IPv4: write for example 203.0.113.7.",
      ],
      // durations
      ["request vm 2 years", `bad-duration: 2 years ${DURATION}`],
      ["request vm 22 2 months", `bad-duration: 2 months ${DURATION}`],
      ["request vm -1h", `bad-duration: -1h ${DURATION}`],
      ["request vm \u22121 h", `bad-duration: -1 h ${DURATION}`],
      ["request vm 1h30", `bad-duration: 1h30 ${DURATION}`],
      ["request vm 2x", `bad-duration: 2x ${DURATION}`],
      ["request vm P1Y", `bad-duration: P1Y ${DURATION}`],
      ["request vm 0h", "bad-duration: 0h is too short: the minimum is 1m."],
      ["request vm 59s", "bad-duration: 59s is too short: the minimum is 1m."],
      ["request vm 2h 1h", "ambiguous: 1h is a second duration: give only one."],
      [
        "request vm 22,2h",
        "ambiguous: 22,2h could mean two things: write 22 2h for a port and a duration, or 22.2h for a fraction.",
      ],
      // sources
      [
        "request vm from 2001:db8::1",
        "bad-source: 2001:db8::1 is an IPv6 source, and JIT rules take only IPv4: write for example 203.0.113.7.",
      ],
      ["request vm from 1.2.3", `bad-source: 1.2.3 ${ADDRESS}`],
      ["request vm from 10.0.0.1/33", `bad-source: 10.0.0.1/33 ${ADDRESS}`],
      ["request vm from 010.0.0.1", `bad-source: 010.0.0.1 ${ADDRESS}`],
      ["request vm from 22", `bad-source: 22 ${ADDRESS}`],
      [`request vm from ${"x".repeat(101)}`, `bad-source: ${"x".repeat(59)}… ${ADDRESS}`],
      ["request vm from vpn from lan", "ambiguous: from lan is a second source: give only one."],
      ["request vm 10.0.0.1 22", "ambiguous: 10.0.0.1 is a source: write from 10.0.0.1."],
      ["request vm my-ip", "ambiguous: my-ip is a source: write from my-ip."],
      // reasons and other words
      [
        `request vm for ${"é".repeat(1001)}`,
        "bad-reason: That text has 1,001 characters: shorten it to 1,000.",
      ],
      ["request vm 22 fix it", `unknown-command: I didn't understand fix: ${REASON}`],
      ['request vm "for" x', `unknown-command: I didn't understand for: ${REASON}`],
      // explain
      ["explain", "incomplete: Which VM? For example /jit explain vm-01 3389 2h."],
      [
        "explain vm x",
        "unknown-command: I didn't understand x: write for example /jit explain vm-01 3389 2h.",
      ],
      ["explain vm for 2h", "ambiguous: Leave out for before a duration: write for example 22 2h."],
      [
        "explain vm from",
        "incomplete: Write a source after from, for example from 203.0.113.0/24.",
      ],
      // by id
      ["status", "incomplete: Which request? For example /jit status JIT-4K7QWD."],
      ["end foo", "bad-id: foo isn't a request ID: write for example /jit end JIT-4K7QWD."],
      ["cancel 4k7qwd now", "unknown-command: I didn't understand now: write /jit cancel <id>."],
      ["extend", `incomplete: Which request? For example ${EXTEND}`],
      ["extend 4k7qwd", `incomplete: How much longer? For example ${EXTEND}`],
      ["extend 4k7qwd for work", `incomplete: How much longer? For example ${EXTEND}`],
      ["extend 4k7qwd 24", "bad-duration: 24 has no unit: write 24h for hours or 24m for minutes."],
      ["extend 4k7qwd 2 years", `bad-duration: 2 years ${DURATION}`],
      ["extend 4k7qwd 0m", "bad-duration: 0m is too short: the minimum is 1m."],
      [
        "extend 4k7qwd for 2h more",
        "unknown-command: I didn't understand more: write /jit extend <id> <duration> [for <reason …>].",
      ],
      [
        "review 4k7qwd",
        "incomplete: Say ok or concern after the ID, for example /jit review JIT-4K7QWD ok.",
      ],
      [
        `review 4k7qwd ok ${"x".repeat(1001)}`,
        "bad-reason: That text has 1,001 characters: shorten it to 1,000.",
      ],
      // lists
      ["list foo", `unknown-command: I didn't understand foo: ${LIST}`],
      ["list open mine", `unknown-command: I didn't understand mine: ${LIST}`],
      ["list vm:", `no-such-vm: "" ${NO_VM}`],
      [
        `vms ${"x".repeat(201)}`,
        "unknown-command: That's too long to search for: write part of a name, as in /jit vms prod.",
      ],
      ["doctor now", "unknown-command: I didn't understand now: write /jit doctor."],
      // selectors
      ["enable", "incomplete: Which VMs? For example vm-01, rg:rg-prod or tag:env=prod."],
      ["enable tag:env", `incomplete: tag:env ${TAG}`],
      ["enable tag:=x", `incomplete: tag:=x ${TAG}`],
      [
        "enable rg:",
        "incomplete: Write the name of a resource group after rg:, for example rg:rg-prod.",
      ],
      ["enable rg:a rg:b", "ambiguous: No VM is both rg:a and rg:b: name one of them."],
      ["enable a vm:b", "ambiguous: No VM is both a and b: name one of them."],
      [
        "enable tag:env=a tag:Env=b",
        "ambiguous: No VM is both tag:env=a and tag:Env=b: name one of them.",
      ],
      ["enable vm max", "incomplete: Write a duration after max, for example max 3h."],
      ["enable vm max 24", "bad-duration: 24 has no unit: write 24h for hours or 24m for minutes."],
      ["enable vm from", "incomplete: Write a source after from, for example from 203.0.113.0/24."],
      [
        "enable vm for x",
        "unknown-command: I didn't understand for: write for example /jit enable tag:env=prod 22,3389 max 3h from vpn.",
      ],
      // audit
      ["audit vm-01", `unknown-command: I didn't understand vm-01: ${AUDIT}`],
      [
        "audit @ann",
        "ambiguous: I can't tell who @ann is: choose from the list Slack shows after @.",
      ],
      ["audit 24", "bad-duration: 24 has no unit: write 24h for hours or 24m for minutes."],
      ["audit 2026-02-30", `bad-duration: 2026-02-30 ${PERIOD}`],
      ["audit 2026-11-01..", `bad-duration: 2026-11-01.. ${PERIOD}`],
      [
        "audit 2026-11-08..2026-11-01",
        "bad-duration: 2026-11-08..2026-11-01 ends before it begins: write 2026-11-01..2026-11-08.",
      ],
      [
        "audit 1d 2d",
        "ambiguous: I can't use 2d as well: name at most one VM, one person and one period.",
      ],
    ].map(([text = "", sentence]) => [JSON.stringify(text).slice(0, 60), text, sentence]),
  )("%s", (_, text = "", sentence) => {
    expect(refusalOf(text)).toBe(sentence);
  });
});

it("marks what was typed and what to type, and puts no line breaks into a sentence", () => {
  expect(parseCommand('request vm from "a/ b\n::"')).toMatchObject({ source: "a/ b ::" });
  expect(parseCommand("request vm 0h")).toEqual({
    refused: "bad-duration",
    say: [{ code: "0h" }, " is too short: the minimum is ", { code: "1m" }, "."],
  });
  expect(refusalOf('audit "a\nb\u2028c"')).toContain("I didn't understand a b c");
});

describe("a request that could mean two things", () => {
  const understood = (text: string) => {
    const command = parseCommand(text);
    if (isRefusal(command) || command.verb !== "request") return refusalOf(text);
    const { vm, ports, durationMs, source, reason } = command;
    return [vm?.name, ports, durationMs && durationMs / 60_000, source, reason];
  };

  it.each([
    ["vm1 ssh rdp 2h for x", ["vm1", [22, 3389], 120, undefined, "x"]],
    ["vm1 22 22 2h 3h from vpn for x", ["vm1", [22], 120, "vpn", "x"]],
    ["vm1 1,5h from vpn for x", ["vm1", undefined, undefined, "vpn", "x"]],
    ["vm1 10.0.0.1 22 for x", ["vm1", [22], undefined, "10.0.0.1", "x"]],
    ["vm1 10.0.0.1 22 from vpn", ["vm1", [22], undefined, "vpn", undefined]],
  ])("keeps what was understood of %s", (text, parts) => {
    expect(understood(`request ${text}`)).toEqual(parts);
  });

  it("asks about all of it at once", () => {
    expect(refusalOf("request vm1 22 22 2h 3h for x")).toBe(
      "ambiguous: I'm not sure about 22: is it a port or a duration? Write 22 or 22h. 3h is a second duration: give only one.",
    );
  });

  it("is refused where too much could", () => {
    const command = parseCommand("request vm1 22 23 24 25 26");
    expect(isRefusal(command) ? plain(command.say) : command).toMatch(/^I'm not sure about 26: /);
  });

  it("is refused where no form would ask, and where something else is wrong", () => {
    for (const text of [
      "breakglass vm1 22 24 for x",
      "request vm1,vm2 22 24",
      "explain vm1 2h 1h",
    ]) {
      const command = parseCommand(text);
      expect(isRefusal(command) ? command.refused : command).toBe("ambiguous");
    }
    expect(refusalOf("request vm1 22 24 99999")).toMatch(/^bad-ports: 99999/);
  });
});
