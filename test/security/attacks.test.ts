// Ways in that somebody might try, one by one: forged buttons, old cards, forms of others, changes at the wrong moment.

import { describe, expect, it } from "vitest";
import { buildApp } from "../../src/app.ts";
import { cardPosting } from "../../src/domain/request/effects.ts";
import { grantOf } from "../../src/domain/request/request.ts";
import { channelId, type RequestId, type UserId } from "../../src/domain/text/ids.ts";
import { Fault } from "../../src/ports/fault.ts";
import type { Inbound } from "../../src/ports/inbound.ts";
import { HOUR, MINUTE } from "../support/requests.ts";
import {
  asked,
  brought,
  clickOn,
  codeOf,
  production,
  read,
  type Stage,
  stagePolicy,
  startStage,
} from "./stage.ts";
import { ADA, ERIN, GROUPS, LEA, NOBODY, OMAR, PIA, SAM } from "./universe.ts";
import { GENERAL } from "./world.ts";

const [ONE] = GROUPS;
if (ONE === undefined) throw new Error("there are no groups");

const changed = (rule: Partial<typeof production>) =>
  stagePolicy({ rules: [{ ...production, ...rule }], hash: "b".repeat(64) });

const formOf = (stage: Stage, id: RequestId) => ({ id, nonce: stage.request(id).nonce });

/** Another replica of the bot on the same store. */
const replica = ({ deps, rotas, policy }: Stage): Inbound =>
  buildApp({ ...deps, rotas }, { policy: policy.now }).inbound;

const approvers = (stage: Stage, id: RequestId): readonly UserId[] =>
  stage.request(id).approvals.map(({ by }) => by);

describe("a button", () => {
  it("of another request decides nothing about this one", async () => {
    const stage = startStage();
    const [mine, other] = [
      await asked(stage),
      await asked(stage, "request web-2 22 1h for y", SAM),
    ];
    const { nonce } = stage.request(other);
    const answer = await stage.click(LEA, "approve", mine, { nonce });
    expect(codeOf(answer)).toBe("no-such-request");
    expect(approvers(stage, mine)).toEqual([]);
  });

  it("of an access decides nothing about its extension", async () => {
    const stage = startStage();
    const first = await brought(stage, "open");
    const second = await asked(stage, `extend ${first} 30m`);
    const { nonce } = stage.request(first);
    expect(codeOf(await stage.click(LEA, "approve", second, { nonce }))).toBe("no-such-request");
  });

  it("in a copy of the card elsewhere is refused", async () => {
    const stage = startStage();
    const id = await asked(stage);
    const { message } = clickOn(stage.request(id), "approve");
    const moved = message && { ...message, channel: channelId("C0MINE") };
    expect(codeOf(await stage.click(LEA, "approve", id, { message: moved }))).toBe("stale-card");
  });

  it("in a card whose place isn't known yet is taken there, and nowhere else", async () => {
    const stage = startStage();
    await stage.says(ERIN, "request web-2 22 1h for x");
    const [request] = stage.store.all();
    if (request === undefined) throw new Error("nothing was asked");
    const posting = cardPosting(request, production.channel ?? channelId(""), stage.nowMs());
    await stage.store.requests.commit(1, { next: posting, audit: [] });
    const at = (channel: string) => ({ message: { channel: channelId(channel), ts: "1700.1" } });
    const elsewhere = await stage.click(LEA, "approve", request.id, at("C0DEV"));
    expect(codeOf(elsewhere)).toBe("stale-card");
    expect(codeOf(await stage.click(LEA, "approve", request.id, at("C0PROD")))).toBeUndefined();
    expect(approvers(stage, request.id)).toEqual([LEA]);
    expect(stage.request(request.id).cards[0]?.ts).toBe("1700.1");
  });

  it("clicked at two replicas at once by one delivery counts once", async () => {
    const stage = startStage(changed({ approvals: 1 }));
    const id = await asked(stage);
    const [sender, click] = [stage.sender(LEA), clickOn(stage.request(id), "approve")];
    await Promise.all([stage.inbound.click(sender, click), replica(stage).click(sender, click)]);
    const granted = stage.store.recorded.filter(({ note }) => note.what === "granted");
    expect(granted).toHaveLength(1);
    expect(stage.store.recorded.filter(({ note }) => note.what === "refused")).toEqual([]);
  });

  it("clicked by two approvers at two replicas at once decides once", async () => {
    const stage = startStage(changed({ approvals: 1 }));
    const id = await asked(stage);
    const click = clickOn(stage.request(id), "approve");
    const answers = await Promise.all([
      stage.inbound.click(stage.sender(LEA), click),
      replica(stage).click(stage.sender(OMAR), click),
    ]);
    expect(answers.map(codeOf).toSorted()).toEqual(["wrong-state", undefined]);
    expect(grantOf(stage.request(id))?.approvedBy).toHaveLength(1);
  });

  it("does not bring the bot down where Redis is away while its form is made", async () => {
    const stage = startStage();
    const id = await asked(stage);
    const fault = new Fault({ source: "redis", code: "DOWN", message: "gone", retryable: true });
    const requests = { ...stage.deps.requests, read: () => Promise.reject(fault) };
    const { inbound } = buildApp(
      { ...stage.deps, rotas: stage.rotas, requests },
      { policy: stage.policy.now },
    );
    const answer = await inbound.click(stage.sender(LEA), clickOn(stage.request(id), "change"));
    expect(read(answer)).toContain("Redis");
  });
});

