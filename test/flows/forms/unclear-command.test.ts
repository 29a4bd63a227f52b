// A command that could mean two things opens the form, filled with what was understood, and the form says what wasn't.
// Of src/flows/forms/form-opening.ts.

import { describe, expect, it } from "vitest";
import { plain } from "../../../src/domain/text/words.ts";
import { production, stagePolicy, startStage } from "../../security/stage.ts";
import { ERIN } from "../../security/universe.ts";

const VM = "rg-web/web-1";

async function form(text: string) {
  const stage = startStage(stagePolicy({ rules: [production] }));
  const answer = await stage.inbound.command(stage.sender(ERIN), text);
  expect(stage.store.all()).toEqual([]);
  if (answer.answer !== "request-form") return answer;
  const later = await answer.later;
  return {
    draft: answer.form.draft,
    says: [answer.form, later].map(({ problem }) => plain(problem ?? [])),
    vm: later.vm && "name" in later.vm && later.vm.name,
    otherwise: answer.otherwise.map(plain).join(" "),
  };
}

describe("a command that could mean two things", () => {
  it.each([
    [
      "ssh rdp 2h for x",
      { ports: [22, 3389], duration: "2h", reason: "x" },
      "I read the ports as 22,3389: in a command, separate them with commas.",
    ],
    [
      "22 22 2h 3h",
      { ports: [22], duration: "2h" },
      "I'm not sure about 22: is it a port or a duration? Write 22 or 22h. 3h is a second duration: give only one.",
    ],
    [
      "1,5h for x",
      { reason: "x" },
      "1,5h could mean two things: write 1 5h for a port and a duration, or 1.5h for a fraction.",
    ],
  ])("opens the form for %s", async (parts, draft, says) => {
    expect(await form(`request ${VM} ${parts}`)).toEqual({
      draft,
      says: [says, says],
      vm: "web-1",
      otherwise: says,
    });
  });

  it.each([
    ["22", "22"],
    ["", ""],
    ["22 1h from vpn", "22 1h from vpn"],
  ])("gets back what was typed of a break-glass without a reason: %s", async (parts, kept) => {
    const stage = startStage(
      stagePolicy({ rules: [{ ...production, breakGlass: { users: [ERIN], groups: [] } }] }),
    );
    for (const vms of [VM, `${VM},rg-web/web-2`]) {
      const answer = await stage.inbound.command(
        stage.sender(ERIN),
        `breakglass ${vms} ${parts}`.trim(),
      );
      if (answer.answer !== "said") throw new Error(answer.answer);
      const named = vms === VM ? vms : `vm:${vms}`;
      const command = `/jit breakglass ${named} ${kept}`.trim();
      expect(answer.lines.map(plain)).toEqual([
        `Break-glass needs a reason. Add it at the end: ${command} for …`,
      ]);
    }
    expect(stage.store.all()).toEqual([]);
  });

  it("is only answered where something in it is wrong", async () => {
    expect(await form(`request ${VM} 22 24 99999`)).toMatchObject({ answer: "said" });
  });
});
