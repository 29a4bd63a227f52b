// Somebody who can't use break-glass asks those who can: whom, how many of them, and by which names of the VMs.
// Of src/flows/requests/asking/ask-others.ts, and of the button that src/flows/batches.ts makes.

import { expect, it } from "vitest";
import { buildApp } from "../../../../src/app.ts";
import type { Policy, Rule } from "../../../../src/domain/rules/policy.ts";
import { type UserId, userId } from "../../../../src/domain/text/ids.ts";
import type { Answer } from "../../../../src/ports/inbound.ts";
import type { Notice } from "../../../../src/ports/storage/notices.ts";
import { production, read, stagePolicy, startStage } from "../../../security/stage.ts";
import {
  ERIN,
  GONE,
  GUEST,
  KINDS,
  LEA,
  NOBODY,
  OMAR,
  PIA,
  SAM,
} from "../../../security/universe.ts";
import type { WorldOptions } from "../../../security/world.ts";
import { MINUTE } from "../../../support/requests.ts";

const glass = (name: string, vms: readonly string[], users: readonly UserId[]): Rule => ({
  ...production,
  name,
  match: { vms },
  breakGlass: { users, groups: [] },
});

type Told = { readonly to: string; readonly notice: Notice };

/** A stage that keeps what each of those who can is told. */
function stageOf(change: Partial<Policy>, options: Partial<WorldOptions> = {}) {
  const told: Told[] = [];
  const stage = startStage(stagePolicy(change), {
    ...options,
    build: (ports, config) => {
      const add = async (to: string, notice: Notice) => void told.push({ to, notice });
      return buildApp({ ...ports, notices: { ...ports.notices, add } }, config);
    },
  });
  return {
    ...stage,
    told,
    wanted: () => told.filter(({ notice }) => notice.what === "glass-wanted"),
    press: (user: UserId, text: string) => stage.inbound.askOthers(stage.sender(user), text),
  };
}

const buttonOf = (answer: Answer): string => {
  const buttons = answer.answer === "said" ? (answer.buttons ?? []) : [];
  const asks = buttons.find((one) => one.does === "ask-others");
  if (asks?.does !== "ask-others") throw new Error(`nobody can be asked: ${read(answer)}`);
  return asks.text;
};

it("tells others which of two VMs of one name is meant, though the requester can see only one", async () => {
  const rules = [
    glass("shop", ["db-1"], [SAM]),
    { ...glass("web", ["web-1"], [LEA]), match: { vms: ["web-1"], resourceGroups: ["rg-web"] } },
    { ...glass("old", ["web-1"], [LEA]), requesters: { users: [LEA], groups: [] } },
  ];
  for (const text of ["web-1", "web-1,db-1", "tag:env=prod", "rg-web/web-1"]) {
    const stage = stageOf({ rules });
    const refused = await stage.says(SAM, `breakglass ${text} 22 1h for the outage`);
    const answer = await stage.press(SAM, buttonOf(refused));
    expect(stage.wanted()).toMatchObject([{ to: LEA, notice: { vm: "rg-web/web-1" } }]);
    expect(stage.store.recorded.at(-1)?.note).toMatchObject({
      what: "glass-wanted",
      detail: { vms: ["rg-web/web-1"] },
    });
    // Of the other one, Sam reads nothing.
    expect(`${read(refused)} ${buttonOf(refused).replace(text, "")}`).not.toContain("rg-");
    expect(read(answer)).not.toContain("rg-");
  }
});

it("names to the requester no other VM than they can see, where nobody can be asked", async () => {
  const rules = [
    { ...glass("web", ["web-1"], [GUEST]), match: { vms: ["web-1"], resourceGroups: ["rg-web"] } },
    { ...glass("old", ["web-1"], [LEA]), requesters: { users: [LEA], groups: [] } },
  ];
  const stage = stageOf({ rules });
  const answer = read(await stage.press(SAM, "breakglass web-1 22 1h for the outage"));
  expect(answer).toMatch(/^Nobody who can use break-glass on web-1 can be asked now/);
  expect(answer).toContain("/jit request web-1.");
});

