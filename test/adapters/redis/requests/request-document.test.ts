// Every request that there can be is read back as it was written; anything else is said to be unreadable.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeDocument,
  encodeRequest,
  SHORT_NAMES,
} from "../../../../src/adapters/redis/requests/request-document.ts";
import type { StepKind } from "../../../../src/domain/request/document/step.ts";
import { type AccessRequest, grantOf, type In } from "../../../../src/domain/request/request.ts";
import { ADA, aGrant, inState, LEA, ONCALL, STATES, T0, vmId } from "../../../support/requests.ts";
import { OPS } from "../with-store.ts";
import documents01 from "./documents-0.1.json" with { type: "json" };
import documents10 from "./documents-1.0.json" with { type: "json" };

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const text = fc.string({ unit: "binary", maxLength: 200 });
const time = fc.integer({ min: 0, max: 4_102_444_800_000 });
const ports = fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 5 });
const fault = fc.record({ code: text, message: text });
const attempt = fc.record({ count: fc.nat(), nextAtMs: time, fault: text });
const KINDS = [
  "asked",
  "approved",
  "open",
  "still-open",
  "closed-late",
] as const satisfies StepKind[];

const changes = fc.record({
  nonce: text,
  revision: fc.nat(),
  reason: text,
  sourceName: maybe(text),
  os: fc.constantFrom("linux" as const, "windows" as const, undefined),
  ports,
  vmId: fc.oneof(
    text,
    text.map((name) => vmId(name)),
  ),
  fault: maybe(fault),
  seenPorts: ports,
  address: maybe(text),
  mappedPorts: fc.dictionary(fc.integer({ min: 1, max: 65_535 }).map(String), fc.nat()),
  policyHash: fc.constantFrom("a".repeat(64), "b".repeat(64)),
  warnedAtMs: maybe(time),
  ts: maybe(text),
  dead: maybe(text),
  steps: fc.array(
    fc.record({ n: fc.nat(), atMs: time, what: fc.constantFrom(...KINDS), fault: maybe(fault) }),
  ),
  breakGlass: fc.constantFrom(true as const, undefined),
  narrowed: maybe(
    fc.record({ by: fc.constant(LEA), durationMs: time, source: text, sourceName: maybe(text) }),
  ),
  review: maybe(
    fc.record({
      askedAtMs: time,
      remindedAtMs: maybe(time),
      closed: maybe(
        fc.record({
          by: fc.constant(LEA),
          atMs: time,
          verdict: fc.constantFrom("ok" as const, "concern" as const),
          text,
        }),
      ),
    }),
  ),
  escalate: maybe(
    fc.record({ afterMs: time, to: fc.constant({ users: [LEA], groups: [ONCALL] }) }),
  ),
  attempts: fc.record({ azure: attempt, card: attempt, warn: attempt }, { requiredKeys: [] }),
});

type Changes = typeof changes extends fc.Arbitrary<infer T> ? T : never;

function changed(request: AccessRequest, with_: Changes): AccessRequest {
  const { nonce, revision, reason, sourceName, os, steps, attempts } = with_;
  const vm = { ...request.ask.vm, id: with_.vmId, os };
  const common = {
    ...{ nonce, revision, steps, attempts, narrowed: with_.narrowed, review: with_.review },
    promised: { ...request.promised, escalate: with_.escalate },
    ask: {
      ...{ ...request.ask, reason, sourceName, ports: with_.ports, vm },
      breakGlass: with_.breakGlass,
    },
    cards: [{ to: OPS, shown: 3, ts: with_.ts, dead: with_.dead }],
  };
  if (!("grant" in request)) return { ...request, ...common };
  const { policyHash, warnedAtMs, fault, seenPorts, address, mappedPorts } = with_;
  const azure = { ...request.grant.azure, seenPorts, fault };
  const wayIn = { address, mappedPorts };
  const grant = aGrant({ ...request.grant, policyHash, warnedAtMs, wayIn, azure });
  return { ...request, ...common, grant };
}

