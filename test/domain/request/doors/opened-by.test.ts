// Which entries of a policy belong to an opening in the Activity Log.

import { expect, it } from "vitest";
import { openedBy } from "../../../../src/domain/request/doors/opened-by.ts";
import { vmKey } from "../../../../src/domain/text/ids.ts";
import type { JitEntry } from "../../../../src/domain/vm/vm.ts";
import { HOUR, MINUTE, T0, vmId } from "../../../support/requests.ts";

const BARBARA = "barbara@contoso.com";

const entry = (change: Partial<JitEntry>): JitEntry => ({
  ...{ vm: vmKey(vmId("vm-01")), port: 22, source: "198.51.100.7", status: "Initiated" },
  ...{ startedAtMs: T0, endsAtMs: T0 + HOUR, statusReason: "", mappedPort: undefined },
  ...{ requestor: BARBARA, justification: "" },
  ...change,
});

const found = (entries: readonly Partial<JitEntry>[]) =>
  openedBy({ caller: BARBARA, atMs: T0 }, entries.map(entry)).map(({ port }) => port);

it.each<[string, readonly Partial<JitEntry>[], readonly number[]]>([
  ["all ports of the one request", [{ port: 1 }, { port: 2 }], [1, 2]],
  ["the nearest in time", [{ port: 1, startedAtMs: T0 - 9_000 }, { port: 2 }], [2]],
  [
    "the caller's before a nearer one's",
    [
      { port: 1, requestor: "sam" },
      { port: 2, startedAtMs: T0 - 9_000 },
    ],
    [2],
  ],
  [
    "the caller's in any case",
    [
      { port: 1, requestor: "x" },
      { port: 2, requestor: BARBARA.toUpperCase() },
    ],
    [2],
  ],
  ["the only one, whoever it says", [{ port: 1, requestor: "an object id" }], [1]],
  [
    "a person's own, though it says that it is the bot's",
    [
      { port: 1, justification: "JIT-ABC123 requested" },
      { port: 2, startedAtMs: T0 + 9_000 },
    ],
    [1],
  ],
  [
    "one that looks like the bot's where there is no other",
    [{ port: 1, justification: "JIT-ABC123" }],
    [1],
  ],
  [
    "nothing that began at another time",
    [{ startedAtMs: T0 - 3 * MINUTE }, { startedAtMs: T0 + 3 * MINUTE }],
    [],
  ],
  ["nothing in an empty policy", [], []],
])("takes %s", (_, entries, ports) => {
  expect(found(entries)).toEqual(ports);
});

it("gives what fell into one moment to one opening each", () => {
  const [one, other] = [entry({ nth: 0, port: 1 }), entry({ nth: 1, port: 2 })];
  const opening = { caller: BARBARA, atMs: T0 };
  const first = openedBy(opening, [one, other]);
  expect(first).toEqual([one]);
  expect(openedBy(opening, [one, other], new Set(first))).toEqual([other]);
  expect(openedBy(opening, [one, other], new Set([one, other]))).toEqual([]);
});

it("takes none of the bot's where an application did another", () => {
  const requestor = "5c6f0000-0000-4000-8000-000000000000";
  const entries = [
    entry({ requestor, port: 1, justification: "JIT-ABC123 requested" }),
    entry({ requestor, port: 2, startedAtMs: T0 + 9_000 }),
  ];
  expect(openedBy({ caller: requestor, atMs: T0 }, entries)).toEqual([entries[1]]);
});
