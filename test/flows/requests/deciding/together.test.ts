// Which requests of a batch a click or form concerns, what the form offers, and what it answers where others were faster.

import { describe, expect, it } from "vitest";
import type { Lead } from "../../../../src/domain/request/batch/roles.ts";
import type { Member } from "../../../../src/domain/request/document/batch.ts";
import { memberOf } from "../../../../src/domain/request/members.ts";
import { type AccessRequest, grantOf } from "../../../../src/domain/request/request.ts";
import { NOT_REQUESTED } from "../../../../src/domain/request/state-words.ts";
import { type RequestId, requestIdFrom, type UserId } from "../../../../src/domain/text/ids.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import { newsFor } from "../../../../src/flows/requests/change-request.ts";
import { refuseOvertaken } from "../../../../src/flows/requests/deciding/overtaken.ts";
import { targetsOf } from "../../../../src/flows/requests/deciding/together.ts";
import { type Answer, UNCHANGED } from "../../../../src/ports/inbound.ts";
import { production, read, type Stage, stagePolicy, startStage } from "../../../security/stage.ts";
import { ERIN, LEA, OMAR, VMS, vmPolicyOf } from "../../../security/universe.ts";
import { HOUR, inState, MINUTE } from "../../../support/requests.ts";

const idOf = (n: number): RequestId => requestIdFrom(new Uint8Array(6).fill(n));
const waiting = (n: number): Member => ({ ...memberOf(inState("pending")), id: idOf(n) });
const lead = {
  ...inState("open"),
  batch: { role: "lead", nonce: "all-n", members: [waiting(2), waiting(3)] },
} as Lead;
const concerned = (...shown: RequestId[]) =>
  targetsOf(
    lead,
    "approve",
    shown.map((id) => ({ id })),
  ).map(({ id }) => id);

describe("a form that approves with changes", () => {
  it("concerns what it showed, and not what came to wait since then", () => {
    expect(concerned(idOf(2))).toEqual([idOf(2)]);
    expect(concerned(idOf(2), idOf(3))).toEqual([idOf(2), idOf(3)]);
  });

  it("concerns the lead alone, which says why not, where nothing of what it showed waits", () => {
    expect(concerned(lead.id)).toEqual([lead.id]);
  });

  it("that is no form concerns all that wait", () => {
    expect(targetsOf(lead, "approve")).toHaveLength(2);
  });
});

const POLICY = stagePolicy({ rules: [{ ...production, approvals: 1 }] });

type Form = Extract<Answer, { answer: "change-form" }>;

/** A batch of which a form is open. */
async function formOpen(stage: Stage, text = "request rg-web/web-1,rg-web/web-2 22 1h for why") {
  await stage.says(ERIN, text);
  await stage.settle();
  const [lead, other] = stage.store.all();
  if (lead?.batch?.role !== "lead" || other === undefined) throw new Error("no batch was made");
  const { nonce } = lead.batch;
  const form = async (by: UserId = LEA): Promise<Form> => {
    const answer = await stage.click(by, "change", lead.id, { nonce });
    if (answer.answer !== "change-form") throw new Error(read(answer));
    return answer;
  };
  return { id: lead.id, nonce, lead, other, form };
}

/** The lead knows how the other one stands. */
async function told(stage: Stage, { lead, other }: Pick<Opened, "lead" | "other">): Promise<void> {
  const member = memberOf(stage.request(other.id));
  await newsFor(stage.deps, lead.id, { act: "member", member, steps: [] });
}

type Opened = Awaited<ReturnType<typeof formOpen>>;

const sent = ({ id, nonce }: Opened, form: Form, only: readonly RequestId[]) => ({
  id,
  nonce,
  duration: UNCHANGED,
  source: form.source,
  shown: form.vms,
  only,
});

const states = (stage: Stage, ...all: AccessRequest[]) =>
  all.map(({ id }) => stage.request(id).state);

