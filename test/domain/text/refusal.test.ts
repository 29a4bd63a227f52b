// What stands beside the refusals of several VMs: all who can help, and what would do for each.
// Of src/domain/text/refusal.ts.

import { expect, it } from "vitest";
import { userId } from "../../../src/domain/text/ids.ts";
import { besideAll, type Fix, type Refusal, refuse } from "../../../src/domain/text/refusal.ts";

const HOUR = 3_600_000;
const use = (change: Fix["change"]): Fix => ({ label: JSON.stringify(change), change });
const no = (more: Partial<Refusal> = {}): Refusal => ({ ...refuse("too-long")`No.`, ...more });

it("offers what would do for each of them, and nothing that would do for some", () => {
  const four = use({ durationMs: 4 * HOUR });
  const ssh = use({ ports: [22] });
  const first = no({ fixes: [four, ssh, use({ source: "vpn" })] });
  const second = no({ fixes: [use({ source: "office" }), ssh, { ...four, label: "Use 4h" }] });
  expect(besideAll([first, second])).toEqual({ fixes: [four, ssh] });
  expect(besideAll([first, second, no()])).toEqual({});
});

it("never offers for all what one of them is called otherwise", () => {
  const renamed = no({ fixes: [use({ vm: "rg-a/web-01" })] });
  expect(besideAll([renamed, renamed])).toEqual({});
});

it("names all who can help with any of them, each once", () => {
  const [sam, lea] = [userId("U0SAM"), userId("U0LEAD")];
  const able = (...users: (typeof sam)[]) => no({ others: { users, groups: [] } });
  expect(besideAll([able(sam), no(), able(lea, sam)])).toEqual({
    others: { users: [sam, lea], groups: [], onCall: [] },
  });
});
