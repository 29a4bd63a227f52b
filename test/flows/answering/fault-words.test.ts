// What people are told of a fault: whether somebody is away, busy or says no, what is known, and what to do next.

import { describe, expect, it } from "vitest";
import { plain } from "../../../src/domain/text/words.ts";
import { faultWords, uncheckedWords } from "../../../src/flows/answering/fault-words.ts";
import { Fault, type FaultOptions } from "../../../src/ports/fault.ts";

const AWAY: FaultOptions = { source: "slack", code: "http_503", message: "", retryable: true };
const fault = (change: Partial<FaultOptions>): Fault => new Fault({ ...AWAY, ...change });

const BUSY = { source: "azure", code: "TooManyRequests", retryAfterMs: 5_000 } as const;
const NO = { code: "missing_scope", retryable: false } as const;

describe("a fault in words", () => {
  it.each<[Partial<FaultOptions>, string]>([
    [{}, "Slack doesn't answer (http_503): nothing was changed, try again in a minute."],
    [
      BUSY,
      "Azure asks the bot to wait (TooManyRequests): nothing was changed, try again in a minute.",
    ],
    [
      NO,
      "Slack refuses (missing_scope): nothing was changed, an admin has to add the missing scope to the Slack app and reinstall it (jit doctor names it; for user groups it's usergroups:read).",
    ],
    [
      {
        source: "azure",
        code: "AuthorizationFailed",
        message: "The client 'x' does not have\nauthorization to read it.",
        retryable: false,
      },
      "Azure refuses (AuthorizationFailed: The client 'x' does not have authorization to read it): nothing was changed, an admin has to check the bot's log.",
    ],
    ...["UnreadableAnswer", "InvalidResourceId", "ForeignHost", "RepeatedLink"].flatMap((code) =>
      [true, false].map((retryable): [Partial<FaultOptions>, string] => [
        { source: "azure", code, message: "isn't a JIT policy", retryable },
        `I can't use Azure's answer (${code}): nothing was changed, ${retryable ? "try again in a minute" : "an admin has to check the bot's log"}.`,
      ]),
    ),
    [
      { source: "redis", code: "ECONNREFUSED" },
      "The bot's memory (Redis) can't be reached, so nothing was saved or changed: try again in a minute.",
    ],
    [
      { source: "redis", code: "ETIMEDOUT", ambiguous: true },
      "The bot's memory (Redis) didn't answer in time, so I don't know whether this was saved: check /jit list in a minute before you try again.",
    ],
    [
      { source: "redis", code: "OOM" },
      "The bot's memory (Redis) is out of memory, so nothing was saved or changed. An admin has to raise its maxmemory.",
    ],
    [
      { source: "redis", code: "READONLY" },
      "The bot's memory (Redis) is a replica, which accepts no writes, so nothing was saved or changed. An admin has to name the primary in REDIS_URL.",
    ],
    [
      { source: "redis", code: "NOREPLICAS" },
      "The bot's memory (Redis) has too few replicas to take writes, so nothing was saved or changed. An admin has to bring its replicas back, or lower min-replicas-to-write.",
    ],
    [
      { source: "redis", code: "MISCONF" },
      "The bot's memory (Redis) can't save to disk and refuses writes, so nothing was saved or changed. An admin has to look at its disk and its log.",
    ],
    // Written, and not known by how many replicas.
    [
      { source: "redis", code: "NOREPLICAS", ambiguous: true },
      "The bot's memory (Redis) didn't answer in time, so I don't know whether this was saved: check /jit list in a minute before you try again.",
    ],
    [
      { source: "redis", code: "Unreadable", retryable: false },
      "I can't read what's stored for this (Unreadable): an admin has to check the bot's log.",
    ],
  ])("%j", (change, said) => {
    expect(plain(faultWords(fault(change)))).toBe(said);
  });

  it.each<[Partial<FaultOptions>, string]>([
    [{}, "Slack doesn't answer (http_503), "],
    [BUSY, "Azure asks the bot to wait (TooManyRequests), "],
    [{ source: "redis", code: "ECONNREFUSED" }, "The bot's memory (Redis) can't be reached, "],
    [{ source: "redis", code: "OOM" }, "The bot's memory (Redis) is out of memory, "],
  ])("after something was saved: %j", (change, did) => {
    const said = plain(faultWords(fault(change), { hasCommitted: true }));
    expect(said).toContain(
      `${did}so I can't tell whether all of this was saved: check /jit list and App Home in a minute before you try again.`,
    );
  });

  it.each<[Partial<FaultOptions>, string]>([
    [{}, "Slack doesn't answer (http_503), so this couldn't be checked and wasn't done: "],
    [
      BUSY,
      "Azure asks the bot to wait (TooManyRequests), so this couldn't be checked and wasn't done: ",
    ],
    [
      { ...NO, code: "no_permission" },
      "Slack refuses (no_permission), so this couldn't be checked and wasn't done: ",
    ],
  ])("of a check that couldn't be made: %j", (change, said) => {
    const next = fault(change).retryable
      ? "try again in a moment."
      : "an admin has to check the bot's log.";
    expect(plain(uncheckedWords(fault(change)))).toBe(`${said}${next}`);
  });

  it("of a check names the fix where a scope is missing", () => {
    expect(plain(uncheckedWords(fault(NO)))).toBe(
      "Slack refuses (missing_scope), so this couldn't be checked and wasn't done: an admin has to add the missing scope to the Slack app and reinstall it (jit doctor names it; for user groups it's usergroups:read).",
    );
  });
});
