// Who could decide: everybody whom a rule names, but those who are no full members, unknown, or who ask.

import { describe, expect, it } from "vitest";
import { type UserId, userId } from "../../../src/domain/text/ids.ts";
import { ableOf, withoutUnable } from "../../../src/flows/people/able-people.ts";
import type { Person } from "../../../src/ports/chat.ts";
import { Fault } from "../../../src/ports/fault.ts";
import { ERIN, LEA, OMAR, ONCALL, SAM } from "../../support/requests.ts";

const KINDS = ["guest", "stranger", "bot", "deactivated", "other-workspace"] as const;
const ALIAS = userId("W0ERIN");
const GONE = userId("U0NOBODY");
const UNREAD = userId("U0UNREAD");
const fault = new Fault({ source: "slack", code: "timeout", message: "x", retryable: true });

function worldOf(kinds: Readonly<Record<string, Person["kind"]>> = {}) {
  const asked: UserId[] = [];
  const person = async (id: UserId): Promise<Person | undefined> => {
    asked.push(id);
    if (id === UNREAD) throw fault;
    if (id === GONE) return undefined;
    const identity = id === ALIAS ? ERIN : id;
    return { id, identity, name: id, kind: kinds[id] ?? "full" };
  };
  return { asked, chat: { person } };
}

describe("who could decide", () => {
  it.each(KINDS)("is nobody who is a %s", async (kind) => {
    const world = worldOf({ [LEA]: kind });
    expect(await ableOf(world, { users: [LEA, OMAR], requester: ERIN })).toEqual([OMAR]);
  });

  it("is neither whoever asks, by any of their ids, nor somebody unknown", async () => {
    const users = [ERIN, ALIAS, GONE, SAM];
    expect(await ableOf(worldOf(), { users, requester: ERIN })).toEqual([SAM]);
  });

  it("is whom Slack does not tell about now: nobody is passed over because of a fault", async () => {
    const able = await ableOf(worldOf(), { users: [UNREAD, SAM], requester: ERIN });
    expect(able).toEqual([UNREAD, SAM]);
    expect(await ableOf(worldOf(), { users: [SAM], requester: UNREAD })).toEqual([SAM]);
  });

  it("is found behind any number of others, and no further than needed", async () => {
    const many = Array.from({ length: 60 }, (_, n) => userId(`U0MANY${n}`));
    const left = Object.fromEntries(many.slice(0, 20).map((id) => [id, "deactivated" as const]));
    const all = await ableOf(worldOf(left), { users: many, requester: ERIN });
    expect(all).toEqual(many.slice(20));
    const world = worldOf();
    expect(await ableOf(world, { users: many, requester: ERIN }, 1)).toEqual([many[0]]);
    expect(world.asked.length).toBeLessThan(many.length);
  });

  it("is named on a card without those who could not, beside the groups", async () => {
    const people = { users: [LEA, ERIN, GONE], groups: [ONCALL] };
    const able = await withoutUnable(worldOf({ [LEA]: "guest" }), people, ERIN);
    expect(able).toEqual({ users: [ERIN], groups: [ONCALL] });
  });
});
