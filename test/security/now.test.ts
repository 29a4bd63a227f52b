// Decisions rest on now: whatever changed at Azure or in the rules since the bot last looked, each act that
// opens something finds it.

import { describe, expect, it } from "vitest";
import type { Rule } from "../../src/domain/rules/policy.ts";
import type { RequestId } from "../../src/domain/text/ids.ts";
import type { Answer } from "../../src/ports/inbound.ts";
import { HOUR, MINUTE } from "../support/requests.ts";
import {
  asked,
  brought,
  codeOf,
  production,
  type Stage,
  stagePolicy,
  startStage,
} from "./stage.ts";
import { ERIN, GROUPS, LEA, OMAR, PIA, VMS } from "./universe.ts";

const tagged = (env: string) => ({ tags: { env: [env] } });

/** By tags: `prod` needs two approvals, `dev` none; `shop` is another one's, and nothing else is anybody's. */
const RULES: readonly Rule[] = [
  { ...production, match: tagged("prod") },
  { ...production, name: "development", match: tagged("dev"), approvals: 0 },
  { ...production, name: "shop", match: tagged("shop") },
];

const started = () => startStage(stagePolicy({ rules: RULES }));

/** At Azure, which the bot's snapshot does not show yet. */
const retag = (stage: Stage, env: string | undefined): void =>
  stage.vms.set(
    VMS.map((vm) => (vm.name.startsWith("web-") ? { ...vm, tags: env ? { env } : {} } : vm)),
  );

type Act = {
  /** What it is about, already there. */
  readonly brings?: (stage: Stage) => Promise<RequestId>;
  readonly does: (stage: Stage, id: RequestId | undefined) => Promise<Answer>;
};

const on = (id: RequestId | undefined): RequestId => {
  if (id === undefined) throw new Error("nothing was brought about");
  return id;
};

const ACTS: Readonly<Record<string, Act>> = {
  "a deciding click": {
    brings: (stage) => brought(stage, "half"),
    does: (stage, id) => stage.click(OMAR, "approve", on(id)),
  },
  "an approval with changes": {
    brings: (stage) => brought(stage, "half"),
    does: (stage, id) =>
      stage.inbound.approveChanged(stage.sender(OMAR), {
        ...{ id: on(id), nonce: stage.request(on(id)).nonce },
        ...{ duration: "10m", source: "vpn" },
      }),
  },
  "an ask that opens at once": {
    does: (stage) => stage.says(ERIN, "request rg-web/web-2 22 1h for x"),
  },
  "break-glass": { does: (stage) => stage.says(ERIN, "breakglass rg-web/web-1 22 1h for x") },
  Retry: {
    brings: (stage) => brought(stage, "failed"),
    does: (stage, id) => stage.click(ERIN, "retry", on(id)),
  },
  "an extension": {
    brings: (stage) => brought(stage, "open"),
    does: (stage, id) => stage.says(ERIN, `extend ${on(id)} 30m`),
  },
};

const opened = (stage: Stage): number =>
  stage.moves.filter(
    ({ before, after }) => after.state === "opening" && before?.state !== "opening",
  ).length;

