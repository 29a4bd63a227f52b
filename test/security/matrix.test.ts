// The click matrix: every kind of person, every state, every button, form and command, and what comes of it.

import { describe, expect, it } from "vitest";
import type { RequestId, UserId } from "../../src/domain/text/ids.ts";
import type { Answer } from "../../src/ports/inbound.ts";
import { brought, codeOf, STATES, type Stage, type StageState, startStage } from "./stage.ts";
import {
  ADA,
  AUDREY,
  ERIN,
  GONE,
  GUEST,
  LEA,
  NOBODY,
  OMAR,
  OTHER,
  PIA,
  ROBOT,
  STRANGER,
  UNKNOWN,
} from "./universe.ts";

const PEOPLE: Readonly<Record<string, UserId>> = {
  requester: ERIN,
  approver: LEA,
  "by group": OMAR,
  /** Asked only when it is escalated. */
  further: PIA,
  admin: ADA,
  auditor: AUDREY,
  nobody: NOBODY,
};

type Act = (stage: Stage, user: UserId, id: RequestId) => Promise<Answer>;

const form = (stage: Stage, id: RequestId) => ({ id, nonce: stage.request(id).nonce });

const ACTS: Readonly<Record<string, Act>> = {
  approve: (stage, user, id) => stage.click(user, "approve", id),
  "approve with changes: the button": (stage, user, id) => stage.click(user, "change", id),
  "approve with changes": (stage, user, id) =>
    stage.inbound.approveChanged(stage.sender(user), {
      ...{ ...form(stage, id), duration: "30m", source: "vpn" },
    }),
  "ask: the button": (stage, user, id) => stage.click(user, "ask", id),
  ask: (stage, user, id) =>
    stage.inbound.ask(stage.sender(user), { ...form(stage, id), text: "why at night?" }),
  "answer: the button": (stage, user, id) => stage.click(user, "answer", id),
  answer: (stage, user, id) =>
    stage.inbound.answer(stage.sender(user), { ...form(stage, id), question: 1, text: "quiet" }),
  claim: (stage, user, id) => stage.click(user, "claim", id),
  "deny: the button": (stage, user, id) => stage.click(user, "deny", id),
  deny: (stage, user, id) =>
    stage.inbound.deny(stage.sender(user), { ...form(stage, id), reason: "not now" }),
  "take back": (stage, user, id) => stage.click(user, "take-back", id),
  cancel: (stage, user, id) => stage.click(user, "cancel", id),
  "/jit cancel": (stage, user, id) => stage.says(user, `cancel ${id}`),
  end: (stage, user, id) => stage.click(user, "end", id),
  "/jit end": (stage, user, id) => stage.says(user, `end ${id}`),
  retry: (stage, user, id) => stage.click(user, "retry", id),
  "extend: the button": (stage, user, id) => stage.click(user, "extend", id),
  extend: (stage, user, id) =>
    stage.inbound.extend(stage.sender(user), { ...form(stage, id), duration: "30m", reason: "" }),
  "/jit extend": (stage, user, id) => stage.says(user, `extend ${id} 30m`),
  "looks fine": (stage, user, id) => stage.click(user, "review-ok", id),
  "concern: the button": (stage, user, id) => stage.click(user, "review-concern", id),
  concern: (stage, user, id) =>
    stage.inbound.concern(stage.sender(user), { ...form(stage, id), text: "nobody knew" }),
  "/jit review": (stage, user, id) => stage.says(user, `review ${id} ok`),
  "/jit status": (stage, user, id) => stage.says(user, `status ${id}`),
};

/** Short for what a cell says; everything else is the state afterwards, or a form that opens. */
const CODES: Readonly<Record<string, string>> = {
  own: "own-request",
  no: "not-an-approver",
  "not yours": "not-yours",
  late: "wrong-state",
  twice: "already-approved",
  none: "not-approved-by-you",
  "?": "no-such-request",
};

/** A row of each table says what comes of it in each state, in this order. */
const COLUMNS = STATES;

const everywhere = (cell: string): string => COLUMNS.map(() => cell).join("|");
const NOT_TO_DECIDE = {
  "admin, auditor, nobody": everywhere("no"),
  requester: everywhere("own"),
};
const NOT_THEIRS = { "auditor, nobody": everywhere("not yours") };

/* biome-ignore format: each row is a row of the table
   pending |half    |escalated|opening |open  |ending|ended |failed |denied|cancelled|lapsed|glass |reviewed */
const TABLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  approve: {
    ...NOT_TO_DECIDE,
    approver:   "pending|twice  |pending  |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    "by group": "pending|opening|pending  |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |pending  |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  "approve with changes: the button": {
    ...NOT_TO_DECIDE,
    approver:   "form   |twice  |form     |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    "by group": "form   |form   |form     |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |form     |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  "approve with changes": {
    ...NOT_TO_DECIDE,
    approver:   "pending|twice  |pending  |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    "by group": "pending|opening|pending  |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |pending  |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  "ask: the button": {
    ...NOT_TO_DECIDE,
    "approver, by group":
                "form   |form   |form     |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |form     |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  ask: {
    ...NOT_TO_DECIDE,
    "approver, by group":
                "pending|pending|pending  |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |pending  |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  // Nobody has asked anything: that is refused as late, too.
  "answer: the button": {
    requester: everywhere("late"),
    "approver, by group, further, admin, auditor, nobody": everywhere("not yours"),
  },
  answer: {
    requester: everywhere("late"),
    "approver, by group, further, admin, auditor, nobody": everywhere("not yours"),
  },
  claim: {
    ...NOT_TO_DECIDE,
    approver:   "pending|twice  |pending  |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    "by group": "pending|pending|pending  |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |pending  |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  "deny: the button": {
    ...NOT_TO_DECIDE,
    "approver, by group":
                "form   |form   |form     |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |form     |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  deny: {
    ...NOT_TO_DECIDE,
    "approver, by group":
                "denied |denied |denied   |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    further:    "no     |no     |denied   |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  "take back": {
    approver:   "none   |pending|none     |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
    "requester, by group, further, admin, auditor, nobody":
                "none   |none   |none     |late    |late  |late  |late  |late   |late  |late     |late  |late  |late",
  },
  cancel: {
    requester:  "cancelled|cancelled|cancelled|late|late |late  |late  |late   |late  |late     |late  |late  |late",
    "approver, by group, further, admin, auditor, nobody": everywhere("not yours"),
  },
  "/jit cancel": {
    requester:  "cancelled|cancelled|cancelled|late|late |late  |late  |late   |late  |late     |late  |late  |late",
    "approver, by group, admin, auditor": everywhere("not yours"),
    further:    "?      |?      |not yours|?       |?     |?     |?     |?      |?     |?        |?     |?     |?",
    nobody: everywhere("?"),
  },
  end: {
    ...NOT_THEIRS,
    "requester, approver, by group, admin":
                "late   |late   |late     |ending  |ending|late  |late  |late   |late  |late     |late  |ending|ending",
    further:    "not yours|not yours|late |not yours|not yours|not yours|not yours|not yours|not yours|not yours|not yours|not yours|not yours",
  },
  "/jit end": {
    "requester, approver, by group, admin":
                "late   |late   |late     |ending  |ending|late  |late  |late   |late  |late     |late  |ending|ending",
    further:    "?      |?      |late     |?       |?     |?     |?     |?      |?     |?        |?     |?     |?",
    auditor: everywhere("not yours"),
    nobody: everywhere("?"),
  },
  retry: {
    "admin, auditor, nobody": everywhere("not yours"),
    "requester, approver, by group":
                "late   |late   |late     |late    |late  |late  |late  |opening|late  |late     |late  |late  |late",
    further:    "not yours|not yours|late |not yours|not yours|not yours|not yours|not yours|not yours|not yours|not yours|not yours|not yours",
  },
  "extend: the button": {
    requester:  "late   |late   |late     |late    |form  |late  |late  |late   |late  |late     |late  |form  |form",
    "approver, by group, further, admin, auditor, nobody": everywhere("not yours"),
  },
  extend: {
    requester:  "late   |late   |late     |late    |new   |late  |late  |late   |late  |late     |late  |new   |new",
    "approver, by group, further, admin, auditor, nobody": everywhere("not yours"),
  },
  "/jit extend": {
    requester:  "late   |late   |late     |late    |new   |late  |late  |late   |late  |late     |late  |new   |new",
    "approver, by group, admin, auditor": everywhere("not yours"),
    further:    "?      |?      |not yours|?       |?     |?     |?     |?      |?     |?        |?     |?     |?",
    nobody: everywhere("?"),
  },
  "looks fine": {
    "auditor, nobody": everywhere("no"),
    requester: everywhere("own"),
    "approver, by group, admin":
                "late   |late   |late     |late    |late  |late  |late  |late   |late  |late     |late  |open  |late",
    further:    "no     |no     |late     |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  "concern: the button": {
    "auditor, nobody": everywhere("no"),
    requester: everywhere("own"),
    "approver, by group, admin":
                "late   |late   |late     |late    |late  |late  |late  |late   |late  |late     |late  |form  |late",
    further:    "no     |no     |late     |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  concern: {
    "auditor, nobody": everywhere("no"),
    requester: everywhere("own"),
    "approver, by group, admin":
                "late   |late   |late     |late    |late  |late  |late  |late   |late  |late     |late  |open  |late",
    further:    "no     |no     |late     |no      |no    |no    |no    |no     |no    |no       |no    |no    |no",
  },
  "/jit review": {
    requester: everywhere("own"),
    "approver, by group, admin":
                "late   |late   |late     |late    |late  |late  |late  |late   |late  |late     |late  |open  |late",
    further:    "?      |?      |late     |?       |?     |?     |?     |?      |?     |?        |?     |?     |?",
    auditor: everywhere("no"),
    nobody: everywhere("?"),
  },
  "/jit status": {
    "requester, approver, by group, admin, auditor": everywhere("screen"),
    further:    "?      |?      |screen   |?       |?     |?     |?     |?      |?     |?        |?     |?     |?",
    nobody: everywhere("?"),
  },
};

/** What came of it, in the words of the table. A refusal changes nothing and is recorded with its code. */
async function outcomeOf(stage: Stage, id: RequestId, act: () => Promise<Answer>): Promise<string> {
  const [moves, audit, all] = [stage.moves.length, stage.store.recorded.length, count(stage)];
  const answer = await act();
  const refused = codeOf(answer);
  const recorded = stage.store.recorded
    .slice(audit)
    .flatMap(({ note }) => (note.what === "refused" ? [note.detail?.why] : []));
  expect(recorded).toEqual(refused === undefined ? [] : [refused]);
  if (refused !== undefined) {
    expect(stage.moves).toHaveLength(moves);
    return refused;
  }
  if (count(stage) > all) return "new";
  if (answer.answer.endsWith("-form")) return "form";
  if (answer.answer === "screen") return "screen";
  return stage.moves.length > moves ? stage.request(id).state : "nothing";
}

const count = ({ store }: Stage): number => store.all().length;

async function played(act: string, user: UserId, state: StageState, outsider = false) {
  const stage = startStage();
  const id = await brought(stage, state);
  const play = ACTS[act];
  if (play === undefined) throw new Error(`there is no act ${act}`);
  const sender = stage.sender;
  const asOutsider: Stage = { ...stage, sender: (who) => sender(who, { outsider: true }) };
  return outcomeOf(stage, id, () => play(outsider ? outside(asOutsider) : stage, user, id));
}

/** The clicks and commands of the stage by its changed sender. */
const outside = (stage: Stage): Stage => ({
  ...stage,
  says: (user, text) => stage.inbound.command(stage.sender(user), text),
  click: (user, button, id) => {
    const { nonce } = stage.request(id);
    return stage.inbound.click(stage.sender(user), { button, id, nonce, message: undefined });
  },
});

describe("who may do what", () => {
  it("is written down for every act and person", () => {
    expect(Object.keys(TABLE)).toEqual(Object.keys(ACTS));
    for (const rows of Object.values(TABLE)) {
      const people = Object.keys(rows).flatMap((names) => names.split(", "));
      expect(people.toSorted()).toEqual(Object.keys(PEOPLE).toSorted());
    }
  });

  const rows = Object.entries(TABLE).flatMap(([act, people]) =>
    Object.entries(people).flatMap(([names, cells]) =>
      names.split(", ").map((person) => [act, person, cells] as const),
    ),
  );
  it.each(rows)("%s: %s", async (act, person, cells) => {
    const expected = cells.split("|").map((cell) => CODES[cell.trim()] ?? cell.trim());
    expect(expected).toHaveLength(COLUMNS.length);
    const user = PEOPLE[person] ?? NOBODY;
    const found = await Promise.all(COLUMNS.map((state) => played(act, user, state)));
    expect(Object.fromEntries(COLUMNS.map((state, i) => [state, found[i]]))).toEqual(
      Object.fromEntries(COLUMNS.map((state, i) => [state, expected[i]])),
    );
  });
});

describe("whoever is no full member of this workspace", () => {
  const OUTSIDERS: readonly (readonly [string, UserId, string])[] = [
    ["a guest", GUEST, "not-a-full-member"],
    ["a stranger from a shared channel", STRANGER, "not-a-full-member"],
    ["somebody of another workspace", OTHER, "other-workspace"],
    ["a bot", ROBOT, "not-a-full-member"],
    ["somebody deactivated", GONE, "not-a-full-member"],
    ["somebody whom Slack doesn't know", UNKNOWN, "not-a-full-member"],
  ];
  const OF_EACH: readonly StageState[] = ["pending", "half", "open", "failed", "glass"];

  it.each(OUTSIDERS)("may do nothing: %s", async (_who, user, code) => {
    for (const act of Object.keys(ACTS)) {
      for (const state of OF_EACH) expect(await played(act, user, state), act).toBe(code);
    }
  });

  it("may do nothing: an approver, where Slack says that they come from elsewhere", async () => {
    for (const act of Object.keys(ACTS)) {
      for (const state of OF_EACH) {
        expect(await played(act, LEA, state, true), act).toBe("other-workspace");
      }
    }
  });
});
