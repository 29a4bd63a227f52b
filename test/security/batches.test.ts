// Several VMs in one request, in thousands of random workspaces: nothing is laxer than if each were requested alone.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { buildApp } from "../../src/app.ts";
import { isLead } from "../../src/domain/request/batch/roles.ts";
import { type AccessRequest, grantOf } from "../../src/domain/request/request.ts";
import type { UserId } from "../../src/domain/text/ids.ts";
import { OF_SEVERAL } from "./batch-mutants.ts";
import { policies } from "./cases.ts";
import { patched } from "./patched.ts";
import { type Stage, startStage } from "./stage.ts";
import { EVERYBODY, INSIDERS, TYPED_SOURCES, VMS, vmPolicyOf } from "./universe.ts";

const MINUTE = 60_000;
const user = fc.constantFrom(...INSIDERS, ...INSIDERS, ...EVERYBODY);

const deed = fc.record({
  by: user,
  does: fc.constantFrom("approve" as const, "approve" as const, "change" as const, "deny" as const),
  source: fc.constantFrom(...TYPED_SOURCES),
});

const asks = fc.record({
  by: user,
  verb: fc.constantFrom("request", "request", "request", "breakglass"),
  vms: fc.uniqueArray(fc.constantFrom(...VMS), { minLength: 2, maxLength: 5 }),
  ports: fc.constantFrom("22", "3389", "443", "22,443"),
  duration: fc.constantFrom("", "40m", "2h"),
  source: fc.constantFrom("", ...TYPED_SOURCES.map((source) => `from ${source}`)),
  reason: fc.constantFrom("for the outage", "for the outage", ""),
  deeds: fc.array(deed, { maxLength: 3 }),
});
type Asked = typeof asks extends fc.Arbitrary<infer One> ? One : never;

const BATCHES_EACH = 2;
const cases = fc.record({
  policy: policies.map((one) => ({
    ...one,
    limits: { openPerPerson: 100, pendingPerPerson: 100, asksPerMinute: 1_000, vmsPerRequest: 20 },
  })),
  batches: fc.array(asks, { minLength: BATCHES_EACH, maxLength: BATCHES_EACH }),
});
type Case = typeof cases extends fc.Arbitrary<infer One> ? One : never;

/** Azure allows different times for different VMs. */
const vmPolicies = VMS.map((vm, n) =>
  vmPolicyOf(vm, n % 2 === 0 ? {} : { maxDurationMs: 20 * MINUTE }),
);

/** All that may differ between what is laxer and what isn't. */
function granted(request: AccessRequest) {
  const { ask, promised, state, approvals, narrowed, review } = request;
  const { vm, ports, durationMs, source, breakGlass, autoApproved, requester, reason } = ask;
  const { rule, approvals: needed, approvers, escalate, keepForMs, nobody } = promised;
  const grant = grantOf(request);
  return {
    ask: { vm: vm.key, ports, durationMs, source, breakGlass, autoApproved, requester, reason },
    promised: { rule, needed, approvers, escalate, keepForMs, nobody },
    state,
    approvals: approvals.map(({ by }) => by),
    narrowed: narrowed && { ...narrowed },
    lastsMs: grant && grant.endsAtMs - grant.startsAtMs,
    toReview: review !== undefined,
  };
}

async function made(stage: Stage, by: UserId, text: string): Promise<readonly AccessRequest[]> {
  const known = new Set(stage.store.all().map(({ id }) => id));
  await stage.says(by, text);
  await stage.settle();
  return stage.store.all().filter(({ id }) => !known.has(id));
}

/** Somebody presses what stands on the card, or sends its form. */
async function done(
  stage: Stage,
  on: AccessRequest,
  { by, does, source }: Asked["deeds"][number],
): Promise<void> {
  const { id } = on;
  const nonce = isLead(on) ? on.batch.nonce : on.nonce;
  const sender = stage.sender(by);
  if (does === "approve") await stage.click(by, "approve", id, { nonce });
  else if (does === "deny") await stage.inbound.deny(sender, { id, nonce, reason: "not now" });
  else await stage.inbound.approveChanged(sender, { id, nonce, duration: "20m", source });
}

const named = ({ resourceGroup, name }: Asked["vms"][number]) => `${resourceGroup}/${name}`;

async function together(stage: Stage, asked: Asked): Promise<readonly AccessRequest[]> {
  const { verb, vms, ports, duration, source, reason, by } = asked;
  const text = [verb, vms.map(named).join(","), ports, duration, source, reason].join(" ");
  const all = await made(stage, by, text);
  for (const deed of asked.deeds) {
    for (const one of all) if (one.batch?.role !== "member") await done(stage, one, deed);
  }
  return all.map(({ id }) => stage.request(id));
}

async function alone(stage: Stage, asked: Asked): Promise<readonly AccessRequest[]> {
  const all: AccessRequest[] = [];
  for (const vm of asked.vms) {
    all.push(...(await together(stage, { ...asked, vms: [vm] })));
  }
  return all;
}

/** How often what matters came about. */
const counts = { batches: 0, made: 0, shared: 0, granted: 0 };

async function runCase({ policy, batches }: Case, build?: typeof buildApp): Promise<void> {
  const first = startStage(policy, { vmPolicies, ...(build && { build }) });
  const second = startStage(policy, { vmPolicies });
  for (const asked of batches) {
    const batch = await together(first, asked);
    const each = await alone(second, asked);
    const byVm = (all: readonly AccessRequest[]) =>
      all.map(granted).toSorted((one, other) => one.ask.vm.localeCompare(other.ask.vm));
    expect(byVm(batch)).toEqual(byVm(each));
    counts.batches += 1;
    counts.made += batch.length;
    counts.shared += batch.some(isLead) ? 1 : 0;
    counts.granted += batch.filter((one) => grantOf(one) !== undefined).length;
  }
}

const CASES = 10_000;

describe("of several VMs", () => {
  it("each gets what it would get alone, and nothing more", async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    await fc.assert(
      fc.asyncProperty(cases, (one) => runCase(one)),
      { seed, numRuns: CASES },
    );
    process.stdout.write(`seed ${seed}: ${JSON.stringify(counts)}\n`);
    expect(counts.batches).toBe(CASES * BATCHES_EACH);
    expect(counts.shared).toBeGreaterThan(counts.batches / 10);
    expect(counts.granted).toBeGreaterThan(counts.batches / 10);
  }, 240_000);

  it.each(OF_SEVERAL.map((fault) => [fault.name, fault] as const))(
    "a fault is noticed: %s",
    async (_, fault) => {
      const build = await patched(fault);
      const property = fc.asyncProperty(cases, (one) => runCase(one, build));
      const found = await fc.check(property, { seed: 7, numRuns: 750, endOnFailure: true });
      expect(found.failed).toBe(true);
    },
    120_000,
  );
});
