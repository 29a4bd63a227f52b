// Deciding for somebody who is away: only while they are, where the rule allows it, and never in a circle.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestId, UserId } from "../../src/domain/text/ids.ts";
import { MINUTE } from "../support/requests.ts";
import {
  asked,
  clickOn,
  codeOf,
  production,
  read,
  type Stage,
  stagePolicy,
  startStage,
} from "./stage.ts";
import { ADA, ERIN, GUEST, LEA, NOBODY, OMAR, PIA, SAM } from "./universe.ts";

const named = (users: readonly UserId[]) => ({ users, groups: [] });

/** LEA and PIA approve, one suffices; where they are away, whom they name may. */
const rule = {
  ...production,
  approvers: named([LEA, PIA]),
  approvals: 1,
  delegation: true as const,
};
const start = (change: Partial<typeof production> = {}) =>
  startStage(stagePolicy({ rules: [{ ...rule, ...change }] }));

const away = (stage: Stage, who: UserId, to?: UserId, until = "tomorrow") =>
  stage.says(who, `away until ${until}${to === undefined ? "" : ` to <@${to}>`}`);

const approve = async (stage: Stage, who: UserId, id: RequestId) =>
  codeOf(await stage.inbound.click(stage.sender(who), clickOn(stage.request(id), "approve")));

describe("who stands in", () => {
  it("decides as if they were named, for what waits already, too; and it is on record", async () => {
    const stage = start();
    const id = await asked(stage);
    expect(await approve(stage, SAM, id)).toBe("not-an-approver");
    expect(codeOf(await away(stage, LEA, SAM))).toBeUndefined();
    expect(stage.request(id)).toMatchObject({
      absent: [{ user: LEA, to: SAM }],
      cards: [{}, { to: SAM }],
    });
    expect(await approve(stage, SAM, id)).toBeUndefined();
    expect(stage.request(id)).toMatchObject({
      state: "opening",
      approvals: [{ by: SAM, for: LEA }],
    });
    const notes = stage.store.recorded.map(({ note }) => note);
    expect(notes.find(({ what }) => what === "away")).toMatchObject({
      by: LEA,
      detail: { to: SAM, untilMs: expect.any(Number) },
    });
    expect(notes.find(({ what }) => what === "granted")).toMatchObject({
      by: SAM,
      detail: { for: LEA },
    });
  });

  it("is asked about what comes later", async () => {
    const stage = start();
    await away(stage, LEA, SAM);
    const id = await asked(stage);
    expect(stage.request(id).cards.map(({ to }) => to)).toEqual([production.channel, SAM]);
  });

  it("does so no longer once it is over, or they are back", async () => {
    for (const end of ["over", "back", "away off", "another"] as const) {
      const stage = start();
      const id = await asked(stage);
      await away(stage, LEA, SAM, "13:00");
      if (end === "over") stage.advance(61 * MINUTE);
      else if (end === "another") await away(stage, LEA, NOBODY);
      else await stage.says(LEA, end);
      expect(await approve(stage, SAM, id), end).toBe("not-an-approver");
    }
  });

  it("does so only under a rule that says so, read at the click", async () => {
    const stage = start();
    const id = await asked(stage);
    await away(stage, LEA, SAM);
    const { delegation: _, ...without } = rule;
    stage.policy.set(stagePolicy({ rules: [without], hash: "c".repeat(64) }));
    expect(await approve(stage, SAM, id)).toBe("not-an-approver");
  });

  it("does so only for somebody who is an approver and a full member still", async () => {
    const stage = start();
    const id = await asked(stage);
    await away(stage, NOBODY, SAM);
    expect(await approve(stage, SAM, id)).toBe("not-an-approver");
    await away(stage, LEA, SAM);
    stage.people.get(LEA)?.set("deactivated");
    stage.advance(10 * MINUTE);
    expect(await approve(stage, SAM, id)).toBe("not-an-approver");
  });

  it("passes every check of their own: never their own request, nor the one they stand in for", async () => {
    const stage = start();
    const own = await asked(stage, "request rg-web/web-1 22 1h for why", SAM);
    await away(stage, LEA, SAM);
    expect(await approve(stage, SAM, own)).toBe("own-request");
    const lea = await asked(stage, "request web-2 22 1h for why", LEA);
    expect(await approve(stage, SAM, lea)).toBe("not-an-approver");
    const id = await asked(stage, "request db-1 22 1h for why", ERIN);
    stage.people.get(SAM)?.set("guest");
    stage.advance(10 * MINUTE);
    expect(await approve(stage, SAM, id)).toBe("not-a-full-member");
  });

  it("passes it on to nobody", async () => {
    const stage = start();
    const id = await asked(stage);
    await away(stage, LEA, SAM);
    await away(stage, SAM, NOBODY);
    expect(await approve(stage, NOBODY, id)).toBe("not-an-approver");
    expect(await approve(stage, SAM, id)).toBeUndefined();
  });

  it("is one of the approvals that are needed together with whom they stand in for", async () => {
    const stage = start({ approvals: 2 });
    const id = await asked(stage);
    await away(stage, LEA, SAM);
    expect(await approve(stage, SAM, id)).toBeUndefined();
    expect(await approve(stage, LEA, id)).toBe("already-approved");
    expect(stage.request(id).state).toBe("pending");
    expect(await approve(stage, PIA, id)).toBeUndefined();
    expect(stage.request(id).state).toBe("opening");
    const other = await asked(stage, "request web-2 22 1h for why");
    expect(await approve(stage, LEA, other)).toBeUndefined();
    expect(await approve(stage, SAM, other)).toBe("already-approved");
  });

  it("has approved nothing any more once that is over, like somebody who is named no longer", async () => {
    const stage = start({ approvals: 2 });
    const id = await asked(stage);
    await away(stage, LEA, SAM);
    await approve(stage, SAM, id);
    await stage.says(LEA, "back");
    expect(await approve(stage, PIA, id)).toBeUndefined();
    expect(stage.request(id)).toMatchObject({ state: "pending", approvals: [{ by: PIA }] });
  });

  it("sees what they may decide, and nothing after that", async () => {
    const stage = start();
    const id = await asked(stage);
    expect(codeOf(await stage.says(SAM, `status ${id}`))).toBe("no-such-request");
    await away(stage, LEA, SAM);
    expect((await stage.says(SAM, `status ${id}`)).answer).toBe("screen");
    await stage.says(LEA, "back");
    expect(codeOf(await stage.says(SAM, `status ${id}`))).toBe("no-such-request");
  });
});

