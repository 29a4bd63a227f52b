// The command grammar: every command, every spelling, and what is understood.

import { describe, expect, it } from "vitest";
import { type Command, parseCommand, parseTyped } from "../../../src/domain/command/command.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const vm = (name: string) => ({ typed: name, name });
const ID = "JIT-4K7QWD";
const DECEMBER = { day: { year: 2026, month: 12, day: 1 }, time: { hour: 23, minute: 0 } };
const NOTHING = {
  ports: undefined,
  durationMs: undefined,
  source: undefined,
  reason: undefined,
  unclear: undefined,
};

describe("a request is understood from", () => {
  it.each<[string, object]>([
    ["request", { vm: undefined }],
    ["request vm-01", {}],
    ["REQUEST vm-01", {}],
    [" request\n vm-01 ", {}],
    ["request “vm-01”", {}],
    ["request `vm-01`", {}],
    ["request <http://vm-01.example.com|vm-01.example.com>", { vm: vm("vm-01.example.com") }],
    ["request from", { vm: vm("from") }],
    ["request for", { vm: vm("for") }],
    ["request for for work", { vm: vm("for"), reason: "work" }],
    ["request 22", { vm: vm("22") }],
    ["request 22 22", { vm: vm("22"), ports: [22] }],
    ["request 2h 2h", { vm: vm("2h"), durationMs: 2 * HOUR }],
    [
      "request rg-prod/vm-01 22",
      { vm: { typed: "rg-prod/vm-01", name: "vm-01", resourceGroup: "rg-prod" }, ports: [22] },
    ],
    // ports
    ["request vm-01 3389", { ports: [3389] }],
    ["request vm-01 22,3389", { ports: [22, 3389] }],
    ["request vm-01 22, 3389", { ports: [22, 3389] }],
    ["request vm-01 22 ,3389", { ports: [22, 3389] }],
    ["request vm-01 22 , 3389", { ports: [22, 3389] }],
    ["request vm-01 3389, 22, 22", { ports: [22, 3389] }],
    ["request vm-01 SSH", { ports: [22] }],
    ["request vm-01 rdp", { ports: [3389] }],
    ["request vm-01 winrm", { ports: [5985, 5986] }],
    ["request vm-01 ssh,8080", { ports: [22, 8080] }],
    ["request vm-01 ssh, 8080 ,rdp", { ports: [22, 3389, 8080] }],
    ['request vm-01 "22, 3389"', { ports: [22, 3389] }],
    // durations
    ["request vm-01 2h", { durationMs: 2 * HOUR }],
    ["request vm-01 90M", { durationMs: 90 * MINUTE }],
    ["request vm-01 1h30m", { durationMs: 90 * MINUTE }],
    ["request vm-01 1h 30m", { durationMs: 90 * MINUTE }],
    ["request vm-01 1 hour 30 minutes", { durationMs: 90 * MINUTE }],
    ["request vm-01 1.5h", { durationMs: 90 * MINUTE }],
    ["request vm-01 PT2H", { durationMs: 2 * HOUR }],
    ["request vm-01 2 hours", { durationMs: 2 * HOUR }],
    ["request vm-01 2\u00a0hours", { durationMs: 2 * HOUR }],
    ['request vm-01 "2 hours"', { durationMs: 2 * HOUR }],
    ["request vm-01 1m", { durationMs: MINUTE }],
    // both
    ["request vm-01 22 2h", { ports: [22], durationMs: 2 * HOUR }],
    ["request vm-01 2h 22", { ports: [22], durationMs: 2 * HOUR }],
    ["request vm-01 22 2 hours", { ports: [22], durationMs: 2 * HOUR }],
    ["request vm-01 22, 2h", { ports: [22], durationMs: 2 * HOUR }],
    ["request vm-01 22, 2 hours", { ports: [22], durationMs: 2 * HOUR }],
    ["request vm-01 22 , 2 hours", { ports: [22], durationMs: 2 * HOUR }],
    ["request vm-01 22, 3389 2 h", { ports: [22, 3389], durationMs: 2 * HOUR }],
    ["request vm-01 2 hours 22, 3389", { ports: [22, 3389], durationMs: 2 * HOUR }],
    // sources
    ["request vm-01 from vpn", { source: "vpn" }],
    ["request vm-01 FROM vpn", { source: "vpn" }],
    ['request vm-01 from "head office"', { source: "head office" }],
    ['request vm-01 from "for"', { source: "for" }],
    ["request vm-01 from 203.0.113.7", { source: "203.0.113.7" }],
    ["request vm-01 from 203.0.113.7/24", { source: "203.0.113.7/24" }],
    ["request vm-01 from <http://10.0.0.1|10.0.0.1>", { source: "10.0.0.1" }],
    ["request vm-01 from my-ip", { source: "my-ip" }],
    ["request vm-01 from my\u2011ip", { source: "my-ip" }],
    ["request vm-01 from my ip", { source: "my-ip" }],
    ["request vm-01 from any", { source: "any" }],
    ["request vm-01 from *", { source: "*" }],
    ["request vm-01 from 0.0.0.0/0", { source: "0.0.0.0/0" }],
    ["request vm-01 from vpn 22 2h", { source: "vpn", ports: [22], durationMs: 2 * HOUR }],
    ["request vm-01 22 from vpn 2h", { source: "vpn", ports: [22], durationMs: 2 * HOUR }],
    [
      "request vm-01 22, 2 hours, from vpn, for work",
      { source: "vpn", ports: [22], durationMs: 2 * HOUR, reason: "work" },
    ],
    // reasons
    ["request vm-01 for work", { reason: "work" }],
    ["request vm-01 For   work ", { reason: "work" }],
    ["request vm-01 for for", { reason: "for" }],
    ["request vm-01 for “a: b”\n\n- c –  d’s 🚒 ", { reason: "“a: b”\n\n- c –  d’s 🚒" }],
    ["request vm-01 for work from home 24", { reason: "work from home 24" }],
    ["request vm-01 for a &lt;b&gt; &amp;amp; c", { reason: "a <b> &amp; c" }],
    ["request vm-01 for <@U123|ann> in <#C1|ops>", { reason: "@ann in #ops" }],
    ["request vm-01 for <!channel> &lt;!here&gt;", { reason: "@channel <!here>" }],
    ["request vm-01 for <https://x.io/a|x.io/a>", { reason: "x.io/a" }],
    [`request vm-01 for ${"🚒".repeat(1000)}`, { reason: "🚒".repeat(1000) }],
    ["request vm-01 2h for 3 days of work", { durationMs: 2 * HOUR, reason: "3 days of work" }],
    ["request vm-01 for the 2h window", { reason: "the 2h window" }],
    ["request vm-01 for 22", { reason: "22" }],
    // what only the person can say
    ["request vm-01 22 for 2h", { ports: [22], reason: "2h", unclear: "duration-or-reason" }],
    ["request vm-01 for 2 hours, db", { reason: "2 hours, db", unclear: "duration-or-reason" }],
    ["request vm-01 for 0h", { reason: "0h", unclear: "duration-or-reason" }],
    ["request vm-01 22 for", { ports: [22], unclear: "reason" }],
    ["request vm-01 22 from", { ports: [22], unclear: "source" }],
    ["request vm-01 from for work", { reason: "work", unclear: "source" }],
    ["request vm-01 from for 2h", { reason: "2h", unclear: "source" }],
  ])("%j", (text, expected) => {
    const request = { verb: "request", vm: vm("vm-01"), ...NOTHING, ...expected };
    expect(parseCommand(text)).toEqual(request);
    expect(parseCommand(text.replace(/request/i, "breakglass"))).toEqual({
      ...request,
      verb: "breakglass",
    });
  });
});

