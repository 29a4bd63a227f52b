// What somebody has typed stays in the request form, whatever they choose and whatever the bot can't show.

import fc from "fast-check";
import { expect, it } from "vitest";
import { fieldsOf } from "../../../../../src/adapters/slack/listeners/payloads.ts";
import {
  carriedOn,
  decodeCarried,
  draftIn,
  hasMore,
  sentIn,
} from "../../../../../src/adapters/slack/views/forms/form-state.ts";
import { requestFormView } from "../../../../../src/adapters/slack/views/forms/request-form-view.ts";
import { refuse } from "../../../../../src/domain/text/refusal.ts";
import { words } from "../../../../../src/domain/text/words.ts";
import type {
  FormDraft,
  RequestForm,
  VmChoice,
} from "../../../../../src/ports/screens/request-form.ts";
import { initialValue } from "../../../../../src/sandbox/slack/inputs.ts";
import { aRule } from "../../../../support/requests.ts";
import { BLANK_FORM } from "../../bench.ts";

const vmOf = (code: string): VmChoice => ({
  code,
  name: code,
  resourceGroup: "rg",
  address: undefined,
  availability: "requestable",
});

/** What the bot answers a choice with, by what it can say of the VM. */
const OUTCOMES = ["terms", "no source", "no ports", "refused", "no choices", "no VM"] as const;
type Outcome = (typeof OUTCOMES)[number];

function answered({ vmCode = "", ...draft }: FormDraft, outcome: Outcome): RequestForm {
  const form = { ...BLANK_FORM, draft };
  if (outcome === "no VM") return { ...form, problem: words`That VM is gone.` };
  const vm = vmOf(vmCode);
  if (outcome === "no choices") return { ...form, vm, problem: words`No JIT.` };
  const sources = outcome === "no source" ? [] : ["vpn", "any"];
  const terms = {
    rule: aRule(),
    durations: ["1h", "2h"],
    chosenDuration: draft.duration ?? "1h",
    sources,
    chosenSource: sources.find((one) => one === draft.source),
  };
  const chosenPorts = outcome === "no ports" ? [] : (draft.ports ?? [22]);
  const refusal = refuse("several-rules")`Different rules.`;
  const byOutcome = { "no ports": undefined, refused: refusal, terms, "no source": terms };
  return { ...form, vm, choices: { ports: [22, 443], chosenPorts, terms: byOutcome[outcome] } };
}

type Held = Record<string, Record<string, unknown>>;

/** Slack's client: what is in a block stays as long as the block does. */
function screenOf(first: RequestForm, asked: FormDraft) {
  const { ports, duration, source } = asked;
  let view = requestFormView({
    form: first,
    carried: { channel: undefined, asked: { ports, duration, source } },
  });
  let held: Held = {};
  const show = (next: typeof view) => {
    view = next;
    const shown: Held = {};
    for (const block of view.blocks) {
      const { block_id: id = "", element } = block as { block_id?: string; element?: object };
      if (element === undefined) continue;
      shown[id] = held[id] ?? { [id]: initialValue(JSON.parse(JSON.stringify(element))) };
    }
    held = shown;
  };
  show(view);
  const idOf = (name: string) =>
    Object.keys(held).find((id) => id === name || id.startsWith(`${name}.`));
  return {
    has: (name: string) => idOf(name) !== undefined,
    put(name: string, value: object) {
      const id = idOf(name);
      if (id !== undefined) held[id] = { [id]: value };
    },
    chosen(changed: "vm" | "ports", outcome: Outcome): FormDraft {
      const fields = fieldsOf({ values: held } as Parameters<typeof fieldsOf>[0]);
      const carried = decodeCarried(view.private_metadata ?? "");
      const draft = draftIn(fields, carried, changed);
      show(
        requestFormView({
          form: answered(draft, outcome),
          carried: carriedOn(fields, carried),
          vmBlock: idOf("vm"),
          hasMore: hasMore(fields),
        }),
      );
      return draft;
    },
    sent: () =>
      sentIn(
        fieldsOf({ values: held } as Parameters<typeof fieldsOf>[0]),
        decodeCarried(view.private_metadata ?? ""),
      ),
  };
}

const option = (value: string) => ({ selected_option: { value } });
const options = (values: readonly (string | number)[]) => ({
  selected_options: values.map((value) => ({ value: String(value) })),
});

