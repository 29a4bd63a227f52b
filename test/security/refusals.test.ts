// Every way in which the bot says no, reached as people reach it, with the sentence that they read.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { privateText } from "../../src/adapters/slack/views/private-text.ts";
import type { Policy } from "../../src/domain/rules/policy.ts";
import type { UserId } from "../../src/domain/text/ids.ts";
import type { PersonLimitRates } from "../../src/flows/limits/person-limits.ts";
import type { Answer } from "../../src/ports/inbound.ts";
import { HOUR } from "../support/requests.ts";
import { UNHURRIED } from "../support/unhurried.ts";
import {
  asked,
  brought,
  clickOn,
  production,
  type Stage,
  stagePolicy,
  startStage,
} from "./stage.ts";
import { ADA, ERIN, GUEST, LEA, NOBODY, OMAR, OTHER, SAM, VMS, vmPolicyOf } from "./universe.ts";
import { GENERAL } from "./world.ts";

type Way = {
  readonly policy?: Partial<Policy>;
  readonly paces?: PersonLimitRates;
  readonly who?: UserId;
  /** A command, or what is done instead. */
  readonly does: string | ((stage: Stage) => Promise<Answer>);
  readonly says: string;
};

const [, , db] = VMS;
if (db === undefined) throw new Error("db-1 is missing");

const ports = (numbers: readonly number[]) => ({ ...production, match: { ports: numbers } });

