// Where people read that a port is exposed: the explanation of an ask, and the doctor.

import { describe, expect, it } from "vitest";
import { findingLine } from "../../../../src/domain/doctor/finding.ts";
import { explain } from "../../../../src/domain/explain/explanation.ts";
import { explanationWords } from "../../../../src/domain/explain/explanation-words.ts";
import { plain } from "../../../../src/domain/text/words.ts";
import type { NetworkFindings } from "../../../../src/domain/vm/exposure/exposure.ts";
import { azureFindings } from "../../../../src/flows/doctor/doctor-azure.ts";
import type { AzureFacts } from "../../../../src/ports/checkup.ts";
import { aPolicy, aPort, aVm, aVmPolicy, ERIN, T0 } from "../../../support/requests.ts";

const network: NetworkFindings = {
  exposures: [
    {
      ...{ ports: [22, 5986], protocol: "TCP", address: "10.0.0.4" },
      from: ["10.0.0.0/8", "VirtualNetwork", "AzureCloud", "admins"],
      by: [
        { rule: "allow-it", nsg: "nic-nsg", whose: "own" },
        { rule: "AllowVnetInBound", nsg: "subnet-nsg", whose: "default" },
      ],
    },
  ],
  ...{ denyMissing: [3389], unseen: ["hub-nsg"] },
};

function explained(ports: readonly number[]) {
  const vm = aVm({ network });
  const explanation = explain({
    policy: aPolicy(),
    ...{ vm, vmPolicies: [aVmPolicy(vm, [aPort(22), aPort(3389), aPort(5986)])], requester: ERIN },
    wanted: { ports, durationMs: undefined, source: undefined, reason: "r" },
    ...{ members: new Map(), nowMs: T0 },
  });
  return explanationWords(explanation, { members: new Map() }).map(plain);
}

const UNASKED = { code: "NotAsked", message: "not asked" };
const UNSEEN = "❔ I can't tell whether ports are exposed: I can't read hub-nsg.";

describe("an explanation", () => {
  it("says by which rules and from where the port asked for is exposed", () => {
    const lines = explained([22]);
    expect(lines).toContain(
      "⚠️ Exposed: 22 (SSH) is open from 10.0.0.0/8, VirtualNetwork, AzureCloud and 1 more. allow-it in nic-nsg and Azure's default rule AllowVnetInBound in subnet-nsg have a higher priority than JIT's deny rule. Remove it or lower its priority.",
    );
    expect(lines).toContain(UNSEEN);
    expect(lines.join("\n")).not.toContain("3389");
  });

  it("says of several ports that they are", () => {
    expect(explained([22, 5986]).join("\n")).toMatch(
      /22 \(SSH\) and 5986( \([^)]+\))? are open from /,
    );
  });

  it("says where JIT's own rule is missing", () => {
    expect(explained([3389])).toContain(
      "⚠️ JIT's deny rule for 3389 (RDP) is missing, and only other rules keep it closed. Save the VM's JIT policy again so that Azure restores it.",
    );
  });
});

it("is counted by the doctor, who says where to look", () => {
  const facts = (exposed: number): AzureFacts => ({
    ...{
      subscriptions: [{ id: "s", plan: UNASKED, permissions: UNASKED, listsAtOnce: true }],
      vms: 9,
      exposed,
    },
    ...{ skewMs: 0, left: { reads: undefined, queries: undefined } },
  });
  const [first] = azureFindings(facts(2), undefined).map(findingLine);
  expect(first).toBe("✓ Azure: 9 VMs in 1 subscription, 2 exposed despite JIT (/jit vms exposed).");
  const [none] = azureFindings(facts(0), undefined).map(findingLine);
  expect(none).toBe("✓ Azure: 9 VMs in 1 subscription.");
});
