// Whoever was taken out of a group neither changes anything by it nor sees what is others', ten seconds later.

import { describe, expect, it } from "vitest";
import type { People } from "../../src/domain/rules/policy.ts";
import { type RequestId, vmKey } from "../../src/domain/text/ids.ts";
import { vmId } from "../support/requests.ts";
import { asked, brought, production, read, type Stage, stagePolicy, startStage } from "./stage.ts";
import { GROUPS, PIA } from "./universe.ts";

const GROUP = GROUPS[2];
if (GROUP === undefined) throw new Error("there is no group");
const group: People = { users: [], groups: [GROUP] };
const nobody: People = { users: ["U0ADA" as typeof PIA], groups: [] };

const POLICIES = {
  admin: stagePolicy({ admins: group }),
  auditor: stagePolicy({ auditors: group, admins: nobody }),
  approver: stagePolicy({
    rules: [
      { ...production, approvals: 1, approvers: { ...production.approvers, groups: [GROUP] } },
    ],
  }),
};
type Role = keyof typeof POLICIES;

type Case = {
  readonly roles: readonly Role[];
  readonly does: (stage: Stage, id: RequestId) => Promise<string>;
  /** What somebody reads who may. */
  readonly may: RegExp;
  readonly mayNot: RegExp;
  /** What they read while Slack doesn't tell. */
  readonly withoutSlack?: RegExp;
};

const NO_REQUEST = /I can't find a request/;
const UNCHECKED = /Slack(",")? (?:isn't answering|doesn't answer)/;
const ONLY_ADMINS = /^Only admins can/;
const says =
  (text: string): Case["does"] =>
  async (stage, id) => {
    const answer = await stage.says(PIA, text.replace("%", id));
    return answer.answer === "screen" ? JSON.stringify(answer.screen) : read(answer);
  };

/** The access that nobody approved beforehand. */
const glass = ({ store }: Stage): string =>
  store.all().find(({ ask }) => ask.breakGlass === true)?.id ?? "there is none";

const OPENING = { jitPolicyId: "/p", vm: vmKey(vmId("vault-1")), ports: [22], startedAtMs: 1 };

const EVERYBODY: readonly Role[] = ["admin", "auditor", "approver"];

const CASES: Readonly<Record<string, Case>> = {
  status: { roles: EVERYBODY, does: says("status %"), may: /JIT-/, mayNot: NO_REQUEST },
  "list pending": {
    roles: EVERYBODY,
    does: says("list pending"),
    may: /JIT-/,
    mayNot: /Nothing is waiting/,
  },
  "list vm:": {
    roles: EVERYBODY,
    does: says("list vm:rg-web/web-1"),
    may: /JIT-/,
    mayNot: /You can't see any (?:current )?requests there/,
  },
  vms: {
    roles: ["admin", "auditor"],
    does: says("vms vault"),
    may: /vault-1/,
    mayNot: /No VM that you can request matches/,
  },
  explain: {
    roles: ["admin", "auditor"],
    does: says("explain vault-1 22"),
    may: /No rule lets anybody request/,
    mayNot: /can't find a VM named vault-1/,
    withoutSlack: /can't find a VM named vault-1/,
  },
  doctor: {
    roles: ["admin"],
    does: says("doctor"),
    may: /doctor isn't available here/,
    mayNot: ONLY_ADMINS,
  },
  enable: {
    roles: ["admin"],
    does: says("enable web-2 22"),
    may: /can't be changed from here/,
    mayNot: ONLY_ADMINS,
  },
  "apply a preview": {
    roles: ["admin"],
    does: async (stage) => read(await stage.inbound.applyChange(stage.sender(PIA), "ab12")),
    may: /can't be changed from here/,
    mayNot: ONLY_ADMINS,
  },
  "drop a preview": {
    roles: ["admin"],
    does: async (stage) => read(await stage.inbound.dropChange(stage.sender(PIA), "ab12")),
    may: /can't be changed from here/,
    mayNot: ONLY_ADMINS,
  },
  "close what others opened": {
    roles: ["admin"],
    does: async (stage) =>
      read(await stage.inbound.dealWith(stage.sender(PIA), { act: "close", ref: OPENING })),
    may: /no longer shows it open/,
    mayNot: ONLY_ADMINS,
  },
  "adopt what others opened": {
    roles: ["admin"],
    does: async (stage) =>
      read(await stage.inbound.dealWith(stage.sender(PIA), { act: "adopt", ref: OPENING })),
    may: /no longer shows it open/,
    mayNot: ONLY_ADMINS,
  },
  "restore a JIT policy": {
    roles: ["admin"],
    does: async (stage) => read(await stage.inbound.restore(stage.sender(PIA), OPENING.vm)),
    may: /can't be changed from here/,
    mayNot: ONLY_ADMINS,
  },
  "a page of a list": {
    roles: EVERYBODY,
    does: async (stage) =>
      JSON.stringify(await stage.inbound.page(stage.sender(PIA), { asked: "pending", page: 1 })),
    may: /JIT-/,
    mayNot: /Nothing is waiting/,
  },
  end: {
    roles: ["admin", "approver"],
    does: async (stage) => read(await stage.says(PIA, `end ${glass(stage)}`)),
    may: /is now Ending/,
    mayNot: /I can't find a request|Only the requester/,
  },
  review: {
    roles: ["admin", "approver"],
    does: async (stage) => read(await stage.says(PIA, `review ${glass(stage)} ok`)),
    may: /is recorded/,
    mayNot: /I can't find a request|Only an approver/,
  },
  approve: {
    roles: ["approver"],
    does: async (stage, id) => {
      const answer = await stage.click(PIA, "approve", id);
      return answer.answer === "nothing" ? stage.request(id).state : read(answer);
    },
    may: /opening/,
    mayNot: /not an approver/,
  },
};

const TABLE = Object.entries(CASES).flatMap(([name, one]) =>
  one.roles.map((role) => ({ name, role, ...one })),
);

describe.each(TABLE)(
  "$name, as $role by a group",
  ({ role, does, may, mayNot, withoutSlack = UNCHECKED }) => {
    const started = async () => {
      const stage = startStage(POLICIES[role], {
        groups: new Map([[GROUP, [PIA]]]),
      });
      await brought(stage, "glass");
      return { stage, id: await asked(stage) };
    };

    it("is there for its members", async () => {
      const { stage, id } = await started();
      expect(await does(stage, id)).toMatch(may);
    });

    it("is not there ten seconds after somebody was taken out", async () => {
      const { stage, id } = await started();
      // It was read when they were in it.
      await stage.says(PIA, "list pending");
      stage.groups.get(GROUP)?.set([]);
      stage.advance(10_000);
      expect(await does(stage, id)).toMatch(mayNot);
    });

    it("is not there while Slack doesn't say who is in it", async () => {
      const { stage, id } = await started();
      stage.away.groups = true;
      expect(await does(stage, id)).toMatch(withoutSlack);
    });
  },
);
