// A button that carries a time means the one that was on the screen, whenever it is pressed.
// Of src/flows/answering/fix-buttons.ts.

import { expect, it } from "vitest";
import type { Answer } from "../../../src/ports/inbound.ts";
import { codeOf, read, type Stage, startStage } from "../../security/stage.ts";
import { ERIN } from "../../security/universe.ts";
import { HOUR, MINUTE } from "../../support/requests.ts";

const DAY = 24 * HOUR;

/** In two hours, on the minute; and as people type it. */
function inTwoHours(stage: Stage): { atMs: number; at: string } {
  const atMs = Math.ceil((stage.nowMs() + 2 * HOUR) / MINUTE) * MINUTE;
  return { atMs, at: `at ${new Date(atMs).toISOString().slice(11, 16)}` };
}

/** The commands, or texts of forms, that its buttons carry. */
const carried = (answer: Answer): readonly string[] =>
  answer.answer === "said"
    ? (answer.buttons ?? []).flatMap((one) => ("text" in one ? one.text : []))
    : [];

const REFUSED: readonly [string, (at: string) => string, number][] = [
  ["a VM whose time is cut", (at) => `request rg-web/web-1 22 99h ${at} for why`, 1],
  ["a name that two VMs have", (at) => `request web-1 22 1h ${at} for why`, 1],
  ["several VMs", (at) => `request vm:rg-web/web-1,rg-db/db-1 22 99h ${at} for why`, 2],
];

it.each(REFUSED)("offers %s for the same time, today and tomorrow", async (_, typed, count) => {
  for (const laterMs of [MINUTE, 2 * HOUR + MINUTE, DAY]) {
    const stage = startStage();
    const { atMs, at } = inTwoHours(stage);
    const [text = ""] = carried(await stage.says(ERIN, typed(at)));
    expect(text).toMatch(/ at \d{4}-\d\d-\d\dT\d\d:\d\dZ for why$/);
    stage.advance(laterMs);
    const pressed = await stage.says(ERIN, text);
    const times = stage.store.all().map(({ ask }) => ask.opensAtMs);
    if (laterMs < 2 * HOUR) {
      expect(times).toEqual(Array.from({ length: count }, () => atMs));
    } else {
      expect(times).toEqual([]);
      expect(codeOf(pressed)).toBe("bad-time");
      expect(read(pressed)).toContain("is in the past: name a later time.");
    }
  }
});

it("opens the form of what was written for that time, too", async () => {
  const stage = startStage();
  const { atMs, at } = inTwoHours(stage);
  const answer = await stage.inbound.written(stage.sender(ERIN), `rg-web/web-1 22 1h ${at}`);
  const [text = ""] = carried(answer);
  stage.advance(DAY);
  const form = stage.inbound.openForm(stage.sender(ERIN), text);
  const filled = form.answer === "request-form" ? await form.later : undefined;
  expect(filled?.draft.opensAtMs).toBe(atMs);
});

it("reads a form's time as of when it was opened, though it was never shown", async () => {
  const stage = startStage();
  const { at } = inTwoHours(stage);
  const form = await stage.says(ERIN, `request rg-web/web-1 22 ${at} for 1h`);
  const draft = form.answer === "request-form" ? form.form.draft : undefined;
  expect(draft?.at?.time).toBeDefined();
  const [vm] = (await stage.inbound.searchVms(stage.sender(ERIN), "web-1")).vms;
  stage.advance(DAY);
  const sent = await stage.inbound.sendForm(stage.sender(ERIN), {
    vmCode: vm?.code ?? "",
    ...{ ports: "22", duration: "1h", source: "vpn", reason: "why", at: draft?.at },
    ...{ moreCodes: [], isAllOrNone: false },
  });
  expect(sent).toMatchObject({ answer: "form-error", field: "at" });
  expect(stage.store.all()).toEqual([]);
});
