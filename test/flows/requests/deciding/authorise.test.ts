// Who may review an opening that an admin took over: never the person who opened it in Azure, or could have.

import { expect, it } from "vitest";
import { adoptedRequest } from "../../../../src/domain/request/birth/birth.ts";
import { type UserId, userId } from "../../../../src/domain/text/ids.ts";
import { isRefusal } from "../../../../src/domain/text/refusal.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import type { Deps } from "../../../../src/flows/deps.ts";
import { memberAt } from "../../../../src/flows/people/addresses.ts";
import { authorise } from "../../../../src/flows/requests/deciding/authorise.ts";
import { ADA, aPolicy, aVm, ERIN, FOUND, LEA, OMAR, T0 } from "../../../support/requests.ts";

const OPENER = "Barbara@contoso.com";
const OTHER_ADA = userId("W0ADMIN");

type Known = {
  readonly requestor?: string;
  readonly requester?: UserId;
  readonly emails?: Readonly<Record<UserId, string>>;
  readonly map?: Readonly<Record<string, UserId>>;
};

const depsOf = ({ emails = {}, map }: Known): Deps => {
  const policy = aPolicy({
    admins: { users: [ADA, LEA], groups: [] },
    ...(map && { people: { byEmail: true, map } }),
  });
  const person = async (id: UserId) => ({
    ...{ id, identity: id === OTHER_ADA ? ADA : id, name: id, kind: "full" },
    email: emails[id],
  });
  const personByAddress = async (address: string) => {
    const found = Object.entries(emails).find(([, email]) => email.toLowerCase() === address);
    return found && person(userId(found[0]));
  };
  return {
    policy: () => policy,
    onCall: async () => [],
    absences: { now: async () => ({ away: [] }) },
    chat: { person, personByAddress, groupMembers: async () => [] },
  } as unknown as Deps;
};

/** Taken over by LEA, and reviewed by `user`; answers the code of the refusal and its words. */
async function reviewed(user: UserId, known: Known = {}): Promise<readonly [string, string]> {
  const { request } = adoptedRequest(
    { ...FOUND, requestor: known.requestor ?? OPENER },
    { by: LEA, requester: known.requester ?? LEA, review: true },
    { policy: aPolicy(), rule: undefined, vm: aVm(), nonce: "n", nowMs: T0 },
  );
  const stored = { request, version: 1, nowMs: T0 };
  const act = await authorise(depsOf(known), user, { stored, intent: { act: "review" } });
  return isRefusal(act) ? [act.refused, plain(act.say)] : ["", ""];
}

const ADDRESS = OPENER.toLowerCase();

it.each<readonly [string, UserId, Known, string]>([
  ["an address that isn't known could be it", ADA, {}, "cannot-check"],
  ["their own", ADA, { emails: { [ADA]: ADDRESS } }, "own-request"],
  ["somebody else's", ADA, { emails: { [ADA]: "ada@contoso.com" } }, ""],
  ["their own, by the map", ADA, { map: { [ADDRESS]: ADA } }, "own-request"],
  ["their own, by the map and another id", ADA, { map: { [ADDRESS]: OTHER_ADA } }, "own-request"],
  ["somebody else's, by the map", ADA, { map: { [ADDRESS]: OMAR } }, ""],
  ["another one of theirs in the map", ADA, { map: { "ada@contoso.com": ADA } }, ""],
  ["others' in the map", ADA, { map: { "omar@contoso.com": OMAR } }, "cannot-check"],
  ["that of the requester, who was found by it", ADA, { requester: ERIN }, ""],
  ["an app of Azure's", ADA, { requestor: FOUND.requestor }, ""],
])("the address that Azure names is %s", async (_, user, known, code) => {
  expect((await reviewed(user, known))[0]).toBe(code);
});

it("says what would tell", async () => {
  const [, says] = await reviewed(ADA);
  expect(says).toContain(OPENER);
  expect(says).toContain("users:read.email");
  expect(says).toContain("people.map");
});

it("is found by the map first, and by a confirmed address", async () => {
  const emails = { [OMAR]: ADDRESS };
  expect(await memberAt(depsOf({}), OPENER)).toBeUndefined();
  expect(await memberAt(depsOf({ emails }), OPENER)).toBe(OMAR);
  expect(await memberAt(depsOf({ emails, map: { [ADDRESS]: ERIN } }), OPENER)).toBe(ERIN);
});