describe.each(Object.entries(ACTS))("%s", (name, { brings, does }) => {
  const happens = async (change: (stage: Stage) => void) => {
    const stage = started();
    const id = await brings?.(stage);
    const already = opened(stage);
    change(stage);
    const answer = await does(stage, id);
    return { stage, answer, code: codeOf(answer), opens: opened(stage) - already };
  };

  it("goes through while nothing has changed", async () => {
    const { code, opens, stage } = await happens(() => undefined);
    expect(code).toBeUndefined();
    // An extension needs an approval of its own.
    if (name === "an extension") expect(stage.store.all()).toHaveLength(2);
    else expect(opens).toBe(1);
  });

  it("finds a VM that no rule matches any more", async () => {
    const { code, opens } = await happens((stage) => retag(stage, undefined));
    expect(["no-rule", "no-such-vm"]).toContain(code);
    expect(opens).toBe(0);
  });

  it("finds a VM that another rule decides about by now", async () => {
    const { code, opens, stage } = await happens((stage) => retag(stage, "shop"));
    expect(opens).toBe(name === "break-glass" ? 1 : 0);
    if (name === "an ask that opens at once") {
      expect(stage.store.all()).toMatchObject([
        { state: "pending", promised: { rule: "shop", approvals: 2 } },
      ]);
    } else if (name === "break-glass") {
      expect(stage.store.all()).toMatchObject([{ promised: { rule: "shop" } }]);
    } else expect(code).toBe("no-rule");
  });

  it("finds a VM that is gone", async () => {
    const { code, opens } = await happens((stage) => stage.vms.set([]));
    expect(code).toBe("no-such-vm");
    expect(opens).toBe(0);
  });

  it("finds a JIT policy that is gone", async () => {
    const { code, opens } = await happens((stage) => stage.vmPolicies.set([]));
    if (name !== "an extension") expect(code).toBe("not-configured");
    expect(opens).toBe(0);
  });

  it("is refused while Azure can't be read, and goes through afterwards", async () => {
    const stage = started();
    const id = await brings?.(stage);
    stage.away.azure = true;
    expect(codeOf(await does(stage, id))).toBe("cannot-check");
    stage.away.azure = false;
    expect(codeOf(await does(stage, id))).toBeUndefined();
  });
});

