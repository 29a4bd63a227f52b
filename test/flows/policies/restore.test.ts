// What is said after a JIT policy was written again: whether the rules are back, or can't come back by that.

import { expect, it } from "vitest";
import type { Change } from "../../../src/domain/policies/policy-change.ts";
import type { Exposure, NetworkFindings } from "../../../src/domain/vm/exposure/exposure.ts";
import { stillBroken } from "../../../src/flows/policies/restore.ts";
import type { Azure } from "../../../src/ports/azure.ts";
import { aVm } from "../../support/requests.ts";

const EXPOSED: Exposure = {
  ports: [22],
  protocol: "TCP",
  ...{ address: "10.0.0.4", from: ["*"] },
  by: [{ rule: "allow-all", nsg: "nsg-web", whose: "own" }],
};

it.each<[string, NetworkFindings | undefined, RegExp]>([
  ["nothing where the rules are there", undefined, /^$/],
  [
    "to wait where they are missing",
    { exposures: [EXPOSED], denyMissing: [22], unseen: [] },
    /^Azure hasn't restored it yet, which can take some minutes\. Exposed: .*is missing/,
  ],
  [
    "that it doesn't help where a rule has a higher priority",
    { exposures: [EXPOSED], denyMissing: [], unseen: [] },
    /^Writing the policy again doesn't change this\. Exposed: .*Remove it or lower its priority\.$/,
  ],
])("says %s", (_, network, says) => {
  const vm = aVm(network === undefined ? {} : { network });
  const azure = { snapshot: () => ({ vms: new Map([[vm.key, vm]]) }) } as unknown as Azure;
  const change = { policies: [{ edits: [{ vmId: vm.id, changes: [] }] }] } as unknown as Change;
  expect(stillBroken({ azure }, change)).toMatch(says);
});