describe("a request for a time is understood from", () => {
  it.each<[string, object]>([
    ["request vm-01 at 23:00", { at: { time: { hour: 23, minute: 0 } } }],
    [
      "request vm-01 AT Tomorrow 9:30 for x at y",
      { at: { day: "tomorrow", time: { hour: 9, minute: 30 } }, reason: "x at y" },
    ],
    [
      "request vm-01 at 2026-12-01T22:00Z for x",
      { at: { exactMs: Date.UTC(2026, 11, 1, 22) }, reason: "x" },
    ],
    ["request at at 9pm", { at: { time: { hour: 21, minute: 0 } }, vm: vm("at") }],
    [
      "request vm-01 22 at 2026-12-01 23:00 2h",
      { at: DECEMBER, ports: [22], durationMs: 2 * HOUR },
    ],
  ])("%j", (text, expected) => {
    const request = { verb: "request", vm: vm("vm-01"), ...NOTHING, ...expected };
    expect(parseCommand(text)).toEqual(request);
  });

  it("not by break-glass, which opens at once", () => {
    expect(parseCommand("breakglass vm-01 22 at 23:00 for x")).toMatchObject({
      refused: "unknown-command",
    });
  });
});

const enable = { verb: "enable", ports: undefined, maxDurationMs: undefined, source: undefined };
const selector = { vm: undefined, resourceGroup: undefined, tags: [] };
const audit = { verb: "audit", vm: undefined, user: undefined, period: undefined };
const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