/** One in each state, as each released version left them in Redis; never written again. */
const DOCUMENTS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["0.1", documents01],
  ["1.0", documents10],
];

function namesIn(value: unknown, names = new Set<string>()): Set<string> {
  if (typeof value !== "object" || value === null) return names;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) names.add(name);
    namesIn(inner, names);
  }
  return names;
}

describe("a document", () => {
  it.each(STATES)("is read back as it was written: %s", (state) => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 1, max: 1e9 }), (change, version) => {
        const request = changed(inState(state), change);
        const decoded = decodeDocument(`${version}|${encodeRequest(request)}`);
        expect(decoded).toEqual({ version, request });
      }),
      { numRuns: 60 },
    );
  });

  it.each([undefined, { tried: "time", isRaised: true, voided: 1 } as const])(
    "keeps why approvals are waited for again: %j",
    (again) => {
      const steps = [{ n: 1, atMs: 1, what: "waits-again", ...(again && { again }) } as const];
      const request = inState("pending", { steps });
      expect(decodeDocument(`1|${encodeRequest(request)}`)).toMatchObject({ request });
    },
  );

  it("keeps what the rule asks now, and leaves out what a newer version wrote of it", () => {
    const usual = inState("pending");
    if (usual.state !== "pending") throw new Error("not pending");
    const people = { users: [LEA], groups: [ONCALL] };
    const both = { approvers: people, approvals: 2, escalateTo: people };
    for (const ruleNow of ["gone", "no-extensions", both] as const) {
      const request = { ...usual, ruleNow };
      expect(decodeDocument(`1|${encodeRequest(request)}`)).toEqual({ version: 1, request });
    }
    const newer = { ...usual, ruleNow: "asleep" } as unknown as AccessRequest;
    const decoded = decodeDocument(`1|${encodeRequest(newer)}`);
    expect(decoded).toEqual({ version: 1, request: { ...usual, ruleNow: undefined } });
  });

  it("is in a format that 0.1 reads, but for what it would get wrong", () => {
    const usual = inState("pending");
    const { grant, ...opened } = inState("open") as In<"open">;
    const recovered = { atMs: T0, requestor: "erin@contoso.example" };
    const adopted = { by: ADA, startedAtMs: T0, justification: "x" };
    const cases: readonly (readonly [AccessRequest, number])[] = [
      ...STATES.map((state) => [inState(state), 1] as const),
      [{ ...usual, ask: { ...usual.ask, opensAtMs: T0 } }, 2],
      [{ ...usual, promised: { ...usual.promised, keepForMs: 1 } }, 2],
      // Opened, it is brought to its end as any other.
      [{ ...opened, grant, ask: { ...usual.ask, opensAtMs: T0 } }, 1],
      [{ ...usual, batch: { role: "member", lead: usual.id, heard: 0 } }, 2],
      [{ ...opened, grant: { ...grant, recovered } }, 1],
      [{ ...opened, grant: { ...grant, recovered: { ...recovered, adopted } } }, 2],
    ];
    for (const [request, format] of cases) {
      const text = encodeRequest(request);
      expect(JSON.parse(text).f).toBe(format);
      expect(decodeDocument(`1|${text}`)).toEqual({ version: 1, request });
    }
  });

  it("keeps what 0.1 has no names for apart from the messages that it reads", () => {
    const message = { audience: "requester", channel: "D0ERIN", ts: "1.1", shown: 3 } as const;
    const told = (what: StepKind) => ({ ...message, steps: [{ what, n: 2, atMs: T0 }] });
    for (const messages of [
      [told("questioned")],
      [told("ended"), told("questioned"), told("ready")],
    ]) {
      const request = {
        ...inState("pending"),
        endMessages: messages,
      } as unknown as AccessRequest;
      const written = JSON.parse(encodeRequest(request)) as Record<string, unknown[] | undefined>;
      expect(JSON.stringify(written.endMessages ?? [])).not.toMatch(/questioned|"ready"/);
      const document = decodeDocument(`1|${encodeRequest(request)}`);
      expect(document).toEqual({ version: 1, request });
    }
  });

  it("keeps the key of a VM that is not its id in lower case", () => {
    const request = inState("pending");
    const other = { ...request, ask: { ...request.ask, vm: { ...request.ask.vm, id: "/X/y" } } };
    expect(decodeDocument(`1|${encodeRequest(other)}`)).toMatchObject({ request: other });
  });

  it("writes nothing long twice: the VM's key and head of its id, the policy file's hash", () => {
    const request = inState("open");
    const wire = encodeRequest(request);
    expect(wire.split(request.ask.vm.id)).toHaveLength(2);
    expect(wire.toLowerCase().split(request.ask.vm.key)).toHaveLength(2);
    expect(wire.split("/resourceGroups/")).toHaveLength(2);
    expect(wire.split(grantOf(request)?.policyHash ?? "?")).toHaveLength(2);
  });

  it("keeps the id of a policy that is in another resource group", () => {
    const request = inState("pending");
    const jitPolicyId = request.ask.jitPolicyId.replace("rg-web", "rg-other");
    const other = { ...request, ask: { ...request.ask, jitPolicyId } };
    expect(decodeDocument(`1|${encodeRequest(other)}`)).toMatchObject({ request: other });
  });

  it.each([
    ["pending", "expiresAtMs", "lapsesAtMs"],
    ["pending", "toldUpTo", "told"],
    ["pending", "attempts", "tries"],
    ["lapsed", "expiredAtMs", "lapsedAtMs"],
  ] as const)("keeps the old name in what is stored of one that is %s", (state, name, stored) => {
    const request = inState(state);
    const text = encodeRequest(request);
    expect(text).toContain(`"${stored}":`);
    expect(text).not.toContain(name);
    expect(decodeDocument(`1|${text}`)).toEqual({ version: 1, request });
  });

  it.each(DOCUMENTS)("that version %s wrote is read, in every state", (version, documents) => {
    // Version 0.1 knew no freeze.
    const states = STATES.filter((state) => version !== "0.1" || state !== "ready");
    expect(Object.keys(documents).toSorted()).toEqual(states.toSorted());
    for (const state of states) {
      const read = decodeDocument(documents[state] ?? "");
      expect(read, state).toEqual({ version: 7, request: inState(state) });
    }
  });

  it("is written in names that nobody has to look up, none of which version 0.1 had as a short one", () => {
    for (const state of STATES) {
      const names = namesIn(JSON.parse(encodeRequest(inState(state))));
      expect([...names].filter((name) => name in SHORT_NAMES)).toEqual([]);
      expect([...names]).toEqual(expect.arrayContaining(["requester", "promised", "state"]));
    }
  });

  it.each([
    ["", "It has no version."],
    ["{}", "It has no version."],
    ["0|{}", "It has no version."],
    ["1.5|{}", "It has no version."],
    ["1|{", "It isn't a JSON object."],
    ["1|null", "It isn't a JSON object."],
    ["1|[1]", "It isn't a JSON object."],
    ['1|{"f":3}', "It is written in format 3; this bot reads 1 and 2."],
    ["1|{}", "It is written in format undefined; this bot reads 1 and 2."],
    ['1|{"f":1,"state":"opened"}', "state: "],
    [
      `1|${encodeRequest(inState("open")).replace('"endsAtMs":', '"endsAtMs":"x","x":')}`,
      "grant.endsAtMs: ",
    ],
    [`1|${encodeRequest(inState("open")).replace('"ports":[3389]', '"ports":[]')}`, "ask.ports: "],
  ])("is unreadable: %s", (stored, why) => {
    expect(decodeDocument(stored)).toMatchObject({ unreadable: expect.stringContaining(why) });
  });

  it("of any other text is unreadable and never thrown at", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.json().map((json) => `1|${json}`),
        ),
        (stored) => {
          expect(decodeDocument(stored)).toHaveProperty("unreadable");
        },
      ),
    );
  });
});
