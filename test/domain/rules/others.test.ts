// Who can use break-glass instead of somebody who can't: in words, and whom a button asks.

import { describe, expect, it } from "vitest";
import type { OnDuty } from "../../../src/domain/on-call/rota.ts";
import { namingOthers, othersWho } from "../../../src/domain/rules/others.ts";
import type { People } from "../../../src/domain/rules/policy.ts";
import { rotaName } from "../../../src/domain/text/ids.ts";
import { refuse } from "../../../src/domain/text/refusal.ts";
import { plain } from "../../../src/domain/text/words.ts";
import { ERIN, LEA, OMAR, ONCALL, SAM, T0 } from "../../support/requests.ts";

const PAYMENTS = rotaName("payments");
const PLATFORM = rotaName("platform");
const away = { who: "PagerDuty", code: "503", kind: "away" } as const;
const duty = (rota: OnDuty["rota"], change: Partial<OnDuty> = {}): OnDuty => ({
  rota,
  people: [],
  strangers: 0,
  ...change,
});
const people = (change: Partial<People>): People => ({ users: [], groups: [], ...change });

const refused = (who: People, onDuty?: readonly OnDuty[]) => {
  const no = refuse("not-a-requester")`No.`;
  const { say, others } = namingOthers(no, othersWho(who, { requester: ERIN, onDuty }));
  return { says: plain(say), others };
};

describe("the refusal names", () => {
  it.each<[string, People, readonly OnDuty[], string]>([
    ["nobody where the rule names nobody", people({}), [], "No."],
    [
      "people and groups",
      people({ users: [OMAR], groups: [ONCALL] }),
      [],
      "No. Who can use break-glass: @S0ONCALL and @U0OMAR.",
    ],
    [
      "those on call first, and until when",
      people({ users: [OMAR], onCall: [PAYMENTS] }),
      [duty(PAYMENTS, { people: [{ user: SAM, untilMs: T0 }] })],
      "No. Who can use break-glass: @U0SAM (on call for payments until 2026-11-01T12:00:00Z) and @U0OMAR.",
    ],
    [
      "somebody once, who is named and on call twice",
      people({ users: [SAM], onCall: [PAYMENTS, PLATFORM] }),
      [duty(PAYMENTS, { people: [{ user: SAM }] }), duty(PLATFORM, { people: [{ user: SAM }] })],
      "No. Who can use break-glass: @U0SAM (on call for payments).",
    ],
    [
      "no rota of anybody else's",
      people({ users: [OMAR] }),
      [duty(PAYMENTS, { people: [{ user: SAM }] }), duty(PLATFORM)],
      "No. Who can use break-glass: @U0OMAR.",
    ],
    [
      "a rota by which nobody is on call",
      people({ users: [OMAR], onCall: [PAYMENTS] }),
      [duty(PAYMENTS)],
      "No. Who can use break-glass: @U0OMAR. Nobody is on call for payments now.",
    ],
    [
      "a rota that can't be read",
      people({ onCall: [PAYMENTS] }),
      [duty(PAYMENTS, { trouble: away })],
      "No. Nobody counts as on call for payments: PagerDuty doesn't answer (503).",
    ],
    [
      "not the one who asks",
      people({ users: [ERIN, LEA] }),
      [],
      "No. Who can use break-glass: @U0LEAD.",
    ],
  ])("%s", (_, who, onDuty, words) => {
    expect(refused(who, onDuty).says).toBe(words);
  });
});

describe("the button asks", () => {
  it("people, groups, and the rotas by which somebody is on call", () => {
    const who = people({ users: [ERIN, OMAR], groups: [ONCALL], onCall: [PAYMENTS, PLATFORM] });
    const onDuty = [duty(PAYMENTS, { people: [{ user: SAM }] }), duty(PLATFORM)];
    expect(refused(who, onDuty).others).toEqual({
      users: [OMAR],
      groups: [ONCALL],
      onCall: [PAYMENTS],
    });
  });

  it("nobody where nobody can: there is none then", () => {
    for (const who of [people({}), people({ users: [ERIN] }), people({ onCall: [PAYMENTS] })]) {
      expect(refused(who, [duty(PAYMENTS)]).others).toBeUndefined();
    }
  });
});