describe("a form", () => {
  it("decides for whoever sends it, not for whoever opened it", async () => {
    const stage = startStage();
    const id = await asked(stage);
    expect((await stage.click(LEA, "change", id)).answer).toBe("change-form");
    const changes = { ...formOf(stage, id), duration: "30m", source: "vpn" };
    const byRequester = await stage.inbound.approveChanged(stage.sender(ERIN), changes);
    expect(codeOf(byRequester)).toBe("own-request");
    const byNobody = await stage.inbound.approveChanged(stage.sender(NOBODY), changes);
    expect(codeOf(byNobody)).toBe("not-an-approver");
    const denial = { ...formOf(stage, id), reason: "because" };
    expect(codeOf(await stage.inbound.deny(stage.sender(ERIN), denial))).toBe("own-request");
    expect(stage.request(id).state).toBe("pending");
  });

  it("of an approver who is removed while it is open is refused", async () => {
    const stage = startStage();
    const id = await asked(stage);
    expect((await stage.click(OMAR, "deny", id)).answer).toBe("deny-form");
    stage.groups.get(ONE)?.set([]);
    const denial = { ...formOf(stage, id), reason: "because" };
    expect(codeOf(await stage.inbound.deny(stage.sender(OMAR), denial))).toBe("not-an-approver");
  });

  it("with another nonce, or the id of another request, does nothing", async () => {
    const stage = startStage();
    const id = await asked(stage);
    const sender = () => stage.sender(LEA, { channel: undefined });
    const forged = { id, nonce: "Zm9yZ2Vk" };
    for (const answer of [
      await stage.inbound.deny(sender(), { ...forged, reason: "x" }),
      await stage.inbound.concern(sender(), { ...forged, text: "x" }),
      await stage.inbound.approveChanged(sender(), { ...forged, duration: "1h", source: "vpn" }),
      await stage.inbound.extend(sender(), { ...forged, duration: "1h", reason: "" }),
    ]) {
      expect(codeOf(answer)).toBe("no-such-request");
    }
    expect(stage.request(id).state).toBe("pending");
  });

  it.each([
    ["any", "2h"],
    ["0.0.0.0/0", "30m"],
    ["203.0.112.0/23", "30m"],
    ["198.51.100.7", "30m"],
    ["vpn", "61m"],
  ])("cannot widen an approval to %s for %s", async (source, duration) => {
    const stage = startStage(
      changed({ approvals: 1, networks: [{ kind: "any" }, ...production.networks] }),
    );
    const id = await asked(stage, "request web-2 22 1h from vpn for x");
    const changes = { ...formOf(stage, id), duration, source };
    const answer = await stage.inbound.approveChanged(stage.sender(LEA), changes);
    expect(codeOf(answer)).toMatch(/too-long|source-not-allowed/);
    expect(stage.request(id).state).toBe("pending");
  });
});

describe("oneself", () => {
  it("is not approved by being in the group that approves", async () => {
    const both = { users: [], groups: [ONE] };
    const stage = startStage(changed({ requesters: both, approvers: both, approvals: 1 }));
    stage.groups.get(ONE)?.set([ERIN, SAM]);
    stage.advance(5 * MINUTE);
    const id = await asked(stage);
    expect(codeOf(await stage.click(ERIN, "approve", id))).toBe("own-request");
    expect(codeOf(await stage.click(SAM, "approve", id))).toBeUndefined();
    expect(grantOf(stage.request(id))?.approvedBy).toEqual([SAM]);
  });

  it("put into the group of requesters a minute ago may ask", async () => {
    const group = { users: [], groups: [ONE] };
    const stage = startStage(changed({ requesters: group }));
    stage.groups.get(ONE)?.set([]);
    stage.advance(5 * MINUTE);
    expect(codeOf(await stage.says(ERIN, "request web-2 22 1h for x"))).toBe("not-a-requester");
    stage.groups.get(ONE)?.set([ERIN]);
    stage.advance(MINUTE);
    expect(codeOf(await stage.says(ERIN, "request web-2 22 1h for x"))).toBeUndefined();
  });

  it("is not reviewed by a second group, nor as an admin, nor by command", async () => {
    const all = { users: [ERIN, LEA], groups: [ONE] };
    const stage = startStage({ ...changed({ approvers: all }), admins: all });
    stage.groups.get(ONE)?.set([ERIN]);
    const id = await brought(stage, "glass");
    expect(codeOf(await stage.click(ERIN, "review-ok", id))).toBe("own-request");
    expect(codeOf(await stage.says(ERIN, `review ${id} ok`))).toBe("own-request");
    expect(stage.request(id).review?.closed).toBeUndefined();
  });

  it("does not extend a broken glass without anybody's approval", async () => {
    const stage = startStage(changed({ extend: { max: 1, approvals: 0 }, approvals: 2 }));
    const first = await brought(stage, "glass");
    const second = await asked(stage, `extend ${first} 30m`);
    expect(stage.request(second)).toMatchObject({ state: "pending", promised: { approvals: 2 } });
  });
});