const outcome = fc.constantFrom(...OUTCOMES);
const step = fc.oneof(
  fc.record({ act: fc.constant("vm" as const), vm: fc.constantFrom("a", "b"), outcome }),
  fc.record({ act: fc.constant("ports" as const), ports: fc.subarray([22, 443]), outcome }),
  fc.record({
    act: fc.constant("at" as const),
    at: fc.option(fc.constantFrom(1_796_000_000, 1_797_000_000), { nil: undefined }),
  }),
  fc.record({
    act: fc.constant("address" as const),
    address: fc.constantFrom(undefined, "203.0.113.7", "203.0.113.8"),
  }),
  fc.record({ act: fc.constant("reason" as const), reason: fc.constantFrom("so", "and so") }),
  fc.record({ act: fc.constant("more" as const), more: fc.subarray(["b", "c"]) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const askedFirst: fc.Arbitrary<FormDraft> = fc.record({
  ports: fc.constantFrom(undefined, [443]),
  duration: fc.constantFrom(undefined, "2h"),
  source: fc.constantFrom(undefined, "vpn", "203.0.113.9"),
  reason: fc.constantFrom(undefined, "patching"),
  opensAtMs: fc.constantFrom(undefined, 1_796_500_000_000),
});

it("nothing that was typed is lost, whatever is chosen and shown in between", () => {
  const seen = { timeOff: 0, timeSent: 0 };
  const property = fc.property(
    askedFirst,
    outcome,
    fc.array(step, { maxLength: 12 }),
    (asked, first, steps) => {
      const screen = screenOf(answered({ ...asked, vmCode: "a" }, first), asked);
      let { opensAtMs, reason } = asked;
      let address: string | undefined;
      let more: readonly string[] = [];
      const chose = (changed: "vm" | "ports", next: Outcome) => {
        const draft = screen.chosen(changed, next);
        expect(draft.opensAtMs).toBe(opensAtMs);
        if (reason !== undefined) expect(draft.reason).toBe(reason);
        if (address !== undefined) expect(draft.source).toBe(address);
        if (changed === "ports") return;
        const { ports, duration } = asked;
        expect([draft.ports, draft.duration]).toEqual([ports, duration]);
        expect(draft.source).toBe(address ?? asked.source);
      };
      const acts: { [A in Step["act"]]: (one: Extract<Step, { act: A }>) => void } = {
        vm({ vm, outcome: next }) {
          screen.put("vm", option(vm));
          chose("vm", next);
        },
        ports({ ports, outcome: next }) {
          screen.put("ports", options(ports));
          chose("ports", ports.length === 0 ? "no ports" : next);
        },
        at({ at }) {
          screen.put("at", { selected_date_time: at ?? null });
          opensAtMs = at === undefined ? undefined : at * 1_000;
        },
        address(one) {
          screen.put("address", { value: one.address ?? null });
          address = one.address;
        },
        reason(one) {
          screen.put("reason", { value: one.reason });
          reason = one.reason;
        },
        more(one) {
          screen.put("more", options(one.more));
          more = one.more;
        },
      };
      for (const one of steps) {
        if (one.act !== "vm" && !screen.has(one.act)) continue;
        (acts[one.act] as (one: Step) => void)(one);
        const sent = screen.sent();
        expect(sent.opensAtMs).toBe(opensAtMs);
        if (reason !== undefined) expect(sent.reason).toBe(reason);
        if (address !== undefined) expect(sent.source).toBe(address);
        expect(sent.moreCodes).toEqual(more);
        if (opensAtMs !== undefined) seen[screen.has("duration") ? "timeSent" : "timeOff"] += 1;
      }
    },
  );
  fc.assert(property, { numRuns: 400 });
  expect(Math.min(seen.timeOff, seen.timeSent)).toBeGreaterThan(0);
});

it("a time of which the zone isn't known yet is carried as it was typed", () => {
  const at = { day: "tomorrow", time: { hour: 23, minute: 0 } } as const;
  const screen = screenOf(answered({ at, vmCode: "a" }, "no VM"), {});
  screen.put("vm", option("a"));
  expect(screen.sent()).toMatchObject({ at });
  expect(screen.chosen("vm", "no VM")).toMatchObject({ at });
  expect(screen.chosen("vm", "no VM")).toMatchObject({ at });
});
