// What Bolt says is in our log, and no secret of ours or Slack's is.

import { expect, it } from "vitest";
import { boltLog, survive } from "../../../../src/adapters/slack/receive/bolt-log.ts";
import { notingLog } from "../bench.ts";

const SECRETS = [
  "xoxb-123-456-abcDEF",
  "xapp-1-A012-345-67ab",
  "wss://wss-primary.slack.com/link/?ticket=12-34&app_id=56",
  "https://hooks.slack.com/commands/T1/2/abc",
];

it("takes secrets out of what it is told", () => {
  const log = notingLog();
  const bolt = boltLog(log);
  for (const secret of SECRETS) {
    bolt.info(`with ${secret} in it`);
    bolt.warn("warning", secret);
    bolt.error(new Error(`failed for ${secret}`));
    survive(log)(new Error(`rejected for ${secret}`));
    survive(log)(secret);
  }
  const written = log.text();
  for (const secret of ["123-456", "345-67ab", "ticket", "T1/2/abc"]) {
    expect(written).not.toContain(secret);
  }
  expect(log.lines.map((line) => line.level)).toContain("debug");
});

it("bounds each line, and takes anything", () => {
  const log = notingLog();
  boltLog(log).error("x".repeat(100_000), undefined, null, { a: 1 }, Symbol("s"));
  expect(log.lines[0]?.text.length).toBeLessThanOrEqual(500);
});

it("says nothing of payloads, at any level", () => {
  const log = notingLog();
  boltLog(log).debug('ack() call begins (body: {"text":"secret"})');
  expect(log.lines).toEqual([]);
});