describe("another command is understood from", () => {
  it.each<[string, object]>([
    ["", { verb: "form" }],
    [" \n\u00a0\u200b ", { verb: "form" }],
    ["help", { verb: "help" }],
    ["HELP me", { verb: "help" }],
    ["?", { verb: "help" }],
    ["--help", { verb: "help" }],
    ["doctor", { verb: "doctor" }],
    ["break-glass vm-01", { verb: "breakglass", vm: vm("vm-01"), ...NOTHING }],
    [
      "explain vm-01 22 2h from vpn for work",
      { verb: "explain", vm: vm("vm-01"), ports: [22], durationMs: 2 * HOUR, source: "vpn" },
    ],
    ["status JIT-4K7QWD", { verb: "status", id: ID }],
    ["status 4k7qwd", { verb: "status", id: ID }],
    ["Status #jit-4k7qwd.", { verb: "status", id: ID }],
    ["cancel `JIT-4K7QWD`", { verb: "cancel", id: ID }],
    ["end jit4k7qwd", { verb: "end", id: ID }],
    ["list", { verb: "list", filter: undefined }],
    ["list Mine", { verb: "list", filter: "mine" }],
    ["list open", { verb: "list", filter: "open" }],
    ["list pending", { verb: "list", filter: "pending" }],
    ["list VM:vm-01", { verb: "list", filter: { vm: vm("vm-01") } }],
    ["extend 4k7qwd 1h", { verb: "extend", id: ID, durationMs: HOUR, reason: undefined }],
    ["extend 4k7qwd 1 hour for x: y", { verb: "extend", id: ID, durationMs: HOUR, reason: "x: y" }],
    ["extend 4k7qwd by 1h", { verb: "extend", id: ID, durationMs: HOUR, reason: undefined }],
    ["extend 4k7qwd for 1h", { verb: "extend", id: ID, durationMs: HOUR, reason: undefined }],
    ["extend 4k7qwd for 1h for x", { verb: "extend", id: ID, durationMs: HOUR, reason: "x" }],
    ["review 4k7qwd ok", { verb: "review", id: ID, verdict: "ok", text: undefined }],
    ["review 4k7qwd OK, as agreed", { verb: "review", id: ID, verdict: "ok", text: "as agreed" }],
    [
      "review 4k7qwd concern for: x",
      { verb: "review", id: ID, verdict: "concern", text: "for: x" },
    ],
    ["vms", { verb: "vms", text: undefined }],
    ["vms  web   prod ", { verb: "vms", text: "web prod" }],
    ["enable vm-01", { ...enable, selector: { ...selector, vm: vm("vm-01") } }],
    ["change vm:vm-01", { ...enable, verb: "change", selector: { ...selector, vm: vm("vm-01") } }],
    ["disable max", { ...enable, verb: "disable", selector: { ...selector, vm: vm("max") } }],
    [
      "enable RG:rg-prod tag:env=prod Tag:team=“data platform” 22,3389 max 3h from vpn",
      {
        verb: "enable",
        selector: {
          vm: undefined,
          resourceGroup: "rg-prod",
          tags: [
            { name: "env", value: "prod" },
            { name: "team", value: "data platform" },
          ],
        },
        ports: [22, 3389],
        maxDurationMs: 3 * HOUR,
        source: "vpn",
      },
    ],
    [
      'enable tag:"cost centre"= tag:Env=a=b tag:env=a=b 3h',
      {
        ...enable,
        selector: {
          ...selector,
          tags: [
            { name: "cost centre", value: "" },
            { name: "Env", value: "a=b" },
          ],
        },
        maxDurationMs: 3 * HOUR,
      },
    ],
    ["audit", audit],
    [
      "audit vm:rg/vm-01",
      { ...audit, vm: { typed: "rg/vm-01", name: "vm-01", resourceGroup: "rg" } },
    ],
    ["audit <@U0LEAD|ann>", { ...audit, user: "U0LEAD" }],
    ["audit <@W0LEAD>", { ...audit, user: "W0LEAD" }],
    ["audit @U0LEAD 24h", { ...audit, user: "U0LEAD", period: { lastMs: 24 * HOUR } }],
    ["audit 7 days vm:vm-01", { ...audit, vm: vm("vm-01"), period: { lastMs: 168 * HOUR } }],
    ...["2026-11-01..2026-11-08", "2026-11-01…2026-11-08", "2026-11-01...2026-11-08"].map(
      (text): [string, object] => [
        `audit ${text}`,
        { ...audit, period: { fromMs: day("2026-11-01"), untilMs: day("2026-11-09") } },
      ],
    ),
    [
      "audit 2028-02-29",
      { ...audit, period: { fromMs: day("2028-02-29"), untilMs: day("2028-03-01") } },
    ],
  ])("%j", (text, expected) => {
    expect(parseCommand(text)).toEqual(expected);
  });
});

it("reads what was typed elsewhere without undoing an escaping that was never done", () => {
  expect(parseTyped("request vm-01 for a &lt; b")).toMatchObject({ reason: "a &lt; b" });
  expect(parseTyped("audit @U0LEAD")).toEqual({ ...audit, user: "U0LEAD" });
});

it("tells a command from a refusal by one property", () => {
  const command = parseCommand("list open");
  const filter: Command | undefined = "verb" in command ? command : undefined;
  expect(filter).toEqual({ verb: "list", filter: "open" });
});