it("asks for the VM that was refused where another of its name is there for the requester", async () => {
  const rules = [
    glass("shop", ["db-1"], [SAM]),
    { ...glass("web", ["web-1"], [LEA]), match: { vms: ["web-1"], resourceGroups: ["rg-web"] } },
    glass("old", ["web-1"], [LEA]),
  ];
  const stage = stageOf({ rules });
  const refused = await stage.says(SAM, "breakglass tag:env=prod 22 1h for the outage");
  expect(buttonOf(refused)).toMatch(/^breakglass rg-web\/web-1 22 /);
  expect(read(await stage.press(SAM, buttonOf(refused)))).toContain("I've asked @U0LEA");
  expect(stage.wanted()).toMatchObject([{ to: LEA, notice: { vm: "rg-web/web-1" } }]);
});

const CROWD = Array.from({ length: 40 }, (_, n) => userId(`U0CROWD${n}`));
const crowded = {
  people: new Map([...KINDS, ...CROWD.map((user) => [user, "full"] as const)]),
};

it("asks no more than 25 in all, however many rules they are of, and somebody for each VM", async () => {
  const [one, two] = [CROWD.slice(0, 24), CROWD.slice(24)];
  const rules = [glass("web", ["web-2"], one), glass("db", ["db-1"], [...two, ...one.slice(0, 1)])];
  const stage = stageOf({ rules }, crowded);
  const text = "breakglass web-2,db-1 22 1h for the outage";
  await stage.press(ERIN, buttonOf(await stage.says(ERIN, text)));
  expect(stage.wanted()).toHaveLength(25);
  expect(new Set(stage.wanted().map(({ to }) => to)).size).toBe(25);
  const names = stage.wanted().map(({ notice }) => notice.vm);
  expect(names.filter((vm) => vm === "web-2").length).toBeGreaterThan(5);
  expect(names.filter((vm) => vm === "db-1").length).toBeGreaterThan(5);
  // One is of both, and is asked about both in one message.
  expect(stage.wanted().find(({ to }) => to === CROWD[0])?.notice.vm).toBe("web-2,db-1");
});

it("asks nobody who couldn't: guests, people who left, and the one who asks", async () => {
  const stage = stageOf({ rules: [glass("web", ["web-2"], [GUEST, GONE, LEA])] });
  const text = "breakglass web-2 22 1h for the outage";
  const answer = await stage.press(ERIN, buttonOf(await stage.says(ERIN, text)));
  expect(stage.wanted().map(({ to }) => to)).toEqual([LEA]);
  expect(read(answer)).toContain("I've asked @U0LEA: each");
});

it("asks no more often than somebody may request access", async () => {
  const limits = { openPerPerson: 10, pendingPerPerson: 10, asksPerMinute: 2 };
  const stage = stageOf({ limits, rules: [glass("web", ["web-2"], [LEA])] });
  const text = "breakglass web-2 22 1h for the outage";
  const answers = [];
  for (let n = 0; n < 3; n++) answers.push(read(await stage.press(ERIN, text)));
  expect(stage.wanted()).toHaveLength(2);
  expect(answers[2]).not.toContain("I've asked");
  stage.advance(2 * MINUTE);
  expect(read(await stage.press(ERIN, text))).toContain("I've asked");
});

it("carries a reason to the letter to those who are asked, about several VMs, too", async () => {
  const rules = [
    glass("web", ["web-2"], [LEA]),
    glass("db", ["db-1"], [OMAR, PIA]),
    glass("vault", ["vault-1"], [ERIN]),
  ];
  // As Slack sends what was typed: `<@U0NOBODY> & <!channel>`.
  for (const vms of ["web-2,db-1", "vault-1,web-2,db-1"]) {
    const stage = stageOf({ rules });
    const text = `breakglass ${vms} 22 1h for ask &lt;@${NOBODY}&gt; &amp;amp; &lt;!channel&gt;`;
    await stage.press(ERIN, buttonOf(await stage.says(ERIN, text)));
    expect(stage.wanted()).toHaveLength(3);
    for (const { notice } of stage.wanted()) {
      expect(notice.text).toBe(`ask <@${NOBODY}> &amp; <!channel>`);
    }
  }
});