/** As Slack is sent it: `*strong*`, code in backticks, times in the reader's own zone. */
const WAYS: Readonly<Record<string, Way>> = {
  "unknown-command": {
    does: "requst web-2",
    says: "Unknown command `requst`: did you mean `/jit request`?",
  },
  incomplete: {
    does: "extend JIT-000000",
    says: "How much longer? For example `/jit extend JIT-4K7QWD 1h for the import that still runs`.",
  },
  "bad-time": {
    does: "away until someday",
    says: "I can't read `someday` as a time: write for example `23:00`, `9am`, `tomorrow 9:00`, `friday 9:00` or `2026-12-01 23:00`.",
  },
  "bad-delegate": {
    does: `away until friday to <@${ERIN}>`,
    says: "You can't stand in for yourself: name somebody else.",
  },
  frozen: {
    who: ADA,
    does: async (stage) => {
      await stage.says(ADA, "freeze for a leaked key");
      return stage.says(ADA, "freeze");
    },
    says: "Access is already frozen by <@U0ADA>: “a leaked key”, since <!date^1793534400^{date_short_pretty} at {time}|2026-11-01 12:00 UTC>.",
  },
  "not-frozen": {
    who: ADA,
    does: "unfreeze",
    says: "Access isn't frozen: there's nothing to lift.",
  },
  "not-away": {
    does: "back",
    says: "You aren't away: there's nothing to end.",
  },
  "already-claimed": {
    who: LEA,
    does: async (stage) => {
      const id = await asked(stage);
      await stage.click(OMAR, "claim", id);
      return stage.click(LEA, "claim", id);
    },
    says: "<@U0OMAR> is on JIT-2VWX6Y until <!date^1793535000^{date_short_pretty} at {time}|2026-11-01 12:10 UTC>. You can still decide.",
  },
  "too-many-questions": {
    who: LEA,
    does: async (stage) => {
      const id = await asked(stage);
      const { nonce } = stage.request(id);
      for (const text of ["a", "b", "c", "d", "e"]) {
        await stage.inbound.ask(stage.sender(OMAR), { id, nonce, text });
      }
      return stage.click(LEA, "ask", id);
    },
    says: "JIT-2VWX6Y already has 5 questions. Talk to <@U0ERIN> directly, or decide.",
  },
  "bad-ports": {
    does: "request web-2 99999 1h",
    says: "`99999` isn't a valid port (1–65535).",
  },
  "bad-duration": {
    does: "request web-2 22 10s",
    says: "`10s` is too short: the minimum is `1m`.",
  },
  "bad-source": {
    does: "request web-2 22 1h from 300.1.1.1",
    says: "`300.1.1.1` isn't an IPv4 address or network: write for example `203.0.113.7` or `203.0.113.0/24`.",
  },
  "bad-reason": {
    does: `request web-2 22 1h for ${"x".repeat(1_001)}`,
    says: "That text has 1,001 characters: shorten it to 1,000.",
  },
  "bad-id": {
    does: "status yesterday",
    says: "`yesterday` isn't a request ID: write for example `/jit status JIT-4K7QWD`.",
  },
  ambiguous: {
    does: "explain web-1,web-2 22 1h",
    says: "`web-1,web-2` looks like several VMs: name one at a time.",
  },
  "no-such-vm": {
    does: "request web-3 22 1h",
    says: "I can't find a VM named `web-3` that you can request: did you mean `web-1` or `web-2`?",
  },
  "too-many-vms": {
    does: `request ${Array.from({ length: 21 }, (_, n) => `w${n}`).join(",")} 22 1h`,
    says: "`vm:w0,w1,w2,w3,w4,w5,w6,w7,w8,w9,w10,w11,w12,w13,w14,w15,w1…` names 21 VMs, and a request can have 20: name fewer, or narrow it with `tag:env=prod`.",
  },
  "several-vms": {
    does: "request web-1 22 1h",
    says: "2 VMs are named `web-1`: write `rg-web/web-1` or `rg-old/web-1`.",
  },
  "not-configured": {
    does: (stage) => {
      stage.vmPolicies.set([]);
      stage.photograph();
      return stage.says(ERIN, "request web-2 22 1h");
    },
    says: "*web-2* has no JIT policy (Not configured): an admin has to enable JIT on it first.",
  },
  "port-not-in-policy": {
    does: "request web-2 5985 1h",
    says: "The JIT policy of *web-2* doesn't cover port 5985: request `22`, `443` or `3389`.",
  },
  "too-long": {
    does: "request web-2 22 9h",
    says: "*web-2* allows at most 3h on 22: request 3h or less.",
  },
  "source-not-allowed": {
    does: "request web-2 22 1h from 198.51.100.7",
    says: "The rule `production` doesn't allow `198.51.100.7`: write `from vpn`.",
  },
  "two-policies": {
    does: (stage) => {
      const both = vmPolicyOf(db);
      const part = (name: string, number: number) => ({
        ...{ ...both, policyId: `${both.policyId}-${name}` },
        ports: both.ports.filter((port) => port.number === number),
      });
      stage.vmPolicies.set([part("one", 22), part("two", 443)]);
      stage.photograph();
      return stage.says(ERIN, "request db-1 22,443 1h");
    },
    says: "The ports 22, 443 of *db-1* are in different JIT policies: request them one by one.",
  },
  "no-rule": {
    policy: { rules: [{ ...ports([22]), name: "ssh" }] },
    does: "request web-2 443 1h",
    says: "No rule lets anybody request *web-2* on port 443: an admin can add one to the policy file.",
  },
  "outside-hours": {
    policy: {
      rules: [
        {
          ...ports([22]),
          match: { ports: [22], hours: [{ days: [6], from: 480, to: 1080, zone: "UTC" }] },
        },
      ],
    },
    does: "request web-2 22 1h",
    says: "Rule `production` allows port 22 on *web-2* only in its hours (`sat 08:00-18:00 UTC`), next from <!date^1794038400^{date_short_pretty} at {time}|2026-11-07 08:00 UTC>: request it then.",
  },
  "several-rules": {
    policy: {
      rules: [
        { ...ports([22]), name: "ssh" },
        { ...ports([443]), name: "web" },
      ],
    },
    does: "request web-2 22,443 1h",
    says: "These ports fall under different rules (port 22 under `ssh` and port 443 under `web`): request them one by one.",
  },
  "not-a-requester": {
    who: SAM,
    does: "breakglass web-2 22 1h for the outage",
    says: "You can't use break-glass under rule `production` (port 22 on *web-2*): use `/jit request web-2`. Who can use break-glass: <@U0ERIN>.",
  },
  "reason-required": {
    does: "breakglass web-2 22 1h",
    says: "Break-glass needs a reason. Add it at the end: `/jit breakglass web-2 22 1h for …`",
  },
  "too-many-pending": {
    policy: { limits: { openPerPerson: 10, pendingPerPerson: 1, asksPerMinute: 1_000 } },
    does: async (stage) => {
      await asked(stage);
      return stage.says(ERIN, "request web-2 22 1h");
    },
    says: "You have 1 request pending, and the limit is 1: cancel one or wait for a decision.",
  },
  "too-many-asks": {
    policy: { limits: { openPerPerson: 10, pendingPerPerson: 10, asksPerMinute: 2 } },
    does: async (stage) => {
      await asked(stage);
      stage.advance(20_000);
      await asked(stage);
      stage.advance(17_500);
      return stage.says(ERIN, "request web-2 22 1h");
    },
    says: "You made 2 requests in the last minute, which is the limit: try again in 23 seconds.",
  },
  "too-fast": {
    paces: { ...UNHURRIED, usual: { atOnce: 2, everyMs: 2_500 } },
    does: async (stage) => {
      for (let n = 0; n < 2; n++) await stage.says(ERIN, "list");
      return stage.says(ERIN, "list");
    },
    says: "That's too many at once: try again in 3 seconds. I still answer `/jit breakglass` and `/jit end`.",
  },
  "too-many-open": {
    policy: { limits: { openPerPerson: 1, pendingPerPerson: 10, asksPerMinute: 1_000 } },
    does: async (stage) => {
      await asked(stage, "breakglass web-2 22 1h for the outage");
      return stage.says(ERIN, "breakglass db-1 22 1h for the outage");
    },
    says: "You have access open on 1 request, and the limit is 1: end one first.",
  },
  "not-a-full-member": {
    who: GUEST,
    does: "list",
    says: "Guests can't use just-in-time access: ask a full member of this workspace.",
  },
  "other-workspace": {
    who: OTHER,
    does: "request web-2 22 1h",
    says: "People from other workspaces can't use just-in-time access: ask a full member of this workspace.",
  },
  "shared-channel": {
    does: (stage) => {
      stage.shared.add(GENERAL);
      return stage.says(ERIN, "request web-2 22 1h");
    },
    says: "This channel is shared with another organisation: use `/jit` in one that isn't, or in a direct message.",
  },
  "own-request": {
    does: async (stage) => stage.click(ERIN, "approve", await asked(stage)),
    says: "You requested JIT-2VWX6Y yourself, so somebody else has to approve it.",
  },
  "not-an-approver": {
    who: NOBODY,
    does: async (stage) => stage.click(NOBODY, "approve", await asked(stage)),
    says: "You're not an approver under rule `production`, so you can't approve JIT-2VWX6Y.",
  },
  "not-yours": {
    who: LEA,
    does: async (stage) => stage.click(LEA, "cancel", await asked(stage)),
    says: "Only the requester can cancel JIT-2VWX6Y.",
  },
  "already-approved": {
    who: LEA,
    does: async (stage) => stage.click(LEA, "approve", await brought(stage, "half")),
    says: "You've already approved JIT-2VWX6Y; it needs 1 more.",
  },
  "not-approved-by-you": {
    who: OMAR,
    does: async (stage) => stage.click(OMAR, "take-back", await brought(stage, "half")),
    says: "You haven't approved JIT-2VWX6Y, so there's no approval to withdraw.",
  },
  "no-such-request": {
    who: NOBODY,
    does: "status JIT-000000",
    says: "I can't find a request `JIT-000000` that you can see: check the ID.",
  },
  "wrong-state": {
    who: LEA,
    does: async (stage) => stage.click(LEA, "approve", await brought(stage, "denied")),
    says: "JIT-2VWX6Y is *Denied*, so you can't approve it.",
  },
  "stale-card": {
    who: LEA,
    does: async (stage) => {
      const id = await asked(stage);
      const { message } = clickOn(stage.request(id), "approve");
      const elsewhere = message && { ...message, ts: "1.000001" };
      return stage.click(LEA, "approve", id, { message: elsewhere });
    },
    says: "This isn't the current card of JIT-2VWX6Y: use the newest one in <#C0PROD>.",
  },
  "too-late": {
    who: LEA,
    does: async (stage) => {
      const id = await asked(stage);
      stage.advance(5 * HOUR);
      return stage.click(LEA, "approve", id);
    },
    says: "JIT-2VWX6Y expired <!date^1793548800^{date_short_pretty} at {time}|2026-11-01 16:00 UTC>: request access again.",
  },
  "cannot-check": {
    who: LEA,
    does: async (stage) => {
      const id = await asked(stage);
      stage.away.slack = true;
      return stage.click(LEA, "approve", id);
    },
    says: "Slack doesn't answer (`ETIMEDOUT`), so this couldn't be checked and wasn't done: try again in a moment.",
  },
  "switched-off": {
    policy: { endEarly: "off" },
    does: async (stage) => stage.click(ERIN, "end", await brought(stage, "open")),
    says: "Ending early is switched off in the policy file: JIT-2VWX6Y ends by itself, on time.",
  },
};