describe("Retry under a rule that was tightened", () => {
  const failed = async (rule: Partial<Rule>) => {
    const stage = startStage(stagePolicy({ rules: [{ ...production, ...rule }] }));
    await stage.says(ERIN, "request rg-web/web-1 22 1h for x");
    const id = on(stage.store.all()[0]?.id);
    await stage.settle("refuses");
    for (const user of [LEA, OMAR]) await stage.click(user, "approve", id);
    await stage.settle("refuses");
    expect(stage.request(id).state).toBe("failed");
    const under = (change: Partial<Rule>) =>
      stage.policy.set(stagePolicy({ rules: [{ ...production, ...rule, ...change }] }));
    const retried = async () => codeOf(await stage.click(ERIN, "retry", id));
    return { stage, id, under, retried };
  };

  it.each([
    [0, 1],
    [1, 2],
    [0, 2],
  ])("waits where the approvals went from %i to %i, and opens with them", async (from, to) => {
    const { stage, id, under, retried } = await failed({
      approvals: from,
      ...(from === 0 && { channel: undefined }),
    });
    under({ approvals: to, channel: production.channel });
    expect(await retried()).toBeUndefined();
    expect(stage.request(id)).toMatchObject({ state: "pending", promised: { approvals: to } });
    await stage.settle();
    expect(stage.request(id).cards[0]).toMatchObject({ to: production.channel });
    expect(stage.request(id).cards[0]?.ts).toBeDefined();
    if (from === 0 || to === 2) await stage.click(OMAR, "approve", id);
    if (from === 0 && to === 2) await stage.click(LEA, "approve", id);
    expect(stage.request(id).state).toBe("opening");
    const approvedBy = stage.request(id).approvals.map(({ by }) => by);
    expect(new Set(approvedBy).size).toBe(to);
  });

  it("waits for another approver where one of them has left", async () => {
    const { stage, id, under, retried } = await failed({ approvals: 2 });
    under({ approvals: 2, approvers: { users: [LEA], groups: [] } });
    expect(await retried()).toBeUndefined();
    expect(stage.request(id)).toMatchObject({ state: "pending", approvals: [{ by: LEA }] });
  });

  it.each<[string, Partial<Rule>, string]>([
    ["a shorter maximum", { maxDurationMs: 10 * MINUTE }, "too-long"],
    ["other sources", { networks: [{ kind: "cidr", cidr: "192.0.2.0/24" }] }, "source-not-allowed"],
    ["other requesters", { requesters: { users: [LEA], groups: [] } }, "not-a-requester"],
    ["another name", { name: "other" }, "no-rule"],
    ["other VMs", { match: { vms: ["db-*"] } }, "no-rule"],
  ])("is refused by %s", async (_, change, code) => {
    const { stage, id, under, retried } = await failed({ approvals: 1, requesters: "anyone" });
    under(change);
    expect(await retried()).toBe(code);
    expect(stage.request(id).state).toBe("failed");
  });

  it("is refused by a shorter maximum at Azure", async () => {
    const { stage, retried } = await failed({ approvals: 1 });
    stage.vmPolicies.set(
      stage.vmPolicies.now().map((vmPolicy) => ({
        ...vmPolicy,
        ports: vmPolicy.ports.map((port) => ({ ...port, maxDurationMs: 10 * MINUTE })),
      })),
    );
    expect(await retried()).toBe("too-long");
  });

  it("is an extension's, which is refused where the rule gives less or none", async () => {
    const stage = startStage(stagePolicy({ rules: [{ ...production, approvals: 1 }] }));
    const first = await asked(stage);
    await stage.click(LEA, "approve", first);
    await stage.settle();
    await stage.says(ERIN, `extend ${first} 1h`);
    await stage.settle();
    const [, second] = stage.store.all();
    const id = on(second?.id);
    await stage.click(LEA, "approve", id);
    await stage.settle("refuses");
    const retriedUnder = async (change: Partial<Rule>) => {
      stage.policy.set(stagePolicy({ rules: [{ ...production, approvals: 1, ...change }] }));
      return codeOf(await stage.click(ERIN, "retry", id));
    };
    expect(await retriedUnder({ extend: undefined })).toBe("switched-off");
    expect(await retriedUnder({ maxDurationMs: HOUR + MINUTE })).toBe("too-long");
    expect(await retriedUnder({ extend: { max: 1, approvals: 2 } })).toBeUndefined();
    expect(stage.request(id)).toMatchObject({ state: "pending", promised: { approvals: 2 } });
  });

  it("needs no approval for break-glass, of somebody who may still break it", async () => {
    const stage = startStage();
    await stage.says(ERIN, "breakglass rg-web/web-1 22 1h for the outage");
    const id = on(stage.store.all()[0]?.id);
    await stage.settle("refuses");
    expect(codeOf(await stage.click(ERIN, "retry", id))).toBeUndefined();
    expect(stage.request(id).state).toBe("opening");
    await stage.settle("refuses");
    stage.policy.set(
      stagePolicy({ rules: [{ ...production, breakGlass: { users: [], groups: [] } }] }),
    );
    expect(codeOf(await stage.click(ERIN, "retry", id))).toBe("not-a-requester");
  });
});

describe("somebody taken out of the requesters' group a moment ago", () => {
  const [GROUP] = GROUPS;
  if (GROUP === undefined) throw new Error("there is no group");
  const members = { users: [], groups: [GROUP] };
  const policies: Readonly<Record<string, readonly [Partial<Rule>, string]>> = {
    "an ask that needs no approval": [
      { requesters: members, approvals: 0 },
      "request rg-web/web-1 22 1h for x",
    ],
    "break-glass": [{ breakGlass: members }, "breakglass rg-web/web-1 22 1h for x"],
  };

  it.each(Object.entries(policies))("opens nothing by %s", async (_name, [rule, text]) => {
    const stage = startStage(stagePolicy({ rules: [{ ...production, ...rule }] }), {
      groups: new Map([[GROUP, [PIA]]]),
    });
    expect(codeOf(await stage.says(PIA, text))).toBeUndefined();
    expect(opened(stage)).toBe(1);
    stage.groups.get(GROUP)?.set([]);
    // What others are let see by is as old as this, and still has them in it.
    stage.advance(5_000);
    expect(stage.groups.get(GROUP)?.ago(10_000)).toContain(PIA);
    expect(codeOf(await stage.says(PIA, text))).toBe("not-a-requester");
    expect(opened(stage)).toBe(1);
  });
});