describe("a form about several VMs that was overtaken", () => {
  it("says that nothing was changed where all that it shows were approved meanwhile", async () => {
    const stage = startStage(POLICY);
    const batch = await formOpen(stage);
    const { lead, other, nonce } = batch;
    const form = await batch.form(OMAR);
    await stage.click(LEA, "approve", lead.id, { nonce });
    await stage.settle();
    await told(stage, batch);
    const said = await stage.inbound.approveChanged(
      stage.sender(OMAR),
      sent(batch, form, [other.id]),
    );
    expect(read(said)).toMatch(/None of the VMs you chose is still pending; nothing was changed/);
    expect(read(said)).toMatch(/You chose web-2 \(Open\)/);
    expect(read(said)).toMatch(/You left out web-1 \(Open\)/);
    expect(states(stage, lead, other)).toEqual(["open", "open"]);
  });

  it("denies nothing where the only one that was chosen was cancelled", async () => {
    const stage = startStage(POLICY);
    const batch = await formOpen(stage);
    const { lead, other } = batch;
    const form = await batch.form();
    await stage.says(ERIN, `cancel ${other.id}`);
    await stage.settle();
    await told(stage, batch);
    const said = await stage.inbound.approveChanged(
      stage.sender(LEA),
      sent(batch, form, [other.id]),
    );
    expect(read(said)).toMatch(/nothing was changed/);
    expect(read(said)).toMatch(/You chose web-2 \(Cancelled\)/);
    expect(read(said)).toMatch(/You left out web-1 \(Pending\)/);
    expect(states(stage, lead, other)).toEqual(["pending", "cancelled"]);
  });

  it("says of one that came to nothing when it was made that it wasn't requested", async () => {
    const stage = startStage(POLICY);
    const batch = await formOpen(stage);
    const [chosen] = [{ ...memberOf(batch.other), id: idOf(9), state: "unmade" } as const];
    const lead = { ...batch.lead, batch: { role: "lead", nonce: batch.nonce, members: [chosen] } };
    const refusal = await refuseOvertaken(stage.deps, lead as unknown as Lead, {
      chosen: [chosen],
      leftOut: [],
    });
    expect(plain(refusal.say)).toContain(`You chose web-2 (${NOT_REQUESTED}).`);
  });

  it("tells which of those that were left out are open all the same", async () => {
    const stage = startStage(POLICY);
    const batch = await formOpen(stage);
    const { lead, other } = batch;
    const form = await batch.form(OMAR);
    // The lead alone, by a command or by its own button.
    await stage.click(LEA, "approve", lead.id, { nonce: lead.nonce });
    const said = await stage.inbound.approveChanged(
      stage.sender(OMAR),
      sent(batch, form, [other.id]),
    );
    expect(states(stage, lead, other)).toEqual(["opening", "opening"]);
    expect(read(said)).toMatch(/Done for 1 of 2 VMs/);
    expect(read(said)).toMatch(/web-1: .*Opening/);
  });

  it("is done once, and the same again says nothing", async () => {
    const stage = startStage(POLICY);
    const batch = await formOpen(stage);
    const { lead, other } = batch;
    const form = await batch.form();
    const sender = stage.sender(LEA);
    const filled = sent(batch, form, [other.id]);
    expect(read(await stage.inbound.approveChanged(sender, filled))).toBe("nothing");
    expect(states(stage, lead, other)).toEqual(["denied", "opening"]);
    expect(read(await stage.inbound.approveChanged(sender, filled))).toBe("nothing");
    expect(states(stage, lead, other)).toEqual(["denied", "opening"]);
  });
});

