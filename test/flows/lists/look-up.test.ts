// A request looked up by its id: with its extensions, as far as they are there for who looks.

import { describe, expect, it } from "vitest";
import type { AccessRequest } from "../../../src/domain/request/request.ts";
import type { RequestId, UserId } from "../../../src/domain/text/ids.ts";
import type { Deps } from "../../../src/flows/deps.ts";
import { requestStatus } from "../../../src/flows/lists/look-up.ts";
import type { Sender } from "../../../src/ports/inbound.ts";
import {
  ADA,
  anAsk,
  aPolicy,
  aRule,
  ERIN,
  inState,
  MINUTE,
  OMAR,
  SAM,
  T0,
} from "../../support/requests.ts";

const FIRST = inState("open", { wasEscalated: true });
const EXTENSION: AccessRequest = {
  ...inState("pending"),
  id: "JIT-AAAAAA" as RequestId,
  ask: anAsk({ extends: FIRST.id }),
};
const policy = aPolicy({
  rules: [
    aRule({
      approvers: { users: [OMAR], groups: [] },
      escalate: { afterMs: MINUTE, to: { users: [SAM], groups: [] } },
    }),
  ],
});

/** The extensions that somebody is shown with the first request. */
async function shownTo(user: UserId, extension = EXTENSION): Promise<readonly RequestId[]> {
  const deps = {
    policy: () => policy,
    chat: { person: async () => ({ id: user, kind: "full" }), groupMembers: async () => [] },
    onCall: async () => [],
    absences: { now: async () => [] },
    storeClock: { nowMs: async () => T0 },
    requests: {
      read: async () => ({ request: FIRST, version: 1, nowMs: T0 }),
      list: async (_: unknown, __: number, from: number) => (from === 0 ? [extension] : []),
    },
  } as unknown as Deps;
  const answer = await requestStatus(deps, { user, delivery: "d1" } as Sender, FIRST.id);
  if (!("answer" in answer) || answer.answer !== "screen" || answer.screen.screen !== "status") {
    throw new Error(JSON.stringify(answer));
  }
  return answer.screen.extensions.map(({ id }) => id);
}

describe("a request that is looked up", () => {
  it.each([
    ["its requester", ERIN],
    ["an approver", OMAR],
    ["an admin", ADA],
  ])("shows its extension to %s", async (_, user) => {
    expect(await shownTo(user)).toEqual([EXTENSION.id]);
  });

  it("shows it to people whom only the first was escalated to once it is escalated, too", async () => {
    expect(await shownTo(SAM)).toEqual([]);
    expect(await shownTo(SAM, { ...EXTENSION, wasEscalated: true })).toEqual([EXTENSION.id]);
  });
});