describe("being away", () => {
  it.each<[string, UserId]>([
    ["oneself", LEA],
    ["a guest", GUEST],
  ])("is not with %s in one's place", async (_, to) => {
    const stage = start();
    expect(codeOf(await away(stage, LEA, to))).toBe("bad-delegate");
  });

  it("is not for guests to say, nor in the past, nor for half a year", async () => {
    const stage = start();
    expect(codeOf(await away(stage, GUEST))).toBe("not-a-full-member");
    expect(codeOf(await away(stage, LEA, undefined, "2026-10-01"))).toBe("bad-time");
    expect(codeOf(await away(stage, LEA, undefined, "2027-06-01"))).toBe("bad-time");
    expect(codeOf(await stage.says(LEA, "back"))).toBe("not-away");
  });

  it("is said to the requester where nobody is left", async () => {
    const stage = start();
    await away(stage, LEA);
    expect(read(await stage.says(ERIN, "request rg-web/web-1 22 1h for why"))).not.toContain(
      "away",
    );
    await away(stage, PIA);
    const answer = read(await stage.says(ERIN, "request web-2 22 1h for why"));
    expect(answer).toContain("Everybody who approves under rule production is away now");
    await away(stage, PIA, SAM);
    const asked = read(await stage.says(ERIN, "request db-1 22 1h for why"));
    expect(asked).not.toContain("is away now");
  });
});

type Step =
  | { does: "away"; who: UserId; to: UserId | undefined; minutes: number }
  | { does: "back"; who: UserId }
  | { does: "wait"; minutes: number }
  | { does: "ask"; who: UserId }
  | { does: "approve"; who: UserId };

describe("any sequence of absences and clicks", () => {
  const EVERYBODY = [ERIN, LEA, PIA, SAM, OMAR, NOBODY, ADA];
  const anybody = fc.constantFrom(...EVERYBODY);
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      does: fc.constant("away" as const),
      who: fc.oneof(fc.constantFrom(LEA, PIA), anybody),
      to: fc.oneof(fc.constantFrom(SAM, OMAR), fc.option(anybody, { nil: undefined })),
      minutes: fc.integer({ min: 1, max: 90 }),
    }),
    fc.record({ does: fc.constant("back" as const), who: anybody }),
    fc.record({ does: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ does: fc.constant("ask" as const), who: fc.constantFrom(ERIN, LEA, SAM) }),
    fc.record({
      does: fc.constant("approve" as const),
      who: fc.oneof(fc.constantFrom(SAM, OMAR), anybody),
    }),
  );

  it("lets nobody decide by a delegation that isn't in force in that moment", async () => {
    let byDelegation = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const stage = start({ expireAfterMs: 7 * 24 * 60 * MINUTE });
        // The plain reference: who is away until when, and whom they named.
        const absences = new Map<UserId, { untilMs: number; to: UserId | undefined }>();
        let requester = ERIN;
        let id = await asked(stage);
        for (const one of steps) {
          switch (one.does) {
            case "away": {
              const untilMs = Math.floor(stage.nowMs() / MINUTE + one.minutes) * MINUTE;
              const at = new Date(untilMs).toISOString();
              const until = `${at.slice(0, 10)} ${at.slice(11, 16)}`;
              const answer = await away(stage, one.who, one.to, until);
              const isOwn = one.to === one.who;
              expect(codeOf(answer)).toBe(isOwn ? "bad-delegate" : undefined);
              if (!isOwn) absences.set(one.who, { untilMs, to: one.to });
              break;
            }
            case "back":
              await stage.says(one.who, "back");
              absences.delete(one.who);
              break;
            case "wait":
              stage.advance(one.minutes * MINUTE);
              break;
            case "ask":
              if (stage.request(id).state === "pending") await stage.click(requester, "cancel", id);
              requester = one.who;
              id = await asked(stage, "request rg-web/web-1 22 1h for why", requester);
              break;
            case "approve": {
              if (stage.request(id).state !== "pending") break;
              const nowMs = stage.nowMs();
              const approvers = [LEA, PIA].filter((user) => user !== requester);
              const inForce = approvers.some((user) => {
                const said = absences.get(user);
                return said?.to === one.who && nowMs < said.untilMs;
              });
              const isNamed = [LEA, PIA].includes(one.who);
              const may = one.who !== requester && (isNamed || inForce);
              expect(await approve(stage, one.who, id)).toBe(
                may ? undefined : one.who === requester ? "own-request" : "not-an-approver",
              );
              if (may && !isNamed) byDelegation += 1;
            }
          }
        }
      }),
      { numRuns: 100 },
    );
    // It proves nothing where nobody ever could.
    expect(byDelegation).toBeGreaterThan(3);
  });
});
