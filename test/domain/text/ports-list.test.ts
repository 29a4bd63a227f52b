// Ports: every spelling, and a sentence for everything that is none.

import { describe, expect, it } from "vitest";
import { formatPorts, parsePorts } from "../../../src/domain/text/ports-list.ts";
import { isRefusal } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";

describe("ports are read from", () => {
  it.each([
    ["3389", [3389]],
    ["22,3389", [22, 3389]],
    ["22, 3389", [22, 3389]],
    ["22 ,3389", [22, 3389]],
    ["22 3389", [22, 3389]],
    ["22\u00a03389", [22, 3389]],
    [",22,,3389,", [22, 3389]],
    ["3389,22,3389", [22, 3389]],
    ["ssh", [22]],
    ["RDP", [3389]],
    ["winrm", [5985, 5986]],
    ["ssh,8080", [22, 8080]],
    ["winrm,5985,22", [22, 5985, 5986]],
    ["1,65535", [1, 65535]],
    ["0022", [22]],
    [Array.from({ length: 20 }, (_, index) => index + 1).join(","), expect.any(Array)],
  ])("%j", (text, ports) => {
    expect(parsePorts(text)).toEqual(ports);
  });
});

describe("no ports are read from", () => {
  it.each(
    [
      ["70000", "bad-ports: 70000 isn't a valid port (1–65535)."],
      ["0", "bad-ports: 0 isn't a valid port (1–65535)."],
      ["-1", "bad-ports: -1 isn't a valid port (1–65535)."],
      ["65536", "bad-ports: 65536 isn't a valid port (1–65535)."],
      ["22,99999999999999999999", "bad-ports: 99999999999999999999 isn't a valid port (1–65535)."],
      ["", "bad-ports: Name at least one port, for example 22."],
      [" , ", "bad-ports: Name at least one port, for example 22."],
      ["http", "bad-ports: http isn't a port: write for example 22, 22,3389 or ssh."],
      [
        "22,constructor",
        "bad-ports: constructor isn't a port: write for example 22, 22,3389 or ssh.",
      ],
      ["22/tcp", "bad-ports: 22/tcp isn't a port: write for example 22, 22,3389 or ssh."],
      [
        "8000-8010",
        "bad-ports: 8000-8010 is a range of ports: name each port, for example 22,3389.",
      ],
      [
        "22,2h",
        "ambiguous: 22,2h could mean two things: write 22 2h for a port and a duration, or 22.2h for a fraction.",
      ],
      [
        "22,3389,2h",
        "ambiguous: 22,3389,2h runs ports and a duration together: put a space before 2h.",
      ],
      [
        Array.from({ length: 21 }, (_, index) => index + 1).join(","),
        "bad-ports: That's more than 20 ports: request fewer at once.",
      ],
      [
        "x".repeat(100_000),
        `bad-ports: ${"x".repeat(59)}… isn't a port: write for example 22, 22,3389 or ssh.`,
      ],
    ].map(([text = "", sentence]) => [JSON.stringify(text).slice(0, 60), text, sentence]),
  )("%s", (_, text = "", sentence) => {
    const answer = parsePorts(text);
    expect(isRefusal(answer) && `${answer.refused}: ${plain(answer.say)}`).toBe(sentence);
  });
});

it("writes a list that it reads again", () => {
  expect(formatPorts([22, 3389])).toBe("22,3389");
  expect(parsePorts(formatPorts([22, 3389]))).toEqual([22, 3389]);
});
