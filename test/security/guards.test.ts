// Every verb of /jit says no to who isn't a full member, and where another organisation reads along: one that forgets
// to ask who it is answering is named here.

import { describe, expect, it } from "vitest";
import { type Command, verbIn, verbs } from "../../src/domain/command/command.ts";
import { channelId } from "../../src/domain/text/ids.ts";
import type { Sender } from "../../src/ports/inbound.ts";
import { asked, codeOf, type Stage, stagePolicy, startStage } from "./stage.ts";
import { ADA, ERIN, GONE, GUEST, STRANGER } from "./universe.ts";

type VerbName = Command["verb"];

/** Answered to anybody: they show nothing of this workspace, and what is sent with the form is checked then. */
const FOR_ANYBODY = ["form", "help"] as const satisfies readonly VerbName[];

/** One for each verb that a full member could have an answer to; % is a request's id. A new verb needs a line. */
const COMMANDS: Readonly<Record<Exclude<VerbName, (typeof FOR_ANYBODY)[number]>, string>> = {
  request: "request rg-web/web-1 22 1h for why",
  breakglass: "breakglass rg-web/web-1 22 1h for the outage",
  again: "again %",
  explain: "explain rg-web/web-1 22 1h",
  status: "status %",
  list: "list",
  open: "open %",
  cancel: "cancel %",
  end: "end %",
  extend: "extend % 30m for the import",
  review: "review % ok",
  away: "away until tomorrow",
  back: "back",
  vms: "vms",
  enable: "enable rg-web/web-1 22",
  change: "change rg-web/web-1 22 max 1h",
  disable: "disable rg-web/web-1",
  freeze: "freeze for a leaked key",
  unfreeze: "unfreeze",
  audit: "audit",
  doctor: "doctor",
};

const SEVERAL = ["end all", "request web-1,web-2 22 1h for why"];

const SHARED = channelId("C0SHARED");

/** Whoever it is may do it by the policy file: only who they are in Slack, and where they ask, is in the way. */
function stageFor(sender: Pick<Sender, "user">): Stage {
  const stage = startStage(stagePolicy({ admins: { users: [ADA, sender.user], groups: [] } }));
  stage.shared.add(SHARED);
  return stage;
}

async function answerTo(sender: Pick<Sender, "user"> & Partial<Sender>, command: string) {
  const stage = stageFor(sender);
  const id = await asked(stage, undefined, ERIN);
  const before = JSON.stringify(stage.store.all());
  const answer = await stage.inbound.command(
    stage.sender(sender.user, sender),
    command.replaceAll("%", id),
  );
  expect(JSON.stringify(stage.store.all())).toBe(before);
  return codeOf(answer);
}

describe.each([...Object.values(COMMANDS), ...SEVERAL])("/jit %s", (command) => {
  it.each([
    ["a guest", GUEST],
    ["somebody deactivated", GONE],
  ])("is refused to %s", async (_, user) => {
    expect(await answerTo({ user }, command)).toBe("not-a-full-member");
  });

  it("is refused to people of other workspaces", async () => {
    expect(await answerTo({ user: STRANGER, outsider: true }, command)).toBe("other-workspace");
  });

  it("is refused in a channel that another organisation reads", async () => {
    expect(await answerTo({ user: ADA, channel: SHARED }, command)).toBe("shared-channel");
  });
});

describe("what anybody is answered", () => {
  it.each(FOR_ANYBODY)("is no more than that: %s", async (verb) => {
    const command = verb === "form" ? "" : verb;
    expect(verbIn(command)).toBe(verb);
    expect(await answerTo({ user: GUEST }, command)).toBeUndefined();
  });

  it("and every verb is tried", () => {
    const tried = [...Object.keys(COMMANDS), ...FOR_ANYBODY].sort();
    expect(verbs.map(({ verb }) => verb).sort()).toEqual(tried);
    for (const [verb, command] of Object.entries(COMMANDS)) expect(verbIn(command)).toBe(verb);
  });
});