describe("a form about several VMs that last differently", () => {
  const lasting = async (first: number, second: number) => {
    const vmPolicies = VMS.map((vm, n) =>
      vmPolicyOf(vm, { maxDurationMs: n === 0 ? first : second }),
    );
    const stage = startStage(POLICY, { vmPolicies });
    return { stage, batch: await formOpen(stage, "request rg-web/web-1,rg-web/web-2 22 for why") };
  };
  const lastsMs = (stage: Stage, { id }: AccessRequest) => {
    const grant = grantOf(stage.request(id));
    return grant && grant.endsAtMs - grant.startsAtMs;
  };
  const send = (
    { stage, batch }: Awaited<ReturnType<typeof lasting>>,
    form: Form,
    change: { duration?: string; source?: string; note?: string },
  ) => {
    const only = form.vms?.map((one) => one.id) ?? [];
    const filled = { ...sent(batch, form, only), ...change };
    return stage.inbound.approveChanged(stage.sender(LEA), filled);
  };

  it("shortens none of them where only a note is added", async () => {
    const made = await lasting(30 * MINUTE, 3 * HOUR);
    const { stage, batch } = made;
    const wanted = [batch.lead, batch.other].map(({ ask }) => ask.durationMs);
    expect(wanted).toEqual([30 * MINUTE, HOUR]);
    const form = await batch.form();
    expect(form.durations).toEqual(["30m to 1h", "30m", "15m"]);
    await send(made, form, { note: "ok" });
    expect(lastsMs(stage, batch.other)).toBe(HOUR);
    for (const { id } of [batch.lead, batch.other]) {
      expect(stage.request(id).narrowed).toBeUndefined();
      expect(stage.request(id).approvals[0]?.note).toBe("ok");
    }
  });

  it("shortens those alone that are longer than what is chosen", async () => {
    const made = await lasting(30 * MINUTE, 3 * HOUR);
    await send(made, await made.batch.form(), { duration: "40m" });
    const { lead, other } = made.batch;
    expect(made.stage.request(other.id).narrowed?.durationMs).toBe(40 * MINUTE);
    expect(made.stage.request(lead.id).narrowed).toBeUndefined();
  });

  it("offers what stands for those that are pending, whatever became of the lead", async () => {
    const made = await lasting(30 * MINUTE, 3 * HOUR);
    const { stage, batch } = made;
    const { id, nonce } = batch.lead;
    const cut = { id, nonce, duration: "20m", source: "203.0.113.7" };
    await stage.inbound.approveChanged(stage.sender(LEA), cut);
    expect(stage.request(id).narrowed?.durationMs).toBe(20 * MINUTE);
    const form = await batch.form();
    expect(form).toMatchObject({ durations: ["1h", "30m", "15m"], source: "vpn" });
    await send(made, form, {});
    expect(lastsMs(stage, batch.other)).toBe(HOUR);
    expect(stage.request(batch.other.id).narrowed).toBeUndefined();
  });

  it("keeps the source of each where none is typed", async () => {
    const made = await lasting(HOUR, HOUR);
    await send(made, await made.batch.form(), { source: "Unchanged " });
    for (const { id } of [made.batch.lead, made.batch.other]) {
      expect(made.stage.request(id)).toMatchObject({ state: "opening" });
      expect(made.stage.request(id).narrowed).toBeUndefined();
    }
  });
});

describe("a form about several VMs, of which others change what is to be approved", () => {
  const TWO = stagePolicy({ rules: [{ ...production, approvals: 2 }] });
  const cutTo = (stage: Stage, batch: Opened, duration: string) => {
    const { id, nonce } = batch;
    return stage.inbound.approveChanged(stage.sender(LEA), {
      id,
      nonce,
      duration,
      source: UNCHANGED,
    });
  };
  const takenBack = (stage: Stage, { id, nonce }: Opened) =>
    stage.click(LEA, "take-back", id, { nonce });
  const approvers = (stage: Stage, { lead, other }: Opened) =>
    [lead, other].map(({ id }) => stage.request(id).approvals.map(({ by }) => by));

  it("approves nothing for longer than it showed", async () => {
    const stage = startStage(TWO);
    const batch = await formOpen(stage);
    await cutTo(stage, batch, "30m");
    await told(stage, batch);
    const form = await batch.form(OMAR);
    expect(form.durations[0]).toBe("30m");
    await takenBack(stage, batch);
    const all = form.vms?.map(({ id }) => id) ?? [];
    const said = await stage.inbound.approveChanged(stage.sender(OMAR), sent(batch, form, all));
    expect(read(said)).toMatch(/has changed since you opened the form: it's 1h now/);
    expect(approvers(stage, batch)).toEqual([[], []]);
  });

  it("keeps to the duration that was chosen, though the lead knows an older one of another", async () => {
    const stage = startStage(TWO);
    const batch = await formOpen(stage);
    const form = await batch.form(OMAR);
    await cutTo(stage, batch, "30m");
    await told(stage, batch);
    await takenBack(stage, batch);
    const all = form.vms?.map(({ id }) => id) ?? [];
    const filled = { ...sent(batch, form, all), duration: "40m" };
    await stage.inbound.approveChanged(stage.sender(OMAR), filled);
    expect(approvers(stage, batch)).toEqual([[OMAR], [OMAR]]);
    for (const { id } of [batch.lead, batch.other]) {
      expect(stage.request(id).narrowed?.durationMs).toBe(40 * MINUTE);
    }
  });
});