describe("a policy file that changes between ask and click", () => {
  it("decides by a rule of the same name as it is now", async () => {
    const stage = startStage(changed({ approvals: 1 }));
    const id = await asked(stage);
    stage.policy.set(changed({ approvals: 1, approvers: { users: [SAM], groups: [] } }));
    expect(codeOf(await stage.click(LEA, "approve", id))).toBe("not-an-approver");
    expect(codeOf(await stage.click(SAM, "approve", id))).toBeUndefined();
  });

  it("grants nothing under a rule that was renamed, or swapped with another", async () => {
    const stage = startStage(changed({ approvals: 1 }));
    const id = await asked(stage);
    stage.policy.set(changed({ approvals: 1, name: "renamed" }));
    expect(codeOf(await stage.click(LEA, "approve", id))).toBe("no-rule");
    const lax = {
      ...production,
      name: "lax",
      approvals: 1,
      approvers: { users: [NOBODY], groups: [] },
    };
    stage.policy.set(stagePolicy({ rules: [lax, { ...production, approvals: 1 }] }));
    expect(codeOf(await stage.click(NOBODY, "approve", id))).toBe("not-an-approver");
    expect(codeOf(await stage.click(LEA, "approve", id))).toBe("no-rule");
  });

  it("never needs fewer approvals than were promised", async () => {
    const stage = startStage();
    const id = await asked(stage);
    stage.policy.set(changed({ approvals: 0 }));
    await stage.click(LEA, "approve", id);
    expect(stage.request(id).state).toBe("pending");
    stage.policy.set(changed({ approvals: 3 }));
    await stage.click(OMAR, "approve", id);
    expect(stage.request(id)).toMatchObject({ state: "pending", promised: { approvals: 3 } });
  });

  it("voids the approval of somebody who is no approver any more", async () => {
    const stage = startStage();
    const id = await brought(stage, "half");
    stage.policy.set(changed({ approvers: { users: [OMAR, SAM], groups: [] } }));
    await stage.click(OMAR, "approve", id);
    expect(approvers(stage, id)).toEqual([OMAR]);
    expect(stage.request(id).state).toBe("pending");
  });

  it("is not overtaken by a Retry under the rule of before", async () => {
    const stage = startStage();
    const id = await brought(stage, "failed");
    stage.policy.set(changed({ networks: [{ kind: "cidr", cidr: "198.51.100.0/24" }] }));
    expect(codeOf(await stage.click(ERIN, "retry", id))).toBe("source-not-allowed");
    stage.policy.set(stagePolicy({ rules: [{ ...production, name: "stricter" }, production] }));
    expect(codeOf(await stage.click(ERIN, "retry", id))).toBe("no-rule");
  });
});