/**
 * Who is asked to show where they are is not refused, but sent to the page that sees it; what one has already is
 * shown, and only a form says so beside a field.
 */
const NOT_SAID = ["address-unproven", "already-requested"];

describe("a refusal", () => {
  it.each(Object.entries(WAYS))("%s", async (code, { policy, paces, who = ERIN, does, says }) => {
    const stage = startStage(stagePolicy(policy), { ...(paces && { paces }) });
    let moves = -1;
    let audit = 0;
    // What leads there isn't what is refused: the last thing that is done is.
    const watched: Stage = {
      ...stage,
      says: (user, text) => from(() => stage.says(user, text)),
      click: (user, button, id, change) => from(() => stage.click(user, button, id, change)),
    };
    const from = (act: () => Promise<Answer>): Promise<Answer> => {
      moves = stage.moves.length;
      audit = stage.store.recorded.length;
      return act();
    };
    const answer = await (typeof does === "string" ? watched.says(who, does) : does(watched));
    if (answer.answer !== "said") throw new Error(`not said, but ${answer.answer}`);
    expect(answer.refused).toBe(code);
    expect(privateText(answer.lines).text).toBe(says);
    expect(stage.moves).toHaveLength(moves);
    const noted = stage.store.recorded.slice(audit).map(({ note }) => note);
    expect(noted).toEqual([
      expect.objectContaining({
        ...{ what: "refused", by: who },
        detail: expect.objectContaining({ why: code, policy: stage.policy.now().hash }),
      }),
    ]);
  });

  it("is reached for every code that there is", () => {
    const text = readFileSync(new URL("../../src/domain/text/refusal.ts", import.meta.url), "utf8");
    const codes = [...text.matchAll(/^ {2}\| "([a-z-]+)"/gm)].map(([, code]) => code);
    const reached = new Set([...Object.keys(WAYS), ...NOT_SAID]);
    expect(codes.filter((code) => !reached.has(code ?? ""))).toEqual([]);
    expect(Object.keys(WAYS).filter((code) => !codes.includes(code))).toEqual([]);
  });
});