describe("what an approver cut down", () => {
  const cut = (stage: Stage, user: UserId, id: RequestId, duration: string) =>
    stage.inbound.approveChanged(stage.sender(user), {
      ...formOf(stage, id),
      duration,
      source: "vpn",
    });
  const lengthOf = (stage: Stage, id: RequestId): number => {
    const grant = grantOf(stage.request(id));
    return grant === undefined ? Number.NaN : grant.endsAtMs - grant.startsAtMs;
  };

  it("goes with the approval, where nobody else approved it so", async () => {
    const stage = startStage();
    const id = await asked(stage);
    await cut(stage, LEA, id, "10m");
    await stage.click(LEA, "take-back", id);
    expect(stage.request(id).narrowed).toBeUndefined();
  });

  it("stays for those who approved it so, and is never longer than one of them approved", async () => {
    const stage = startStage(changed({ approvals: 2, escalate: undefined }));
    const id = await asked(stage);
    await cut(stage, LEA, id, "20m");
    await cut(stage, OMAR, id, "10m");
    // The second approval already granted it.
    expect(lengthOf(stage, id)).toBe(10 * MINUTE);

    const three = startStage(changed({ approvals: 3 }));
    const other = await asked(three);
    three.advance(31 * MINUTE);
    await three.settle();
    await cut(three, LEA, other, "20m");
    await cut(three, OMAR, other, "10m");
    await three.click(OMAR, "take-back", other);
    expect(three.request(other).narrowed).toMatchObject({ by: LEA, durationMs: 20 * MINUTE });
    await three.click(PIA, "approve", other);
    await three.click(OMAR, "approve", other);
    expect(lengthOf(three, other)).toBe(20 * MINUTE);
  });

  it("is nothing where the form was sent as it was opened", async () => {
    const stage = startStage();
    const id = await asked(stage);
    await cut(stage, LEA, id, "1h");
    expect(stage.request(id)).toMatchObject({ approvals: [{ by: LEA }] });
    expect(stage.request(id).narrowed).toBeUndefined();
  });
});

describe("extending", () => {
  it("twice at once, at two replicas, leads to one extension", async () => {
    const stage = startStage(changed({ extend: { max: 1, approvals: 0 } }));
    const id = await brought(stage, "open");
    const form = { ...formOf(stage, id), duration: "30m", reason: "" };
    const send = (inbound: Inbound) =>
      inbound.extend(stage.sender(ERIN, { channel: undefined }), form);
    const answers = await Promise.all([send(stage.inbound), send(replica(stage))]);
    expect(answers.filter((answer) => codeOf(answer) === undefined)).toHaveLength(1);
    expect(stage.store.all()).toHaveLength(2);
  });

  it("goes on no more often than the rule allows, and never beyond its longest", async () => {
    const stage = startStage(
      changed({ extend: { max: 1, approvals: 0 }, maxDurationMs: 2 * HOUR }),
    );
    const first = await brought(stage, "open");
    expect(codeOf(await stage.says(ERIN, `extend ${first} 2h`))).toBe("too-long");
    const second = await asked(stage, `extend ${first} 30m`);
    await stage.settle();
    expect(stage.request(first)).toMatchObject({ state: "ended", how: "extended" });
    expect(codeOf(await stage.says(ERIN, `extend ${second} 5m`))).toBe("switched-off");
    expect(codeOf(await stage.says(ERIN, `extend ${first} 5m`))).toBe("wrong-state");
  });

  it("waits for a failed extension that can still be retried", async () => {
    const stage = startStage(changed({ extend: { max: 1, approvals: 0 } }));
    const first = await brought(stage, "open");
    const second = await stage.says(ERIN, `extend ${first} 30m`);
    await stage.settle("refuses");
    expect(read(second)).toContain("Requested");
    expect(read(await stage.says(ERIN, `extend ${first} 30m`))).toContain("retry that one");
  });
});

describe("whoever is not there to be told", () => {
  const COMMANDS = ["status", "cancel", "end", "review $ ok", "review $ concern x", "extend $ 1h"];

  it.each(COMMANDS)("learns nothing by /jit %s, whatever the state", async (command) => {
    for (const state of ["pending", "open", "failed", "glass"] as const) {
      const stage = startStage(stagePolicy({ endEarly: "off" }));
      const id = await brought(stage, state);
      const text = command.includes("$") ? command : `${command} $`;
      const real = await stage.says(NOBODY, text.replace("$", id));
      const none = await stage.says(NOBODY, text.replace("$", "JIT-ZZZZZZ"));
      expect(read(real)).toBe(read(none).replaceAll("JIT-ZZZZZZ", id));
      stage.away.groups = true;
      const group = { users: [ADA], groups: [ONE] };
      stage.policy.set({ ...stagePolicy(), admins: group });
      const unsure = await stage.says(NOBODY, text.replace("$", id));
      const unsureNone = await stage.says(NOBODY, text.replace("$", "JIT-ZZZZZZ"));
      expect(read(unsure)).toBe(read(unsureNone).replaceAll("JIT-ZZZZZZ", id));
    }
  });

  it("is refused every command in a channel that outsiders can read", async () => {
    const stage = startStage();
    const id = await brought(stage, "open");
    stage.shared.add(GENERAL);
    const commands = [
      ...["request web-2 22 1h for x", "breakglass web-2 22 1h for x", `status ${id}`, "list"],
      ...["list open", `cancel ${id}`, `end ${id}`, `extend ${id} 5m`, `review ${id} ok`],
      "explain web-2 22 1h",
    ];
    for (const text of commands) {
      expect(codeOf(await stage.says(ERIN, text)), text).toBe("shared-channel");
    }
    expect(stage.request(id).state).toBe("open");
  });
});
